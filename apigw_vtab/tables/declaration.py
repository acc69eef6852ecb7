"""What a table and its operations are. Columns are read from botocore's service model.

A table is a declaration (see v1/). Everything that the rest of the package knows about AWS's
resources is in these classes, so a new table needs no code elsewhere.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from apigw_vtab.tables.columns import ACCOUNT_ID, REGION, Column, Origin, column_of
from apigw_vtab.tables.model import service_model


class Scope(enum.Enum):
    """What one read of a table covers."""

    LANE = "lane"
    ACCOUNT = "account"
    CONNECTION = "connection"


@dataclass(frozen=True, eq=False)
class Page:
    """How a list operation pages: the member for the size, the one for the token, the size."""

    size_member: str
    token_member: str
    size: int
    as_text: bool = False


@dataclass(frozen=True, eq=False)
class Operation:
    """One AWS operation. `parameters` maps AWS's parameters to the columns that they come from.

    `seconds_each` is its own quota, where it has one: the seconds per call. `at_once` is how many
    calls that quota lets through together.
    """

    service: str
    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    seconds_each: float | None = field(default=None, kw_only=True)
    at_once: int = field(default=1, kw_only=True)


@dataclass(frozen=True, eq=False)
class Read(Operation):
    """An operation that returns rows of a table.

    `items` is the member of the answer that holds the list; None where the answer itself is the
    only item. `most` is how many items AWS's quotas allow in an account and region. `names` is the
    member that says which account or region an item is; an answer without it is not valid.
    """

    items: str | None = None
    constants: Mapping[str, Any] = field(default_factory=dict)
    page: Page | None = None
    most: int = 1
    names: str | None = None

    @property
    def is_get(self) -> bool:
        """Whether this asks for one resource by its whole key."""
        return self.items is None and bool(self.parameters)

    @property
    def most_calls(self) -> int:
        """The most calls that listing a lane can take."""
        return -(-self.most // self.page.size) if self.page else 1


@dataclass(frozen=True, eq=False)
class Patch:
    """Where a patch operation finds a column.

    In `path`, `{key}` stands for each key of a column that is a map. `members` holds the paths
    of the members of the column's structures, relative to `path`. An `erasable` column takes the
    empty text, which AWS reads as none.
    """

    path: str
    members: Mapping[str, str] = field(default_factory=dict)
    erasable: bool = False


@dataclass(frozen=True, eq=False)
class Write(Operation):
    """An operation that changes a resource of a table.

    `patches` holds what its patch operations can change, by column. `repeatable` says that
    sending it twice does no more than sending it once. `touches` names the other tables whose rows
    it changes, with the columns that say which row. `used_by` are the tables whose rows name what
    it deletes, in a column of the same name as the key.
    """

    patches: Mapping[str, Patch] = field(default_factory=dict)
    repeatable: bool = False
    touches: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    used_by: tuple[Table, ...] = ()


@dataclass(frozen=True, eq=False)
class Table:
    """A table: the service and the shape of its rows, and the operations that read them.

    `reads` go from the most specific to the most general. `key` names the columns that, with
    account and region, identify a row. A table of CONNECTION scope has only `extra` columns, and
    takes its rows from the connection's own call log. `insert`, `update` and `delete` are the
    operations behind the SQL statements of those names, where there are any. `parent` is the table
    whose rows' keys its lists are asked with.
    """

    name: str
    description: str
    scope: Scope = Scope.LANE
    service: str = ""
    shape: str = ""
    reads: tuple[Read, ...] = ()
    key: tuple[str, ...] = ()
    renames: Mapping[str, str] = field(default_factory=dict)
    arn: str = ""
    extra: tuple[Column, ...] = ()
    parent: Table | None = None
    insert: Write | None = None
    update: Write | None = None
    delete: Write | None = None

    @property
    def ancestors(self) -> Iterator[Table]:
        """The parent, its parent, and so on."""
        if self.parent:
            yield self.parent
            yield from self.parent.ancestors

    @functools.cached_property
    def columns(self) -> tuple[Column, ...]:
        """All columns: where the row is from, its key, its members, its ARN."""
        members = {column.name: column for column in self._members()}
        parameters = {
            name: Column(name, "TEXT", f"{name} of the parent resource.", Origin.PARAMETER)
            for read in self.reads
            for name in read.parameters.values()
            if name not in members
        }
        lane = {column.name: column for column in (ACCOUNT_ID, REGION)}
        named = lane | parameters | members
        if self.arn:
            named["arn"] = Column("arn", "TEXT", "The resource's ARN.", Origin.ARN)
        named |= {column.name: column for column in self.extra}
        return tuple(named[name] for name in dict.fromkeys([*lane, *self.key, *named]))

    @functools.cached_property
    def index(self) -> dict[str, int]:
        """The position of each column by its name."""
        return {column.name: position for position, column in enumerate(self.columns)}

    @functools.cached_property
    def parameters(self) -> frozenset[str]:
        """The columns whose values can be passed to AWS as parameters."""
        return frozenset(name for read in self.reads for name in read.parameters.values())

    def _members(self) -> list[Column]:
        if not self.shape:
            return []
        from botocore import xform_name

        shape = service_model(self.service).shape_for(self.shape)
        return [
            column_of(self.renames.get(member) or xform_name(member), member, member_shape)
            for member, member_shape in shape.members.items()
        ]
