"""Controls judge what was read before Ctrl-C, however early it came."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apigw_vtab.aws.call import Call
from apigw_vtab.aws.estate import Estate
from apigw_vtab.aws.reply import Reply
from apigw_vtab.controls.findings import ERROR
from apigw_vtab.controls.run import ControlResult, run_controls
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.sqlite.connection import Connection
from tests.conftest import ACCOUNT, OTHER_ACCOUNT, REGIONS, Connect
from tests.control_plane import Fault, Plane

CONTROL = SavedQuery(
    "every-api",
    "select name as resource, 'alarm' as status, '' as reason, account_id, region from rest_apis",
)


def judged(connection: Connection, stopped: Callable[[], None]) -> ControlResult:
    (result,) = run_controls(connection, [CONTROL], {}, interrupted=stopped)
    return result


def test_before_the_regions_are_known_every_account_is_unread(
    plane: Plane, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: Estate) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Estate, "check_regions", interrupted)
    connection = connect(profiles=["first", "second"], on_error="warn")
    result = judged(connection, connection.executor.stop)
    statuses = {finding.status for finding in result.findings(0)}
    assert statuses == {ERROR}
    assert {failure.profile for failure in result.unread} == {"first", "second"}


def test_one_account_that_does_not_tell_its_regions_keeps_no_other_from_being_judged(
    plane: Plane, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    plane.faults = [Fault("silence", operation="DescribeRegions", account=OTHER_ACCOUNT)]
    connection = connect(profiles=["first", "second"], on_error="warn")
    executor = connection.executor
    submit, lists = executor.submit, set(REGIONS)

    def read(region: str) -> None:
        lists.discard(region)
        if not lists:
            # As Ctrl-C when all of the first account is there.
            executor.stop()

    def watched(call: Call) -> Reply:
        reply = submit(call)
        if call.operation.name == "GetRestApis":
            reply.add_done_callback(lambda _: read(call.lane.region))
        return reply

    monkeypatch.setattr(executor, "submit", watched)
    result = judged(connection, connection.executor.stop)
    assert [row[3] for row in result.rows if row[1] == "alarm"] == [ACCOUNT] * 12
    (failure,) = result.unread
    assert (failure.profile, failure.operation) == ("second", "DescribeRegions")
