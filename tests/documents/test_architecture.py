"""ARCHITECTURE is true: its rooms, files, classes, rules and threads are those of the code."""

from __future__ import annotations

import ast
import configparser
import re
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

from tests import test_structure

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "apigw_vtab"
PAGE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^### `(\w+)/`\n\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL))
LIVES = PAGE.partition("## The life of a SELECT")[2].partition("## The rooms")[0]
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
MOST_LINES = 305


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def defined(path: Path) -> frozenset[str]:
    """The classes and functions of a file."""
    kinds = (ast.ClassDef, ast.FunctionDef)
    return frozenset(node.name for node in parsed(path).body if isinstance(node, kinds))


def files(folder: Path) -> list[str]:
    """The files of a folder and of those below it, as the page names them."""
    found = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return [
        path.as_posix()
        for path in found
        if path.name != "__init__.py" and "__pycache__" not in path.parts
    ]


def layers() -> list[str]:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    return config["importlinter:contract:rooms"]["layers"].split()


def test_it_is_short() -> None:
    assert len(PAGE.splitlines()) < MOST_LINES


def test_each_room_has_its_section() -> None:
    assert sorted(SECTIONS) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_appears_with_the_words_of_its_charter(room: str) -> None:
    charter = ast.get_docstring(parsed(PACKAGE / room / "__init__.py"))
    assert SECTIONS[room].partition("\n")[0] == charter


@pytest.mark.parametrize("room", ROOMS)
def test_each_file_of_a_room_is_in_its_section_and_no_other(room: str) -> None:
    named = re.findall(r"`([\w/*.]+\.[a-z]+)`", SECTIONS[room])
    real = files(PACKAGE / room)
    missing = [path for path in real if not any(is_called(path, name) for name in named)]
    assert missing == []
    unknown = [name for name in named if not any(is_called(path, name) for path in real)]
    assert [name for name in unknown if not (ROOT / name).exists()] == []


def is_called(path: str, name: str) -> bool:
    """Whether a name means this file: `v1/*.py`, or `html.py` after "In `reports/`"."""
    return fnmatch(path, name) or path in (
        *(f"reports/{name}", f"documents/{name}"),
        *(f"wire/{name}", f"reach/{name}"),
    )


def test_the_files_beside_the_rooms_are_named() -> None:
    for path in PACKAGE.iterdir():
        assert path.is_dir() or f"`{path.name}`" in PAGE


def test_the_picture_has_the_layers_in_their_order() -> None:
    (picture,) = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert re.findall(r"^(\w+)", picture, re.MULTILINE) == layers()


def test_the_sections_are_in_the_order_of_the_layers() -> None:
    assert list(SECTIONS) == [layer for layer in layers() if layer in SECTIONS]


def test_each_name_is_defined_in_the_file_that_is_named_with_it() -> None:
    pairs = re.findall(r"`(\w+)`\s+\(`([\w/]+\.py)`\)", LIVES)
    assert len(pairs) > 30
    assert [(name, path) for name, path in pairs if name not in defined(PACKAGE / path)] == []


def test_each_class_that_is_named_is_one() -> None:
    classes = {name for path in PACKAGE.rglob("*.py") for name in defined(path)}
    named = set(re.findall(r"`([A-Z]\w+[a-z]\w*)`", PAGE))
    assert named - classes == set()


def test_each_path_that_is_named_is_there() -> None:
    named = re.findall(r"`((?:[\w.]+/)+[\w.]*)`", PAGE)
    homes = (ROOT, PACKAGE, PACKAGE / "output", PACKAGE / "sandbox", PACKAGE / "aws")
    assert [one for one in named if not any((home / one).exists() for home in homes)] == []


def test_each_contract_and_limit_is_told() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    contracts = [name.rpartition(":")[2] for name in config if ":contract:" in name]
    assert [name for name in contracts if f"**{name}**" not in PAGE] == []
    assert f"files of {test_structure.MOST_LINES_OF_A_FILE} lines" in PAGE
    assert f"functions of {test_structure.MOST_LINES_OF_A_FUNCTION}" in PAGE


def test_each_lock_and_thread_of_the_code_is_told() -> None:
    threads = "".join(PAGE.partition("## Threads and locks")[2].partition("## Glossary")[0])
    making = re.compile(r"threading\.(?:R?Lock|Condition|Thread)\(|ThreadPoolExecutor\(|= Lock\(")
    rooms = [path for path in PACKAGE.rglob("*.py") if path.parent.name != "sandbox"]
    for path in rooms:
        if making.search(path.read_text("utf-8")):
            names = {f"`{name}`" for name in defined(path)} | {path.relative_to(PACKAGE).as_posix()}
            assert any(name in threads for name in names), path.name
    named = {
        name for path in rooms for name in re.findall(r'name="(apigw-vtab \w+)"', path.read_text())
    }
    assert [name for name in named if f"`{name}`" not in threads] == []
