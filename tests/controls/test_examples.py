"""The examples beside a control: rows of tables in YAML, and the verdict that is wanted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from apigw_vtab.cli.main import main
from apigw_vtab.commands.examples import run_examples
from apigw_vtab.controls.examples import examples_of, failures
from apigw_vtab.controls.library import all_queries, read_query_file
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.errors import UsageError

SHIPPED = all_queries()
each_control = pytest.mark.parametrize("control", SHIPPED, ids=lambda control: control.name)
CONTROL = """-- title: Every stage is described and young
-- severity: low
-- params: days=30 [0..90]
select
  stages.arn as resource,
  case
    when stages.description is null then 'alarm'
    when stages.created_date < datetime('now', -:days || ' days') then 'info'
    else 'ok'
  end as status,
  'It says ' || coalesce(stages.description, 'nothing') || '.' as reason,
  account_id,
  region
from stages
join rest_apis using (account_id, region, rest_api_id)
"""
Tried = Callable[[str], list[str]]


@pytest.fixture
def tried(tmp_path: Path) -> Tried:
    """Try examples of the control above; return those that get another verdict."""

    def run(text: str) -> list[str]:
        (tmp_path / "own.sql").write_text(CONTROL)
        (tmp_path / "own.yaml").write_text(text)
        control = read_query_file(tmp_path / "own.sql")
        return list(failures(control, examples_of(control)))

    return run


# The shipped ones


@each_control
def test_a_shipped_control_gives_the_verdicts_of_its_examples(control: SavedQuery) -> None:
    assert list(failures(control, examples_of(control))) == []


@each_control
def test_a_shipped_control_has_examples_of_ok_and_of_alarm(control: SavedQuery) -> None:
    wanted = {status for example in examples_of(control) for status, _ in example.wanted}
    assert {"ok", "alarm"} <= wanted, f"add them to queries/{control.name}.yaml"


# What an example can say


@pytest.mark.parametrize(
    "text",
    [
        "- {stages: [{description: x}], wanted: ok}",
        "- {stages: [{}], wanted: alarm}",
        "- {stages: [{}], wanted: [alarm]}",
        "- {stages: [{}], wanted: {status: alarm, reason: says nothing}}",
        "- {stages: [], wanted: []}",
        # Each has a parent; the gravest verdict comes first, as in a report.
        "- stages: [{description: x, stage_name: a}, {stage_name: b, rest_api_id: other}]\n"
        "  wanted: [ok, alarm]",
        # A parent that is given is not made up.
        "- {rest_apis: [], stages: [{}], wanted: []}",
        "- {stages: [{description: x, created_date: now -31 days}], wanted: info}",
        "- {stages: [{description: x, created_date: now -29 days}], wanted: ok}",
        "- {stages: [{description: x, created_date: now -9 days}], params: {days: 8},\n"
        "   wanted: info}",
        "- {stages: [{description: x, created_date: 2000-01-01}], wanted: info}",
        "[]",
    ],
)
def test_an_example_that_agrees(tried: Tried, text: str) -> None:
    assert tried(text) == []


def test_an_example_does_not_see_the_rows_of_the_one_before(tried: Tried) -> None:
    assert tried("- {stages: [{}], wanted: alarm}\n- {stages: [], wanted: []}") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- {stages: [{}], wanted: ok}", "line 1: wanted ok, but got alarm: It says nothing."),
        (
            "\n- {name: bare, stages: [{}], wanted: ok}",
            "line 2 (bare): wanted ok, but got alarm: It says nothing.",
        ),
        ("- {stages: [{}], wanted: []}", "wanted no row, but got alarm"),
        ("- {stages: [], wanted: ok}", "wanted ok, but got no row"),
        (
            "- {stages: [{}], wanted: {status: alarm, reason: tags}}",
            "wanted alarm: tags, but got alarm: It says nothing.",
        ),
        ("- {stages: [{}], wanted: [alarm, alarm]}", "wanted alarm; alarm, but got alarm"),
    ],
)
def test_an_example_that_does_not_agree_says_where_and_what(
    tried: Tried, text: str, words: str
) -> None:
    (found,) = tried(text)
    assert words in found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- {stages: [{}]}", "line 1: the example does not say what is wanted"),
        ("- {stages: [{}], wanted: fine}", "'fine' is not a status: write error, alarm"),
        ("- {stage: [{}], wanted: ok}", "no table 'stage'. Did you mean stages"),
        ("- {stages: {a: b}, wanted: ok}", "the rows of stages are a list"),
        ("- {stages: [{}], params: 3, wanted: ok}", "params are names with values"),
        ("stages: []", "examples are a list"),
        ("- [", "is not valid YAML"),
    ],
)
def test_an_example_that_is_not_valid_is_an_error_that_says_why(
    tried: Tried, text: str, words: str
) -> None:
    with pytest.raises(UsageError) as raised:
        tried(text)
    assert words in str(raised.value)


def test_an_example_that_cannot_be_tried_takes_nothing_from_the_others(tried: Tried) -> None:
    found = tried(
        """
- {stages: [{nme: a}], wanted: ok}
- {stages: [{}], params: {dais: 3}, wanted: ok}
- {stages: [{}], params: {days: 300}, wanted: ok}
- {stages: [{}], wanted: ok}
"""
    )
    words = ("has no column 'nme'", "no parameter 'dais'", "days=300 is not valid", "wanted ok")
    assert [one in text for one, text in zip(words, found, strict=True)] == [True] * len(words)


# The command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own.sql").write_text(CONTROL)
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["queries", "test", *arguments])
    refused = result.exception if isinstance(result.exception, UsageError) else ""
    return result.exit_code, f"{result.output}{refused}"


def test_the_command_counts_the_examples_of_each_control(folder: Path) -> None:
    (folder / "own.yaml").write_text("- {stages: [{}], wanted: alarm}")
    assert run(str(folder)) == (0, "   1 of 1 ok  own\n")


def test_the_command_fails_where_an_example_gets_another_verdict(folder: Path) -> None:
    (folder / "own.yaml").write_text("- {stages: [{}], wanted: ok}")
    code, output = run(str(folder))
    assert code == 1
    assert "wanted ok, but got alarm" in output


def test_the_command_names_a_control_without_examples(folder: Path) -> None:
    assert run(str(folder))[1].startswith(" no examples  own\n")


def test_examples_without_their_control_are_an_error(folder: Path) -> None:
    (folder / "other.yaml").write_text("[]")
    assert "other.yaml has no other.sql beside it" in run(str(folder))[1]


def test_a_folder_without_a_control_is_an_error(tmp_path: Path) -> None:
    assert "No controls in" in run(str(tmp_path))[1]


GOOD = "select arn as resource, 'ok' as status, 'x' as reason, account_id, region from stages"


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select frm x", "line 2: no such column"),
        (
            "select 1",
            "c.sql: its columns begin with 1. The columns of a control begin with resource",
        ),
        (f"{GOOD}; select 2", "more than one statement"),
        (GOOD.replace("'ok'", "'zzz'"), "The control returned 'zzz'"),
    ],
)
def test_a_control_without_examples_that_cannot_run_is_an_error(
    tmp_path: Path, sql: str, words: str
) -> None:
    (tmp_path / "c.sql").write_text(f"-- severity: low\n{sql}")
    with pytest.raises(UsageError, match=words):
        run_examples(tmp_path)


def test_a_folder_without_controls_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "plain.sql").write_text("select 1")
    with pytest.raises(UsageError, match=f"No controls in {tmp_path}"):
        run_examples(tmp_path)
