"""A scan as SQLite reads it: one row at a time, each cell on demand."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, cast

import apsw

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.scan import planner
from apigw_vtab.scan.batch import Batch
from apigw_vtab.scan.plan import Plan
from apigw_vtab.scan.readahead import GUESSED_WINDOW, LED_WINDOW, ListOrder, ReadAhead, RowKey
from apigw_vtab.scan.scan import Scan
from apigw_vtab.sqlite.context import ConnectionContext
from apigw_vtab.tables.declaration import Read, Scope, Table
from apigw_vtab.tables.keys import Keys
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes.pending_rows import Overlay, batch_of


class TableCursor:
    """A scan as SQLite reads it: one row at a time, each cell on demand."""

    def __init__(self, context: ConnectionContext, table: Table, plans: Sequence[Plan]) -> None:
        self._context = context
        self._table = table
        self._plans = plans
        self._scan: Scan | None = None
        self._batches: Iterator[Batch] = iter(())
        self._batch: Batch | None = None
        self._overlay: Overlay | None = None
        self._cells: _Cells = _Cells(None, None)
        self._positions: Iterator[int] = iter(())
        self._position: int | None = None
        self._keys: Keys | None = None
        self._read_aheads: dict[Read, ReadAhead] = {}
        self._guess: ReadAhead | None = None

    def Filter(  # noqa: N802
        self, index_number: int, _index_name: str | None, values: tuple[Any, ...] | None
    ) -> None:
        """Start a scan."""
        self._end_scan()
        plan = self._plans[index_number]
        keys = planner.bind(plan, values or ())
        if keys is not None:
            self._start(plan, keys)
        self.Next()

    def current_key(self) -> RowKey | None:
        """Return the lane and the key of the row that SQLite is at."""
        if self._batch is None or self._position is None:
            return None
        return self._batch.key(self._position)

    def next_keys(self) -> Iterator[RowKey | None]:
        """Yield the keys of the rows that come next; None where an answer is not there yet."""
        if self._batch is None or self._position is None or self._keys is None or not self._scan:
            return
        keys, to_come = self._keys, self._scan.batches_to_come()
        yield from self._batch.keys_to_come(self._position, keys)
        for batch in to_come:
            if batch is None:
                yield None
            else:
                yield from batch.keys_to_come(-1, keys)

    def read_ahead(self, read: Read) -> ReadAhead:
        """Return the object that keeps a child table's calls ahead of this cursor."""
        if read not in self._read_aheads:
            executor = self._context.estate.executor
            self._read_aheads[read] = ReadAhead(self, read, executor, LED_WINDOW)
        return self._read_aheads[read]

    def Next(self) -> None:  # noqa: N802
        """Go to the next row, waiting for its answer if necessary."""
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
        """Return whether there are no more rows."""
        return self._position is None

    def Column(self, number: int) -> SqlValue:  # noqa: N802
        """Return a cell of the row; -1 is the rowid."""
        if number < 0:
            return self.Rowid()
        return self._cells[number][self._position]  # type: ignore[index]

    def ColumnNoChange(self, number: int) -> SqlValue:  # noqa: N802
        """Return no value: SQLite asks for a cell that an UPDATE leaves as it is."""
        return cast(SqlValue, apsw.no_change)

    def Rowid(self) -> int:  # noqa: N802
        """Return the row's number."""
        assert self._batch is not None
        assert self._position is not None
        rowid = self._batch.rowid(self._position)
        context = self._context
        if context.transaction.is_open:
            context.rows[self._table.name, rowid] = self._batch, self._position
        return rowid

    def Close(self) -> None:  # noqa: N802
        """End the scan, and take back the calls that have not been sent yet."""
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
            self._context.cursors[self._table.name].remove(self)
        self._batches, self._positions = iter(()), iter(())
        self._batch = self._position = None

    def _start(self, plan: Plan, keys: Keys) -> None:
        context = self._context
        self._keys = keys
        self._scan = Scan(
            plan,
            keys,
            context.estate,
            context.parent,
            context.failed,
            context.transaction.changes.stands_for_an_id,
        )
        context.cursors[plan.table.name].append(self)
        self._scan.start()
        if "account_id" in plan.columns and plan.table.scope is Scope.LANE:
            context.estate.identify_all()
        if plan.by_row and keys.read:
            self._look_ahead(plan.by_row, keys, keys.read, self._scan.lanes)
        self._batches = self._scan.batches()
        self._overlay = context.transaction.overlay(plan.table)
        if self._overlay:
            made = self._overlay.inserted.values()
            self._batches = itertools.chain(
                self._batches,
                (batch_of(one, keys, context.estate, context.failed) for one in list(made)),
            )

    def _look_ahead(self, column: str, keys: Keys, read: Read, lanes: Sequence[Lane]) -> None:
        """Start the calls for the look-ups to come, led by a parent's cursor or by their order."""
        context = self._context
        parent = context.parent(column)
        for cursor in reversed(context.cursors[parent.name]):
            key = cursor.current_key()
            if key and keys.admits(column, key[1]) and keys.admits("region", key[0].region):
                cursor.read_ahead(read).looked_up(key)
                return
        if len(lanes) == 1:
            key = lanes[0], keys.pinned[column][0]
            if self._guess is None:
                executor = context.estate.executor
                order = ListOrder(parent, key, executor)
                self._guess = ReadAhead(order, read, executor, GUESSED_WINDOW)
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
