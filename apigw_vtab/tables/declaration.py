"""What a table, a column and a fetch are. Columns are read from botocore's service model.

A table is a declaration (see tables.py). All that the rest of the house knows of AWS's
resources is in these three classes, so that a new table needs no code elsewhere.
"""

from __future__ import annotations

import base64
import enum
import functools
import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, cast

from apigw_vtab.aws.failures import ApigwVtabError

if TYPE_CHECKING:
    from botocore.model import ServiceModel, Shape

SqlValue = str | int | float | bytes | None
Item = Mapping[str, Any]
# https://sqlite.org/datatype3.html: an integer has 64 bits.
SQLITE_INTEGERS = range(-(2**63), 2**63)


class Origin(enum.Enum):
    """Where the value of a column comes from."""

    LANE = "lane"  # the account or the region that was asked
    PARAMETER = "parameter"  # what the call was made with
    MEMBER = "member"  # a member of the AWS shape
    ARN = "arn"  # composed from the other columns


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
class Fetch:
    """One AWS operation that gives rows of a table.

    `parameters` maps AWS's parameter to the key column whose value it takes. `items` is the
    member of the answer that holds the list; None where the answer is the one item itself.
    `most` is the number of items that a full lane can hold by AWS's quotas. `names` is the member
    that says which account or region an item is; an answer without it is none.
    """

    service: str
    operation: str
    parameters: Mapping[str, str] = field(default_factory=dict)
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
class Write(Fetch):
    """One AWS operation that changes a resource of a table.

    `patches` gives what its patch operations can change, by column. One that is `repeatable`
    does the same when it is sent twice. `seconds_each` is its own quota, where it has one.
    `touches` names the tables, besides its own, whose rows it changes.
    """

    patches: Mapping[str, Patch] = field(default_factory=dict)
    repeatable: bool = False
    seconds_each: float | None = None
    touches: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Column:
    """A column: its name, SQLite type, origin, and how a member becomes an SQLite value.

    `kind` is the type that AWS's model gives the member. A `hidden` column is no part of
    `select *`.
    """

    name: str
    type: str
    description: str
    origin: Origin = Origin.MEMBER
    member: str = ""
    convert: Callable[[Any], SqlValue] | None = None
    kind: str = ""
    hidden: bool = False

    def cells(self, items: Sequence[Item]) -> list[SqlValue]:
        """Give this column's value for each item."""
        member, convert = self.member or self.name, self.convert or plain
        return [convert(item.get(member)) for item in items]


ACCOUNT_ID = Column("account_id", "TEXT", "The account's 12-digit id.", Origin.LANE)
REGION = Column("region", "TEXT", "The region's code.", Origin.LANE)
PROFILE = Column("profile", "TEXT", "The AWS profile that was used.", Origin.LANE)


@dataclass(frozen=True, eq=False)
class Table:
    """A table: which shape of which service its rows are, and the fetches that give them.

    `fetches` go from the most particular to the most general. `key` names the columns that,
    with account and region, identify a row. A table of CONNECTION scope has `extra` columns
    only and takes its rows from the connection's own ledger, from the attribute of its name.
    `insert`, `update` and `delete` are the operations behind SQL's own, where there are any.
    """

    name: str
    description: str
    scope: Scope = Scope.LANE
    service: str = ""
    shape: str = ""
    fetches: tuple[Fetch, ...] = ()
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
            for fetch in self.fetches
            for name in fetch.parameters.values()
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
        return frozenset(name for fetch in self.fetches for name in fetch.parameters.values())

    def _members(self) -> list[Column]:
        if not self.shape:
            return []
        from botocore import xform_name

        shape = service_model(self.service).shape_for(self.shape)
        return [
            column_of(self.renames.get(member) or xform_name(member), member, member_shape)
            for member, member_shape in shape.members.items()
        ]


