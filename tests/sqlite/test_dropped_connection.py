"""A connection that is dropped without `close` ends its threads, wherever it is collected."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

import apigw_vtab
from tests.conftest import REGIONS, rows
from tests.control_plane import Plane, ServedEstate, serve

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
    dispatcher = connections[0].executor._sender._dispatcher

    def collect_as_a_worker_may() -> None:
        with dispatcher._lock:
            connections.clear()
            gc.collect()

    worker = threading.Thread(target=collect_as_a_worker_may, daemon=True)
    worker.start()
    worker.join(PATIENCE)
    assert not worker.is_alive()
    assert ended(own_threads)


@pytest.mark.parametrize(
    "last",
    [
        "cursor = connection.cursor(); cursor.execute(SQL); next(cursor)",
        "import builtins; builtins.kept = connection.execute(SQL); next(builtins.kept)",
        "rows = connection.execute(SQL); next(rows); import os; os.fork() and os.wait()",
    ],
)
def test_a_script_that_leaves_a_cursor_open_ends(last: str) -> None:
    script = (
        "import apigw_vtab; SQL = 'select * from stages'\n"
        "connection = apigw_vtab.connect(regions=['eu-west-1', 'us-east-1', 'us-east-2'])\n"
        f"{last}"
    )
    # Answers are on their way when it ends.
    with serve(ServedEstate.numbered(regions=3, rest_apis=30), latency=0.05) as busy:
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "AWS_ENDPOINT_URL": busy.url},
            capture_output=True,
            text=True,
            timeout=PATIENCE * 3,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
