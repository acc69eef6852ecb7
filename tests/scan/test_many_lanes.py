"""Many accounts and regions: each costs little, and no more the more there are."""

from __future__ import annotations

import functools
import sys
import threading
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import boto3
import pytest

from apigw_vtab.aws import retry
from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.estate import Estate
from apigw_vtab.aws.local_executor import LocalExecutor
from apigw_vtab.aws.wire.sending import Wires
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.context import ConnectionContext
from tests.control_plane.estate import DEFAULT_REGIONS

REGIONS = DEFAULT_REGIONS[:10]
COUNT = "select count(*) from stages"
Open = Callable[[int], Connection]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """The calls, each of which is answered with an empty list."""
    calls: list[Call] = []

    def send(call: Call) -> Answer:
        calls.append(call)
        return Answer([])

    monkeypatch.setattr(retry, "send", send)
    return calls


@pytest.fixture
def open_many(sent: list[Call]) -> Iterator[Open]:
    """Connections to so many accounts of one configuration, in ten regions each."""
    opened: list[Connection] = []
    session = boto3.Session(
        aws_access_key_id="AKIA111122223333",
        aws_secret_access_key="secret",
        region_name="us-east-1",
    )

    def open_one(accounts: int) -> Connection:
        wires, executor, made = Wires(), LocalExecutor(), []
        for number in range(accounts):
            account = Account(session, wires=wires)
            account.label = executor.log.account_ids[f"{number:012d}"] = f"{number:012d}"
            made.append(account)
        made[0].get_ready("apigateway", "GetRestApis", REGIONS[0])
        for account in made[1:]:
            account._credentials = made[0]._credentials
            account._own_endpoints["apigateway"] = None
        estate = Estate(made, REGIONS, executor)
        opened.append(Connection(":memory:", ConnectionContext(estate, executor, raises=True)))
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.close()


def lines_of_the_scan(run: Callable[[], object]) -> int:
    """How many lines of apigw_vtab/scan are executed, in all threads that begin meanwhile."""
    lines: Counter[str] = Counter()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if "apigw_vtab/scan/" not in frame.f_code.co_filename:
            return None
        if event == "line":
            lines[frame.f_code.co_name] += 1
        return trace

    before = sys.gettrace()
    threading.settrace(trace)
    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(before)
        threading.settrace(before)
    return lines.total()


@pytest.mark.parametrize("sql", [COUNT, f"{COUNT} s where exists (select 1)", "{rows} limit 9999"])
def test_an_empty_region_takes_as_many_steps_among_many_as_among_few(
    open_many: Open, sent: list[Call], sql: str
) -> None:
    statement = sql.format(rows="select * from stages")
    steps = []
    for accounts in (4, 32):
        connection = open_many(accounts)
        connection.execute("select * from stages where region = 'none'").fetchall()
        sent.clear()
        done = lines_of_the_scan(functools.partial(connection.execute, statement))
        assert len(sent) == accounts * len(REGIONS)
        steps.append(done / len(sent))
    assert steps[1] < 1.2 * steps[0]


def test_an_empty_region_keeps_less_than_two_and_a_half_kilobytes(
    open_many: Open, sent: list[Call]
) -> None:
    kept = []
    open_many(1).execute(COUNT).fetchall()
    for accounts in (10, 40):
        connection = open_many(accounts)
        tracemalloc.start()
        try:
            connection.execute(COUNT).fetchall()
            sent.clear()
            kept.append(tracemalloc.get_traced_memory()[0])
        finally:
            tracemalloc.stop()
    assert kept[1] - kept[0] < 2_500 * 30 * len(REGIONS)


def test_all_accounts_are_read_in_their_order_whatever_the_limit(
    open_many: Open, sent: list[Call]
) -> None:
    open_many(6).execute("select * from stages limit 9999").fetchall()
    assert Counter((call.lane.account.label, call.lane.region) for call in sent) == Counter(
        (f"{number:012d}", region) for number in range(6) for region in REGIONS
    )
