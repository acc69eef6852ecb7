"""The baseline: what an entry accepts, and which entries are refused."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from apigw_vtab.controls.baseline import Baseline, apply, by_control, read
from apigw_vtab.controls.findings import Finding
from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.errors import UsageError

ENTRY = {
    "control": "stage-client-certificate",
    "account_id": "111122223333",
    "region": "eu-west-1",
    "resource": "arn:aws:apigateway:eu-west-1::/restapis/a/stages/live",
    "until": "2030-01-01",
    "reason": "Agreed.",
}
TODAY = date(2029, 1, 1)
(CONTROL,) = find_queries([ENTRY["control"]], all_queries())


def baseline_of(folder: Path, *entries: dict[str, Any]) -> Baseline:
    path = folder / "accepted.json"
    path.write_text(json.dumps({"accepted": entries}))
    return by_control(read(path), [CONTROL])


def status(accepted: Baseline) -> str:
    """The status of an alarm about what ENTRY is about."""
    place = ENTRY["resource"], "alarm", "Has none.", ENTRY["account_id"], ENTRY["region"]
    (found,) = apply([Finding(CONTROL, *place)], accepted, TODAY)
    return found.status


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"control": "STAGE-client-certificate"},
        {"control": "ag-006"},
        {"region": "EU-West-1"},
        {"control": "STAGE-*", "pattern": True},
        {"control": "Stage-Client-Certificate", "pattern": True},
        {"region": "EU-*", "pattern": True},
    ],
)
def test_an_entry_accepts_an_alarm_in_any_case_of_control_and_region(
    tmp_path: Path, texts: dict[str, Any]
) -> None:
    assert status(baseline_of(tmp_path, ENTRY | texts)) == "info"


def test_the_case_of_a_resource_matters(tmp_path: Path) -> None:
    resource = ENTRY["resource"].replace("live", "LIVE")
    assert status(baseline_of(tmp_path, ENTRY | {"resource": resource})) == "alarm"


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_entries_for_one_alarm_the_longer_one_holds(tmp_path: Path, order: int) -> None:
    over = ENTRY | {"control": "AG-006", "until": "2020-01-01"}
    assert status(baseline_of(tmp_path, *[ENTRY, over][::order])) == "info"


@pytest.mark.parametrize(
    ("name", "text"),
    [("region", "eu-west-*"), ("account_id", "*"), ("control", "stage-*"), ("region", "eu-west-?")],
)
def test_a_wildcard_that_is_not_in_a_pattern_is_refused(
    tmp_path: Path, name: str, text: str
) -> None:
    with pytest.raises(UsageError, match=r'entry 1: .* has no "pattern": true') as refused:
        baseline_of(tmp_path, ENTRY | {name: text})
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize("until", ["2027-W01-1", "20270101", "2027-1-1", "soon"])
def test_a_day_is_written_in_one_form_only(tmp_path: Path, until: str) -> None:
    with pytest.raises(UsageError, match="write YYYY-MM-DD"):
        baseline_of(tmp_path, ENTRY | {"until": until})


@pytest.mark.parametrize("text", ["[]", "1", "{}", '{"accepted": 1}', "null"])
def test_a_file_without_a_list_says_what_it_has_to_be(tmp_path: Path, text: str) -> None:
    path = tmp_path / "accepted.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=r'a list named accepted, as in \{"accepted": \[\]\}'):
        read(path)


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "accepted.json"
    path.write_text('{"accepted": []}', "utf-8-sig")
    assert read(path) == {}
