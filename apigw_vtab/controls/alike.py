"""Which alarms are alike: their remedy differs in nothing but the ids of the rows."""

from __future__ import annotations

from collections.abc import Collection

from apigw_vtab.controls.packed import Row
from apigw_vtab.controls.remedy import LANE_COLUMNS, DeclaredChange
from apigw_vtab.sqlite.copies import Copies

# Fewer alarms are not worth going through all rows of their accounts and regions.
AT_LEAST = 100


class AlikeAlarms:
    """The alarms of a control whose rows have the same values where its remedy looks."""

    def __init__(self, copies: Copies, change: DeclaredChange) -> None:
        self._copies = copies
        self._change = change
        self._decides = sorted(change.decides or ())
        self._is_plain = change.decides is not None

    def groups(self, keys: Collection[Row]) -> dict[Row, list[Row]]:
        """Return one alarm of each kind, by its key, with the keys of the others.

        Where it is not known which are alike, each is of its own kind.
        """
        name = self._change.table.name
        columns = [*self._change.columns, *self._decides]
        if len(keys) < AT_LEAST or not self._is_plain or not self._copies.copy_of(name, columns):
            return {key: [] for key in keys}
        at, end = len(LANE_COLUMNS), len(self._change.columns)
        found: dict[Row, Row | None] = {}
        for row in self._copies.rows_at(name, {key[:at] for key in keys}, columns):
            key = row[:end]
            if key in keys:
                # Of two rows with one key, nobody knows which is meant.
                found[key] = None if key in found else (*row[:at], *row[end:])
        first: dict[Row | None, Row] = {}
        groups: dict[Row, list[Row]] = {key: [] for key in keys if found.get(key) is None}
        for key, kind in found.items():
            if kind is not None and (one := first.setdefault(kind, key)) != key:
                groups[one].append(key)
            elif kind is not None:
                groups[key] = []
        return groups
