"""Which tables join to which, and by which columns: those of one table's key that both have."""

from __future__ import annotations

from collections.abc import Iterable

from apigw_vtab.tables.declaration import Scope, Table

LANE = ("account_id", "region")


def joins_of(table: Table, tables: Iterable[Table]) -> dict[tuple[str, ...], list[Table]]:
    """Return the tables that join to one, by the columns for USING.

    One of the two has the whole key of the other. An id of the same name in two services means
    two things, where it is the whole key of both.
    """
    found: dict[tuple[str, ...], list[Table]] = {}
    for other in tables:
        if other is table or Scope.CONNECTION in (table.scope, other.scope):
            continue
        if columns := _using(table, other):
            found.setdefault(columns, []).append(other)
    return found


def _using(table: Table, other: Table) -> tuple[str, ...]:
    keys = [one.key for one in (other, table) if one.key]
    if len(keys) == 2 and keys[0] == keys[1] and table.service != other.service:
        return ()
    both = _readable(table) & _readable(other)
    for key in sorted(keys, key=len, reverse=True):
        if both.issuperset(key):
            # An ARN says itself in which account and region its row is: perhaps another one.
            is_arn = any(one.key_arn and one.key == key for one in (table, other))
            return key if is_arn else (*LANE, *key)
    return ()


def _readable(table: Table) -> set[str]:
    """Return the columns that hold something when they are read."""
    return {column.name for column in table.columns if not column.hidden}
