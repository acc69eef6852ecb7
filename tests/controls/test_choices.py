"""Parameters of controls from a file, by name, control or rule id."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from apigw_vtab.controls.choices import places_in, read_choices, with_choices
from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.controls.saved_query import read_query
from apigw_vtab.errors import UsageError

EXPIRING = read_query("expiring", "-- references: X-1\n-- params: days=30 [0..90]\nselect 1")
IDLE = read_query("idle", "-- params: days=365 [1..999], who= [o-*, ...]\nselect 1")
KNOWN = [EXPIRING, IDLE]
ITSELF: list[Any] = []
ITSELF.append(ITSELF)


@pytest.mark.parametrize(
    ("choices", "expiring", "idle"),
    [
        ({}, 30, 365),
        ({"days": 60}, 60, 60),
        ({"expiring": {"days": 60}}, 60, 365),
        # An id in its header is a name of the control.
        ({"x-1": {"days": 60}}, 60, 365),
        ({"expiring": {}}, 30, 365),
        ({"expiring": {"days": 5}, "days": 60}, 5, 60),
    ],
)
def test_a_value_is_for_all_or_for_one_control(
    choices: dict[str, Any], expiring: int, idle: int
) -> None:
    found = with_choices(KNOWN, choices, KNOWN)
    assert [one.parameters["days"] for one in found] == [expiring, idle]


def test_a_list_is_a_text_with_commas() -> None:
    _, idle = with_choices(KNOWN, {"who": ["o-a1", "o-b2"]}, KNOWN)
    assert idle.parameters["who"] == "o-a1,o-b2"


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"dais": 60}, "No control has a parameter 'dais'. Did you mean days"),
        ({"expirin": {"days": 60}}, "No saved query 'expirin'. Did you mean expiring"),
        ({"expiring": {"who": "o-a"}}, "expiring has no parameter 'who'"),
        ({"expiring": {"days": 91}}, "days=91 is not valid"),
        ({"expiring": {"days": "soon"}}, "days='soon' is not valid"),
        ({"expiring": {"days": None}}, "days: null is not a number"),
        ({"CKV_AWS_217": {"days": 1}}, "CKV_AWS_217 is not evaluated"),
        ({"x-1": {"days": 1}, "X-1": {"days": 2}}, "x-1 and X-1 are names of the same thing"),
        ({"days": True}, "days: true is not a number"),
        ({"expiring": {"days": {"a": 1}}}, 'days: {"a": 1} is not a number'),
        ({"expiring": {"days": {date(2020, 1, 1): 1}}}, "days: {datetime.date(2020, 1, 1): 1} is"),
        ({"days": ITSELF}, "days: [[...]] is not a number"),
        ({"expiring": ITSELF}, "expiring is the name of a control or rule"),
    ],
)
def test_what_makes_no_sense_is_an_error_that_says_why(choices: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as raised:
        with_choices(KNOWN, choices, KNOWN)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("AG-006:", {"AG-006": {}}),
        ("days: 9", {"days": 9}),
        ("\ufeffdays: 9", {"days": 9}),
        ("AG-006: {days: 1}", {"AG-006": {"days": 1}}),
    ],
)
def test_the_file_is_yaml(tmp_path: Path, text: str, found: dict[str, Any]) -> None:
    (tmp_path / "params.yaml").write_text(text, "utf-8")
    assert read_choices(tmp_path / "params.yaml") == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("days: 1\nAG-006: {}\ndays: 2", "days comes twice.*line 3"),
        ("AG-006: {days: 1, days: 2}", "days comes twice"),
        ("- a", "write names of parameters"),
        ("a: [", "is not valid YAML"),
        (None, "Cannot read"),
    ],
)
def test_a_file_that_is_not_valid_is_named(tmp_path: Path, text: str | None, words: str) -> None:
    if text is not None:
        (tmp_path / "params.yaml").write_text(text)
    with pytest.raises(UsageError, match=words):
        read_choices(tmp_path / "params.yaml")


def test_what_is_chosen_goes_before_what_a_rule_says() -> None:
    every = all_queries()
    (found,) = with_choices(
        find_queries(["AG-001"], every),
        {"stage-execution-logging": {"loggingLevel": "INFO"}},
        every,
    )
    assert found.parameters["loggingLevel"] == "INFO"


def test_a_section_of_what_is_not_checked_is_looked_at_too() -> None:
    with pytest.raises(UsageError, match=r"expiring has no parameter 'dais'\. Did you mean days"):
        with_choices([IDLE], {"expiring": {"dais": 1}}, KNOWN)


def test_two_spellings_of_one_rule_are_refused() -> None:
    choices = {name: {"options": "exempt"} for name in ("AWS-0004", "avd-aws-0004")}
    with pytest.raises(UsageError, match="AWS-0004 and avd-aws-0004 are names of the same thing"):
        with_choices([IDLE], choices, all_queries())


def test_of_a_rule_that_two_controls_answer_each_takes_what_it_has() -> None:
    every = all_queries()
    found = with_choices(
        find_queries(["CKV2_AWS_4"], every), {"CKV2_AWS_4": {"loggingLevel": "INFO"}}, every
    )
    assert {one.name: dict(one.parameters) for one in found} == {
        "stage-detailed-metrics": {},
        "stage-execution-logging": {"loggingLevel": "INFO"},
    }


def test_a_rules_section_leaves_other_rules_of_its_control_alone() -> None:
    every = all_queries()
    asked = find_queries(["AG-001", "apigateway_restapi_logging_enabled"], every)
    found = with_choices(asked, {"AG-001": {"loggingLevel": "INFO"}}, every)
    assert [(one.name, one.asked_ids, one.parameters["loggingLevel"]) for one in found] == [
        ("stage-execution-logging:loggingLevel=INFO", ("AG-001",), "INFO"),
        ("stage-execution-logging", ("apigateway_restapi_logging_enabled",), "ERROR,INFO"),
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_a_rules_section_goes_before_that_of_its_control_in_any_order(order: int) -> None:
    every = all_queries()
    sections = [
        ("stage-execution-logging", {"loggingLevel": "INFO"}),
        ("AG-001", {"loggingLevel": "ERROR"}),
    ]
    for name, level in (("AG-001", "ERROR"), ("stage-execution-logging", "INFO")):
        (found,) = with_choices(find_queries([name], every), dict(sections[::order]), every)
        assert found.parameters["loggingLevel"] == level


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("days: ~", "line 1: days is a parameter: write its value after it, as in days: 60."),
        ("\nstage-execution-logging: {loggingLevel: off}", "line 2: stage-execution-logging: logg"),
        ("stage-execution-logging: {loggingLevel: off}", "write such a word in quotes"),
        ("days: 99999", "line 1: days=99999 is not valid"),
        ("AG-008: 60", "line 1: AG-008 is the name of a control or rule: write AG-008: {days: 60}"),
        ("stage-xray-tracing: 1", "it has no parameters"),
        ("dais: 60", "line 1: No control has a parameter 'dais'. Did you mean days"),
    ],
)
def test_an_error_says_where_it_is_and_what_to_write(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    every = all_queries()
    with pytest.raises(UsageError) as told:
        with_choices(find_queries(["AG-008"], every), read_choices(path), every, places_in(path))
    assert words in str(told.value)
