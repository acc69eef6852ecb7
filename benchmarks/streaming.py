"""Rows through SQLite: our table from its cache, and apsw's own over the same rows."""

from __future__ import annotations

import os
import time

import apsw
import apsw.ext

import apigw_vtab
from tests.control_plane import Plane, access_key

QUERIES = {
    "one column": "select stage_name from stages",
    "three columns": "select region, rest_api_id, stage_name from stages",
    "all columns": "select * from stages",
}


def streamed(plane: Plane) -> dict[str, tuple[float, float]]:
    """Give seconds a row for each query: ours, and those of make_virtual_module."""
    key = access_key(plane.estate.accounts[0])
    os.environ |= {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": "secret"}
    ours = apigw_vtab.connect(regions=plane.estate.regions, endpoint_url=plane.url, max_rps=100_000)
    held = list(ours.execute("select * from stages"))

    def stages():
        yield from held

    stages.columns = [row[1] for row in ours.execute("pragma table_info(stages)")]
    stages.column_access = apsw.ext.VTColumnAccess.By_Index
    theirs = apsw.Connection(":memory:")
    apsw.ext.make_virtual_module(theirs, "stages", stages)
    return {
        name: (best(ours, sql) / len(held), best(theirs, sql) / len(held))
        for name, sql in QUERIES.items()
    }


def best(connection: apsw.Connection, sql: str) -> float:
    """Give the seconds of the fastest of five runs."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        for _row in connection.execute(sql):
            pass
        times.append(time.perf_counter() - began)
    return min(times)
