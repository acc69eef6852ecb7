"""Threads, nested statements, cursors that are dropped: no deadlock, and nothing is left behind."""

from __future__ import annotations

import faulthandler
import gc
import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import apsw
import pytest

import apigw_vtab
from apigw_vtab.aws import call_log
from apigw_vtab.sqlite.connection import Connection
from tests.conftest import REGIONS, Connect, operations, rows
from tests.control_plane import Fault, Plane

STAGES = "select region, rest_api_id, stage_name from stages"
AUDIT = (
    "select s.arn from stages s join rest_apis a using (account_id, region, rest_api_id)"
    " left join client_certificates c using (account_id, region, client_certificate_id)"
    " where c.client_certificate_id is null"
)
# A bound for a deadlock, after which all threads' stacks are shown; not a measure of speed.
DEADLOCK = 120.0
QUERIES = 500
# What the allocator and SQLite's page cache may keep between two measurements.
ROOM = 8 * 1024 * 1024

pytestmark = pytest.mark.promise(
    "Threads, nested and dropped statements: no deadlock, no leak",
    found="Closing a connection left another thread's statement waiting for AWS.",
)


@pytest.fixture(autouse=True)
def stacks_if_it_hangs(many: int) -> Iterator[None]:
    assert sys.__stderr__
    faulthandler.dump_traceback_later(DEADLOCK * many, exit=True, file=sys.__stderr__)
    yield
    faulthandler.cancel_dump_traceback_later()


def open_files() -> int:
    """How many files and sockets the process has open."""
    return len(os.listdir("/proc/self/fd"))


def resident() -> int:
    """The bytes of memory that the process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def test_one_connection_serves_several_threads(plane: Plane, connect: Connect) -> None:
    connection = connect(regions=REGIONS)
    expected = rows(connection, STAGES)
    connection.executor.forget()
    plane.reset()
    gate = threading.Barrier(8)

    def ask(_: int) -> list[tuple[object, ...]]:
        gate.wait()
        while True:
            try:
                return list(connection.execute(STAGES))
            except apsw.ThreadingViolationError:
                # In apsw's words: another thread is using the connection right now.
                continue

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(8))) == [expected] * 8
    assert operations(plane) == {"GetRestApis": 3, "GetStages": 12}


def test_connections_do_not_disturb_each_other(plane: Plane, connect: Connect) -> None:
    connections = [connect(regions=REGIONS) for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(lambda one: rows(one, AUDIT), connections))
    assert found == [found[0]] * 6
    assert found[0]


def test_a_statement_runs_inside_a_loop_over_another(plane: Plane, connect: Connect) -> None:
    connection = connect(regions=REGIONS)
    flat = rows(connection, STAGES)
    connection.executor.forget()
    plane.reset()
    nested: list[tuple[Any, ...]] = []
    for region, rest_api in connection.execute("select region, rest_api_id from rest_apis"):
        sql = f"{STAGES} where region = ? and rest_api_id = ?"
        nested += connection.execute(sql, (region, rest_api))
    assert nested == flat
    assert operations(plane) == {"GetRestApis": 3, "GetStages": 12}


def test_the_same_table_is_read_twice_at_once(plane: Plane, connect: Connect) -> None:
    connection = connect(regions=REGIONS)
    pairs = zip(connection.execute(STAGES), connection.execute(STAGES), strict=True)
    assert all(one == other for one, other in pairs)
    assert operations(plane) == {"GetRestApis": 3, "GetStages": 12}


def test_a_cursor_that_is_dropped_leaves_nothing_running(plane: Plane, connect: Connect) -> None:
    connection = connect(regions=REGIONS, cache_ttl=0, max_rps=1e6)
    for _ in range(20):
        next(connection.execute(STAGES))
    gc.collect()
    cursors = connection.context.cursors["stages"]
    connection.cursor().execute("select 1")
    assert len(cursors) <= 1
    assert len(rows(connection, STAGES)) == 36


def test_interrupt_ends_a_statement_from_another_thread(plane: Plane, connect: Connect) -> None:
    connection = connect(regions=REGIONS)
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
    timer = threading.Timer(0.2, connection.interrupt)
    timer.start()
    with pytest.raises(apsw.InterruptError):
        list(connection.execute(endless))
    timer.join()
    assert len(rows(connection, STAGES)) == 36


def test_closing_ends_a_statement_that_waits_for_aws(plane: Plane, connect: Connect) -> None:
    plane.faults = [Fault("silence", operation="GetStages")]
    connection = connect(regions=REGIONS, timeout=DEADLOCK)
    told: list[str] = []

    def ask() -> None:
        try:
            list(connection.execute(STAGES))
        except apigw_vtab.ApigwVtabError as error:
            told.append(str(error))

    thread = threading.Thread(target=ask)
    thread.start()
    while not plane.count("GetStages"):
        time.sleep(0.01)
    connection.close()
    thread.join(DEADLOCK / 4)
    assert told == ["The connection was closed while a statement ran."]


def ask_something(connection: Connection, random: Random) -> None:
    """Cached answers, answers that fail, a cursor that is dropped, a statement that is wrong."""
    kind = random.randrange(10)
    connection.executor.cache_ttl = 300 if kind < 8 else 0
    if kind == 0:
        with pytest.raises(apsw.SQLError):
            connection.execute("select nope from stages")
    elif kind == 1:
        next(connection.execute(STAGES))
    else:
        list(connection.execute(random.choice((STAGES, AUDIT))))


def test_files_threads_and_memory_are_flat(
    plane: Plane,
    connect: Connect,
    many: int,
    proof: Callable[..., None],
    own_threads: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Full before the first measurement, the call log grows no more.
    monkeypatch.setattr(call_log, "MOST_CALLS", 500)
    connection = connect(regions=REGIONS, cache_ttl=0, max_rps=1e6)
    random = Random(4711)
    plane.faults = [Fault("internal-error", probability=0.002)]
    # A long run has 10,000.
    queries = QUERIES * many * (2 if many > 1 else 1)

    def ask_half() -> None:
        for number in range(queries // 2):
            ask_something(connection, random)
            if number % 100 == 0:
                # The control plane is in this process too, and remembers each call.
                plane.reset()

    def measure() -> tuple[int, int, int]:
        gc.collect()
        return open_files(), len(own_threads()), resident()

    ask_half()
    files, threads, memory = measure()
    ask_half()
    files_after, threads_after, memory_after = measure()
    # Threads and sockets are kept for the next call, at most as many as a burst needs.
    assert files_after <= files + 4
    assert threads_after <= threads + 2
    assert memory_after <= memory + ROOM
    grown = (memory_after - memory) / 1024 / 1024
    note = (
        f"{queries:,} queries of one connection: {files} files before and {files_after} after the "
        f"second half, {threads} threads and {threads_after}, {grown:+.1f} MiB."
    )
    proof(cases=queries, note=note)


def test_connections_that_are_closed_leave_nothing(
    plane: Plane, proof: Callable[..., None], own_threads: Callable[[], list[str]]
) -> None:
    def use_one() -> None:
        connection = apigw_vtab.connect(regions=REGIONS)
        assert len(rows(connection, STAGES)) == 36
        connection.close()

    for _ in range(3):
        use_one()
    gc.collect()
    files, memory = open_files(), resident()
    for _ in range(6):
        use_one()
    gc.collect()
    assert own_threads() == []
    until = time.monotonic() + 10
    while open_files() > files + 2 and time.monotonic() < until:
        # The control plane, which is in this process too, notices it a moment later.
        time.sleep(0.05)
    assert open_files() <= files + 2
    assert resident() <= memory + 4 * ROOM
    proof(cases=6)
