"""Controls read side by side: no quota lies idle while a control waits, and no call comes twice."""

from __future__ import annotations

import pytest

from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.controls.run import run_controls
from apigw_vtab.controls.saved_query import SavedQuery
from tests.conftest import REGIONS, Connect, operations
from tests.control_plane import Fault, Plane

# What goes wrong on a connection beside is thrown away with what it says.
pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")


@pytest.fixture
def two_lists() -> list[SavedQuery]:
    """A control over stages, and one over another list."""
    return find_queries(["stage-xray-tracing", "domain-name-mutual-tls"], all_queries())


def test_what_a_later_control_reads_is_asked_for_before_the_first_one_has_its_answers(
    plane: Plane, connect: Connect, two_lists: list[SavedQuery]
) -> None:
    plane.faults = [Fault("slow", operation="GetStages", seconds=0.5)]
    connection = connect(regions=REGIONS[:1], on_error="warn")
    results = run_controls(connection, two_lists, {})
    assert [one.control.name for one in results] == [one.name for one in two_lists]
    stages = [one for one in plane.calls if one.operation == "GetStages"]
    first_answer = min(one.answered or 0.0 for one in stages)
    asked = min(one.seen for one in plane.calls if one.operation == "GetDomainNames")
    assert asked < first_answer


def test_reading_side_by_side_makes_no_call_twice(
    plane: Plane, connect: Connect, two_lists: list[SavedQuery]
) -> None:
    run_controls(connect(regions=REGIONS, on_error="warn"), two_lists, {})
    made = operations(plane)
    assert made["GetRestApis"] == len(REGIONS)
    assert made["GetDomainNames"] > 0


def test_what_is_changed_in_a_transaction_is_not_read_ahead(
    plane: Plane, connect: Connect, two_lists: list[SavedQuery]
) -> None:
    connection = connect(regions=REGIONS[:1], on_error="warn")
    connection.execute("begin")
    run_controls(connection, two_lists, {})
    stages, domains = (
        [one.seen for one in plane.calls if one.operation == name]
        for name in ("GetStages", "GetDomainNames")
    )
    assert max(stages) < min(domains)
