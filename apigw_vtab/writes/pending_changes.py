"""The changes of a connection that have not been sent, in the order in which SQL made them.

Until COMMIT they are a plan, which ROLLBACK drops; reads on the same connection see it, as they
would in SQLite's own tables.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.scan.batch import Identity
from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes.changes import PLACEHOLDER, Change, Key, Reference
from apigw_vtab.writes.pending_rows import Overlay
from apigw_vtab.writes.sequence import check, in_sequence, write_of_updates


@dataclass
class _OfTable:
    """The changes of one table, and how many there were at each of SQLite's savepoints.

    `planned` are those that a dry run took: they were not sent, and are no longer pending.
    """

    changes: list[Change] = field(default_factory=list)
    planned: list[Change] = field(default_factory=list)
    marks: dict[int, int] = field(default_factory=dict)
    overlay: Overlay = field(default_factory=Overlay)

    def cut(self, length: int) -> None:
        """Drop all changes but the first `length`."""
        if length < len(self.changes):
            del self.changes[length:]
            self.overlay = Overlay([*self.planned, *self.changes])


class PendingChanges:
    """The changes of a connection, by table.

    SQLite reports savepoints to each table separately: https://sqlite.org/vtab.html#xsavepoint
    """

    def __init__(self) -> None:
        self._tables: dict[str, _OfTable] = {}
        self._numbers = itertools.count(1)
        self._placeholders = itertools.count(1)

    def insert(
        self, table: Table, lane: Lane, key: Mapping[str, str], new: Mapping[str, SqlValue]
    ) -> Change:
        """Record a row to be made; return the change, whose key has a placeholder.

        Raises UsageError for a value that AWS cannot take, and then records nothing.
        """
        assert table.insert is not None
        name = table.key[-1].removesuffix("_id").removeprefix("client_")
        placeholder = f"{PLACEHOLDER}{name}_{next(self._placeholders)}"
        made = {**key, table.key[-1]: placeholder}
        number = next(self._numbers)
        return self._add(
            Change(number, table, table.insert, lane, made, {}, new, placeholder=placeholder)
        )

    def update(
        self,
        table: Table,
        lane: Lane,
        key: Key,
        old: Mapping[str, SqlValue],
        new: Mapping[str, SqlValue],
        beside: Mapping[str, SqlValue],
    ) -> Change:
        """Record a row's new values; `old` are AWS's own, and `beside` those of other columns.

        Raises UsageError as insert does.
        """
        write = write_of_updates(table)
        assert write is not None
        number = next(self._numbers)
        change = Change(number, table, write, lane, key, old, new, beside=beside)
        earlier = self._of(table).overlay.updated.get(change.identity)
        if earlier:
            old, beside = (
                {name: earlier.get(name, value) for name, value in values.items()}
                for values in (old, beside)
            )
            change = replace(change, old=old, beside=beside)
        return self._add(change)

    def delete(self, table: Table, lane: Lane, key: Key, old: Mapping[str, SqlValue]) -> Change:
        """Record that a row is to be deleted."""
        assert table.delete is not None
        return self._add(Change(next(self._numbers), table, table.delete, lane, key, old))

    @property
    def pending(self) -> list[Change]:
        """What COMMIT will send, in the order in which SQL made it: as few calls as can be.

        Two updates of a row are not one where something was made or deleted in between, which
        may be what the earlier one needs, or what was made with it.
        """
        every = itertools.chain.from_iterable(one.changes for one in self._tables.values())
        merged: dict[int, Change] = {}
        first: dict[tuple[str, Identity, int], int] = {}
        others: Counter[Lane] = Counter()
        for change in sorted(every, key=lambda one: one.number):
            if not change.is_update:
                others[change.lane] += 1
                merged[change.number] = change
                continue
            place = (change.table.name, change.identity, others[change.lane])
            number = first.setdefault(place, change.number)
            before = merged.get(number)
            merged[number] = _both(before, change) if before else change
        return [one for change in merged.values() for one in in_sequence(change, self._numbers)]

    @property
    def references(self) -> frozenset[Reference]:
        """The placeholders of the rows that were made and not sent, each with its column."""
        return frozenset(
            (change.table.key[-1], change.placeholder)
            for mine in self._tables.values()
            for change in mine.overlay.inserted.values()
        )

    def stands_for_an_id(self, column: str, value: str) -> bool:
        """Return whether a value is the placeholder of a row that was made and not sent."""
        return value.startswith(PLACEHOLDER) and (column, value) in self.references

    def overlay(self, table: Table) -> Overlay | None:
        """Return how a table's changes look to a reader; None where there are none."""
        mine = self._tables.get(table.name)
        return mine.overlay if mine and mine.overlay else None

    def mark(self, table: Table, level: int) -> None:
        """Note a savepoint."""
        mine = self._of(table)
        mine.marks[level] = len(mine.changes)

    def release(self, table: Table, level: int) -> None:
        """Forget the savepoints from a level on."""
        mine = self._of(table)
        mine.marks = {one: length for one, length in mine.marks.items() if one < level}

    def roll_back(self, table: Table, level: int) -> None:
        """Go back to a savepoint; one from before the table's first change has none of them."""
        mine = self._of(table)
        mine.cut(mine.marks.get(level, 0))
        mine.marks = {one: length for one, length in mine.marks.items() if one <= level}

    def lengths(self) -> dict[str, int]:
        """Return how many changes each table has."""
        return {name: len(mine.changes) for name, mine in self._tables.items()}

    def since(self, lengths: Mapping[str, int]) -> list[Change]:
        """Return what was changed since the tables had so many changes, in SQL's order."""
        late = [
            change
            for name, mine in self._tables.items()
            for change in mine.changes[lengths.get(name, 0) :]
        ]
        late.sort(key=lambda change: change.number)
        return [one for change in late for one in in_sequence(change, self._numbers)]

    def cut(self, lengths: Mapping[str, int]) -> None:
        """Go back to when the tables had so many changes."""
        for name, mine in self._tables.items():
            mine.cut(lengths.get(name, 0))

    def plan(self) -> None:
        """Keep what is pending as if it had been sent: a dry run goes on from there."""
        for mine in self._tables.values():
            mine.planned += mine.changes
            mine.changes, mine.marks = [], {}

    def clear(self) -> None:
        """Drop what is pending: it was sent, or rolled back."""
        for mine in self._tables.values():
            mine.cut(0)
            mine.marks = {}
        if not any(mine.planned for mine in self._tables.values()):
            # No row has one any more: the next is the first again, as the commands name it.
            self._placeholders = itertools.count(1)

    def forget_plan(self) -> None:
        """Drop what was planned in a dry run."""
        for mine in self._tables.values():
            mine.planned = []
            mine.overlay = Overlay(mine.changes)

    def _add(self, change: Change) -> Change:
        check(change)
        mine = self._of(change.table)
        mine.changes.append(change)
        mine.overlay.add(change)
        return change

    def _of(self, table: Table) -> _OfTable:
        return self._tables.setdefault(table.name, _OfTable())


def _both(first: Change, then: Change) -> Change:
    """Return one change that does what two updates of a row do, one after the other."""
    old, new = {**then.old, **first.old}, {**first.new, **then.new}
    return replace(first, old=old, new=new, beside={**first.beside, **then.beside})
