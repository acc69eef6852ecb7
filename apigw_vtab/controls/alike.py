"""Which alarms are alike: their remedy differs in nothing but the ids of the rows."""

from __future__ import annotations

from collections.abc import Collection

from apigw_vtab.controls.packed import Row
from apigw_vtab.controls.remedy import DeclaredChange
from apigw_vtab.sqlite.copies import Copies
from apigw_vtab.writes.transaction import LANE_COLUMNS

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
        groups: dict[Row, list[Row]] = {}
        left = set(keys)
        for place in {key[:at] for key in keys}:
            found: dict[Row, Row] = {}
            twice = set()
            for row in self._copies.rows_at(name, place, columns):
                key = row[:end]
                if key in keys:
                    if key in found:
                        twice.add(key)
                    found[key] = row[end:]
            first: dict[Row, Row] = {}
            for key, kind in found.items():
                # Of two rows with one key, nobody knows which is meant.
                if key not in twice:
                    groups.setdefault(first.setdefault(kind, key), []).append(key)
            left -= found.keys() - twice
        of_kind = {one: others[1:] for one, others in groups.items()}
        return of_kind | {key: [] for key in left}
