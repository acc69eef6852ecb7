"""What SQL has changed and AWS does not know of yet: changes, and how they look to a reader.

A change is one AWS operation to come. Until COMMIT it is a plan, which ROLLBACK drops; reads on
the same connection see it, as they would in SQLite's own tables.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.tables.declaration import SqlValue, Table, Write
from apigw_vtab.writes import patches

# Begins the key of a resource that AWS has not made yet, as a variable of a shell does.
PLACEHOLDER = "$"

# Profile, region and the values of the table's key: what tells one row from all others.
Identity = tuple[SqlValue, ...]


def is_placeholder(value: object) -> bool:
    """Whether this stands for an id that AWS will give."""
    return isinstance(value, str) and value.startswith(PLACEHOLDER)


@dataclass(frozen=True, eq=False)
class Change:
    """One operation that is to be sent, for one row.

    `key` gives the row's key columns; of a row that is to be made, the one that AWS chooses has a
    placeholder. `old` and `new` give the columns that change; `old` is empty for a new row, and
    `new` for one that is deleted.
    """

    number: int
    table: Table
    write: Write
    lane: Lane
    key: Mapping[str, str]
    old: Mapping[str, SqlValue] = field(default_factory=dict)
    new: Mapping[str, SqlValue] = field(default_factory=dict)

    @property
    def identity(self) -> Identity:
        """What tells the row from all others."""
        return (self.lane.account.profile, self.lane.region, *self.key.values())

    @property
    def placeholder(self) -> str | None:
        """What stands for the id of a row that is to be made."""
        last = list(self.key.values())[-1]
        return last if self.is_insert and is_placeholder(last) else None

    def at(self, key: Mapping[str, str]) -> Change:
        """Give the change with AWS's own ids for its key."""
        return replace(self, key=key)

    @property
    def is_insert(self) -> bool:
        """Whether this makes a row."""
        return self.write is self.table.insert

    @property
    def is_update(self) -> bool:
        """Whether this changes a row."""
        return self.write is self.table.update

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change, so that there is nothing to send."""
        return self.is_update and not self.parameters["patchOperations"]

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the AWS operation, with placeholders for ids to come."""
        values = {**self.new, **self.key}
        given = {
            parameter: _parameter(self.table, column, values[column])
            for parameter, column in self.write.parameters.items()
            if values.get(column) is not None
        }
        if self.write.patches:
            given["patchOperations"] = patches.operations(self.table, self.old, self.new)
        return given

    def __str__(self) -> str:
        """Name the operation and its resource."""
        where = f"in {self.lane.region} (profile {self.lane.account.profile})"
        key = [value for value in self.key.values() if value != self.placeholder]
        if stage := self.new.get("stage_name"):
            key.append(str(stage))
        return " ".join(filter(None, (self.write.operation, "/".join(key), where)))


def _parameter(table: Table, column: str, value: SqlValue) -> Any:
    if table.columns[table.index[column]].kind == "map":
        return patches.document(table.columns[table.index[column]], value)
    return str(value)


class Overlay:
    """How the changes of a table look to whoever reads it."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self.inserted: dict[Identity, Change] = {}
        self.updated: dict[Identity, dict[str, SqlValue]] = {}
        self.deleted: set[Identity] = set()
        for change in changes:
            if change.is_insert:
                self.inserted[change.identity] = change
            elif change.is_update:
                self.updated.setdefault(change.identity, {}).update(change.new)
            else:
                self.deleted.add(change.identity)


@dataclass
class _OfTable:
    """The changes of one table, and those that there were at each savepoint."""

    changes: list[Change] = field(default_factory=list)
    marks: dict[int, list[Change]] = field(default_factory=dict)


class Changes:
    """The changes of a connection that were not sent, in the order in which SQL made them.

    SQLite tells each table by itself of savepoints: https://sqlite.org/vtab.html#xsavepoint
    """

    def __init__(self) -> None:
        self._tables: dict[str, _OfTable] = {}
        self._planned: list[Change] = []
        self._numbers = itertools.count(1)
        self._placeholders = itertools.count(1)

    def insert(self, table: Table, lane: Lane, key: Mapping[str, str], new: Any) -> Change:
        """Take down a row to be made; give the change, whose key has a placeholder."""
        assert table.insert is not None
        name = table.key[-1].removesuffix("_id").removeprefix("client_")
        made = {**key, table.key[-1]: f"{PLACEHOLDER}{name}_{next(self._placeholders)}"}
        change = Change(next(self._numbers), table, table.insert, lane, made, {}, new)
        self._of(table).changes.append(change)
        return change

    def update(
        self, table: Table, lane: Lane, key: Mapping[str, str], old: Any, new: Any
    ) -> Change:
        """Take down a row's new values; one call does for several changes of a row."""
        assert table.update is not None
        change = Change(next(self._numbers), table, table.update, lane, key, old, new)
        mine = self._of(table).changes
        # What was made or deleted in between may be what the earlier change needs, or not yet.
        others = [one.number for one in self.pending if one.lane is lane and not one.is_update]
        for position, one in enumerate(mine):
            if one.identity == change.identity and one.is_update and one.number > max([0, *others]):
                merged = replace(one, old={**change.old, **one.old}, new={**one.new, **change.new})
                mine[position] = merged
                return merged
        mine.append(change)
        return change

    def delete(self, table: Table, lane: Lane, key: Mapping[str, str], old: Any) -> Change:
        """Take down a row to be deleted."""
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
        """Give how a table's changes look to a reader; None where there are none."""
        mine = self._tables.get(table.name)
        planned = [change for change in self._planned if change.table is table]
        changes = planned + (mine.changes if mine else [])
        return Overlay(changes) if changes else None

    def mark(self, table: Table, level: int) -> None:
        """Take note of a savepoint."""
        mine = self._of(table)
        mine.marks[level] = list(mine.changes)

    def release(self, table: Table, level: int) -> None:
        """Forget the savepoints from a level on."""
        marks = self._of(table).marks
        for one in [one for one in marks if one >= level]:
            del marks[one]

    def roll_back(self, table: Table, level: int) -> None:
        """Go back to a savepoint; one from before the table's first change has none of them."""
        mine = self._of(table)
        mine.changes = list(mine.marks.get(level, ()))

    def levels(self) -> dict[str, frozenset[int]]:
        """Give the savepoints that are open."""
        return {name: frozenset(mine.marks) for name, mine in self._tables.items()}

    def roll_back_to(self, levels: Mapping[str, frozenset[int]]) -> None:
        """Go back to the first savepoint that is open and was not when these were."""
        for name, mine in self._tables.items():
            later = sorted(mine.marks.keys() - levels.get(name, frozenset()))
            if later:
                mine.changes = mine.marks[later[0]]
            for level in later:
                del mine.marks[level]

    def plan(self) -> None:
        """Keep what is pending as if it had been sent: a dry run goes on from there."""
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
