"""What SQL has changed and AWS does not know about yet.

A change is one AWS operation to come. Until COMMIT it is a plan, which ROLLBACK drops; reads on
the same connection see it, as they would in SQLite's own tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.scan.batch import Identity
from apigw_vtab.tables.declaration import Table, Write
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes import patches

# Begins the key of a resource that AWS has not made yet, as it begins a variable in a shell.
PLACEHOLDER = "$"


def is_placeholder(value: object) -> bool:
    """Return whether this stands for an id that AWS will assign."""
    return isinstance(value, str) and value.startswith(PLACEHOLDER)


@dataclass(frozen=True, eq=False)
class Change:
    """One operation that is to be sent, for one row.

    `key` gives the row's key columns; in a new row, the one that AWS chooses has a placeholder.
    `old` and `new` give the columns that change; `old` is empty for a new row, and `new` for one
    that is deleted.
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
        """What distinguishes the row from all others."""
        return (self.lane.account.profile, self.lane.region, *self.key.values())

    @property
    def placeholder(self) -> str | None:
        """The placeholder for the id of a new row."""
        last = list(self.key.values())[-1]
        return last if self.is_insert and is_placeholder(last) else None

    def at(self, key: Mapping[str, str]) -> Change:
        """Return the change with AWS's own ids for its key."""
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
        """Whether nothing would change, so there is nothing to send."""
        return self.is_update and not self.parameters["patchOperations"]

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the AWS operation, with placeholders for ids to come."""
        return self._parameters()

    def _parameters(self) -> dict[str, Any]:
        values = {**self.new, **self.key}
        given = {
            parameter: _parameter(self.table, column, values[column])
            for parameter, column in self.write.parameters.items()
            if values.get(column) is not None
        }
        if self.write.patches:
            given["patchOperations"] = patches.operations(self.table, self.old, self.new)
        return given

    def check(self) -> None:
        """Raise UsageError for a value that AWS cannot take, before anything is sent."""
        self._parameters()

    def __str__(self) -> str:
        """Return the operation with its resource."""
        where = f"in {self.lane.region} (profile {self.lane.account.profile})"
        key = [value for value in self.key.values() if value != self.placeholder]
        if stage := self.new.get("stage_name"):
            key.append(str(stage))
        return " ".join(filter(None, (self.write.name, "/".join(key), where)))


def _parameter(table: Table, column: str, value: SqlValue) -> Any:
    if table.columns[table.index[column]].kind == "map":
        return patches.document(table.columns[table.index[column]], value)
    return str(value)
