"""A scan begins with each account as soon as its regions are known."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from apigw_vtab.aws import retry
from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.request import send
from apigw_vtab.scan.whole_lists import whole_scan
from tests.conftest import ACCOUNT, OTHER_ACCOUNT, Connect, rows
from tests.control_plane import Fault, Plane

# Nobody waits as long, unless what is waited for never comes.
FOREVER = 60.0
BOTH = {"profiles": ["first", "second"]}


@pytest.fixture
def hold_regions(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], threading.Event]:
    """Hold back the regions of a profile until a call of an operation, of another one, is sent."""

    def hold(profile: str, operation: str) -> threading.Event:
        seen = threading.Event()

        def held(call: Call) -> Answer:
            if call.lane.account.profile != profile and call.operation.name == operation:
                seen.set()
            if call.lane.account.profile == profile and call.operation.name == "DescribeRegions":
                assert seen.wait(FOREVER)
            return send(call)

        monkeypatch.setattr(retry, "send", held)
        return seen

    return hold


@pytest.mark.parametrize("operation", ["GetRestApis", "GetStages"])
def test_an_account_that_is_slow_to_tell_its_regions_holds_up_no_other(
    plane: Plane,
    connect: Connect,
    hold_regions: Callable[[str, str], threading.Event],
    operation: str,
) -> None:
    hold_regions("first", operation)
    found = rows(connect(**BOTH), "select account_id, region, rest_api_id from stages")
    assert [account for account, *_ in found] == [ACCOUNT] * 36 + [OTHER_ACCOUNT] * 36
    assert [region for _, region, _ in found[:36]] == sorted(region for _, region, _ in found[:36])


def test_rows_that_are_wanted_first_wait_for_no_later_account(
    plane: Plane, connect: Connect, hold_regions: Callable[[str, str], threading.Event]
) -> None:
    seen = hold_regions("second", "none")
    connection = connect(**BOTH)
    assert rows(connection, "select account_id from rest_apis limit 3") == [(ACCOUNT,)] * 3
    seen.set()


def test_a_join_reads_ahead_across_accounts(
    plane: Plane, connect: Connect, hold_regions: Callable[[str, str], threading.Event]
) -> None:
    hold_regions("first", "GetRestApis")
    sql = (
        "select r.account_id, count(*) from rest_apis r"
        " join stages s using (account_id, region, rest_api_id) group by 1"
    )
    assert rows(connect(**BOTH), sql) == [(ACCOUNT, 36), (OTHER_ACCOUNT, 36)]
    assert plane.count("GetStages") == 24


def test_a_pattern_that_one_account_alone_matches_is_no_error(
    plane: Plane, connect: Connect
) -> None:
    plane.faults = [Fault("silence", operation="DescribeRegions", account=ACCOUNT)]
    connection = connect(**BOTH, regions="us-east-?", timeout=1, on_error="warn")
    found = set(rows(connection, "select account_id from rest_apis"))
    assert found == {(OTHER_ACCOUNT,)}
    (failure,) = connection.executor.log.failures()
    assert (failure.profile, failure.operation) == ("first", "DescribeRegions")


def test_the_answers_of_an_account_are_kept_no_longer_than_they_are_read(
    plane: Plane, connect: Connect
) -> None:
    connection = connect(**BOTH, cache_ttl=0)
    table = connection.context.tables["rest_apis"]
    scan = whole_scan(table, ["name"], connection.context.estate)
    scan.start()
    assert sum(len(batch.positions) for batch in scan.batches()) == 24
    assert scan._beginnings is not None
    assert [scan._beginnings.at(place) for place in range(2)] == [[], []]
    scan.close()
