"""Rows in groups: what all of a group share is written once, not again for each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import NamedTuple

from apigw_vtab.output.cells import Row
from apigw_vtab.tables.values import SqlValue


class RowGroup(NamedTuple):
    """Rows that have the same values in some columns.

    `shared` are those, by the place of the column; `rows` have the values of all other columns.
    """

    shared: Mapping[int, SqlValue]
    rows: Iterable[Row]


class GroupedRows(Iterable[Row]):
    """Groups of rows, which are also rows like any other. They can be gone through once."""

    def __init__(self, width: int, groups: Iterable[RowGroup]) -> None:
        """Take groups of rows that have so many columns."""
        self.groups = groups
        self._width = width

    def __iter__(self) -> Iterator[Row]:
        for shared, rows in self.groups:
            own = [place for place in range(self._width) if place not in shared]
            from_ = {place: at for at, place in enumerate([*own, *shared])}
            whole = itemgetter(*(from_[place] for place in range(self._width)))
            values = tuple(shared.values())
            for row in rows:
                yield whole((*row, *values))


def groups_of(rows: Iterable[Row]) -> Iterable[RowGroup]:
    """Return the groups of rows; one that shares nothing if they come without."""
    return rows.groups if isinstance(rows, GroupedRows) else [RowGroup({}, rows)]
