"""docs/writing-controls.md is true: its control and its examples run, its tables are the code's."""

from __future__ import annotations

import re
from pathlib import Path

import apsw
import pytest
from click.testing import CliRunner

from apigw_vtab.cli.main import main
from apigw_vtab.controls.findings import REQUIRED, STATUSES
from apigw_vtab.controls.header import KEYS, SEVERITIES
from apigw_vtab.controls.parameters import declared_parameters
from apigw_vtab.sqlite.functions import add_functions

PAGE = (Path(__file__).parents[2] / "docs" / "writing-controls.md").read_text("utf-8")
FILES = re.findall(
    r"^`(my-controls/[\w.-]+)`:\n\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
)


def write_the_control(folder: Path) -> None:
    """Write the files of the page into a folder."""
    for name, text in FILES:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")


@pytest.fixture
def controls(tmp_path: Path) -> str:
    write_the_control(tmp_path)
    return str(tmp_path / "my-controls")


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, words)
    return result.exit_code, result.stdout


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    """The cells of the table in a section, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("| ")][2:]
    return [re.split(r"(?<!\\) \| ", line.strip("| ")) for line in lines]


def test_the_page_has_a_control_and_its_examples() -> None:
    assert [Path(name).suffix for name, _ in FILES] == [".sql", ".yaml"]


def test_each_example_of_the_page_is_right(controls: str) -> None:
    assert run("queries", "test", controls) == (0, "   6 of 6 ok  stage-owner\n")


def test_the_control_of_the_page_is_found_by_its_id(controls: str) -> None:
    code, output = run("check", "ACME-17", "--queries", controls, "--sandbox", "--output", "csv")
    assert code == 1
    assert "Nobody is named as its owner." in output


def test_the_remedy_of_the_page_makes_commands(controls: str) -> None:
    words = ("--queries", controls, "--sandbox", "--dry-run", "--param", "owner=me")
    code, output = run("remediate", "stage-owner", *words)
    assert code == 0
    assert "aws apigateway update-stage" in output
    assert "Owner: me" in output


def test_the_page_has_each_key_of_a_header() -> None:
    assert [row[0].strip("`") for row in rows("The header")] == list(KEYS)


def test_the_page_has_each_severity_status_and_column() -> None:
    assert set(SEVERITIES) <= set(re.findall(r"`(\w+)`", section("The header")))
    columns = re.findall(r"`(\w+)`", " ".join(row[0] for row in rows("The columns")))
    assert columns == list(REQUIRED)
    (statuses,) = (row[1] for row in rows("The columns") if row[0] == "`status`")
    assert set(re.findall(r"`(\w+)`", statuses)) == set(STATUSES)


def test_each_parameter_of_the_page_can_be_read() -> None:
    ranges = [one for row in rows("Parameters") for one in re.findall(r"`(\w+=[^`]*)`", row[0])]
    assert len(ranges) == 11
    for one in ranges:
        assert declared_parameters(one.replace("\\|", "|"))


def test_the_functions_of_the_page_are_those_of_the_code() -> None:
    connection = apsw.Connection(":memory:")
    listed = "select name, narg from pragma_function_list"
    before = set(connection.execute(listed))
    add_functions(connection)
    made = set(connection.execute(listed)) - before
    told = [re.match(r"`(\w+)\((.*)\)`", cells[0]) for cells in rows("Views and functions")]
    assert {(one[1], one[2].count(",") + 1) for one in told if one} == made
