"""The changes of a connection that have not been sent, in the order in which SQL made them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.tables.declaration import Table
from apigw_vtab.writes.changes import PLACEHOLDER, Change
from apigw_vtab.writes.pending_rows import Overlay


@dataclass
class _OfTable:
    """The changes of one table, now and at each savepoint."""

    changes: list[Change] = field(default_factory=list)
    marks: dict[int, list[Change]] = field(default_factory=dict)


class PendingChanges:
    """The changes of a connection that have not been sent, in the order in which SQL made them.

    SQLite reports savepoints to each table separately: https://sqlite.org/vtab.html#xsavepoint
    """

    def __init__(self) -> None:
        self._tables: dict[str, _OfTable] = {}
        self._planned: list[Change] = []
        self._numbers = itertools.count(1)
        self._placeholders = itertools.count(1)

    def insert(self, table: Table, lane: Lane, key: Mapping[str, str], new: Any) -> Change:
        """Record a row to be made, and return the change, whose key has a placeholder."""
        assert table.insert is not None
        name = table.key[-1].removesuffix("_id").removeprefix("client_")
        made = {**key, table.key[-1]: f"{PLACEHOLDER}{name}_{next(self._placeholders)}"}
        change = Change(next(self._numbers), table, table.insert, lane, made, {}, new)
        self._of(table).changes.append(change)
        return change

    def update(
        self, table: Table, lane: Lane, key: Mapping[str, str], old: Any, new: Any
    ) -> Change:
        """Record a row's new values, and return the change: one for several updates of a row."""
        assert table.update is not None
        change = Change(next(self._numbers), table, table.update, lane, key, old, new)
        mine = self._of(table).changes
        # Not across an insert or a delete: the new values may need what was made in between.
        others = [one.number for one in self.pending if one.lane is lane and not one.is_update]
        for position, one in enumerate(mine):
            if one.identity == change.identity and one.is_update and one.number > max([0, *others]):
                merged = replace(one, old={**change.old, **one.old}, new={**one.new, **change.new})
                mine[position] = merged
                return merged
        mine.append(change)
        return change

    def delete(self, table: Table, lane: Lane, key: Mapping[str, str], old: Any) -> Change:
        """Record a row to be deleted, and return the change."""
        assert table.delete is not None
        change = Change(next(self._numbers), table, table.delete, lane, key, old)
        self._of(table).changes.append(change)
        return change

    @property
    def pending(self) -> Sequence[Change]:
        """What COMMIT will send, in the order in which SQL made it."""
        every = itertools.chain.from_iterable(one.changes for one in self._tables.values())
        return sorted(every, key=lambda change: change.number)

    def overlay(self, table: Table) -> Overlay | None:
        """Return a table's changes as a reader sees them; None if there are none."""
        mine = self._tables.get(table.name)
        planned = [change for change in self._planned if change.table is table]
        changes = planned + (mine.changes if mine else [])
        return Overlay(changes) if changes else None

    def mark(self, table: Table, level: int) -> None:
        """Record a savepoint."""
        mine = self._of(table)
        mine.marks[level] = list(mine.changes)

    def release(self, table: Table, level: int) -> None:
        """Forget the savepoints from a level on."""
        marks = self._of(table).marks
        for one in [one for one in marks if one >= level]:
            del marks[one]

    def roll_back(self, table: Table, level: int) -> None:
        """Go back to a savepoint; one from before the table's first change leaves no changes."""
        mine = self._of(table)
        mine.changes = list(mine.marks.get(level, ()))

    def levels(self) -> dict[str, frozenset[int]]:
        """Return the open savepoints of each table."""
        return {name: frozenset(mine.marks) for name, mine in self._tables.items()}

    def roll_back_to(self, levels: Mapping[str, frozenset[int]]) -> None:
        """Go back, in each table, to the first open savepoint that is not among these levels."""
        for name, mine in self._tables.items():
            later = sorted(mine.marks.keys() - levels.get(name, frozenset()))
            if later:
                mine.changes = mine.marks[later[0]]
            for level in later:
                del mine.marks[level]

    def plan(self) -> None:
        """Keep what is pending as if it had been sent: a dry run continues from there."""
        self._planned += self.pending
        self._tables.clear()

    def clear(self) -> None:
        """Drop what is pending: it was sent, or rolled back."""
        self._tables.clear()

    def forget_plan(self) -> None:
        """Drop what was planned in a dry run."""
        self._planned.clear()

    def _of(self, table: Table) -> _OfTable:
        return self._tables.setdefault(table.name, _OfTable())
