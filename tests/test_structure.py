"""The house stays in order: short files and functions, one name for one thing, rooms with charters.

Which room may import which is held by import-linter: see [importlinter] in setup.cfg.
"""

from __future__ import annotations

import ast
import configparser
import functools
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "apigw_vtab"
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 50
FILES = [
    path
    for folder in ("apigw_vtab", "tests", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
]
OURS = [path for path in FILES if path.is_relative_to(PACKAGE)]
# What SQLite's virtual tables are made of: https://rogerbinns.github.io/apsw/vtable.html
VIRTUAL_TABLES = ("IndexInfo", "VTTable", "VTModule", "VTCursor", "SQLITE_INDEX_", "no_change")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0]


def test_a_file_is_one_thing() -> None:
    lengths = {named(path): len(path.read_text().splitlines()) for path in FILES}
    assert {name: n for name, n in lengths.items() if n > MOST_LINES_OF_A_FILE} == {}


def test_a_function_is_one_thing() -> None:
    lengths = {
        f"{named(path)}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in FILES
        for node in ast.walk(parsed(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    assert {name: n for name, n in lengths.items() if n > MOST_LINES_OF_A_FUNCTION} == {}


def test_no_two_classes_have_one_name() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in FILES:
        for node in parsed(path).body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(named(path))
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def test_a_room_has_a_charter_of_one_sentence_and_no_code_in_its_init() -> None:
    rooms = [path for path in OURS if path.name == "__init__.py" and path.parent != PACKAGE]
    charters = {named(path): ast.get_docstring(parsed(path)) or "" for path in rooms}
    assert [name for name, text in charters.items() if not text.endswith(".") or "\n" in text] == []
    assert [named(path) for path in rooms if len(parsed(path).body) > 1] == []


def attributes(path: Path) -> set[str]:
    """The attributes of apsw that a file names."""
    return {
        node.attr
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "apsw"
    }


def test_only_the_room_sqlite_speaks_of_virtual_tables() -> None:
    speaking = {
        named(path)
        for path in OURS
        if room(path) != "sqlite"
        and any(name.startswith(VIRTUAL_TABLES) for name in attributes(path))
    }
    assert speaking == set()


def test_only_aws_and_the_sandbox_open_botocore_sessions() -> None:
    opening = {
        named(path)
        for path in OURS
        if room(path) not in ("aws", "sandbox")
        for node in ast.walk(parsed(path))
        if (isinstance(node, ast.Import) and any(a.name == "botocore.session" for a in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "botocore.session")
    }
    assert opening == set()


def test_the_wheel_has_every_folder_of_the_package() -> None:
    # A checkout that pip installed with -e finds those that setup.cfg forgets.
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    listed = set(config["options"]["packages"].split())
    folders = {named(path.parent).replace("/", ".") for path in OURS}
    without_python = {"apigw_vtab.queries", "apigw_vtab.controls.remedies"}
    assert listed == folders | without_python
