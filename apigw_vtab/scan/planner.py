"""Constraints in, plan out; a plan and its values in, keys out. Pure: no SQLite, no AWS.

A plan only ever narrows which calls are made. SQLite checks every constraint again, so a
constraint that is not understood here costs calls and never rows.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from apigw_vtab.tables.declaration import Fetch, Origin, Scope, SqlValue, Table

EQUAL, NOT_EQUAL, ONE_OF, LIKE, GLOB = "=", "<>", "in", "like", "glob"
IS, IS_NULL, IS_NOT_NULL = "is", "is null", "is not null"
LIMIT, OFFSET = "limit", "offset"

# What SQLite is told to expect where nothing narrows a scan.
TYPICAL_LANES = 17
TYPICAL_LIST = 50
SOME = 3
CALL_COST = 100.0
# A call made for one outer row at a time costs more than the same call in a flat scan.
ONE_BY_ONE = 1.5
# Rows come from memory once their call was made.
ROW_COST = 0.1
# The part of the rows that a term on no key column leaves.
SELECTIVITY = {"=": 0.1, "is": 0.1, "is null": 0.2, "is not null": 0.8}


class Unknown:
    """The value of a constraint that is known only when the statement runs."""


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Constraint:
    """One term of a WHERE or ON clause, as SQLite offers it: `column operator value`.

    `is_text` says that the column compares as plain text (collation BINARY).
    """

    column: str
    operator: str
    usable: bool = True
    value: SqlValue | Unknown = UNKNOWN
    is_text: bool = True


@dataclass(frozen=True)
class Use:
    """A constraint whose value the scan is to be given.

    One that is only `foresight` saves no call of this table: it tells which rows SQLite will keep,
    and so which look-ups in other tables are to come.
    """

    position: int
    column: str
    operator: str
    foresight: bool = False


@dataclass(frozen=True)
class Plan:
    """How a table will be scanned.

    `fetches` are those whose parameters will be known, the most particular first; the last one
    can always be used. `reads` are the columns that the statement reads. `by_row` is the column
    of a parent's key that another table's row gives, one look-up after the other. `cost` and
    `rows` are estimates for SQLite's own planner.
    """

    table: Table
    fetches: tuple[Fetch, ...]
    uses: tuple[Use, ...]
    reads: frozenset[str]
    cost: float
    rows: int
    by_row: str | None = None

    def __str__(self) -> str:
        """Describe the plan for EXPLAIN QUERY PLAN."""
        how = self.fetches[0].operation if self.fetches else self.table.name
        terms = [
            f"{use.column} {use.operator} ?"
            for use in self.uses
            if use.column and not use.foresight
        ]
        return f"{how}({', '.join(terms)})"


@dataclass(frozen=True)
class Keys:
    """What a scan may confine itself to.

    `pinned` gives the only values that a column can have, in a fixed order; `tests` gives what a
    column's value must pass besides. `limit` is how many rows SQLite will read at most.
    `foresight` gives what a row must pass for SQLite to keep it, as far as that can be told.
    """

    fetch: Fetch | None
    pinned: Mapping[str, tuple[str, ...]]
    tests: Mapping[str, tuple[Callable[[str], bool], ...]]
    limit: float = math.inf
    foresight: tuple[tuple[str, Callable[[SqlValue], bool]], ...] = ()

    def admits(self, column: str, value: str) -> bool:
        """Tell whether a row with this value in this column can be wanted at all."""
        pinned = self.pinned.get(column)
        if pinned is not None and value not in pinned:
            return False
        return all(test(value) for test in self.tests.get(column, ()))


def plan(
    table: Table,
    constraints: Sequence[Constraint],
    reads: Iterable[str],
    *,
    ordered: bool = False,
) -> Plan:
    """Choose how to scan a table.

    `ordered` says that SQLite will sort the rows, so that a LIMIT does not end the scan early.
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
    fetches = tuple(
        fetch
        for fetch in table.fetches
        if set(fetch.parameters.values()) <= (known if fetch.is_get else pinned)
        or fetch is table.fetches[-1]
    )
    if len(table.key) == 1:
        uses += _foresight(constraints, narrowing)
    if not ordered and all(one.usable for one in constraints):
        uses = _with_limit(constraints, uses)
    cost, rows = _estimate(table, fetches, uses, known)
    by_row = {use.column for use in uses if use.operator == EQUAL and not use.foresight} - known
    parameters = fetches[0].parameters.values() if fetches else ()
    looked_up = next((column for column in parameters if column in by_row), None)
    return Plan(table, fetches, tuple(uses), frozenset(reads), cost, rows, looked_up)


def narrowing_columns(table: Table) -> frozenset[str]:
    """Give the columns whose values can save calls: the lane's own and the key columns."""
    if table.scope is Scope.CONNECTION:
        return frozenset()
    lane = {column.name for column in table.columns if column.origin is Origin.LANE}
    return frozenset(lane - {"profile"} | table.parameters)


def bind(plan: Plan, values: Sequence[object]) -> Keys | None:
    """Put a statement's values into a plan. Gives None when no row can match."""
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
        elif not use.column:
            continue
        elif use.operator in (EQUAL, ONE_OF):
            allowed = _allowed(value)
            if allowed is None:
                continue
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
        _choose(plan.fetches, pinned),
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
    """Give the test that SQLite will make, but for affinity and collation: it is a forecast."""
    if operator in (IS_NULL, IS_NOT_NULL):
        return lambda cell: (cell is None) == (operator == IS_NULL)
    if operator == ONE_OF:
        among = value if isinstance(value, (set, frozenset)) else {value}
        return lambda cell: cell in among
    if operator in (EQUAL, IS):
        return lambda cell: cell == value
    test = TESTS[operator](value) if isinstance(value, str) else lambda _: True
    return lambda cell: isinstance(cell, str) and test(cell)


