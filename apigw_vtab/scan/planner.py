"""Constraints in, plan out; a plan and its values in, keys out. Pure: no SQLite, no AWS.

A plan only ever narrows which calls are made. SQLite checks every constraint again, so a
constraint that is not understood here costs calls but never loses rows.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from apigw_vtab.scan.costs import estimate
from apigw_vtab.scan.patterns import TESTS
from apigw_vtab.scan.plan import (
    EQUAL,
    IS,
    IS_NOT,
    IS_NOT_NULL,
    IS_NULL,
    LIMIT,
    OFFSET,
    ONE_OF,
    UNKNOWN,
    Constraint,
    Plan,
    Use,
)
from apigw_vtab.tables.arns import place_of
from apigw_vtab.tables.columns import Origin
from apigw_vtab.tables.declaration import Read, Scope, Table
from apigw_vtab.tables.keys import Keys
from apigw_vtab.tables.values import SqlValue


def plan(
    table: Table,
    constraints: Sequence[Constraint],
    columns: Iterable[str],
    *,
    ordered: bool = False,
) -> Plan:
    """Choose how to scan a table.

    `ordered` says that SQLite will sort the rows, so a LIMIT does not end the scan early.
    """
    narrowing = narrowing_columns(table)
    uses = [
        Use(position, one.column, one.operator)
        for position, one in enumerate(constraints)
        if one.usable and one.is_text and one.column in narrowing and one.operator in NARROWING
    ]
    known = {
        use.column
        for use in uses
        if use.operator == ONE_OF
        or (use.operator == EQUAL and constraints[use.position].value is not UNKNOWN)
    }
    pinned = {use.column for use in uses if use.operator in (EQUAL, ONE_OF)}
    names = frozenset(columns)
    able = [read for read in table.reads if all(table.gives(read, name) for name in names)]
    reads = tuple(
        read
        for read in able
        if set(read.needs) <= (known if read.is_get and not table.key_arn else pinned)
        or read is able[-1]
    )
    if table.key_arn and pinned.issuperset(table.key):
        # One call each is all that it takes: in its lane's list there may be thousands.
        reads = reads[:1]
    if len(table.key) == 1 or table.is_parent:
        uses += _foresight(constraints, narrowing)
    if not ordered and all(one.usable for one in constraints):
        uses = _with_limit(constraints, uses)
    cost, rows = estimate(table, reads, uses, known)
    by_row = {use.column for use in uses if use.operator == EQUAL and not use.foresight} - known
    needs = reads[0].needs if reads else ()
    looked_up = next((column for column in needs if column in by_row), None)
    return Plan(table, reads, tuple(uses), names, cost, rows, looked_up)


def narrowing_columns(table: Table) -> frozenset[str]:
    """Return the columns whose values can save calls: the lane's own and the key columns."""
    if table.scope is Scope.CONNECTION:
        return frozenset()
    lane = {column.name for column in table.columns if column.origin is Origin.LANE}
    # What else is known of an account decides nothing about the calls.
    return frozenset(lane & {"region"} | {"account_id"} | table.parameters)


def bind(plan: Plan, values: Sequence[object]) -> Keys | None:
    """Return the keys for a plan with a statement's values, or None if no row can match."""
    pinned: dict[str, tuple[str, ...]] = {}
    tests: dict[str, list[Callable[[str], bool]]] = {}
    foresight: list[tuple[str, Callable[[SqlValue], bool]]] = []
    limit, offset = math.inf, 0
    for use, value in zip(plan.uses, values, strict=True):
        if use.operator == LIMIT and isinstance(value, int) and value >= 0:
            limit = value
        elif use.operator == OFFSET and isinstance(value, int):
            offset = max(0, value)
        elif use.foresight:
            foresight.append((use.column, _keeps(use.operator, value)))
        elif not use.column or (use.operator == IS and not isinstance(value, str)):
            continue
        elif use.operator in (EQUAL, ONE_OF, IS):
            allowed = _allowed(value)
            if allowed is None and plan.table.key_arn and use.column in plan.table.key:
                # Whatever its affinity, a number is no ARN: that is no reason to list.
                allowed = _texts(value)
            if allowed is None:
                continue
            if plan.table.key_arn and use.column in plan.table.key:
                # What is no ARN of such a resource is not looked for anywhere.
                allowed = tuple(one for one in allowed if place_of(plan.table.key_arn, one))
            before = pinned.get(use.column)
            pinned[use.column] = (
                allowed if before is None else tuple(one for one in before if one in allowed)
            )
            if not pinned[use.column]:
                return None
        elif value is None:
            return None
        elif isinstance(value, str):
            tests.setdefault(use.column, []).append(TESTS[use.operator](value))
    return Keys(
        _choose(plan.reads, pinned),
        pinned,
        {column: tuple(some) for column, some in tests.items()},
        limit + offset,
        tuple(foresight),
    )


