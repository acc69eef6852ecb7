"""The keys that a scan may be limited to."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from apigw_vtab.tables.declaration import Read
from apigw_vtab.tables.values import SqlValue


@dataclass(frozen=True)
class Keys:
    """What a scan may be limited to.

    `pinned` gives the only values that a column can have, in a fixed order; `tests` gives the
    tests that a column's value must also pass. `limit` is the most rows that SQLite will read.
    `foresight` gives the tests that a row must pass for SQLite to keep it, as far as known.
    """

    read: Read | None
    pinned: Mapping[str, tuple[str, ...]]
    tests: Mapping[str, tuple[Callable[[str], bool], ...]]
    limit: float = math.inf
    foresight: tuple[tuple[str, Callable[[SqlValue], bool]], ...] = ()

    def admits(self, column: str, value: str) -> bool:
        """Return whether a row with this value in this column can be wanted at all."""
        pinned = self.pinned.get(column)
        if pinned is not None and value not in pinned:
            return False
        return all(test(value) for test in self.tests.get(column, ()))
