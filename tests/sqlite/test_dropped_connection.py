"""A connection that is dropped without `close` ends its threads, wherever it is collected."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable

import apigw_vtab
from apigw_vtab.aws.retry import Sender
from tests.conftest import REGIONS, rows
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
