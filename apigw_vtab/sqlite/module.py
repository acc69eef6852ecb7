"""The tables as SQLite sees them: the only file that speaks xBestIndex and xFilter.

https://sqlite.org/vtab.html and https://rogerbinns.github.io/apsw/vtable.html
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from typing import Any, cast

import apsw

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.failures import UsageError, WriteRefused
from apigw_vtab.scan import planner
from apigw_vtab.scan.batch import Batch, batch_of, rowid_of
from apigw_vtab.scan.planner import UNKNOWN, Constraint, Keys, Plan
from apigw_vtab.scan.readahead import GUESSED_WINDOW, LED_WINDOW, Key, ListOrder, ReadAhead
from apigw_vtab.scan.scan import Scan
from apigw_vtab.sqlite.context import Source
from apigw_vtab.tables.declaration import Column, Fetch, Scope, SqlValue, Table
from apigw_vtab.writes.changes import Overlay

OPERATORS: dict[int, str] = {
    apsw.SQLITE_INDEX_CONSTRAINT_EQ: planner.EQUAL,
    apsw.SQLITE_INDEX_CONSTRAINT_NE: planner.NOT_EQUAL,
    apsw.SQLITE_INDEX_CONSTRAINT_LT: "<",
    apsw.SQLITE_INDEX_CONSTRAINT_LE: "<=",
    apsw.SQLITE_INDEX_CONSTRAINT_GT: ">",
    apsw.SQLITE_INDEX_CONSTRAINT_GE: ">=",
    apsw.SQLITE_INDEX_CONSTRAINT_LIKE: planner.LIKE,
    apsw.SQLITE_INDEX_CONSTRAINT_GLOB: planner.GLOB,
    apsw.SQLITE_INDEX_CONSTRAINT_IS: planner.IS,
    apsw.SQLITE_INDEX_CONSTRAINT_ISNULL: planner.IS_NULL,
    apsw.SQLITE_INDEX_CONSTRAINT_ISNOTNULL: planner.IS_NOT_NULL,
    apsw.SQLITE_INDEX_CONSTRAINT_LIMIT: planner.LIMIT,
    apsw.SQLITE_INDEX_CONSTRAINT_OFFSET: planner.OFFSET,
}


class Module:
    """SQLite's module of one table."""

    def __init__(self, source: Source, table: Table) -> None:
        self._source = source
        self._table = table

    def Create(  # noqa: N802
        self, _db: apsw.Connection, _module: str, schema: str, _name: str, *_args: Any
    ) -> tuple[str, VirtualTable]:
        """Declare the table's columns to SQLite."""
        columns = ", ".join(_declared(column) for column in self._table.columns)
        table = VirtualTable(self._source, self._table, is_ours=schema == "temp")
        return f"create table x({columns})", table

    Connect = Create


def _declared(column: Column) -> str:
    return f'"{column.name}" {column.type}{" hidden" if column.hidden else ""}'


