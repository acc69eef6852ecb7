"""What is wrong in the header of a control is an error that names file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from apigw_vtab.cli.main import main
from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.controls.selection import Selection
from apigw_vtab.errors import UsageError

COLUMNS = (
    "select 'r' as resource, 'ok' as status, 'good' as reason, '1' as account_id, 'e' as region"
)


def read(folder: Path, *lines: str, name: str = "own", sql: str = COLUMNS) -> SavedQuery:
    """Write a query into a folder, and read it as a command does."""
    (folder / f"{name}.sql").write_text("\n".join([*lines, sql, ""]))
    return {query.name: query for query in all_queries([folder])}[name]


WRONG = [
    (["-- severity: low", "-- note: x"], r"line 2: 'note' is not a key of a control's header"),
    (["-- severity: low", "-- rational: x"], r"line 2: .* Did you mean rationale"),
    (["-- severity: hgih"], r"line 1: 'hgih' is not a severity: write critical, high, medium, low"),
    (["-- severity:"], r"line 1: '' is not a severity"),
    (["-- severity: low", "-- title: A", "-- title: B"], r"line 3: title is in line 2 already"),
    (["-- severity: low", "-- params: days"], r"line 2: 'days' is not a parameter"),
    (["-- severity: low", "-- remedy-asks: a=1 [x]"], r"line 2: \[x\] is not a range of a"),
]


@pytest.mark.parametrize(("lines", "words"), WRONG)
def test_a_flaw_of_a_control_names_its_file_and_line(
    tmp_path: Path, lines: list[str], words: str
) -> None:
    query = read(tmp_path, *lines)
    with pytest.raises(UsageError, match=rf"own\.sql, {words}"):
        find_queries([query.name], [query])


@pytest.mark.parametrize(
    "lines",
    [
        ["-- note: x", "-- note: y", "-- severe: no"],
        ["-- see: https://example.com", "-- title: A"],
    ],
)
def test_the_comments_of_a_plain_query_are_its_own(tmp_path: Path, lines: list[str]) -> None:
    query = read(tmp_path, *lines, sql="select 1")
    assert find_queries(["own"], [query]) == [query]
    result = CliRunner().invoke(main, ["query", "own", "--queries", str(tmp_path), "--sandbox"])
    assert "1" in result.stdout


@pytest.mark.parametrize(
    "line", ["-- (note: x)", "-- Note: x", "-- see https://example.com", "--", "-- note x"]
)
def test_a_remark_in_a_control_is_none_of_its_keys(tmp_path: Path, line: str) -> None:
    assert not read(tmp_path, "-- severity: low", line).fault


def test_an_untyped_parameter_of_a_control_has_the_type_of_its_default(tmp_path: Path) -> None:
    query = read(tmp_path, "-- severity: low", "-- params: days=30, team=orders")
    assert (query.fault, query.parameters) == ("", {"days": 30, "team": "orders"})


def checked(folder: Path, *words: str) -> tuple[int, str]:
    words = ("check", *words, "--queries", str(folder), "--sandbox", "--output", "csv")
    result = CliRunner().invoke(main, words)
    return result.exit_code, result.stdout


def test_a_control_without_severity_has_to_be_faultless_too(tmp_path: Path) -> None:
    read(tmp_path, "-- title: A", "-- note: x")
    code, output = checked(tmp_path, "own")
    assert code == 3
    assert "line 2: 'note' is not a key" in output


def test_a_flaw_takes_nothing_from_the_other_controls(tmp_path: Path) -> None:
    read(tmp_path, "-- severity: low", "-- tags: mine", name="good")
    read(tmp_path, "-- severity: low", "-- tags: mine", "-- params: days", name="bad")
    code, output = checked(tmp_path, "--tag", "mine")
    assert code == 3
    assert "good,low,r,ok,good" in output
    assert "'days' is not a parameter" in output


def test_a_control_with_a_flaw_is_not_left_out_of_a_selection(tmp_path: Path) -> None:
    query = read(tmp_path, "-- severity: hihg")
    assert Selection(severities=["high"]).choose([query]) == [query]


def test_examples_are_not_tried_on_a_control_with_a_flaw(tmp_path: Path) -> None:
    read(tmp_path, "-- note: x")
    (tmp_path / "own.yaml").write_text("- {wanted: ok}")
    result = CliRunner().invoke(main, ["queries", "test", str(tmp_path)])
    assert "line 1: 'note' is not a key" in result.output


# Ids


def test_an_id_that_two_headers_claim_is_an_error_that_names_both(tmp_path: Path) -> None:
    read(tmp_path, "-- severity: low", "-- references: ACME-1, ACME-2", name="first")
    query = read(tmp_path, "-- severity: low", "-- title: A", "-- references:", "--   acme-2")
    fault = r"own\.sql, line 4: acme-2 is an id of .*first\.sql, line 2 already"
    with pytest.raises(UsageError, match=fault):
        find_queries(["own"], [query])


def test_a_file_that_takes_the_place_of_another_may_have_its_ids(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        read(tmp_path / folder, "-- severity: low", "-- references: ACME-1")
    (own,) = (one for one in all_queries([tmp_path / "one", tmp_path / "two"]) if one.name == "own")
    assert not own.fault
