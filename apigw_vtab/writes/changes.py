"""What SQL has changed and AWS does not know about yet: one change is one AWS operation to come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.scan.batch import Identity
from apigw_vtab.tables.declaration import Table, Write
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes import members, patches
from apigw_vtab.writes.needs import goes_along

# Begins the key of a resource that AWS has not made yet, as it begins a variable in a shell.
PLACEHOLDER = "$"

# The values of a row's key columns; one that AWS leaves out is None.
Key = Mapping[str, str | None]
# A table's name with the values of its key: one resource of an account and region.
Resource = tuple[SqlValue, ...]
# The column that holds a placeholder, and the placeholder: elsewhere the same text is a text.
Reference = tuple[str, SqlValue]


@dataclass(frozen=True, eq=False)
class Change:
    """What is to be sent for one row: of an UPDATE, what SQL changed, or one of its operations.

    `key` holds the row's key columns. `old` and `new` hold the columns that change; `old` is empty
    for a new row, and `new` for one that is deleted. `beside` holds other columns of the row that
    an operation needs. `given` are parameters that do not come from a column as it is.
    `placeholder` stands in the key for the id that AWS will choose for a new row.
    """

    number: int
    table: Table
    write: Write
    lane: Lane
    key: Key
    old: Mapping[str, SqlValue] = field(default_factory=dict)
    new: Mapping[str, SqlValue] = field(default_factory=dict)
    placeholder: str | None = None
    beside: Mapping[str, SqlValue] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> Identity:
        """What distinguishes the row from all others."""
        return (self.lane.account.label, self.lane.region, *self.key.values())

    @property
    def resources(self) -> Iterator[Resource]:
        """The resources that this makes, changes or deletes: what is done to one has an order."""
        values = {**self.new, **self.key}
        yield (self.table.name, *self.key.values())
        if self.is_update:
            # What it touches besides are other rows of the same, or rows around it.
            return
        for table, columns in self.write.touches.items():
            if all(column in values for column in columns):
                yield (table, *(values[column] for column in columns))

    @property
    def references(self) -> Iterator[Reference]:
        """The columns and values that may stand for an id which AWS has not given out yet."""
        yield from self.new.items()
        yield from ((name, value) for name, value in self.key.items() if value != self.placeholder)

    def at(self, key: Key) -> Change:
        """Return the change with AWS's own ids for its key."""
        return replace(self, key=key)

    def with_ids(self, ids: Mapping[Reference, str]) -> Change:
        """Return the change with AWS's ids in place of the placeholders."""
        key = {name: ids.get((name, value), value) for name, value in self.key.items()}
        new, beside = (
            {name: ids.get((name, value), value) for name, value in values.items()}
            for values in (self.new, self.beside)
        )
        return replace(self, key=key, new=new, beside=beside)

    @property
    def is_insert(self) -> bool:
        """Whether this makes a row."""
        return self.write is self.table.insert

    @property
    def is_update(self) -> bool:
        """Whether this changes a row."""
        return not self.is_insert and self.write is not self.table.delete

    @property
    def body(self) -> dict[str, Any]:
        """The parameters that hold what changes. Raises UsageError for what AWS cannot take."""
        along = goes_along(self.write, self.old, self.new, self.beside)
        if self.write.patches:
            found = patches.operations(self.table, self.old, self.new, along)
            return {"patchOperations": found} if found else {}
        if self.write.members:
            return members.changed(self.table, self.write, self.old, self.new, along)
        return dict(self.given)

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the AWS operation, with placeholders for ids to come."""
        values = {**self.beside, **self.new, **self.key}
        columns = self.write.parameters.items()
        where = {
            parameter: _parameter(self.table, column, values[column])
            for parameter, column in columns
            if values.get(column) is not None
        }
        return {**where, **self.body}

    def __str__(self) -> str:
        """Return the operation with its resource."""
        where = f"in {self.lane.region} ({self.lane.account.called})"
        return " ".join(filter(None, (self.write.name, self.resource, where)))

    @property
    def resource(self) -> str:
        """The ids of what it changes, as far as they are known: API/STAGE."""
        key = [value for value in self.key.values() if value and value != self.placeholder]
        if stage := self.new.get("stage_name"):
            key.append(str(stage))
        key += [value for value in self.given.values() if isinstance(value, str)]
        return "/".join(key)


def _parameter(table: Table, column: str, value: SqlValue) -> Any:
    if table.columns[table.index[column]].kind == "map":
        return patches.document(table.columns[table.index[column]], value)
    return str(value)
