"""Rows packed into a temporary file, so that memory does not grow with what a control looks at."""

from __future__ import annotations

import itertools
import marshal
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from apigw_vtab.errors import UsageError
from apigw_vtab.tables.values import SqlValue

Row = tuple[SqlValue, ...]
# An account and a region.
Place = tuple[str, str]
# Rows that are packed together, and bytes that are kept in memory before there is a file.
AT_ONCE, IN_MEMORY = 500, 1 << 18

_place, _figure = itemgetter(3, 4), itemgetter(3, 4, 1)


def any_order(_: Place) -> int:
    """Return the same for each place: rows stay as they come."""
    return 0


class PackedRows(Collection[Row]):
    """Rows of a control, which begin with resource, status, reason, account and region.

    `counts` is how many there are of each account, region and status. They are iterated over in
    the order of their places, and as they came within one. Not safe to share between threads.
    """

    def __init__(self, rows: Iterable[Row] = (), order: Callable[[Place], Any] = any_order) -> None:
        """Pack rows; `order` gives a place's rank. Raises UsageError if the disk is full."""
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
        self._packs: list[tuple[int, int]] = []
        self._count = 0
        self.counts: Counter[tuple[str, str, str]] = Counter()
        if not self._fill(iter(rows), order):
            self._sort(order)

    def __len__(self) -> int:
        return self._count

    def __contains__(self, row: object) -> bool:
        return any(one == row for one in self)

    def __iter__(self) -> Iterator[Row]:
        for start, length in self._packs:
            self._file.seek(start)
            yield from zip(*marshal.loads(zlib.decompress(self._file.read(length))), strict=True)

    def count(self, *statuses: str) -> int:
        """Return how many rows have one of these statuses."""
        return sum(some for (*_, status), some in self.counts.items() if status in statuses)

    @property
    def places(self) -> list[Place]:
        """The accounts and regions of the rows, in the order in which they come first."""
        return list(dict.fromkeys((account, region) for account, region, _ in self.counts))

    def _fill(self, rows: Iterator[Row], order: Callable[[Place], Any]) -> bool:
        """Pack rows; return whether they came in the order of their places."""
        last, is_ordered = None, True
        while some := list(itertools.islice(rows, AT_ONCE)):
            self._count += len(some)
            self.counts.update(map(_figure, some))
            for place, _ in itertools.groupby(map(_place, some)):
                rank = order(place)
                is_ordered = is_ordered and (last is None or last <= rank)
                last = rank
            self._pack(some)
        return is_ordered

    def _pack(self, rows: Sequence[Row]) -> None:
        columns = [_shared(column) for column in zip(*rows, strict=True)]
        packed = zlib.compress(marshal.dumps(columns), 1)
        start = self._file.seek(0, 2)
        try:
            self._file.write(packed)
        except OSError as error:
            raise UsageError(
                f"Cannot keep findings in {tempfile.gettempdir()}: {error.strerror}. Set TMPDIR to "
                "a folder with more room."
            ) from None
        self._packs.append((start, len(packed)))

    def _sort(self, order: Callable[[Place], Any]) -> None:
        """Put the rows into the order of their places; SQLite sorts more than fits into memory."""
        import apsw

        ranks = {place: rank for rank, place in enumerate(sorted(self.places, key=order))}
        # A database without a name is in a file of its own once it grows.
        database = apsw.Connection("")
        database.execute("create table packed (rank integer, row blob)")
        with database:
            database.executemany(
                "insert into packed values (?, ?)",
                ((ranks[_place(row)], marshal.dumps(row)) for row in self),
            )
        in_order = database.execute("select row from packed order by rank, rowid")
        self._file.seek(0)
        self._file.truncate()
        self._packs.clear()
        counts, self.counts, self._count = self.counts, Counter(), 0
        self._fill((marshal.loads(row) for (row,) in in_order), any_order)
        assert counts == self.counts
        database.close()


def _shared(column: tuple[SqlValue, ...]) -> Collection[SqlValue]:
    """Return a column in which equal texts are one object, which is packed once."""
    if not {str, type(None)}.issuperset(map(type, column)):
        return column
    kept: dict[SqlValue, SqlValue] = {}
    return tuple(map(kept.setdefault, column, column))
