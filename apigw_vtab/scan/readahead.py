"""Reads ahead in joins: what an inner table will be asked for, one outer row after another.

SQLite looks up a row's children when it reaches the row. The scan of the parent table knows which
rows come next, so the calls for their children can be under way by then. As in a disk cache,
look-ups that come in the expected order widen the window, and one that comes out of order narrows
it, because SQLite is then dropping rows by a term that a scan cannot see.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from apigw_vtab.aws.call import Call, Rows
from apigw_vtab.aws.executor import Executor
from apigw_vtab.scan.batch import RowKey
from apigw_vtab.scan.rows import differs_by_row, positions_of, raw_cells, rows_of
from apigw_vtab.tables.declaration import Read, Table
from apigw_vtab.tables.values import SqlValue

# Where a scan of the parent leads the look-ups, many will follow. Where only their order suggests
# so, the first two of a run are not read ahead.
LED_WINDOW = 16
GUESSED_WINDOW = 0
WINDOW_OF_A_RUN = 2


# Makes the call for a row's children; None where nothing can be asked for.
CallFor = Callable[[RowKey], "Call | None"]


class Parent(Protocol):
    """Something that knows the order of the parent table's rows."""

    def next_keys(self, columns: Sequence[str]) -> Iterator[RowKey | None]:
        """Yield the keys of the rows that come next; None where an answer is not there yet."""


class Leader(Parent, Protocol):
    """An open scan of a parent table, which knows the row that SQLite is at."""

    def current_key(self, columns: Sequence[str]) -> RowKey | None:
        """Return the lane of that row, and its values in some columns."""

    def read_ahead(
        self, read: Read, call: CallFor, rows: Parent | None = None, path: str = ""
    ) -> ReadAhead:
        """Return the object that keeps another table's calls ahead of this scan.

        `rows` are those of this scan as a `path` names them; without them, they are children.
        """


class ListOrder:
    """The parent's rows in the order of its lists, as far as they are in the cache.

    SQLite may go through them without scanning our table: from a CTE that it keeps, for example.
    """

    def __init__(self, parent: Table, after: RowKey, executor: Executor) -> None:
        self._parent = parent
        self._after = after
        self._executor = executor

    def next_keys(self, columns: Sequence[str]) -> Iterator[RowKey | None]:
        """Yield the keys after the one that was looked up."""
        passed = False
        parent, read = self._parent, self._parent.reads[-1]
        lane, values = self._after
        for call, answer in self._executor.answered(read):
            if not passed and call.lane != lane:
                continue
            rows = rows_of(answer, parent, read)
            readers = [raw_cells(parent, call, rows, name) for name in columns]

            def key(position: int, readers: Sequence[Any] = readers) -> tuple[SqlValue, ...]:
                return tuple(one[0](position) if one else None for one in readers)

            first = 0
            if not passed:
                place = self._place(rows, columns, values, key)
                passed, first = place is not None, (place or 0) + 1
            if passed:
                for position in range(first, rows.count):
                    yield call.lane, key(position)

    def _place(
        self,
        rows: Rows,
        columns: Sequence[str],
        values: Sequence[SqlValue],
        key: Callable[[int], tuple[SqlValue, ...]],
    ) -> int | None:
        """Return the position of the row that was looked up: by an index, for there may be many."""
        places: Sequence[int] = range(rows.count)
        for name, value in zip(columns, values, strict=True):
            if isinstance(value, str) and differs_by_row(self._parent, rows, name):
                places = positions_of(self._parent, rows, self._parent.index[name], (value,))
                break
        return next((one for one in places if key(one) == tuple(values)), None)


class ReadAhead:
    """Starts the calls for the children of a parent's next rows ahead of time."""

    def __init__(
        self,
        parent: Parent,
        columns: Sequence[str],
        call: CallFor,
        executor: Executor,
        window: int,
    ) -> None:
        self._call = call
        self._executor = executor
        self._coming = parent.next_keys(columns)
        self._started: deque[tuple[RowKey, Call]] = deque()
        self._window = window
        self._expected: RowKey | None = None
        self._is_new = True

    def looked_up(self, key: RowKey) -> None:
        """Note a look-up, and start the calls for those to come."""
        if self._started:
            self._window = self._window * 2 if self._started[0][0] == key else self._window // 4
            self._drop_to(key)
        elif self._expected is not None and self._expected == key:
            self._window = WINDOW_OF_A_RUN
        if self._window == 0:
            # No longer useful, unless this was the first look-up of what may be a run.
            self._expected = next(self._coming, None) if self._is_new else None
        self._is_new = False
        while len(self._started) < min(self._window, self._executor.most_ahead):
            coming = next(self._coming, None)
            if coming is None:
                break
            if call := self._call(coming):
                self._executor.submit(call)
                self._started.append((coming, call))

    def close(self) -> None:
        """Take back the calls that have not been sent yet."""
        for _, call in self._started:
            self._executor.abandon(call)
        self._started.clear()

    def _drop_to(self, key: RowKey) -> None:
        """Drop the call that SQLite now makes itself, and those before it, which it skipped."""
        while self._started:
            passed, call = self._started.popleft()
            self._executor.abandon(call)
            if passed == key:
                return
