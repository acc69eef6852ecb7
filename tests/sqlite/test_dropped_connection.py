"""A connection that is dropped without `close` ends its threads, wherever it is collected."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, cast

import pytest

import apigw_vtab
from apigw_vtab.aws.retry import Sender
from apigw_vtab.sqlite.context import ConnectionContext
from tests.conftest import REGIONS, Connect, rows
from tests.control_plane import Plane

PATIENCE = 10.0


def ended(own_threads: Callable[[], list[str]]) -> bool:
    until = time.monotonic() + PATIENCE
    while own_threads() and time.monotonic() < until:
        time.sleep(0.01)
    return not own_threads()


def test_a_dropped_connection_ends_its_threads(
    plane: Plane, own_threads: Callable[[], list[str]]
) -> None:
    connection = apigw_vtab.connect(regions=REGIONS)
    assert rows(connection, "select count(*) from rest_apis") == [(12,)]
    del connection
    gc.collect()
    assert ended(own_threads)


def test_a_connection_that_is_collected_inside_its_own_lock_stops_nobody(
    plane: Plane, own_threads: Callable[[], list[str]]
) -> None:
    connections = [apigw_vtab.connect(regions=REGIONS)]
    rows(connections[0], "select count(*) from rest_apis")
    sender = connections[0].executor._sender
    assert isinstance(sender, Sender)
    dispatcher = sender._dispatcher

    def collect_as_a_worker_may() -> None:
        with dispatcher._lock:
            connections.clear()
            gc.collect()

    worker = threading.Thread(target=collect_as_a_worker_may, daemon=True)
    worker.start()
    worker.join(PATIENCE)
    assert not worker.is_alive()
    assert ended(own_threads)


def test_a_cursor_that_is_closed_at_exit_waits_for_no_lock(
    plane: Plane, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connect(regions=REGIONS)
    found = connection.execute("select * from stages")
    next(found)
    (cursor,) = cast(Any, connection.context.cursors["stages"])
    # As a thread that Python froze in the middle of its work.
    with cursor._scan._lock:
        monkeypatch.setattr(ConnectionContext, "_is_finalizing", staticmethod(lambda: True))
        closing = threading.Thread(target=cursor.Close, daemon=True)
        closing.start()
        closing.join(PATIENCE)
        assert not closing.is_alive()


def test_threads_have_ended_when_python_ends(plane: Plane) -> None:
    script = (
        "import atexit, threading, apigw_vtab\n"
        "left = lambda: [one.name for one in threading.enumerate() if 'call' in one.name]\n"
        "atexit.register(lambda: print('calls', len(left())))\n"
        "import apigw_vtab.sqlite.connection\n"
        f"rows = apigw_vtab.connect(regions={list(REGIONS)}).execute('select * from stages')\n"
        "next(rows)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("calls 0\n", "")