class VirtualTable:
    """A table that SQLite is connected to, and the plans that were made for it.

    One that somebody declared in a database file is not ours, and is never written to.
    """

    def __init__(self, source: Source, table: Table, is_ours: bool) -> None:
        self.source = source
        self.table = table
        self._is_ours = is_ours
        self.plans: list[Plan] = []
        self._numbers: dict[Plan, int] = {}

    def BestIndexObject(self, index: apsw.IndexInfo) -> bool:  # noqa: N802
        """Plan a scan: https://sqlite.org/vtab.html#the_xbestindex_method."""
        constraints = [self._constraint(index, i) for i in range(index.nConstraint)]
        names = [column.name for column in self.table.columns]
        reads = [names[number] for number in index.colUsed if number < len(names)]
        plan = planner.plan(self.table, constraints, reads, ordered=index.nOrderBy > 0)
        for argument, use in enumerate(plan.uses, start=1):
            index.set_aConstraintUsage_argvIndex(use.position, argument)
            if use.operator == planner.ONE_OF and sets_may_be_empty():
                index.set_aConstraintUsage_in(use.position, True)
        index.idxNum = self._number(plan)
        index.idxStr = str(plan)
        index.estimatedCost = plan.cost
        index.estimatedRows = plan.rows
        return True

    def Open(self) -> Cursor:  # noqa: N802
        """Open a cursor."""
        return Cursor(self)

    def Disconnect(self) -> None:  # noqa: N802
        """Nothing is held for a table."""

    Destroy = Disconnect

    def Begin(self) -> None:  # noqa: N802
        """Begin to write; SQLite calls this before it looks at any row."""
        self.source.writing.begin(self.table)
        if not self._is_ours:
            raise WriteRefused(f"Only temp.{self.table.name} can be written to.")

    def Sync(self) -> None:  # noqa: N802
        """Send what was changed: the one step of a commit that can fail."""
        self.source.rows.clear()
        self.source.writing.commit()

    def Commit(self) -> None:  # noqa: N802
        """Everything was sent."""

    def Rollback(self) -> None:  # noqa: N802
        """Drop what was changed."""
        self.source.rows.clear()
        self.source.writing.roll_back()

    def Savepoint(self, level: int) -> None:  # noqa: N802
        """Take note of a savepoint: https://sqlite.org/vtab.html#xsavepoint."""
        self.source.writing.changes.mark(self.table, level)

    def Release(self, level: int) -> None:  # noqa: N802
        """Forget savepoints."""
        self.source.writing.changes.release(self.table, level)

    def RollbackTo(self, level: int) -> None:  # noqa: N802
        """Go back to a savepoint."""
        self.source.writing.changes.roll_back(self.table, level)

    def UpdateInsertRow(self, rowid: int | None, fields: tuple[SqlValue, ...]) -> int:  # noqa: N802
        """Take down a new row."""
        if rowid is not None:
            raise UsageError(f"A row of {self.table.name} has no rowid to give: leave it out.")
        values = {
            column.name: value for column, value in zip(self.table.columns, fields, strict=True)
        }
        return rowid_of(self.source.writing.insert(self.table, values).identity)

    def UpdateChangeRow(  # noqa: N802
        self, rowid: int, new_rowid: int, fields: tuple[SqlValue, ...]
    ) -> None:
        """Take down a row's new values."""
        if new_rowid != rowid:
            raise UsageError(f"The rowid of {self.table.name} cannot be changed.")
        batch, position = self.source.rows[self.table.name, rowid]
        new = {
            column.name: value
            for column, value in zip(self.table.columns, fields, strict=True)
            if value is not cast(Any, apsw.no_change)
        }
        old = {name: batch.value(name, position) for name in new}
        lane, key = batch.place(position)
        self.source.writing.update(self.table, lane, key, old, new)

    def UpdateDeleteRow(self, rowid: int) -> None:  # noqa: N802
        """Take down that a row is to go."""
        batch, position = self.source.rows[self.table.name, rowid]
        lane, key = batch.place(position)
        old = {
            column.name: batch.value(column.name, position)
            for column in self.table.columns
            if column.name != "account_id"
        }
        self.source.writing.delete(self.table, lane, key, old)

    def _constraint(self, index: apsw.IndexInfo, i: int) -> Constraint:
        operator = OPERATORS.get(index.get_aConstraint_op(i), "")
        column = index.get_aConstraint_iColumn(i)
        bounds = operator in (planner.LIMIT, planner.OFFSET)
        if operator == planner.EQUAL and index.get_aConstraintUsage_in(i):
            operator = planner.ONE_OF
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


