"""The tables as SQLite sees them: their columns, plans, writes and transactions.

https://sqlite.org/vtab.html and https://rogerbinns.github.io/apsw/vtable.html
"""

from __future__ import annotations

import functools
from typing import Any, cast

import apsw

from apigw_vtab.errors import UsageError, WriteRefused
from apigw_vtab.scan import planner
from apigw_vtab.scan.batch import Batch, rowid_of
from apigw_vtab.scan.plan import (
    EQUAL,
    GLOB,
    IS,
    IS_NOT,
    IS_NOT_NULL,
    IS_NULL,
    LIKE,
    LIMIT,
    NOT_EQUAL,
    OFFSET,
    ONE_OF,
    UNKNOWN,
    Constraint,
    Plan,
)
from apigw_vtab.sqlite.compat import sets_may_be_empty
from apigw_vtab.sqlite.context import ConnectionContext
from apigw_vtab.sqlite.cursor import TableCursor
from apigw_vtab.tables.columns import Column
from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.values import SqlValue

OPERATORS: dict[int, str] = {
    apsw.SQLITE_INDEX_CONSTRAINT_EQ: EQUAL,
    apsw.SQLITE_INDEX_CONSTRAINT_NE: NOT_EQUAL,
    apsw.SQLITE_INDEX_CONSTRAINT_LT: "<",
    apsw.SQLITE_INDEX_CONSTRAINT_LE: "<=",
    apsw.SQLITE_INDEX_CONSTRAINT_GT: ">",
    apsw.SQLITE_INDEX_CONSTRAINT_GE: ">=",
    apsw.SQLITE_INDEX_CONSTRAINT_LIKE: LIKE,
    apsw.SQLITE_INDEX_CONSTRAINT_GLOB: GLOB,
    apsw.SQLITE_INDEX_CONSTRAINT_IS: IS,
    apsw.SQLITE_INDEX_CONSTRAINT_ISNOT: IS_NOT,
    apsw.SQLITE_INDEX_CONSTRAINT_ISNULL: IS_NULL,
    apsw.SQLITE_INDEX_CONSTRAINT_ISNOTNULL: IS_NOT_NULL,
    apsw.SQLITE_INDEX_CONSTRAINT_LIMIT: LIMIT,
    apsw.SQLITE_INDEX_CONSTRAINT_OFFSET: OFFSET,
}


class Module:
    """SQLite's module of one table."""

    def __init__(self, context: ConnectionContext, table: Table) -> None:
        self._context = context
        self._table = table

    def Create(  # noqa: N802
        self, _db: apsw.Connection, _module: str, schema: str, _name: str, *_args: Any
    ) -> tuple[str, VirtualTable]:
        """Declare the table's columns to SQLite."""
        columns = ", ".join(_declared(column) for column in self._table.columns)
        table = VirtualTable(self._context, self._table, is_ours=schema == "temp")
        return f"create table x({columns})", table

    Connect = Create


def _value(batch: Batch, position: int, name: str) -> SqlValue:
    return batch.value(name, position)


def _declared(column: Column) -> str:
    return f'"{column.name}" {column.type}{" hidden" if column.hidden else ""}'


