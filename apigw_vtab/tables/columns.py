"""What a column is, and the columns that botocore's model gives a table."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apigw_vtab.tables.model import plain_text
from apigw_vtab.tables.values import Item, SqlValue, json_text, plain, timestamp

if TYPE_CHECKING:
    from botocore.model import Shape


class Origin(enum.Enum):
    """Where the value of a column comes from."""

    LANE = "lane"  # the account or the region that was called
    PARAMETER = "parameter"  # a parameter of the call
    MEMBER = "member"  # a member of the AWS shape
    OUTER = "outer"  # of the item that the row lies in
    ARN = "arn"  # made from the other columns


@dataclass(frozen=True, eq=False)
class Column:
    """A column: its name, SQLite type, origin, and how a member becomes an SQLite value.

    `kind` is the type that AWS's model gives the member, and `one_of` are the values that it
    lists. A `hidden` column is not part of `select *`.
    """

    name: str
    type: str
    description: str
    origin: Origin = Origin.MEMBER
    member: str = ""
    convert: Callable[[Any], SqlValue] | None = None
    kind: str = ""
    hidden: bool = False
    one_of: tuple[str, ...] = ()

    def cells(self, items: Sequence[Item]) -> list[SqlValue]:
        """Return this column's value for each item."""
        member, convert = self.member or self.name, self.convert or plain
        return [convert(item.get(member)) for item in items]

    def converted(self, values: Sequence[Any]) -> list[SqlValue]:
        """Return this column's value for each value that AWS sent."""
        convert = self.convert or plain
        return [convert(value) for value in values]


ACCOUNT_ID = Column("account_id", "TEXT", "The account's 12-digit id.", Origin.LANE)


REGION = Column("region", "TEXT", "The region's code.", Origin.LANE)


PROFILE = Column("profile", "TEXT", "The AWS profile that was used, or (environment).", Origin.LANE)


def column_of(name: str, member: str, shape: Shape) -> Column:
    """Return the column for a member of an AWS shape."""
    sqlite_type, convert = CONVERSIONS.get(shape.type_name, ("TEXT", plain))
    return Column(
        name,
        sqlite_type,
        plain_text(shape.documentation),
        Origin.MEMBER,
        member,
        convert,
        shape.type_name,
        one_of=tuple(getattr(shape, "enum", None) or ()),
    )


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
