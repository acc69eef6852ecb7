"""One answer as rows, in columns that are made when they are first read."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from hashlib import blake2b

from apigw_vtab.aws.account_calls import identity_call
from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Answer, Call, Rows
from apigw_vtab.aws.estate import Estate, Failed
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.scan.rows import (
    cells_of,
    differs_by_row,
    parameter,
    positions_of,
    rows_of,
)
from apigw_vtab.tables.columns import Column, Origin
from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.keys import Keys
from apigw_vtab.tables.values import SqlValue


class Batch:
    """The rows of one answer, in columns that are made when they are first read."""

    __slots__ = ("_call", "_estate", "_failed", "_lane_cells", "_rows", "_table", "positions")

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
        self._rows = rows_of(answer, table, call.read) if call else Rows(answer)
        self._estate = estate
        self._failed = failed
        self._lane_cells: dict[int, list[SqlValue]] = {}
        self.positions: Sequence[int] = self._wanted(keys)

    def cells(self, column: int) -> list[SqlValue]:
        """Return a column's values for all items of the answer."""
        cells = self._rows.cells.get(column) or self._lane_cells.get(column)
        if cells is None:
            cells = self._make(self._table.columns[column], column)
        return cells

    def rowid(self, position: int) -> int:
        """Return a row's number: the same for the same resource in every scan."""
        return position + 1 if self._call is None else rowid_of(self._identity(position))

    def value(self, name: str, position: int) -> SqlValue:
        """Return a cell as AWS has it."""
        return self.cells(self._table.index[name])[position]

    def place(self, position: int) -> tuple[Lane, dict[str, str | None]]:
        """Return the lane of a row, and its key; a part that AWS leaves out is None."""
        assert self._call is not None
        values = {name: self.value(name, position) for name in self._table.key}
        key = {name: None if value is None else str(value) for name, value in values.items()}
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
        if not key and self._table.update is None:
            key = [position]
        # Without a key, what can be changed is the only one of its account and region.
        return (lane.account.label, lane.region, *key)

    def key(self, position: int, columns: Sequence[str]) -> RowKey | None:
        """Return the lane of a row and its values in some columns; None if it has not all."""
        if self._call is None or not self._table.index.keys() >= set(columns):
            return None
        return self._call.lane, tuple(self.value(name, position) for name in columns)

    def keys_to_come(self, after: int, keys: Keys, columns: Sequence[str]) -> Iterator[RowKey]:
        """Yield lane and values of the rows after a position that SQLite is expected to keep."""
        assert self._call is not None
        table = self._table
        tests = [(self.cells(table.index[name]), test) for name, test in keys.foresight]
        cells = [self.cells(table.index[name]) for name in columns]
        for position in self.positions:
            if position > after and all(test(some[position]) for some, test in tests):
                yield self._call.lane, tuple(some[position] for some in cells)

    def leave_out(self, positions: frozenset[int]) -> None:
        """Leave out the rows at these positions."""
        if positions:
            self.positions = [one for one in self.positions if one not in positions]

    def put_away(self, *, if_packed: bool = False) -> None:
        """Forget the cells, and compress what they are made from; `if_packed`: only again."""
        self._rows.put_away(if_packed=if_packed)
        self._lane_cells.clear()

    def _make(self, column: Column, position: int) -> list[SqlValue]:
        rows = self._rows
        if column.origin is Origin.MEMBER and not rows.outer:
            cells = rows.cells[position] = column.cells(rows.items)
            return cells
        if differs_by_row(self._table, rows, column.name):
            return cells_of(self._table, rows, position)
        if column.origin is Origin.ARN:
            cells = self._rows.cells[position] = self._arns()
            return cells
        cells = self._lane_cells[position] = [self._of_call(column)] * self._rows.count
        return cells

    def _of_call(self, column: Column) -> SqlValue:
        assert self._call is not None
        lane = self._call.lane
        if column.origin in (Origin.PARAMETER, Origin.OUTER):
            return parameter(self._call, column.name)
        if column.name == "region":
            return lane.region
        if column.name != "account_id":
            return self._estate.fact(lane.account, column.name, self._failed)
        try:
            return self._estate.account_id(lane.account)
        except CallFailed as failure:
            self._failed(identity_call(lane.account), failure)
            return self._estate.stand_in(lane.account)

    def _arns(self) -> list[SqlValue]:
        assert self._call is not None
        table, lane = self._table, self._call.lane
        fixed = {"partition": lane.account.partition(lane.region), "region": lane.region}
        named = [name for name in table.arn_columns if name not in fixed]
        parts = [self.cells(table.index[name]) for name in named]
        if not named:
            return [table.arn.format_map(fixed)] * self._rows.count
        made: list[SqlValue] = [
            None
            if None in values
            else table.arn.format_map(fixed | dict(zip(named, values, strict=True)))
            for values in zip(*parts, strict=True)
        ]
        if not table.arn_given:
            return made
        given = self.cells(table.index[table.arn_given])
        return [one or other for one, other in zip(given, made, strict=True)]

    def _wanted(self, keys: Keys) -> Sequence[int]:
        """Return the positions of the rows that can match, by the first pinned key column."""
        for name in self._table.key:
            pinned = keys.pinned.get(name)
            if pinned is not None and differs_by_row(self._table, self._rows, name):
                return positions_of(self._table, self._rows, self._table.index[name], pinned)
        return range(self._rows.count)


def rowid_of(identity: Identity) -> int:
    """Return the number of the row with this identity."""
    digest = blake2b(repr(identity).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


# Profile, region and the values of the table's key: what distinguishes a row from all others.
Identity = tuple[SqlValue, ...]

# The lane of a row, and its values in the columns with which other rows are asked for.
RowKey = tuple[Lane, tuple[SqlValue, ...]]