class Cursor:
    """A scan as SQLite walks it: one row at a time, each cell on demand."""

    def __init__(self, table: VirtualTable) -> None:
        self._table = table
        self._scan: Scan | None = None
        self._batches: Iterator[Batch] = iter(())
        self._batch: Batch | None = None
        self._overlay: Overlay | None = None
        self._cells: _Cells = _Cells(None, None)
        self._positions: Iterator[int] = iter(())
        self._position: int | None = None
        self._keys: Keys | None = None
        self._read_aheads: dict[Fetch, ReadAhead] = {}
        self._guess: ReadAhead | None = None

    def Filter(  # noqa: N802
        self, index_number: int, _index_name: str | None, values: tuple[Any, ...] | None
    ) -> None:
        """Start a scan."""
        self._end_scan()
        plan = self._table.plans[index_number]
        keys = planner.bind(plan, values or ())
        if keys is not None:
            self._start(plan, keys)
        self.Next()

    def current_key(self) -> Key | None:
        """Give the lane and the key of the row that SQLite stands on."""
        if self._batch is None or self._position is None:
            return None
        return self._batch.key(self._position)

    def next_keys(self) -> Iterator[Key | None]:
        """Give those of the rows that come next; None where an answer is not there yet."""
        if self._batch is None or self._position is None or self._keys is None or not self._scan:
            return
        keys, to_come = self._keys, self._scan.batches_to_come()
        yield from self._batch.keys_to_come(self._position, keys)
        for batch in to_come:
            if batch is None:
                yield None
            else:
                yield from batch.keys_to_come(-1, keys)

    def read_ahead(self, fetch: Fetch) -> ReadAhead:
        """Give what keeps the calls of a child table's fetch ahead of this cursor."""
        if fetch not in self._read_aheads:
            calls = self._table.source.estate.calls
            self._read_aheads[fetch] = ReadAhead(self, fetch, calls, LED_WINDOW)
        return self._read_aheads[fetch]

    def Next(self) -> None:  # noqa: N802
        """Go to the next row, waiting for its answer if need be."""
        self._position = next(self._positions, None)
        while self._position is None:
            self._batch = next(self._batches, None)
            if self._batch is None:
                return
            self._cells = _Cells(self._batch, self._overlay)
            if self._overlay:
                self._batch.leave_out(self._batch.positions_of(self._overlay.deleted))
            self._positions = iter(self._batch.positions)
            self._position = next(self._positions, None)

    def Eof(self) -> bool:  # noqa: N802
        """Tell whether there is no row any more."""
        return self._position is None

    def Column(self, number: int) -> SqlValue:  # noqa: N802
        """Give a cell of the row; -1 is the rowid."""
        if number < 0:
            return self.Rowid()
        return self._cells[number][self._position]  # type: ignore[index]

    def ColumnNoChange(self, number: int) -> SqlValue:  # noqa: N802
        """Give no cell: SQLite asks for one that an UPDATE leaves as it is."""
        return cast(SqlValue, apsw.no_change)

    def Rowid(self) -> int:  # noqa: N802
        """Give the row's number."""
        assert self._batch is not None
        assert self._position is not None
        rowid = self._batch.rowid(self._position)
        source = self._table.source
        if source.writing.is_open:
            source.rows[self._table.table.name, rowid] = self._batch, self._position
        return rowid

    def Close(self) -> None:  # noqa: N802
        """End the scan; calls that were not sent yet are taken back."""
        self._end_scan()
        if self._guess is not None:
            self._guess.close()
            self._guess = None

    def _end_scan(self) -> None:
        for ahead in self._read_aheads.values():
            ahead.close()
        self._read_aheads.clear()
        if self._scan is not None:
            self._scan.close()
            self._scan = None
            self._table.source.cursors[self._table.table.name].remove(self)
        self._batches, self._positions = iter(()), iter(())
        self._batch = self._position = None

    def _start(self, plan: Plan, keys: Keys) -> None:
        source = self._table.source
        self._keys = keys
        self._scan = Scan(plan, keys, source.estate, source.parent, source.failed)
        source.cursors[plan.table.name].append(self)
        self._scan.start()
        if "account_id" in plan.reads and plan.table.scope is Scope.LANE:
            source.estate.identify_all()
        if plan.by_row and keys.fetch:
            self._look_ahead(plan.by_row, keys, keys.fetch, self._scan.lanes)
        self._batches = self._scan.batches()
        self._overlay = source.writing.overlay(plan.table)
        if self._overlay:
            made = self._overlay.inserted.values()
            self._batches = itertools.chain(
                self._batches,
                (batch_of(one, keys, source.estate, source.failed) for one in list(made)),
            )

    def _look_ahead(self, column: str, keys: Keys, fetch: Fetch, lanes: Sequence[Lane]) -> None:
        """Start the calls of the look-ups to come: a cursor on the parent leads, or their order."""
        source = self._table.source
        parent = source.parent(column)
        for cursor in reversed(source.cursors[parent.name]):
            key = cursor.current_key()
            if key and keys.admits(column, key[1]) and keys.admits("region", key[0].region):
                cursor.read_ahead(fetch).looked_up(key)
                return
        if len(lanes) == 1:
            key = lanes[0], keys.pinned[column][0]
            if self._guess is None:
                calls = source.estate.calls
                order = ListOrder(parent, key, calls)
                self._guess = ReadAhead(order, fetch, calls, GUESSED_WINDOW)
            self._guess.looked_up(key)


class _Cells(dict[int, list[SqlValue]]):
    """The columns of a batch, each made when it is first read."""

    def __init__(self, batch: Batch | None, overlay: Overlay | None) -> None:
        self._batch = batch
        self._updated = overlay.updated if overlay else {}

    def __missing__(self, number: int) -> list[SqlValue]:
        assert self._batch is not None
        cells = self._batch.cells(number)
        if self._updated:
            cells = self._batch.patched(number, cells, self._updated)
        self[number] = cells
        return cells


@functools.cache
def sets_may_be_empty() -> bool:
    """Tell whether apsw can hand over the values of an IN at once, also when there are none.

    apsw 3.54 fails on a subquery without rows. Where it does, SQLite hands over one value after
    the other: the same rows and calls, but not side by side.
    """

    class Probe:
        def Create(self, *_: Any) -> tuple[str, Any]:  # noqa: N802
            return "create table x(a)", self

        Connect = Create

        def BestIndexObject(self, index: apsw.IndexInfo) -> bool:  # noqa: N802
            for i in range(index.nConstraint):
                index.set_aConstraintUsage_argvIndex(i, i + 1)
                index.set_aConstraintUsage_in(i, True)
            return True

        def Open(self) -> Any:  # noqa: N802
            return self

        def Filter(self, *_: Any) -> None:  # noqa: N802
            """There is nothing to find."""

        def Eof(self) -> bool:  # noqa: N802
            return True

        Close = Disconnect = Destroy = Filter

    connection = apsw.Connection(":memory:")
    connection.create_module(
        "probe", cast(Any, Probe()), use_bestindex_object=True, eponymous=True, read_only=True
    )
    try:
        return not list(connection.execute("select a from probe where a in (select 1 where 0)"))
    except apsw.SQLError:
        return False
