"""Controls over copies of their tables find what they find over the tables themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from apigw_vtab.controls import alike, rehearsal
from apigw_vtab.controls.findings import Finding
from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.controls.rehearsal import Rehearsal
from apigw_vtab.controls.run import report_of, run_controls
from apigw_vtab.sqlite.copies import Copies, Row
from tests.conftest import REGIONS, Connect, operations
from tests.control_plane import Fault, Plane

# The last one is about another table, so that tables are read ahead.
CONTROLS = [
    "stage-execution-logging",
    "stage-xray-tracing",
    "stage-client-certificate",
    "stage-client-certificate-valid",
    "client-certificate-expiring",
]


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the controls that ran over copies."""
    names: list[str] = []
    usual = Copies.answer

    def answer(copies: Copies, name: str, *more: object) -> Iterator[Row] | None:
        found: Iterator[Row] | None = usual(copies, name, *more)  # type: ignore[arg-type]
        if found is not None:
            names.append(name)
        return found

    monkeypatch.setattr(Copies, "answer", answer)
    return names


def found(connect: Connect) -> list[Finding]:
    connection = connect(regions=REGIONS, on_error="warn", cache_ttl=0.01)
    queries = find_queries(CONTROLS, all_queries())
    return list(report_of(connection, run_controls(connection, queries, {})).findings)


def test_findings_and_commands_are_the_same(
    plane: Plane, connect: Connect, copied: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alike, "AT_LEAST", 2)
    over_copies = found(connect)
    assert set(copied) >= set(CONTROLS[:3])
    monkeypatch.setattr(Copies, "answer", lambda *_: None)
    monkeypatch.setattr(alike, "AT_LEAST", 1_000)
    assert over_copies == found(connect)


def test_where_a_region_is_denied_the_verdicts_are_the_same(
    plane: Plane, connect: Connect, copied: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plane.faults = [Fault("denied", region=REGIONS[1], operation="GetStages")]
    over_copies = found(connect)
    monkeypatch.setattr(Copies, "answer", lambda *_: None)
    assert over_copies == found(connect)
    assert any(one.is_unread for one in over_copies)


def test_of_alarms_that_are_alike_one_remedy_is_tried(
    plane: Plane, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []
    usual = Rehearsal._changes

    def changes(rehearsal: Rehearsal, keys: list[Row]) -> object:
        tried.append(len(keys))
        return usual(rehearsal, keys)

    monkeypatch.setattr(alike, "AT_LEAST", 2)
    monkeypatch.setattr(Rehearsal, "_changes", changes)
    alarms = [one for one in found(connect) if one.remediation]
    assert sum(tried) < len(alarms) / 2


def test_no_remedy_that_is_tried_asks_for_what_was_read(
    plane: Plane, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alike, "AT_LEAST", 2)
    monkeypatch.setattr(rehearsal, "AT_ONCE", 1)
    found(connect)
    asked = ((one.region, one.operation, repr(one.params)) for one in plane.calls)
    assert set(Counter(asked).values()) == {1}
    made = operations(plane)
    assert made["GetStages"] == made["GetRestApis"] * plane.estate.rest_apis
