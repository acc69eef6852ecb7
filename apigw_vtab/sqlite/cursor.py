"""A scan as SQLite reads it: one row at a time, each cell on demand."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, cast

import apsw

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Call, call_of
from apigw_vtab.scan import planner
from apigw_vtab.scan.batch import Batch, RowKey
from apigw_vtab.scan.neighbours import Following, arns_of, namings
from apigw_vtab.scan.plan import Plan
from apigw_vtab.scan.readahead import (
    GUESSED_WINDOW,
    LED_WINDOW,
    CallFor,
    ListOrder,
    Parent,
    ReadAhead,
)
from apigw_vtab.scan.scan import MOST_UNPACKED, Scan
from apigw_vtab.sqlite.context import ConnectionContext
from apigw_vtab.tables.declaration import Read, Scope, Table
from apigw_vtab.tables.keys import Keys
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes.pending_rows import Overlay, batch_of

# Look-ups whose rows are kept while a statement runs, and the most answers of one of them.
MOST_KEPT, FEW_ANSWERS = 64, 4


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
        # Rows in the batches that SQLite has gone through, and how many batches.
        self._rows_before = self._gone_through = 0
        self._read_aheads: dict[tuple[Read, str], ReadAhead] = {}
        self._guess: ReadAhead | None = None
        # A join looks up the same row again and again: the answers of whole look-ups, by their
        # plan and values; those of the scan that runs; and the log's mark when it began.
        self._kept: dict[_LookUp, tuple[Batch, ...]] = {}
        self._passed: list[Batch] = []
        self._looked_up: _LookUp | None = None
        self._mark = 0

    def Filter(  # noqa: N802
        self, index_number: int, _index_name: str | None, values: tuple[Any, ...] | None
    ) -> None:
        """Start a scan."""
        self._end_scan()
        plan = self._plans[index_number]
        self._looked_up = self._as_look_up(plan, index_number, values)
        kept = self._kept.get(self._looked_up) if self._looked_up else None
        if kept is not None:
            self._looked_up = None
            self._batches = iter(kept)
        elif (keys := planner.bind(plan, values or ())) is not None:
            self._start(plan, keys)
        self.Next()

    def _as_look_up(
        self, plan: Plan, number: int, values: tuple[Any, ...] | None
    ) -> _LookUp | None:
        """Return what says that a scan repeats an earlier one; None if its rows are not kept.

        Rows of our own work change while a statement runs, and so may those that SQL has changed.
        """
        own = plan.table.scope is Scope.CONNECTION or self._context.transaction.is_open
        if own or not values or not {str}.issuperset(map(type, values)):
            return None
        self._passed, self._mark = [], self._context.executor.log.mark()
        return number, values

    def _keep(self) -> None:
        """Keep the answers of a look-up that has been read to its end, if none is missing.

        What leads other look-ups, or is led, has its turn every time.
        """
        is_whole = self._mark == self._context.executor.log.mark() and not self._read_aheads
        if self._looked_up and is_whole:
            if len(self._kept) >= MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[self._looked_up] = tuple(self._passed)
        self._looked_up = None

    def current_key(self, columns: Sequence[str]) -> RowKey | None:
        """Return the lane of the row that SQLite is at, and its values in some columns."""
        if self._batch is None or self._position is None:
            return None
        return self._batch.key(self._position, columns)

    def next_keys(self, columns: Sequence[str]) -> Iterator[RowKey | None]:
        """Yield the keys of the rows that come next; None where an answer is not there yet."""
        if self._batch is None or self._position is None or self._keys is None or not self._scan:
            return
        to_come = self._keys_to_come(self._batch, self._position, self._keys, self._scan, columns)
        if self._keys.limit == math.inf:
            yield from to_come
        else:
            # SQLite ends after that many rows, however many there are.
            read = self._rows_before + list(self._batch.positions).index(self._position) + 1
            yield from itertools.islice(to_come, max(0, int(self._keys.limit) - read))

    @staticmethod
    def _keys_to_come(
        batch: Batch, position: int, keys: Keys, scan: Scan, columns: Sequence[str]
    ) -> Iterator[RowKey | None]:
        to_come = scan.batches_to_come()
        yield from batch.keys_to_come(position, keys, columns)
        for later in to_come:
            if later is None:
                yield None
            else:
                yield from later.keys_to_come(-1, keys, columns)

    def read_ahead(
        self, read: Read, call: CallFor, rows: Parent | None = None, path: str = ""
    ) -> ReadAhead:
        """Return the object that keeps another table's calls ahead of this cursor."""
        key = read, path
        if key not in self._read_aheads:
            executor = self._context.estate.executor
            ahead = ReadAhead(rows or self, read.needs, call, executor, LED_WINDOW)
            self._read_aheads[key] = ahead
        return self._read_aheads[key]

    def Next(self) -> None:  # noqa: N802
        """Go to the next row, waiting for its answer if necessary."""
        self._position = next(self._positions, None)
        while self._position is None:
            if self._batch is not None:
                self._rows_before += len(self._batch.positions)
                if self._keys is not None and not self._keys.pinned:
                    # Whoever goes through all rows does not come back to these soon.
                    self._gone_through += 1
                    is_many = self._context.compresses and self._gone_through > MOST_UNPACKED
                    self._batch.put_away(if_packed=not is_many)
            self._batch = next(self._batches, None)
            if self._batch is None:
                if self._looked_up:
                    self._keep()
                return
            if self._looked_up and self._batch.positions:
                self._passed.append(self._batch)
                if len(self._passed) > FEW_ANSWERS:
                    self._looked_up = None
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
        if self._context.is_abandoned:
            return
        self._end_scan()
        if self._guess is not None:
            self._guess.close()
            self._guess = None

    def _end_scan(self) -> None:
        if self._read_aheads:
            for ahead in self._read_aheads.values():
                ahead.close()
            self._read_aheads.clear()
        if self._scan is not None:
            self._scan.close()
            self._scan = None
            self._context.cursors[self._table.name].remove(self)
        self._batches, self._positions = iter(()), iter(())
        self._batch = self._position = None
        self._rows_before = self._gone_through = 0

    def _start(self, plan: Plan, keys: Keys) -> None:
        context = self._context
        self._keys = keys
        self._scan = Scan(
            plan,
            keys,
            context.estate,
            context.failed,
            context.answered,
            context.transaction.changes.stands_for_an_id,
        )
        context.cursors[plan.table.name].append(self)
        self._scan.start()
        if arns := arns_of(plan.table, keys):
            self._look_ahead_by_arn(plan, keys, arns)
        elif plan.by_row and keys.read:
            self._look_ahead(plan, keys, keys.read, self._scan.lanes)
        self._batches = self._scan.batches()
        self._overlay = context.transaction.overlay(plan.table)
        if self._overlay:
            made = self._overlay.inserted.values()
            self._batches = itertools.chain(
                self._batches,
                (batch_of(one, keys, context.estate, context.failed) for one in list(made)),
            )

    def _look_ahead(self, plan: Plan, keys: Keys, read: Read, lanes: Sequence[Lane]) -> None:
        """Start the calls for the look-ups to come, led by a parent's cursor or by their order."""
        table = self._table
        while (parent := table.parent) and not read.choices:
            call = functools.partial(_call_for, read, keys, plan.columns)
            for cursor in reversed(self._context.cursors.get(parent.name, ())):
                key = cursor.current_key(read.needs)
                if key and _is_looked_up(key, read, keys):
                    self._looked_up = None
                    cursor.read_ahead(read, call).looked_up(key)
                    return
            if keys.pinned.keys() >= set(read.needs):
                if len(lanes) == 1:
                    self._guess_ahead(parent, read, keys, lanes[0], call)
                return
            # A single resource is found by the list of its own table.
            table = table if read.is_get else parent
            read = table.reads[-1]

    def _look_ahead_by_arn(self, plan: Plan, keys: Keys, arns: Sequence[str]) -> None:
        """Start the calls for the ARNs that the next rows of another table name."""
        read, estate = keys.read, self._context.estate
        assert read is not None
        for arn in arns if plan.by_row or len(arns) > 1 else ():
            for naming in namings(self._table, self._context.cursors):
                lane = naming.names(arn)
                if lane is not None:
                    self._looked_up = None
                    call = Following(self._table, read, keys, plan.columns, estate, lane)
                    path = ".".join(naming.path)
                    ahead = naming.leader.read_ahead(read, call, naming, path)
                    ahead.looked_up((lane, (arn,)))
                    break

    def _guess_ahead(
        self, parent: Table, read: Read, keys: Keys, lane: Lane, call: CallFor
    ) -> None:
        key = lane, tuple(keys.pinned[name][0] for name in read.needs)
        self._looked_up = None
        if self._guess is None:
            executor = self._context.estate.executor
            order = ListOrder(parent, key, executor)
            self._guess = ReadAhead(order, read.needs, call, executor, GUESSED_WINDOW)
        self._guess.looked_up(key)


def _is_looked_up(key: RowKey, read: Read, keys: Keys) -> bool:
    """Return whether a parent's row is the one whose children a look-up asks for."""
    lane, values = key
    return keys.admits("region", lane.region) and all(
        keys.admits(name, value) if isinstance(value, str) else name not in keys.pinned
        for name, value in zip(read.needs, values, strict=True)
    )


def _call_for(read: Read, keys: Keys, columns: frozenset[str], key: RowKey) -> Call | None:
    """Return the call for a parent's row; None where no look-up will ask for its children."""
    lane, found = key
    values: dict[str, str | None] = {}
    for name, value in zip(read.needs, found, strict=True):
        if isinstance(value, str):
            values[name] = value
        elif name in keys.pinned or name not in read.optional:
            return None
    return call_of(lane, read, values, columns)


# A plan's number and the values that it is run with.
_LookUp = tuple[int, tuple[Any, ...]]


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
