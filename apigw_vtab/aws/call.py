"""A call: one AWS operation with its parameters in one lane, and its answer."""

from __future__ import annotations

import functools
import pickle
import zlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.secrets_in_use import without_secrets
from apigw_vtab.tables.declaration import Operation, Read, Table
from apigw_vtab.tables.values import Item, SqlValue


class Call(NamedTuple):
    """One AWS operation with its parameters in one lane.

    `named` are the secret columns that a statement names; all others are dropped on arrival.
    """

    lane: Lane
    operation: Operation
    parameters: tuple[tuple[str, Any], ...] = ()
    named: tuple[str, ...] = ()

    @property
    def read(self) -> Read:
        """The operation; the call must be one that reads."""
        assert isinstance(self.operation, Read)
        return self.operation

    def turn_page(self, token: str) -> Call:
        """Return the call for the page that `token` names."""
        page = self.read.page
        assert page is not None
        name = page.token_member
        kept = (pair for pair in self.parameters if pair[0] != name)
        return self._replace(parameters=(*kept, (name, token)))

    def failed(self, code: str, detail: str) -> CallFailed:
        """Return the error that says why this call got no answer."""
        account = self.lane.account
        return CallFailed(
            account.profile,
            self.lane.region,
            self.operation.service,
            self.operation.name,
            code,
            without_secrets(detail),
            label=account.label,
        )


# What most rows take from around them.
NOTHING: Mapping[str, list[Any]] = {}


class Rows:
    """A table's rows in an answer, and cells made from them.

    `outer` holds what each row takes from around it, by column, where the rows lie inside the
    answer's items. `is_broken` says that something there was not what the model says.
    """

    __slots__ = ("_answer", "_items", "cells", "index", "is_broken", "outer", "twice")

    def __init__(self, answer: Answer, items: list[Item] | None = None) -> None:
        self._answer = answer
        self._items = items
        self.cells: dict[int, list[SqlValue]] = {}
        self.index: dict[int, dict[SqlValue, list[int]]] = {}
        self.outer: Mapping[str, list[Any]] = NOTHING
        self.is_broken = False
        # After which pages, which of the rows had come before, and what names those and this one.
        self.twice: tuple[object, frozenset[int], object] | None = None

    @property
    def items(self) -> Sequence[Item]:
        """The rows, as AWS gave them."""
        return self._answer.items if self._items is None else self._items

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self._answer.count if self._items is None else len(self._items)

    def rests(self) -> bool:
        """Return whether nothing is left here of the items, once what can be found again goes."""
        self.index.clear()
        return self._items is None

    def put_away(self, *, if_packed: bool = False) -> None:
        """Forget the cells, and compress the items; `if_packed`: where that was done before."""
        if self._answer.was_packed or not if_packed:
            self.cells.clear()
            self._answer.pack()

    def add(self, item: Item) -> None:
        """Add a row that was found inside an item."""
        assert self._items is not None
        self._items.append(item)


class Answer:
    """What a call returned: its items, the next page's token, and each table's rows in them."""

    __slots__ = ("_items", "_packed", "count", "token", "views")

    def __init__(self, items: Sequence[Item], token: str | None = None) -> None:
        self._items: Sequence[Item] | None = items
        self._packed = b""
        self.count = len(items)
        self.token = token
        self.views: dict[Table, Rows] = {}

    @property
    def items(self) -> Sequence[Item]:
        """The items, as AWS gave them."""
        # Several threads may get here at once: each continues with what it saw.
        items = self._items
        if items is None:
            items = self._items = pickle.loads(zlib.decompress(self._packed))
        return items

    @property
    def was_packed(self) -> bool:
        """Whether the items were compressed before, which they then are again for nothing."""
        return bool(self._packed)

    def pack(self) -> None:
        """Compress the items, to about a tenth of their size, until they are read."""
        if self._items is not None and not any(one.cells for one in list(self.views.values())):
            # What came twice in it stays known.
            self.views = {table: rows for table, rows in self.views.items() if rows.rests()}
            self._packed = self._packed or zlib.compress(pickle.dumps(self._items, -1), 1)
            self._items = None


def call_of(
    lane: Lane, read: Read, values: Mapping[str, str | None], columns: Collection[str] = ()
) -> Call:
    """Return a call with a value for each column that its parameters come from; NULL: left out.

    `columns` are those that the statement reads: for some of them AWS must be asked in words.
    """
    parameters = tuple(
        (name, value)
        for name, column in read.parameters.items()
        if (value := values.get(column)) not in (None, "")
    )
    asked: tuple[str, ...] = ()
    if read.asks or read.secrets:
        asked = tuple(sorted({*read.asks, *read.secrets}.intersection(columns)))
    named = tuple(one for one in asked if one in read.secrets)
    return Call(lane, read, parameters + _fixed(read, asked), named)


@functools.cache
def _fixed(read: Read, asked: tuple[str, ...]) -> tuple[tuple[str, Any], ...]:
    """Return the parameters that do not depend on a row: the constants and the page's size."""
    constants = dict(read.sent)
    for column in asked:
        constants |= read.asks.get(column, {})
    if read.page:
        size = str(read.page.size) if read.page.as_text else read.page.size
        constants[read.page.size_member] = size
    return tuple(constants.items())
