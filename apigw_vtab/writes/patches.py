"""From a column's old and new value to patch operations. Pure: no SQLite, no AWS.

"Patch operations" in the API reference lists the paths; values are always text:
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
    """Return the patch operations that turn the old values of some columns into the new ones.

    Nothing is sent for unchanged values, so running the same UPDATE again sends what is left.
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
    """Return the text at each path that a value has."""
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
    """Return the paths to remove when a value no longer has anything there."""
    if column.kind not in ("map", "structure") or value is None:
        return []
    return [path for path, _ in _entries(patch.path, document(column, value))]


def _entries(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield a value with its path or, if the path takes keys, each entry with its own."""
    if "{key}" not in path:
        yield path, value
        return
    for key, entry in (value or {}).items():
        yield path.replace("{key}", _pointer(key)), entry


def _pointer(key: str) -> str:
    """Return a map's key as part of a JSON pointer, where only its last slash is a separator.

    A key of method_settings is a path, in which AWS writes a slash as ~1, and a method.
    """
    path, slash, method = key.rpartition("/")
    return path.replace("/", "~1") + slash + method


def document(column: Column, value: SqlValue) -> Mapping[str, Any]:
    """Return a column's JSON object, empty for NULL. Raises UsageError for anything else."""
    if value is None:
        return {}
    try:
        return _object(column, json.loads(str(value)))
    except ValueError:
        raise UsageError(
            f"{column.name} must be a JSON object or NULL; {str(value)!r} is not JSON."
        ) from None


def _object(column: Column, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(f"{column.name} needs a JSON object here, not {json.dumps(value)}.")
    return value


def _scalar(column: Column, value: SqlValue) -> str:
    if column.kind == "boolean":
        if value not in (0, 1, None):
            raise UsageError(f"{column.name} must be 0 or 1, not {value!r}.")
        return "true" if value else "false"
    return "" if value is None else str(value)


def _text(column: Column, value: Any) -> str:
    """Return a JSON value as the text that a patch operation takes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        raise UsageError(f"{column.name} needs text or a number here, not {json.dumps(value)}.")
    return "" if value is None else str(value)
