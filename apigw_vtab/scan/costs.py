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


# Rows come from memory once their call has been made.
ROW_COST = 0.1


# The share of the rows that a term on a non-key column leaves.
SELECTIVITY = {"=": 0.1, "is": 0.1, "is null": 0.2, "is not null": 0.8}


def estimate(
    table: Table, reads: Sequence[Read], uses: Sequence[Use], known: set[str]
) -> tuple[float, int]:
    """Return a plan's cost and rows for SQLite's planner; `known` columns have a literal."""
    if table.scope is Scope.CONNECTION:
        return 100 * ROW_COST, 100
    lanes = 1.0 if table.scope is Scope.ACCOUNT else _share(uses, "region", TYPICAL_LANES)
    lanes *= max(_share(uses, "account_id", 1), 1.0)
    read = reads[0]
    columns = set(read.parameters.values())
    missing = columns - {use.column for use in uses if use.operator in (EQUAL, ONE_OF)}
    parents = math.prod(_share(uses, column, TYPICAL_LIST) for column in missing)
    wanted = math.prod(
        SOME if (column, ONE_OF) in {(use.column, use.operator) for use in uses} else 1
        for column in columns - missing
    )
    calls = lanes * (wanted * parents + (1 if missing else 0))
    rows = lanes * wanted * parents * (1 if read.items is None else min(read.most, TYPICAL_LIST))
    kept = math.prod(SELECTIVITY.get(use.operator, 0.25) for use in uses if use.foresight)
    rows *= max(kept, 0.01)
    by_row = {use.column for use in uses if use.operator == EQUAL and not use.foresight} - known
    if columns & by_row:
        calls *= ONE_BY_ONE
    elif by_row & set(table.key):
        # A look-up in a list that is read once and then found in the cache.
        calls, rows = calls / 100, max(1.0, lanes / TYPICAL_LANES)
    return calls * CALL_COST + rows * ROW_COST, max(1, round(rows))


def _share(uses: Sequence[Use], column: str, whole: float) -> float:
    """Return an estimate of how many of a column's `whole` values the constraints leave."""
    operators = {use.operator for use in uses if use.column == column}
    if EQUAL in operators:
        return 1.0
    if ONE_OF in operators:
        return min(whole, SOME)
    return max(1.0, whole / 4) if operators & TESTS.keys() else whole
