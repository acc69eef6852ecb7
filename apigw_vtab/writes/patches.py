"""From a column's old and new value to patch operations. Pure: no SQLite, no AWS.

Which path each column has is declared with its table, in `tables/`. "Patch operations" in the
API reference lists them; values are always text:
https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from apigw_vtab.errors import UsageError, did_you_mean
from apigw_vtab.tables.columns import Column
from apigw_vtab.tables.declaration import Patch, Table
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes.scalars import check_form, check_least, check_listed, same, scalar

PatchOperation = dict[str, str]
KEY = "{key}"


class Leaf(NamedTuple):
    """A value at a path: what it is called, whether it can go by itself, and what takes it along.

    `root` is the path whose removal removes the leaf, too; `least` is the smallest number that it
    may be.
    """

    name: str
    value: Any
    removable: bool
    root: str
    least: int | None = None


def operations(
    table: Table,
    old: Mapping[str, SqlValue],
    new: Mapping[str, SqlValue],
    along: Mapping[str, SqlValue] | None = None,
) -> list[PatchOperation]:
    """Return the patch operations that turn the old values of some columns into the new ones.

    `along` are columns that are sent although they stay.
    Nothing is sent for unchanged values, so running the same UPDATE again sends what is left.
    Raises UsageError for a value that the column cannot have, and for a change that no patch
    operation can make.
    """
    assert table.update is not None
    patches = table.update.patches
    found: list[PatchOperation] = []
    for name, value in new.items():
        column = table.columns[table.index[name]]
        if column.kind in ("map", "structure"):
            found += _of_document(column, patches[name], old.get(name), value)
        else:
            found += _of_scalar(column, patches[name], old.get(name), value)
    for name, value in (along or {}).items():
        found += _of_scalar(table.columns[table.index[name]], patches[name], None, value)
    return found


def document(column: Column, value: SqlValue) -> Mapping[str, Any]:
    """Return a column's JSON object, empty for NULL. Raises UsageError for anything else."""
    if value is None:
        return {}
    try:
        return _object(column, json.loads(str(value)))
    except (ValueError, RecursionError):
        raise UsageError(
            f"{column.name} must be a JSON object or NULL; {str(value)!r} is not JSON."
        ) from None


def _of_scalar(
    column: Column, patch: Patch, old: SqlValue, new: SqlValue
) -> Iterator[PatchOperation]:
    after = _text_of(scalar(column, new))
    if after == _text_of(scalar(column, old)):
        return
    if after == "" and not patch.erasable:
        raise UsageError(f"{column.name} cannot be NULL or empty: AWS takes a value only.")
    if after:
        check_listed(column, after, patch.one_of)
        check_form(column, after, patch.form)
    yield {"op": "replace", "path": patch.path, "value": after}


def _of_document(
    column: Column, patch: Patch, old: SqlValue, new: SqlValue
) -> Iterator[PatchOperation]:
    before = dict(_leaves(column, patch, document(column, old)))
    after = dict(_leaves(column, patch, document(column, new)))
    roots = _roots(column, patch, new)
    # Where a whole entry goes, it goes with one operation.
    for root in _roots(column, patch, old):
        if root not in roots:
            yield {"op": "remove", "path": root}
    for path, leaf in before.items():
        if path not in after and leaf.root in roots:
            if not leaf.removable:
                raise UsageError(
                    f"{leaf.name} of {column.name} cannot be removed by itself: give it another "
                    "value, or remove the whole entry."
                )
            yield {"op": "remove", "path": path}
    for path, leaf in after.items():
        if path not in before or not same(before[path].value, leaf.value):
            yield {"op": "replace", "path": path, "value": _text(column, leaf)}


def _leaves(column: Column, patch: Patch, value: Mapping[str, Any]) -> Iterator[tuple[str, Leaf]]:
    """Yield each value that a patch operation can set, at its path."""
    if KEY in patch.path:
        for key, entry in value.items():
            path = patch.path.replace(KEY, _pointer(key))
            if patch.members:
                yield from _members(column, patch, path, key, _object(column, entry))
            else:
                yield path, Leaf(key, entry, removable=True, root=path)
    else:
        yield from _members(column, patch, patch.path, column.name, value)


def _members(
    column: Column, patch: Patch, path: str, entry: str, members: Mapping[str, Any]
) -> Iterator[tuple[str, Leaf]]:
    for member, value in members.items():
        if member not in patch.members:
            raise UsageError(
                f"{column.name} has no {member!r}.{did_you_mean(member, patch.members)} "
                f"It has: {', '.join(patch.members)}."
            )
        below, _, of_map = patch.members[member].partition(f"/{KEY}")
        name = member if entry == column.name else f"{member} of {entry}"
        if KEY not in patch.members[member]:
            least = patch.least.get(member)
            yield f"{path}/{below}", Leaf(name, value, removable=False, root=path, least=least)
            continue
        for key, inner in _object(column, value or {}).items():
            place = f"{path}/{below}/{_pointer(key)}{of_map}"
            yield place, Leaf(f"{key} of {name}", inner, removable=True, root=path)


def _roots(column: Column, patch: Patch, value: SqlValue) -> list[str]:
    """Return the paths whose removal removes all that a value has."""
    found = document(column, value)
    if KEY in patch.path:
        return [patch.path.replace(KEY, _pointer(key)) for key in found]
    return [patch.path] if found else []


def _pointer(key: str) -> str:
    """Return a map's key as part of a JSON pointer, where only its last slash is a separator.

    A key of method_settings is a path, in which AWS writes a slash as ~1, and a method; one that
    AWS gave is sent back as it came.
    """
    path, slash, method = key.rpartition("/")
    return path.replace("/", "~1") + slash + method


def _object(column: Column, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(f"{column.name} needs a JSON object here, not {json.dumps(value)}.")
    return value


def _text_of(value: bool | int | float | str) -> str:
    """Return a value as the text that a patch operation takes."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text(column: Column, leaf: Leaf) -> str:
    """Return a JSON value as the text that a patch operation takes."""
    value = leaf.value
    if isinstance(value, (dict, list)):
        raise UsageError(f"{column.name} needs text or a number here, not {json.dumps(value)}.")
    if value is None or value == "":
        raise UsageError(
            f"{leaf.name} of {column.name} cannot be null or empty: give it a value, or leave it "
            "out."
        )
    check_least(f"{leaf.name} of {column.name}", value, leaf.least)
    return _text_of(value)
