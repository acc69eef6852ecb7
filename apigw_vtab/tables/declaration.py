"""What a table and its operations are. Columns are read from botocore's service model.

A table is a declaration (see v1/). Everything that the rest of the package knows about AWS's
resources is in these classes, so a new table needs no code elsewhere.
"""

from __future__ import annotations

import enum
import functools
import inspect
import itertools
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from apigw_vtab.tables.columns import ACCOUNT_ID, REGION, Column, Origin, column_of
from apigw_vtab.tables.model import missing_members, service_model


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
class NoneHere:
    """A refusal that means that there is nothing to list: no rows, and no error.

    `code` is AWS's error code, or the HTTP status of an answer without one. Where `column` is
    given, it means so only for a parent whose column holds the text `holds`.
    """

    code: str
    column: str = ""
    holds: str = ""


@dataclass(frozen=True, eq=False)
class Operation:
    """One AWS operation. `parameters` maps AWS's parameters to the columns that they come from.

    `seconds_each` is its own quota, where it has one: the seconds per call. `at_once` is how many
    calls that quota lets through together. A read's is one for all regions of the account, and so
    is that of a write which is `account_wide`.
    """

    service: str
    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    seconds_each: float | None = field(default=None, kw_only=True)
    at_once: int = field(default=1, kw_only=True)
    account_wide: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, eq=False)