def _foresight(constraints: Sequence[Constraint], narrowing: frozenset[str]) -> list[Use]:
    return [
        Use(position, one.column, one.operator, foresight=True)
        for position, one in enumerate(constraints)
        if one.usable and one.is_text and one.column and one.column not in narrowing
        if one.operator in FORESEEN
    ]


def _keeps(operator: str, value: object) -> Callable[[SqlValue], bool]:
    """Return the test that SQLite will make, except for affinity and collation: a forecast."""
    if operator in (IS_NULL, IS_NOT_NULL):
        return lambda cell: (cell is None) == (operator == IS_NULL)
    if operator == ONE_OF:
        among = value if isinstance(value, (set, frozenset)) else {value}
        return lambda cell: cell in among
    if operator in (EQUAL, IS):
        return lambda cell: cell == value
    if operator == IS_NOT:
        return lambda cell: cell != value
    test = TESTS[operator](value) if isinstance(value, str) else lambda _: True
    return lambda cell: isinstance(cell, str) and test(cell)


def _choose(reads: Sequence[Read], pinned: Mapping[str, Sequence[str]]) -> Read | None:
    """Return the most specific read that needs no more calls than the next broader one."""
    usable = [read for read in reads if set(read.needs) <= set(pinned)]
    for read, broader in itertools.pairwise(usable):
        if _calls(read, pinned) <= _calls(broader, pinned) * broader.most_calls:
            return read
    return usable[-1] if usable else (reads[-1] if reads else None)


def _calls(read: Read, pinned: Mapping[str, Sequence[str]]) -> int:
    """Return how many calls an operation takes for the keys of a lane, without further pages."""
    chosen = (len(some) for name, some in read.choices.items() if name not in pinned)
    return math.prod((*(len(pinned[name]) for name in read.needs), *chosen))


def _allowed(values: object) -> tuple[str, ...] | None:
    """Return the texts that a key column may equal, or None if that is unknown.

    Whether a number equals a text depends on affinity rules that only SQLite knows
    (https://sqlite.org/datatype3.html#comparison_expressions), so a number narrows nothing.
    """
    # None stands for NULL and, up to apsw 3.53, for the set of a subquery without rows.
    known = {value for value in _given(values) if value is not None}
    texts = _texts(values)
    return texts if len(texts) == len(known) else None


def _texts(values: object) -> tuple[str, ...]:
    return tuple(sorted({value for value in _given(values) if isinstance(value, str)}))


def _given(values: object) -> Iterable[object]:
    return values if isinstance(values, (set, frozenset)) else (values,)


def _with_limit(constraints: Sequence[Constraint], uses: list[Use]) -> list[Use]:
    """Also ask for LIMIT and OFFSET, which SQLite gives only along with every constraint.

    See "SQLITE_INDEX_CONSTRAINT_LIMIT" in https://sqlite.org/vtab.html#the_xbestindex_method.
    """
    if not any(one.operator == LIMIT for one in constraints):
        return uses
    taken = {use.position: use for use in uses}
    return [
        taken.get(position) or Use(position, "", one.operator)
        for position, one in enumerate(constraints)
    ]


NARROWING = frozenset({EQUAL, ONE_OF, IS, *TESTS})
FORESEEN = NARROWING | {IS, IS_NOT, IS_NULL, IS_NOT_NULL}
