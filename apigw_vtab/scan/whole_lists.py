"""Scans for no statement of SQL: of a list, or of all rows of a table."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Generator, Mapping

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.estate import Estate, Failed
from apigw_vtab.aws.local_executor import LocalExecutor
from apigw_vtab.scan.batch import Batch
from apigw_vtab.scan.plan import Plan
from apigw_vtab.scan.planner import bind, plan
from apigw_vtab.scan.scan import MOST_UNPACKED, Scan
from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.keys import Keys


def scan_of_list(
    table: Table,
    lane: Lane,
    executor: LocalExecutor,
    columns: Collection[str],
    failed: Failed,
    pinned: Mapping[str, tuple[str, ...]] | None = None,
) -> Scan:
    """Return a scan of a table's list in one account and region, for no statement of SQL.

    `columns` are those that are read, and `pinned` gives the only values of some key columns.
    """
    read = table.reads[-1]
    plan = Plan(table, (read,), (), frozenset(columns), cost=0.0, rows=1)
    keys = Keys(read, {"region": (lane.region,), **(pinned or {})}, {})
    estate = Estate([lane.account], [lane.region], executor)
    return Scan(plan, keys, estate, failed, lambda _: None, lambda *_: False)


def whole_scan(
    table: Table,
    columns: Collection[str],
    estate: Estate,
    failed: Failed = lambda *_: None,
    answered: Callable[[Call], None] = lambda _: None,
) -> Scan:
    """Return a scan of all rows of a table; by default for its calls: nothing is told."""
    whole = plan(table, [], columns)
    keys = bind(whole, ())
    assert keys is not None
    return Scan(whole, keys, estate, failed, answered, lambda *_: False)


def gone_through(scan: Scan) -> Generator[Batch, None, None]:
    """Yield the batches of a scan, which it begins and closes.

    Where they are many, each is compressed again once the reader is done with it.
    """
    with contextlib.closing(scan):
        scan.start()
        for number, batch in enumerate(scan.batches()):
            yield batch
            if number >= MOST_UNPACKED:
                batch.put_away()
