"""What a table, a column and a fetch are. Columns are read from botocore's service model.

A table is a declaration (see tables.py). All that the rest of the house knows of AWS's
resources is in these three classes, so that a new table needs no code elsewhere.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from apigw_vtab.tables.columns import ACCOUNT_ID, REGION, Column, Origin, column_of
from apigw_vtab.tables.model import service_model

if TYPE_CHECKING:
    pass


class Scope(enum.Enum):
    """What one fetch of a table covers."""

    LANE = "lane"
    ACCOUNT = "account"
    CONNECTION = "connection"


@dataclass(frozen=True, eq=False)
class Page:
    """How a list operation pages: the member for the size, the one for the token, the most."""

    size_member: str
    token_member: str
    size: int


@dataclass(frozen=True, eq=False)
class Operation:
    """One AWS operation. `parameters` maps AWS's parameter to the column whose value it takes."""

    service: str
    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Read(Operation):
    """An operation that returns rows of a table.

    `items` is the member of the answer that holds the list; None where the answer is the one item
    itself. `most` is the number of items that a full account and region can hold by AWS's quotas.
    `names` is the member that says which account or region an item is; an answer without it is
    not valid.
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
        """The calls that the list of a full lane can take."""
        return -(-self.most // self.page.size) if self.page else 1


@dataclass(frozen=True, eq=False)
class Patch:
    """Where a patch operation finds a column.

    In `path`, `{key}` stands for each key of a column that is a map. `members` gives the paths,
    below it, of the members of the column's structures.
    """

    path: str
    members: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Write(Operation):
    """An operation that changes a resource of a table.

    `patches` gives what its patch operations can change, by column. One that is `repeatable`
    does the same when it is sent twice. `seconds_each` is its own quota, where it has one.
    `touches` names the tables, besides its own, whose rows it changes.
    """

    patches: Mapping[str, Patch] = field(default_factory=dict)
    repeatable: bool = False
    seconds_each: float | None = None
    touches: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Table:
    """A table: which shape of which service its rows are, and the fetches that give them.

    `reads` go from the most particular to the most general. `key` names the columns that,
    with account and region, identify a row. A table of CONNECTION scope has `extra` columns
    only and takes its rows from the connection's own ledger, from the attribute of its name.
    `insert`, `update` and `delete` are the operations behind SQL's own, where there are any.
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
    insert: Write | None = None
    update: Write | None = None
    delete: Write | None = None

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
        """The columns whose values can be handed to AWS as parameters."""
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
