"""From a column's old and new value to patch operations. Pure: no SQLite, no AWS.

"Patch operations" of the API reference says which paths there are; values are always text:
https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from apigw_vtab.errors import UsageError, did_you_mean
from apigw_vtab.tables.columns import Column
from apigw_vtab.tables.declaration import Patch, Table
from apigw_vtab.tables.values import SqlValue

PatchOperation = dict[str, str]


def operations(
    table: Table, old: Mapping[str, SqlValue], new: Mapping[str, SqlValue]
) -> list[PatchOperation]:
    """Give the patch operations that lead from the old values of some columns to the new ones.

    Nothing is sent for what is the same, so the same UPDATE run again sends what is left.
    Raises UsageError for a value that the column cannot have.
    """
    assert table.update is not None
    patches = table.update.patches
    found: list[PatchOperation] = []
    for name, value in new.items():
        column = table.columns[table.index[name]]
        found += _of_column(column, patches[name], old.get(name), value)
    return found


def _of_column(
    column: Column, patch: Patch, old: SqlValue, new: SqlValue
) -> Iterator[PatchOperation]:
    before, after = _texts(column, patch, old), _texts(column, patch, new)
    for root in _roots(column, patch, old):
        if root not in _roots(column, patch, new):
            yield {"op": "remove", "path": root}
    for path, text in after.items():
        if before.get(path, "") != text:
            yield {"op": "replace", "path": path, "value": text}


def _texts(column: Column, patch: Patch, value: SqlValue) -> dict[str, str]:
    """Give the text at each path that a value has."""
    if column.kind not in ("map", "structure"):
        return {patch.path: _scalar(column, value)}
    texts: dict[str, str] = {}
    for path, entry in _entries(patch.path, document(column, value)):
        if not patch.members:
            texts[path] = _text(column, entry)
            continue
        for member, inner in _object(column, entry).items():
            if member not in patch.members:
                raise UsageError(
                    f"{column.name} has no {member!r}.{did_you_mean(member, patch.members)} "
                    f"It has: {', '.join(patch.members)}."
                )
            below = f"{path}/{patch.members[member]}"
            for place, leaf in _entries(below, _object(column, inner) if "{" in below else inner):
                texts[place] = _text(column, leaf)
    return texts


def _roots(column: Column, patch: Patch, value: SqlValue) -> list[str]:
    """Give the paths that are removed when what a value has at them goes."""
    if column.kind not in ("map", "structure") or value is None:
        return []
    return [path for path, _ in _entries(patch.path, document(column, value))]


def _entries(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Give a value at its path or, where the path has a place for keys, each of its entries."""
    if "{key}" not in path:
        yield path, value
        return
    for key, entry in (value or {}).items():
        yield path.replace("{key}", _pointer(key)), entry


def _pointer(key: str) -> str:
    """Give a map's key as part of a JSON pointer: of its slashes, only the last parts it.

    A key of method_settings is a path, in which AWS writes a slash as ~1, and a method.
    """
    path, slash, method = key.rpartition("/")
    return path.replace("/", "~1") + slash + method


def document(column: Column, value: SqlValue) -> Mapping[str, Any]:
    """Read a column's JSON object. Raises UsageError for what is none."""
    if value is None:
        return {}
    try:
        return _object(column, json.loads(str(value)))
    except ValueError:
        raise UsageError(
            f"{column.name} is a JSON object, or NULL; {str(value)!r} is no JSON."
        ) from None


def _object(column: Column, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(f"{column.name} has a JSON object here, not {json.dumps(value)}.")
    return value


def _scalar(column: Column, value: SqlValue) -> str:
    if column.kind == "boolean":
        if value not in (0, 1, None):
            raise UsageError(f"{column.name} is 0 or 1, not {value!r}.")
        return "true" if value else "false"
    return "" if value is None else str(value)


def _text(column: Column, value: Any) -> str:
    """Give a JSON value as the text that a patch operation takes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        raise UsageError(f"{column.name} has text or a number here, not {json.dumps(value)}.")
    return "" if value is None else str(value)
