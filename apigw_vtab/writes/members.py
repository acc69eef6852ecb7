"""From a column's old and new value to the parameters of version 2's operations. Pure.

AWS keeps what it is not sent, also within a map and a structure: each is sent whole, and what goes
is sent as empty or erased by another operation. Types are those of AWS's model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from apigw_vtab.errors import UsageError, did_you_mean
from apigw_vtab.tables.columns import Column
from apigw_vtab.tables.declaration import Member, Table, Write
from apigw_vtab.tables.model import service_model
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes.scalars import check_least, check_listed, same, scalar

if TYPE_CHECKING:
    from botocore.model import Shape

Values = Mapping[str, SqlValue]


def changed(table: Table, write: Write, old: Values, new: Values, along: Values) -> dict[str, Any]:
    """Return the parameters that turn the old values of some columns into the new ones.

    `along` are columns that are sent although they stay. What an operation of its own erases is
    not here, but in `erased`. Raises UsageError for a value that the column cannot have, and for a
    change that AWS offers no way to make.
    """
    shapes = service_model(write.service).operation_model(write.name).input_shape.members
    found: dict[str, Any] = {}
    for name, value in {**new, **along}.items():
        column, member = table.columns[table.index[name]], write.members[name]
        before = None if name in along else _value(column, old.get(name))
        after = _value(column, value)
        if after and not isinstance(after, (bool, str)):
            _check(column.name, shapes[column.member], after)
            _check_numbers(column.name, member, before, after)
        sent = _sent(column, member, before, after)
        if sent is not None:
            found[column.member] = sent
    return found


def erased(column: Column, member: Member, old: SqlValue, new: SqlValue) -> list[dict[str, str]]:
    """Return the parameters, but for the row's key, of each operation that erases something."""
    if member.erased_by is None:
        return []
    before, after = _value(column, old), _value(column, new)
    if member.entry:
        return [{member.entry: key} for key in before if key not in after]
    return [{}] if before and not after else []


def _value(column: Column, value: SqlValue) -> Any:
    """Return a column's value as a parameter, where NULL is empty. Raises UsageError."""
    if column.kind not in ("structure", "map", "list"):
        return scalar(column, value)
    wanted, kind = (list, "list") if column.kind == "list" else (dict, "object")
    if value is None:
        return wanted()
    try:
        found = json.loads(str(value))
    except (ValueError, RecursionError):
        raise UsageError(
            f"{column.name} must be a JSON {kind} or NULL; {str(value)!r} is not JSON."
        ) from None
    if not isinstance(found, wanted):
        raise UsageError(f"{column.name} needs a JSON {kind}, not {json.dumps(found)}.")
    return found


def _sent(column: Column, member: Member, before: Any, after: Any) -> Any:
    """Return what is sent for a column; None where nothing is."""
    if same(before, after):
        return None
    if column.kind == "map":
        return _entries(column, member, before or {}, after) or None
    if after in ("", [], {}):
        if member.erased_by:
            return None
        if member.empty is None:
            raise UsageError(f"{column.name} cannot be NULL or empty: AWS would keep what it has.")
        return list(member.empty) if column.kind == "list" else member.empty
    if column.kind == "structure":
        _check_kept(column, column.name, before or {}, after)
    if isinstance(after, str):
        check_listed(column, after)
    return after


def _entries(
    column: Column, member: Member, before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the entries of a map that are sent: each that changes, and those that go as empty."""
    found = {}
    for key, entry in after.items():
        if entry in ("", {}, None):
            raise UsageError(
                f"{key} of {column.name} cannot be empty: give it a value, or leave it out."
            )
        if key not in before or not same(before[key], entry):
            if isinstance(entry, dict):
                _check_kept(column, key, before.get(key) or {}, entry)
            found[key] = entry
    gone = [key for key in before if key not in after]
    if gone and member.erased_by is None:
        if member.empty is None:
            raise UsageError(f"{gone[0]} cannot be removed from {column.name}.")
        found |= dict.fromkeys(gone, member.empty)
    return found


def _check_kept(
    column: Column, where: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    for name in before:
        if name not in after:
            place = "" if where == column.name else f" of {where}"
            raise UsageError(
                f"{name}{place} of {column.name} cannot be removed by itself, because AWS keeps "
                "what is left out: give it another value, or remove the whole entry."
            )


def _check_numbers(name: str, member: Member, before: Any, after: Any) -> None:
    """Raise UsageError for a new number, however deep, that is less than AWS takes."""
    earlier = before if isinstance(before, dict) else {}
    for key, value in after.items() if isinstance(after, dict) else ():
        if isinstance(value, dict):
            _check_numbers(f"{key} of {name}", member, earlier.get(key), value)
        elif key not in earlier or not same(earlier[key], value):
            check_least(f"{key} of {name}", value, member.least.get(key))


def _check(name: str, shape: Shape, value: Any) -> None:
    """Raise UsageError for a value in JSON that is not of the type that AWS's model has."""
    kind = shape.type_name
    if kind == "structure":
        _check_type(name, isinstance(value, dict), "a JSON object", value)
        for member, inner in value.items():
            if member not in shape.members:
                raise UsageError(
                    f"{name} has no {member!r}.{did_you_mean(member, shape.members)} "
                    f"It has: {', '.join(shape.members)}."
                )
            _check(f"{member} of {name}", shape.members[member], inner)
    elif kind == "map":
        for key, inner in value.items():
            _check(f"{key} of {name}", shape.value, inner)
    elif kind == "list":
        for inner in value:
            _check(f"an item of {name}", shape.member, inner)
    elif kind == "boolean":
        _check_type(name, isinstance(value, bool), "true or false", value)
    elif kind in ("integer", "long"):
        _check_type(name, type(value) is int, "a whole number", value)
    elif kind in ("double", "float"):
        _check_type(name, type(value) in (int, float), "a number", value)
    else:
        _check_type(name, isinstance(value, str), "a text", value)
        listed = getattr(shape, "enum", None)
        if listed and value not in listed:
            raise UsageError(
                f"{name} cannot be {value!r}.{did_you_mean(value, listed)} "
                f"It takes: {', '.join(listed)}."
            )


def _check_type(name: str, is_right: bool, wanted: str, value: Any) -> None:
    if not is_right:
        raise UsageError(f"{name} must be {wanted}, not {json.dumps(value)}.")
