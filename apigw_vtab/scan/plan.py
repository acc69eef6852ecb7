"""What a plan is made of: constraints, uses, and the plan itself. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from apigw_vtab.tables.declaration import Read, Table
from apigw_vtab.tables.values import SqlValue

EQUAL, NOT_EQUAL, ONE_OF, LIKE, GLOB = "=", "<>", "in", "like", "glob"


IS, IS_NOT, IS_NULL, IS_NOT_NULL = "is", "is not", "is null", "is not null"


LIMIT, OFFSET = "limit", "offset"


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
    """A constraint whose value the scan will be given.

    One that is only `foresight` saves no calls for this table: it predicts which rows SQLite will
    keep, and so which look-ups in other tables will follow.
    """

    position: int
    column: str
    operator: str
    foresight: bool = False


@dataclass(frozen=True)
class Plan:
    """How a table will be scanned.

    `reads` are those whose parameters will be known, the most specific first; the last one can
    always be used. `columns` are the columns that the statement reads. `by_row` is the parent's
    key column whose value comes from another table's rows, one look-up after another. `cost` and
    `rows` are estimates for SQLite's own planner.
    """

    table: Table
    reads: tuple[Read, ...]
    uses: tuple[Use, ...]
    columns: frozenset[str]
    cost: float
    rows: int
    by_row: str | None = None

    def __str__(self) -> str:
        """Describe the plan for EXPLAIN QUERY PLAN."""
        how = self.reads[0].name if self.reads else self.table.name
        terms = [
            f"{use.column} {use.operator} ?"
            for use in self.uses
            if use.column and not use.foresight
        ]
        return f"{how}({', '.join(terms)})"
