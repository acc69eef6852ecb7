"""One answer as rows, in columns that are made when they are first read."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Container, Iterator, Mapping, Sequence
from hashlib import blake2b

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.estate import Estate, Failed
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.tables.columns import Column, Origin
from apigw_vtab.tables.declaration import Read, Table
from apigw_vtab.tables.keys import Keys
from apigw_vtab.tables.values import SqlValue


class Batch:
    """The rows of one answer, in columns that are made when they are first read."""

    __slots__ = ("_answer", "_call", "_estate", "_failed", "_lane_cells", "_table", "positions")

    def __init__(
        self,
        table: Table,
        call: Call | None,
        answer: Answer,
        keys: Keys,
        estate: Estate,
        failed: Failed,
    ) -> None:
        self._table = table
        self._call = call
        self._answer = answer
        self._estate = estate
        self._failed = failed
        self._lane_cells: dict[int, list[SqlValue]] = {}
        self.positions: Sequence[int] = self._wanted(keys)

    def cells(self, column: int) -> list[SqlValue]:
        """Return a column's values for all items of the answer."""
        cells = self._answer.cells.get(column) or self._lane_cells.get(column)
        if cells is None:
            cells = self._make(self._table.columns[column], column)
        return cells

    def rowid(self, position: int) -> int:
        """Return a row's number: the same for the same resource in every scan."""
        return position + 1 if self._call is None else rowid_of(self._identity(position))

    def value(self, name: str, position: int) -> SqlValue:
        """Return a cell as AWS has it."""
        return self.cells(self._table.index[name])[position]

    def place(self, position: int) -> tuple[Lane, dict[str, str]]:
        """Return the lane of a row, and its key."""
        assert self._call is not None
        key = {name: str(self.value(name, position)) for name in self._table.key}
        return self._call.lane, key

    def positions_of(self, identities: Container[Identity]) -> frozenset[int]:
        """Return the positions of the rows with these identities."""
        return frozenset(one for one in self.positions if self._identity(one) in identities)

    def patched(
        self,
        column: int,
        cells: list[SqlValue],
        updated: Mapping[Identity, Mapping[str, SqlValue]],
    ) -> list[SqlValue]:
        """Return a column's values, with those in `updated` in place of AWS's."""
        name = self._table.columns[column].name
        return [
            updated.get(self._identity(position), {}).get(name, cell)
            for position, cell in enumerate(cells)
        ]

    def _identity(self, position: int) -> Identity:
        assert self._call is not None
        key = [self.cells(self._table.index[name])[position] for name in self._table.key]
        lane = self._call.lane
        return (lane.account.profile, lane.region, *(key or [position]))

    def key(self, position: int) -> tuple[Lane, str] | None:
        """Return the lane and the key of a row; None if the table's key is not a single column."""
        if self._call is None or len(self._table.key) != 1:
            return None
        value = self.cells(self._table.index[self._table.key[0]])[position]
        return (self._call.lane, value) if isinstance(value, str) else None

    def keys_to_come(self, after: int, keys: Keys) -> Iterator[tuple[Lane, str]]:
        """Yield lane and key of the rows after a position that SQLite is expected to keep."""
        assert self._call is not None
        table = self._table
        tests = [(self.cells(table.index[name]), test) for name, test in keys.foresight]
        values = self.cells(table.index[table.key[0]])
        for position in self.positions:
            value = values[position]
            kept = position > after and all(test(cells[position]) for cells, test in tests)
            if kept and isinstance(value, str):
                yield self._call.lane, value

    def leave_out(self, positions: frozenset[int]) -> None:
        """Leave out the rows at these positions."""
        if positions:
            self.positions = [one for one in self.positions if one not in positions]

    def _make(self, column: Column, position: int) -> list[SqlValue]:
        items = self._answer.items
        if column.origin is Origin.MEMBER:
            cells = self._answer.cells[position] = column.cells(items)
            return cells
        if column.origin is Origin.ARN:
            cells = self._answer.cells[position] = self._arns()
            return cells
        cells = self._lane_cells[position] = [self._of_call(column)] * len(items)
        return cells

    def _of_call(self, column: Column) -> SqlValue:
        assert self._call is not None
        lane = self._call.lane
        if column.origin is Origin.PARAMETER:
            value: SqlValue = dict(self._call.parameters)[
                parameter_of(self._call.operation, column.name)
            ]
            return value
        if column.name == "region":
            return lane.region
        if column.name == "profile":
            return lane.account.profile
        try:
            return self._estate.account_id(lane.account)
        except CallFailed as failure:
            self._failed(self._estate.identity_call(lane.account), failure)
            return self._estate.stand_in(lane.account)

    def _arns(self) -> list[SqlValue]:
        assert self._call is not None
        table, lane = self._table, self._call.lane
        fixed = {"partition": lane.account.partition(lane.region), "region": lane.region}
        parts = [self.cells(table.index[name]) for name in table.key]
        return [
            None
            if None in key
            else table.arn.format_map(fixed | dict(zip(table.key, key, strict=True)))
            for key in zip(*parts, strict=True)
        ]

    def _wanted(self, keys: Keys) -> Sequence[int]:
        """Return the positions of the rows that can match, by the first pinned key column."""
        for name in self._table.key:
            pinned = keys.pinned.get(name)
            column = self._table.index[name]
            if pinned is None or self._table.columns[column].origin is not Origin.MEMBER:
                continue
            self.cells(column)
            index = self._answer.positions(column)
            return sorted(itertools.chain.from_iterable(index.get(one, ()) for one in pinned))
        return range(self._answer.count)


def rowid_of(identity: Identity) -> int:
    """Return the number of the row with this identity."""
    digest = blake2b(repr(identity).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@functools.cache
def parameter_of(read: Read, column: str) -> str:
    """Return the AWS parameter that takes a key column's value."""
    return next(name for name, taken in read.parameters.items() if taken == column)


# Profile, region and the values of the table's key: what distinguishes a row from all others.
Identity = tuple[SqlValue, ...]
