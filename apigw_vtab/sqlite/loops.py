"""The loops over virtual tables that SQLite has planned for a statement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from apigw_vtab.scan.plan import Plan
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.tables.values import SqlValue

# A line of EXPLAIN QUERY PLAN: what the table is called, the number of its plan, and the plan.
VIRTUAL = re.compile(r"SCAN (\S+) VIRTUAL TABLE INDEX (\d+):((\w+)\(.*\))( LEFT-JOIN)?")


class Loop(NamedTuple):
    """A loop over one of our tables; `always`: it runs whatever the others find."""

    plan: Plan
    always: bool


def loops_of(connection: Connection, sql: str, values: Mapping[str, SqlValue]) -> list[Loop] | None:
    """Return the loops over our tables; None where it is not clear which table one is over.

    SQLite tells only what a table is called in the statement, which may be an alias. Raises
    apsw.Error or UsageError for a statement that it refuses.
    """
    used = connection.context.columns_used
    used.clear()
    lines = connection.execute(
        f"explain query plan {sql}", dict(values), can_cache=False
    ).fetchall()
    begun, depends = set[object](), set[object]()
    found = []
    for number, parent, _, told in lines:
        detail = str(told)
        if parent in depends or detail.startswith("CORRELATED"):
            depends.add(number)
        if not detail.startswith(("SCAN", "SEARCH")):
            continue
        is_first, virtual = parent not in begun, VIRTUAL.fullmatch(detail)
        begun.add(parent)
        if virtual is None:
            continue
        plans = list(_plans(connection, used, int(virtual[2]), virtual[3]))
        if len(plans) != 1:
            return None
        found.append(Loop(plans[0], is_first and parent not in depends))
    return found


def _plans(
    connection: Connection, used: Mapping[str, set[str]], number: int, told: str
) -> Iterator[Plan]:
    """Yield the plans of this number and description, one for each table that has it."""
    for name in used:
        plans = connection.context.plans.get(name, [])
        if number < len(plans) and str(plans[number]) == told:
            yield plans[number]
