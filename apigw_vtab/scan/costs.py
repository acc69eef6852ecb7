"""What a plan costs, for SQLite's planner. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from apigw_vtab.scan.patterns import TESTS
from apigw_vtab.scan.plan import EQUAL, ONE_OF, Use
from apigw_vtab.tables.declaration import Read, Scope, Table

# What SQLite is told to expect where nothing narrows a scan.
TYPICAL_LANES = 17


TYPICAL_LIST = 50


SOME = 3


CALL_COST = 100.0


# A call made for one outer row at a time costs more than the same call in a flat scan.
ONE_BY_ONE = 1.5


# Seconds a call that a lane's quota leaves: a call with a tighter quota of its own is dearer.
LANE_SECONDS = 0.1


# Rows come from memory once their call has been made.
ROW_COST = 0.1


# The share of the rows that a term on a non-key column leaves.
SELECTIVITY = {"=": 0.1, "is": 0.1, "is not": 0.8, "is null": 0.2, "is not null": 0.8}


def estimate(
    table: Table, reads: Sequence[Read], uses: Sequence[Use], known: set[str]
) -> tuple[float, int]:
    """Return a plan's cost and rows for SQLite's planner; `known` columns have a literal."""
    if table.scope is Scope.CONNECTION:
        return 100 * ROW_COST, 100
    lanes = 1.0 if table.scope is Scope.ACCOUNT else _share(uses, "region", TYPICAL_LANES)
    lanes *= max(_share(uses, "account_id", 1), 1.0)
    read = reads[0]
    columns = set(read.needs)
    if table.key_arn and columns & {u.column for u in uses if u.operator in (EQUAL, ONE_OF)}:
        # The key itself says in which lane its row is.
        lanes = 1.0
    missing = columns - {use.column for use in uses if use.operator in (EQUAL, ONE_OF)}
    parents = math.prod(_share(uses, column, TYPICAL_LIST) for column in missing)
    wanted = math.prod(
        SOME if (column, ONE_OF) in {(use.column, use.operator) for use in uses} else 1
        for column in columns - missing
    )
    by_row = {use.column for use in uses if use.operator == EQUAL and not use.foresight} - known
    # The parents' lists, which are read once, say in which lane a row's key lives.
    places = 1.0 if columns & by_row and table.parent and not read.is_get else lanes
    calls = places * wanted * parents + (lanes if missing else 0)
    calls *= math.prod(len(some) for some in read.choices.values())
    rows = places * wanted * parents * (1 if read.items is None else min(read.most, TYPICAL_LIST))
    kept = math.prod(SELECTIVITY.get(use.operator, 0.25) for use in uses if use.foresight)
    rows *= max(kept, 0.01)
    # Of the rows of one answer, a key that is known whole leaves one.
    if set(table.key) <= {use.column for use in uses if use.operator in (EQUAL, ONE_OF)}:
        rows = min(rows, places * wanted)
    if columns & by_row:
        calls *= ONE_BY_ONE
    elif by_row & set(table.key):
        # A look-up in a list that is read once and then found in the cache.
        calls, rows = calls / 100, max(1.0, lanes / TYPICAL_LANES)
    calls *= max(1.0, (read.seconds_each or 0.0) / LANE_SECONDS)
    return calls * CALL_COST + rows * ROW_COST, max(1, round(rows))


def _share(uses: Sequence[Use], column: str, whole: float) -> float:
    """Return an estimate of how many of a column's `whole` values the constraints leave."""
    operators = {use.operator for use in uses if use.column == column}
    if EQUAL in operators:
        return 1.0
    if ONE_OF in operators:
        return min(whole, SOME)
    return max(1.0, whole / 4) if operators & TESTS.keys() else whole