@functools.cache
def service_model(service: str) -> ServiceModel:
    """Load botocore's model of a service, the newest version that is installed."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


@functools.cache
def wire_names(service: str, operation: str) -> dict[str, str]:
    """Give the names that an operation's answer has in JSON, each with AWS's member name."""
    shape = service_model(service).operation_model(operation).output_shape
    return (
        {_wire_name(name, member): name for name, member in shape.members.items()} if shape else {}
    )


@functools.cache
def is_read_as_sent(service: str, operation: str) -> bool:
    """Tell whether an answer's JSON is what botocore would make of it, but for items' times.

    It is where no member has another name in JSON, and none is a blob or a time inside a
    structure, which json_text could not tell from other values.
    """
    shape = service_model(service).operation_model(operation).output_shape
    if shape is None:
        return False
    # A list of items, or the one item itself: both have cells that convert a time.
    items = [
        member.member if member.type_name == "list" else member for member in shape.members.values()
    ]
    parts = [
        part
        for item in items
        for part in (item.members.values() if item.type_name == "structure" else [item])
    ]
    return not any(
        _is_translated(part, frozenset()) for part in parts if part.type_name != "timestamp"
    )


def _wire_name(name: str, shape: Shape) -> str:
    return str(shape.serialization.get("name", name))


def _is_translated(shape: Shape, above: frozenset[str]) -> bool:
    if shape.name in above:
        return False
    if shape.type_name in ("blob", "timestamp") or "location" in shape.serialization:
        return True
    above |= {shape.name}
    if shape.type_name == "structure":
        return any(
            _wire_name(name, member) != name or _is_translated(member, above)
            for name, member in shape.members.items()
        )
    if shape.type_name == "map":
        return _is_translated(shape.value, above)
    return shape.type_name == "list" and _is_translated(shape.member, above)


def column_of(name: str, member: str, shape: Shape) -> Column:
    """Make the column for a member of an AWS shape."""
    sqlite_type, convert = CONVERSIONS.get(shape.type_name, ("TEXT", plain))
    description = plain_text(shape.documentation)
    return Column(name, sqlite_type, description, Origin.MEMBER, member, convert, shape.type_name)


def plain_text(documentation: str) -> str:
    """Give botocore's HTML documentation as one line of plain text."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", documentation)).split()).replace(
        " .", "."
    )


# Seconds, or a date with or without a time: of less, botocore makes today's.
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ][\d:.]+(Z|[+-][\d:]+)?)?\Z|\d{1,12}(\.\d+)?\Z")


def timestamp(value: Any) -> SqlValue:
    """Give a time as UTC text, as SQLite's own datetime('now') writes it."""
    if isinstance(value, (int, float, str)):
        value = _time_as_sent(value)
    if not isinstance(value, datetime):
        return plain(value)
    aware = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
    return aware.astimezone(timezone.utc).isoformat(" ", "seconds").removesuffix("+00:00")


def _time_as_sent(value: float | str) -> datetime | float | str:
    """Give the time that a number of seconds or an ISO 8601 text says; what says none, as it is."""
    try:
        if isinstance(value, str):
            if not _TIME.match(value):
                return value
            from botocore.utils import parse_timestamp

            time = cast(datetime, parse_timestamp(value))
            return time.astimezone(timezone.utc) if time.tzinfo else time
        return datetime.fromtimestamp(value, timezone.utc)
    except (ValueError, OverflowError, OSError, RuntimeError):
        return value


def json_text(value: Any) -> str | None:
    """Give a structure, list or map as JSON text with AWS's member names, keys in order.

    Raises ApigwVtabError for one that is nested hundreds deep, as no answer of AWS is.
    """
    if value is None:
        return None
    try:
        text = json.dumps(
            value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_json_leaf
        )
    except RecursionError:
        raise ApigwVtabError(
            "An answer is nested too deeply to be shown: check what stands between here and AWS."
        ) from None
    return whole_text(text)


def _json_leaf(value: Any) -> SqlValue | list[Any]:
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode("ascii")
    return sorted(value, key=str) if isinstance(value, (set, frozenset)) else timestamp(value)


def plain(value: Any) -> SqlValue:
    """Give a scalar as it is, and whatever SQLite cannot hold as JSON text or plain text.

    AWS can answer with what its model does not say; that must not end a scan.
    """
    if isinstance(value, str):
        return value if value.isascii() else whole_text(value)
    if isinstance(value, int):
        return int(value) if value in SQLITE_INTEGERS else str(value)
    if value is None or isinstance(value, (float, bytes)):
        return value
    if isinstance(value, (dict, list, tuple, set, frozenset)):
        return json_text(value)
    return timestamp(value) if isinstance(value, datetime) else str(value)


def whole_text(text: str) -> str:
    """Give a text that has an encoding: half a character becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


CONVERSIONS: dict[str, tuple[str, Callable[[Any], SqlValue]]] = {
    "string": ("TEXT", plain),
    "integer": ("INTEGER", plain),
    "long": ("INTEGER", plain),
    "float": ("REAL", plain),
    "double": ("REAL", plain),
    "boolean": ("INTEGER", plain),
    "timestamp": ("TEXT", timestamp),
    "blob": ("BLOB", plain),
    "structure": ("TEXT", json_text),
    "list": ("TEXT", json_text),
    "map": ("TEXT", json_text),
}