class Read(Operation):
    """An operation that returns rows of a table.

    `items` is the member of the answer that holds the list. Without it there is one item: the
    answer itself or, where it is given, its member `item`. `most` is how many items AWS's quotas
    allow in an account and region. `names` is the member that says which account or region an item
    is; an answer without it is not valid. A constant may be a function, called on first use.
    `choices` gives, by column, all values of a parameter that no table lists. A parameter whose
    column is `optional` is left out where the parent's row has NULL. `asks` gives, by column, the
    parameters without which AWS leaves the column out; they are sent where a statement names it.
    `secrets` gives, by column, the member that is dropped on arrival unless a statement names it.
    Columns of both kinds are hidden: they are not part of `select *`.
    """

    items: str | None = None
    item: str = ""
    constants: Mapping[str, Any] = field(default_factory=dict)
    page: Page | None = None
    most: int = 1
    names: str | None = None
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    asks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    none_here: tuple[NoneHere, ...] = ()

    @property
    def is_get(self) -> bool:
        """Whether this asks for one resource by its whole key."""
        return self.items is None and bool(self.parameters)

    @property
    def most_calls(self) -> int:
        """The most calls that listing a lane can take."""
        return -(-self.most // self.page.size) if self.page else 1

    @functools.cached_property
    def sent(self) -> Mapping[str, Any]:
        """The constants with their values: tuples and HashableDicts in place of lists and dicts."""
        return {name: one() if callable(one) else one for name, one in self.constants.items()}

    @functools.cached_property
    def needs(self) -> tuple[str, ...]:
        """The columns that a call needs a value from: of the statement, or of a parent's row."""
        return tuple(name for name in self.parameters.values() if name not in self.choices)

    @property
    def depends_on_parent(self) -> bool:
        """Whether what a refusal means can be told only by the parent's row."""
        return any(one.column for one in self.none_here)


@dataclass(frozen=True, eq=False)
class Form:
    """The form of a text: a regular expression, and an example that people understand."""

    pattern: str
    example: str


@dataclass(frozen=True, eq=False)
class Patch:
    """Where a patch operation finds a column.

    In `path`, `{key}` stands for each key of a column that is a map. `members` holds the paths
    of the members of the column's structures, relative to `path`. An `erasable` column takes the
    empty text, which AWS reads as none. `one_of` are the values that AWS takes, `form` is their
    form, and `least` the smallest number that a member takes, where AWS's model does not tell.
    """

    path: str
    members: Mapping[str, str] = field(default_factory=dict)
    erasable: bool = False
    one_of: tuple[str, ...] = ()
    form: Form | None = None
    least: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Member:
    """How a column is sent as a parameter of its own name; AWS keeps what is left out.

    A column or, of a map, an entry that goes is sent as `empty`, which AWS reads as none, or is
    taken away by the operation `erased_by`, whose parameter `entry` is the key. Without any of
    these it cannot go. `least` is as in Patch.
    """

    empty: str | tuple[()] | None = None
    erased_by: Write | None = None
    entry: str = ""
    least: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Needs:
    """A column whose `values` (as in GLOB) need another column: AWS refuses them without.

    Where `goes_along`, both are sent together, and AWS ignores the other column beside any other
    value.
    """

    column: str
    values: tuple[str, ...]
    other: str
    goes_along: bool = False


@dataclass(frozen=True, eq=False)
class Write(Operation):
    """An operation that changes a resource of a table.

    `patches` holds what its patch operations can change, by column, and `members` what it takes as
    parameters instead. `needs` ties two of these columns. `repeatable` says that sending it twice
    does no more than sending it once. `touches` names the other tables whose rows it changes, with
    the columns that say which row. `used_by` names the tables whose rows name what it deletes, in a
    column of the same name as the key. `live_after` says what callers notice a change of it after,
    where that is not at once.
    """

    patches: Mapping[str, Patch] = field(default_factory=dict)
    members: Mapping[str, Member] = field(default_factory=dict)
    needs: Needs | None = None
    repeatable: bool = False
    touches: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    used_by: tuple[str, ...] = ()
    live_after: str = ""


@dataclass(frozen=True, eq=False)
class Table:
    """A table: the service and the shape of its rows, and the operations that read them.

    `reads` go from the most specific to the most general; the service is theirs, unless it is
    given. `key` names the columns that, with account and region, identify a row; a member such as
    `id`, `name` or `version` is the last of them, where that ends with it. A table of CONNECTION
    scope has only `extra` columns, and takes its rows from the connection's own call log. `insert`,
    `update` and `delete` are the operations behind the SQL statements of those names, where there
    are any. `parent` is the table whose rows give the parameters that the last read needs and a
    statement does not give. `examples` are queries, each with the question that it answers.

    Where the rows lie in the items of another table, that is `outer`, and its reads follow `reads`.
    `inside` is the path to them: names of members, `*` for each item of a list, and `{column}` for
    each entry of a map, whose key becomes that column. `carried` are columns of the outer table
    that each row gets, too.

    `key_arn` is the form of the ARN that is the key, where one is: it says in which account and
    region the row is, whatever regions a connection reads. `named_by` are tables whose rows hold
    such ARNs, each with the columns; inside a column's JSON, a path goes on as in `inside`.
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
    arn_given: str = ""
    extra: tuple[Column, ...] = ()
    parent: Table | None = None
    outer: Table | None = None
    inside: str = ""
    carried: tuple[str, ...] = ()
    key_arn: str = ""
    named_by: Mapping[Table, tuple[str, ...]] = field(default_factory=dict)
    insert: Write | None = None
    update: Write | None = None
    delete: Write | None = None
    instead: Mapping[str, str] = field(default_factory=dict)
    twins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    examples: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.outer:
            object.__setattr__(self, "reads", (*self.reads, *self.outer.reads))
            object.__setattr__(self, "parent", self.outer.parent)
        if self.reads and not self.service:
            object.__setattr__(self, "service", self.reads[-1].service)
        if self.parent:
            _PARENTS.add(self.parent)

    @property
    def ancestors(self) -> Iterator[Table]:
        """The parent, its parent, and so on."""
        if self.parent:
            yield self.parent
            yield from self.parent.ancestors

    @property
    def is_parent(self) -> bool:
        """Whether other tables are read with what the rows of this one hold."""
        return self in _PARENTS

    def owner(self, read: Read) -> Table:
        """Return the table whose items an operation returns: this one, or the outer one."""
        return self.outer if self.outer and read in self.outer.reads else self

    def is_inside(self, read: Read) -> bool:
        """Return whether this table's rows lie in the items that an operation returns."""
        return self.owner(read) is not self

    @functools.cached_property
    def path(self) -> tuple[str, ...]:
        """The steps from an outer item to the rows in it."""
        return tuple(self.inside.split(".")) if self.inside else ()

    @functools.cached_property
    def arn_columns(self) -> tuple[str, ...]:
        """The columns that the ARN is made of, and `partition` and `region`."""
        fields = (name for _, name, _, _ in string.Formatter().parse(self.arn) if name)
        return tuple(dict.fromkeys(fields))

    def gives(self, read: Read, column: str) -> bool:
        """Return whether an operation's answer has what a column holds."""
        if column in self.lacking[read]:
            return False
        if any(column in one.asks for one in self.reads):
            return column in read.asks
        if column in self.choices:
            return column in read.choices
        return column not in self.carried or self.is_inside(read) or column in read.needs

    @functools.cached_property
    def lacking(self) -> Mapping[Read, frozenset[str]]:
        """The columns whose members an operation's items do not have, by operation.

        A list may tell less of each resource than the operation that returns a single one.
        """
        found = dict.fromkeys(self.reads, frozenset[str]())
        for read in self.reads if self.shape else ():
            if self.owner(read) is self:
                where = read.items or read.item
                missing = missing_members(read.service, read.name, where, self.shape)
                found[read] = frozenset(
                    one.name for one in self._members() if one.member in missing
                )
        return found

    @functools.cached_property
    def choices(self) -> Mapping[str, tuple[str, ...]]:
        """The columns that are parameters which no table lists, with all their values."""
        return {name: some for read in self.reads for name, some in read.choices.items()}

    @functools.cached_property
    def columns(self) -> tuple[Column, ...]:
        """All columns: where the row is from, its key, its members, its ARN."""
        members = {column.name: column for column in self._members()}
        parameters = {
            name: Column(name, "TEXT", self._of_parameter(name), Origin.PARAMETER)
            for read in self.reads
            for name in read.parameters.values()
            if name not in members
        }
        lane = {column.name: column for column in (ACCOUNT_ID, REGION)}
        named = lane | parameters | self._from_outside(members) | members
        if self.arn:
            named["arn"] = Column("arn", "TEXT", "The resource's ARN.", Origin.ARN)
        named |= {column.name: column for column in self.extra}
        own = (read for read in self.reads if not self.is_inside(read))
        for name in (name for read in own for name in (*read.asks, *read.secrets)):
            named[name] = replace(named[name], hidden=True)
        return tuple(named[name] for name in dict.fromkeys([*lane, *self.key, *named]))

    @functools.cached_property
    def queries(self) -> dict[str, str]:
        """The examples as a reader sees them: without the indentation of the declaration."""
        return {title: inspect.cleandoc(sql) for title, sql in self.examples.items()}

    @functools.cached_property
    def secrets(self) -> frozenset[str]:
        """The columns that hold what AWS keeps secret."""
        return frozenset(name for read in self.reads for name in read.secrets)

    @functools.cached_property
    def index(self) -> dict[str, int]:
        """The position of each column by its name."""
        return {column.name: position for position, column in enumerate(self.columns)}

    @functools.cached_property
    def parameters(self) -> frozenset[str]:
        """The columns whose values can be passed to AWS as parameters."""
        return frozenset(name for read in self.reads for name in read.parameters.values())

    def _of_parameter(self, name: str) -> str:
        if name in self.choices:
            return f"Which list the row is from: {' or '.join(self.choices[name])}."
        above = self.parent.index.get(name) if self.parent else None
        told = self.parent.columns[above].description if self.parent and above is not None else ""
        return told or f"{name} of the parent resource."

    def _from_outside(self, members: Mapping[str, Column]) -> dict[str, Column]:
        """Return the columns that come from the outer items: members of theirs, and keys."""
        if not self.outer:
            return {}
        of_outer = {column.name: column for column in self.outer.columns}
        names = [name for name in (*self.outer.key, *self.carried) if name in of_outer]
        found = {
            name: replace(of_outer[name], origin=Origin.OUTER, member="")
            for name in names
            if of_outer[name].origin is Origin.MEMBER
        }
        for map_name, step in itertools.pairwise(self.path):
            name = step.strip("{}")
            if step != name and name not in members:
                found[name] = Column(name, "TEXT", f"The key in {map_name}.", Origin.OUTER)
        return found

    def _members(self) -> list[Column]:
        if not self.shape:
            return []
        from botocore import xform_name

        shapes = service_model(self.service).shape_for(self.shape).members
        names = {member: self.renames.get(member) or xform_name(member) for member in shapes}
        own = self.key[-1] if self.key else ""
        if own not in names.values():
            names |= {one: own for one, name in names.items() if own.endswith(f"_{name}")}
        return [column_of(names[member], member, shape) for member, shape in shapes.items()]


# The tables that are the parent of another.
_PARENTS: set[Table] = set()