class VirtualTable:
    """A table that SQLite is connected to, and the plans that were made for it.

    One that was declared in a database file is not ours, and is never written to.
    """

    def __init__(self, context: ConnectionContext, table: Table, is_ours: bool) -> None:
        self.context = context
        self.table = table
        self._is_ours = is_ours
        self.plans: list[Plan] = []
        context.plans[table.name] = self.plans
        self._numbers: dict[Plan, int] = {}

    def BestIndexObject(self, index: apsw.IndexInfo) -> bool:  # noqa: N802
        """Plan a scan: https://sqlite.org/vtab.html#the_xbestindex_method."""
        constraints = [self._constraint(index, i) for i in range(index.nConstraint)]
        names = [column.name for column in self.table.columns]
        columns = [names[number] for number in index.colUsed if number < len(names)]
        self.context.columns_used.setdefault(self.table.name, set()).update(columns)
        # A secret that the statement names elsewhere comes along: one call serves both places.
        named = self.context.prepared.secrets
        columns += [one for one in self.table.secrets if f"{self.table.name}.{one}" in named]
        plan = planner.plan(self.table, constraints, columns, ordered=index.nOrderBy > 0)
        for argument, use in enumerate(plan.uses, start=1):
            index.set_aConstraintUsage_argvIndex(use.position, argument)
            if use.operator == ONE_OF and sets_may_be_empty():
                index.set_aConstraintUsage_in(use.position, True)
        index.idxNum = self._number(plan)
        index.idxStr = str(plan)
        index.estimatedCost = plan.cost
        index.estimatedRows = plan.rows
        return True

    def Open(self) -> TableCursor:  # noqa: N802
        """Open a cursor."""
        return TableCursor(self.context, self.table, self.plans)

    def Disconnect(self) -> None:  # noqa: N802
        """Do nothing: a table holds no resources."""

    Destroy = Disconnect

    def Begin(self) -> None:  # noqa: N802
        """Begin to write; SQLite calls this before it looks at any row."""
        self.context.transaction.begin(self.table)
        if not self._is_ours:
            raise WriteRefused(f"Only temp.{self.table.name} can be written to.")

    def Sync(self) -> None:  # noqa: N802
        """Send what was changed: the one step of a commit that can fail."""
        self.context.rows.clear()
        self.context.transaction.commit()

    def Commit(self) -> None:  # noqa: N802
        """Do nothing: Sync has sent everything."""

    def Rollback(self) -> None:  # noqa: N802
        """Drop what was changed."""
        self.context.rows.clear()
        self.context.transaction.roll_back()

    def Savepoint(self, level: int) -> None:  # noqa: N802
        """Record a savepoint: https://sqlite.org/vtab.html#xsavepoint."""
        self.context.transaction.changes.mark(self.table, level)

    def Release(self, level: int) -> None:  # noqa: N802
        """Forget savepoints."""
        self.context.transaction.changes.release(self.table, level)

    def RollbackTo(self, level: int) -> None:  # noqa: N802
        """Go back to a savepoint."""
        self.context.transaction.changes.roll_back(self.table, level)

    def UpdateInsertRow(self, rowid: int | None, fields: tuple[SqlValue, ...]) -> int:  # noqa: N802
        """Record a new row, and return its number."""
        if rowid is not None:
            raise UsageError(f"The rowid of {self.table.name} cannot be set: leave it out.")
        values = {
            column.name: value for column, value in zip(self.table.columns, fields, strict=True)
        }
        return rowid_of(self.context.transaction.insert(self.table, values).identity)

    def UpdateChangeRow(  # noqa: N802
        self, rowid: int, new_rowid: int, fields: tuple[SqlValue, ...]
    ) -> None:
        """Record a row's new values."""
        if new_rowid != rowid:
            raise UsageError(f"The rowid of {self.table.name} cannot be changed.")
        batch, position = self.context.rows[self.table.name, rowid]
        new = {
            column.name: value
            for column, value in zip(self.table.columns, fields, strict=True)
            if value is not cast(Any, apsw.no_change)
        }
        lane, key = batch.place(position)
        value = functools.partial(_value, batch, position)
        self.context.transaction.update(self.table, lane, key, new, value)

    def UpdateDeleteRow(self, rowid: int) -> None:  # noqa: N802
        """Record that a row is to be deleted."""
        batch, position = self.context.rows[self.table.name, rowid]
        lane, key = batch.place(position)
        old = {
            column.name: batch.value(column.name, position)
            for column in self.table.columns
            if column.name != "account_id"
        }
        self.context.transaction.delete(self.table, lane, key, old)

    def _constraint(self, index: apsw.IndexInfo, i: int) -> Constraint:
        operator = OPERATORS.get(index.get_aConstraint_op(i), "")
        column = index.get_aConstraint_iColumn(i)
        bounds = operator in (LIMIT, OFFSET)
        if operator == EQUAL and index.get_aConstraintUsage_in(i):
            operator = ONE_OF
        try:
            value = index.get_aConstraint_rhs(i)
        except UnicodeDecodeError:
            value = None
        return Constraint(
            "" if bounds or column < 0 else self.table.columns[column].name,
            operator,
            index.get_aConstraint_usable(i),
            UNKNOWN if value is None else value,
            bounds or index.get_aConstraint_collation(i) == "BINARY",
        )

    def _number(self, plan: Plan) -> int:
        if plan not in self._numbers:
            self._numbers[plan] = len(self.plans)
            self.plans.append(plan)
        return self._numbers[plan]
