"""CONTRIBUTING is true: its commands are the README's, and its recipes work step by step."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from apigw_vtab.aws.estate import Estate
from apigw_vtab.aws.local_executor import LocalExecutor
from apigw_vtab.aws.reach.profiles import open_accounts
from apigw_vtab.cli.main import main
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.context import ConnectionContext
from apigw_vtab.tables.registry import TABLES
from tests.conftest import REGIONS, operations, rows
from tests.control_plane import Plane

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
RECIPES = dict(re.findall(r"^### An? (.+?)\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
NEW_FILE = re.compile(r"New file\s+`([^`]+)`.*?\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DIFF = re.compile(r"^```diff\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"<!-- test command -->\n```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTIONS = ("-n0", "-p", "no:cacheprovider")
# The tests of each recipe that find what it adds, by file and by what is in their names.
OWN = {
    "table": {
        "tests/tables/test_every_table.py": "sdk_types",
        "tests/tables/test_examples.py": "sdk_types",
        "tests/tables/test_operations.py": "sdk_types",
        "tests/pages/test_current.py": "out_of_date",
    },
    "column": {"tests/tables/test_new_table.py": "whether_it_is_enabled"},
    "control": {
        "tests/controls/test_examples.py": "rest-api-team",
        "tests/controls/test_odd_rows.py": "rest-api-team",
    },
    "output format": {
        "tests/output/test_formats.py": "yaml",
        "tests/output/reports/test_formats.py": "totals",
    },
    "dot-command": {"tests/shell/test_commands.py": "[calls]"},
}
# What a recipe reads and changes, and what its tests read.
COPIED = ("apigw_vtab", "docs", "queries", "tests", "README.md", "pyproject.toml", "setup.cfg")


def test_there_is_a_recipe_for_each_thing_that_is_often_added() -> None:
    assert set(RECIPES) == {"table", "column", "control", "output format", "dot-command"}


def test_the_test_command_is_the_readmes() -> None:
    assert COMMAND.findall(PAGE) == COMMAND.findall(README) != []


def test_each_command_line_of_ours_is_understood() -> None:
    lines = re.findall(r"`\.venv/bin/apigw-vtab ([^`]*)`", PAGE)
    assert len(lines) == 2
    for words in map(shlex.split, lines):
        command, *rest = words if words[0] in main.commands else ["shell", *words]
        assert not main.commands[command].make_context(command, rest).args


def test_each_file_that_it_names_is_there() -> None:
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w.-]*|\w+\.(?:md|cfg|toml))`", PAGE))
    named |= set(re.findall(r"^--- (.+)$", PAGE, re.MULTILINE))
    named |= set(re.findall(r"\]\(([^)#:]+)\)", PAGE))
    new = {path for recipe in RECIPES.values() for path, _ in NEW_FILE.findall(recipe)}
    patterns = {"tests/ROOM/", "apigw_vtab/ROOM/", "docs/changes/NAME.KIND.md"}
    homes = (ROOT, ROOT / "apigw_vtab")
    wanted = named - new - patterns
    assert [one for one in wanted if not any((home / one).exists() for home in homes)] == []
    assert len(wanted) > 15


def test_the_examples_of_the_control_of_its_recipe_agree(tmp_path: Path) -> None:
    (path, sql), (_, examples) = NEW_FILE.findall(RECIPES["control"])
    (tmp_path / Path(path).name).write_text(sql, "utf-8")
    (tmp_path / Path(path).with_suffix(".yaml").name).write_text(examples, "utf-8")
    tried = CliRunner().invoke(main, ["queries", "test", str(tmp_path)])
    assert (tried.exit_code, tried.output) == (0, "   3 of 3 ok  rest-api-team\n")


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree in which all recipes were walked, to the letter."""
    folder = tmp_path_factory.mktemp("walked")
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    for recipe in RECIPES.values():
        for path, text in NEW_FILE.findall(recipe):
            assert not (folder / path).exists(), f"{path} is there: take another example"
            (folder / path).write_text(text, "utf-8")
        for diff in DIFF.findall(recipe):
            apply(diff, folder)
    run(folder, "apigw_vtab.pages")
    run(folder, "ruff", "format", *changed())
    return folder


def apply(diff: str, folder: Path) -> None:
    """Make the changes of a diff: `+` below the line before, `-` for a line that goes."""
    for part in re.split(r"^--- ", diff, flags=re.MULTILINE)[1:]:
        name, *changes = part.splitlines()
        lines = (folder / name).read_text("utf-8").split("\n")
        place = 0
        for change in changes:
            sign, line = change[:1], change[1:]
            if sign == "+":
                lines.insert(place, line)
                place += 1
            else:
                assert lines.count(line) == 1, f"{name} has not one line {line!r}"
                place = lines.index(line) + (sign == " ")
                if sign == "-":
                    del lines[place]
        (folder / name).write_text("\n".join(lines), "utf-8")


def run(folder: Path, *words: str) -> str:
    """Run this Python in the copy; return what it wrote."""
    # The coverage of the copy is nobody's, and takes five times as long.
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("COV")}
    environment = inherited | {"PYTHONPATH": str(folder)}
    words = (sys.executable, "-m", *words)
    done = subprocess.run(
        words, check=False, cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def changed() -> list[str]:
    """The Python files that the recipes make or change."""
    named = NEW_FILE.findall(PAGE) + re.findall(r"^--- ((.+))$", PAGE, re.MULTILINE)
    return sorted({path for path, _ in named if path.endswith(".py")})


def test_what_the_recipes_add_has_no_lint(walked: Path) -> None:
    run(walked, "ruff", "check", *changed())


def test_a_table_takes_one_file_and_one_command() -> None:
    (declaration,) = NEW_FILE.findall(RECIPES["table"])
    assert DIFF.findall(RECIPES["table"]) == []
    assert "apigw_vtab.pages" in RECIPES["table"]
    lines = declaration[1].partition("examples={")[0].partition("= Table(")[2]
    assert len(lines.splitlines()) <= 11


def test_the_examples_of_the_table_run(plane: Plane) -> None:
    ((_, declaration),) = NEW_FILE.findall(RECIPES["table"])
    declared: dict[str, Any] = {}
    exec(declaration, declared)
    executor = LocalExecutor()
    estate = Estate(open_accounts(["first"], plane.url), REGIONS[:1], executor)
    tables = (*TABLES, declared["SDK_TYPES"])
    context = ConnectionContext(estate, executor, raises=True, tables=tables)
    with closing(Connection(":memory:", context)) as connection:
        for sql in tables[-1].queries.values():
            assert rows(connection, sql) == []
    assert operations(plane) == {"GetSdkTypes": 1}


def test_the_tests_of_the_recipes_pass(walked: Path) -> None:
    for name, recipe in RECIPES.items():
        told = "".join(re.findall(r"Tests: .*?[.]\s", recipe, re.DOTALL))
        folders = tuple(re.findall(r"`(tests/\w+)`", told))
        assert [path for path in OWN[name] if not path.startswith(folders)] == []
    own = {path: about for some in OWN.values() for path, about in some.items()}
    # The others run in this tree already.
    told = run(walked, "pytest", *OPTIONS, "-rp", "-k", " or ".join(own.values()), *own)
    passed = re.findall(r"^PASSED (\S+)::(.+)$", told, re.MULTILINE)
    named = {path: [test for file, test in passed if file == path] for path in own}
    assert [path for path, tests in named.items() if not any(own[path] in t for t in tests)] == []
