"""A call: one AWS operation with its parameters in one lane, and its answer."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.secrets_in_use import without_secrets
from apigw_vtab.tables.declaration import Operation, Read
from apigw_vtab.tables.values import Item, SqlValue


class Call(NamedTuple):
    """One AWS operation with its parameters in one lane."""

    lane: Lane
    operation: Operation
    parameters: tuple[tuple[str, Any], ...] = ()

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
        return CallFailed(
            self.lane.account.profile,
            self.lane.region,
            self.operation.service,
            self.operation.name,
            code,
            without_secrets(detail),
        )


class Answer:
    """What a call returned: its items, the next page's token, and cells made from the items."""

    __slots__ = ("_items", "_packed", "cells", "count", "index", "token", "twice")

    def __init__(self, items: Sequence[Item], token: str | None = None) -> None:
        self._items: Sequence[Item] | None = items
        self._packed = b""
        self.count = len(items)
        self.token = token
        self.cells: dict[int, list[SqlValue]] = {}
        self.index: dict[int, dict[SqlValue, list[int]]] = {}
        # After which pages, which of its items had come before, and what names those and this one.
        self.twice: tuple[object, frozenset[int], object] | None = None

    @property
    def items(self) -> Sequence[Item]:
        """The items, as AWS gave them."""
        # Several threads may get here at once: each continues with what it saw.
        items = self._items
        if items is None:
            items = self._items = pickle.loads(zlib.decompress(self._packed))
        return items

    def positions(self, column: int) -> dict[SqlValue, list[int]]:
        """Return where each value of a column stands; the column's cells must have been made."""
        found = self.index.get(column)
        if found is None:
            found = {}
            for position, value in enumerate(self.cells[column]):
                found.setdefault(value, []).append(position)
            self.index[column] = found
        return found

    def pack(self) -> None:
        """Compress the items, to about a tenth of their size, until they are read."""
        if self._items is not None and not self.cells:
            self._packed = self._packed or zlib.compress(pickle.dumps(self._items, -1), 1)
            self._items = None


def parameters_of(read: Read, key: Sequence[str]) -> tuple[tuple[str, object], ...]:
    """Return the parameters of a call: the key's values, the fixed ones, the page size."""
    page: tuple[tuple[str, object], ...] = ()
    if read.page:
        size = str(read.page.size) if read.page.as_text else read.page.size
        page = ((read.page.size_member, size),)
    return (*zip(read.parameters, key, strict=True), *read.constants.items(), *page)
