"""Reads ahead in joins: what an inner table will be asked for, one outer row after another.

SQLite looks up a row's children when it reaches the row. The scan of the parent table knows which
rows come next, so the calls for their children can be under way by then. As in a disk cache,
look-ups that come in the expected order widen the window, and one that comes out of order narrows
it, because SQLite is then dropping rows by a term that a scan cannot see.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Protocol

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Call, parameters_of
from apigw_vtab.aws.executor import Executor
from apigw_vtab.tables.declaration import Read, Table

# Where a scan of the parent leads the look-ups, many will follow. Where only their order suggests
# so, the first two of a run are not read ahead.
LED_WINDOW = 16
GUESSED_WINDOW = 0
WINDOW_OF_A_RUN = 2

RowKey = tuple[Lane, str]


class Parent(Protocol):
    """Something that knows the order of the parent table's rows."""

    def next_keys(self) -> Iterator[RowKey | None]:
        """Yield the keys of the rows that come next; None where an answer is not there yet."""


class Leader(Parent, Protocol):
    """An open scan of a parent table, which knows the row that SQLite is at."""

    def current_key(self) -> RowKey | None:
        """Return the lane and the key of that row."""

    def read_ahead(self, read: Read) -> ReadAhead:
        """Return the object that keeps a child table's calls ahead of this scan."""


class ListOrder:
    """The parent's rows in the order of its lists, as far as they are in the cache.

    SQLite may go through them without scanning our table: from a CTE that it keeps, for example.
    """

    def __init__(self, parent: Table, after: RowKey, executor: Executor) -> None:
        self._parent = parent
        self._after = after
        self._executor = executor

    def next_keys(self) -> Iterator[RowKey | None]:
        """Yield the keys after the one that was looked up."""
        column = self._parent.index[self._parent.key[0]]
        lane, key = self._after
        passed = False
        for call, answer in self._executor.answered(self._parent.reads[-1]):
            cells = answer.cells.get(column)
            if cells is None:
                cells = answer.cells[column] = self._parent.columns[column].cells(answer.items)
            first = 0
            if not passed:
                (first, *_) = answer.positions(column).get(key, [-1]) if call.lane == lane else [-1]
                passed = first >= 0
                first += 1
            if passed:
                for position in range(first, len(cells)):
                    value = cells[position]
                    if isinstance(value, str):
                        yield call.lane, value


class ReadAhead:
    """Starts the calls for the children of a parent's next rows ahead of time."""

    def __init__(self, parent: Parent, read: Read, executor: Executor, window: int) -> None:
        self._fetch = read
        self._executor = executor
        self._coming = parent.next_keys()
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
            call = self._call(coming)
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

    def _call(self, key: RowKey) -> Call:
        lane, value = key
        return Call(lane, self._fetch, parameters_of(self._fetch, (value,)))
