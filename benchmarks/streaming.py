"""Measures rows through SQLite: our table from its cache, and apsw's own over the same rows."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from typing import Any, cast

import apsw
import apsw.ext

import apigw_vtab
from tests.control_plane import Plane, access_key

QUERIES = {
    "one column": "select stage_name from stages",
    "three columns": "select region, rest_api_id, stage_name from stages",
    "all columns": "select * from stages",
}


class HeldRows:
    """Rows in memory, as apsw's make_virtual_module wants them."""

    column_access = apsw.ext.VTColumnAccess.By_Index
    primary_key = None

    def __init__(self, held: Sequence[tuple[Any, ...]], columns: Sequence[str]) -> None:
        self._held = held
        self.columns = columns

    def __call__(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows."""
        yield from self._held


def streamed(plane: Plane) -> dict[str, tuple[float, float]]:
    """Return the seconds per row of each query: ours, and those of make_virtual_module."""
    key = access_key(plane.estate.accounts[0])
    os.environ |= {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": "secret"}
    ours = apigw_vtab.connect(regions=plane.estate.regions, endpoint_url=plane.url, max_rps=100_000)
    held = list(ours.execute("select * from stages"))

    columns = [row[1] for row in ours.execute("pragma table_info(stages)")]
    theirs = apsw.Connection(":memory:")
    # apsw's annotation allows one column alone.
    held_rows = cast("apsw.ext.VirtualModuleCallable", HeldRows(held, columns))
    apsw.ext.make_virtual_module(theirs, "stages", held_rows)
    return {
        name: (best(ours, sql) / len(held), best(theirs, sql) / len(held))
        for name, sql in QUERIES.items()
    }


def best(connection: apsw.Connection, sql: str) -> float:
    """Return the seconds of the fastest of five runs."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        for _row in connection.execute(sql):
            pass
        times.append(time.perf_counter() - began)
    return min(times)