def _choose(fetches: Sequence[Fetch], pinned: Mapping[str, Sequence[str]]) -> Fetch | None:
    """Take the most particular fetch that needs no more calls than the next broader one."""
    usable = [fetch for fetch in fetches if set(fetch.parameters.values()) <= set(pinned)]
    for fetch, broader in itertools.pairwise(usable):
        resources = math.prod(len(pinned[column]) for column in fetch.parameters.values())
        listed = math.prod(len(pinned[column]) for column in broader.parameters.values())
        if resources <= listed * broader.most_calls:
            return fetch
    return usable[-1] if usable else (fetches[-1] if fetches else None)


def _allowed(values: object) -> tuple[str, ...] | None:
    """Give the texts that a key column may equal, or None where that cannot be told.

    A number may equal a text or not, by rules of affinity that SQLite alone knows
    (https://sqlite.org/datatype3.html#comparison_expressions), so it narrows nothing.
    """
    # None is no value, and up to apsw 3.53 also the set of a subquery without rows.
    given: Iterable[object] = values if isinstance(values, (set, frozenset)) else (values,)
    known = [value for value in given if value is not None]
    texts = {value for value in known if isinstance(value, str)}
    return tuple(sorted(texts)) if len(texts) == len(set(known)) else None


def _with_limit(constraints: Sequence[Constraint], uses: list[Use]) -> list[Use]:
    """Also ask for LIMIT and OFFSET; SQLite gives them only to who takes every constraint.

    See "SQLITE_INDEX_CONSTRAINT_LIMIT" in https://sqlite.org/vtab.html#the_xbestindex_method.
    """
    if not any(one.operator == LIMIT for one in constraints):
        return uses
    taken = {use.position: use for use in uses}
    return [
        taken.get(position) or Use(position, "", one.operator)
        for position, one in enumerate(constraints)
    ]


def _estimate(
    table: Table, fetches: Sequence[Fetch], uses: Sequence[Use], known: set[str]
) -> tuple[float, int]:
    if table.scope is Scope.CONNECTION:
        return 100 * ROW_COST, 100
    lanes = 1.0 if table.scope is Scope.ACCOUNT else _share(uses, "region", TYPICAL_LANES)
    lanes *= max(_share(uses, "account_id", 1), 1.0)
    fetch = fetches[0]
    columns = set(fetch.parameters.values())
    missing = columns - {use.column for use in uses if use.operator in (EQUAL, ONE_OF)}
    parents = math.prod(_share(uses, column, TYPICAL_LIST) for column in missing)
    wanted = math.prod(
        SOME if (column, ONE_OF) in {(use.column, use.operator) for use in uses} else 1
        for column in columns - missing
    )
    calls = lanes * (wanted * parents + (1 if missing else 0))
    rows = lanes * wanted * parents * (1 if fetch.items is None else min(fetch.most, TYPICAL_LIST))
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
    """Estimate how many of `whole` values of a column the constraints leave."""
    operators = {use.operator for use in uses if use.column == column}
    if EQUAL in operators:
        return 1.0
    if ONE_OF in operators:
        return min(whole, SOME)
    return max(1.0, whole / 4) if operators & TESTS.keys() else whole


def _like(pattern: str) -> Callable[[str], bool]:
    """Test as SQLite's LIKE does: `%`, `_`, and no difference of case in ASCII."""
    if "\0" in pattern:
        # To SQLite the pattern ends there; let everything through.
        return lambda value: True
    return _matcher(pattern, "%", "_", re.IGNORECASE)


def _glob(pattern: str) -> Callable[[str], bool]:
    """Test as SQLite's GLOB does, but for sets of characters, which let everything through."""
    if "[" in pattern or "\0" in pattern:
        return lambda value: True
    return _matcher(pattern, "*", "?", 0)


def _matcher(pattern: str, many: str, one: str, flags: int) -> Callable[[str], bool]:
    """Test piece by piece, each of which has the length of its text: the first place is the best.

    One regular expression for the whole pattern would go back and forth for as good as ever.
    """
    texts = pattern.split(many)
    first, *others = [
        re.compile("".join("[\\s\\S]" if char == one else re.escape(char) for char in text), flags)
        for text in texts
    ]
    if not others:
        return lambda value: first.fullmatch(value) is not None
    *middle, last = others

    def matches(value: str) -> bool:
        found = first.match(value)
        for piece in middle:
            found = found and piece.search(value, found.end())
        place = len(value) - len(texts[-1])
        return found is not None and found.end() <= place and bool(last.match(value, place))

    return matches


# Text compares by its UTF-8 bytes in SQLite, and so by code points here.
TESTS: dict[str, Callable[[str], Callable[[str], bool]]] = {
    "<": lambda bound: lambda value: value < bound,
    "<=": lambda bound: lambda value: value <= bound,
    ">": lambda bound: lambda value: value > bound,
    ">=": lambda bound: lambda value: value >= bound,
    NOT_EQUAL: lambda bound: lambda value: value != bound,
    LIKE: _like,
    GLOB: _glob,
}
NARROWING = frozenset({EQUAL, ONE_OF, *TESTS})
FORESEEN = NARROWING | {IS, IS_NULL, IS_NOT_NULL}
