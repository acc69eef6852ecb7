"""Patch operations of version 1, and members of version 2, against the shapes of AWS's model."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.model import Shape
from moto.apigateway.exceptions import BadRequestException

from apigw_vtab.sandbox.documents.store import Item
from apigw_vtab.sandbox.errors import InvalidPatchPath
from apigw_vtab.sandbox.routes import wire_members


def patched(
    item: Mapping[str, Any],
    operations: Sequence[Mapping[str, Any]],
    shape: Shape,
    fixed: Sequence[str] = (),
) -> Item:
    """Return an item with patch operations applied: all of them, or BadRequestException.

    `fixed` are the members that no operation changes. "Patch operations" in the API reference:
    https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
    """
    changed = copy.deepcopy(dict(item))
    for operation in operations:
        path = operation["path"]
        first, *words = [_unescaped(word) for word in path.removeprefix("/").split("/")]
        if first in fixed or first not in wire_members(shape):
            raise InvalidPatchPath(path)
        _apply(changed, [first, *words], operation, shape)
    return changed


def check_values(shape: Shape, value: Any, name: str) -> None:
    """Raise BadRequestException for a value that the model of version 2 does not allow."""
    if shape.type_name == "structure":
        members = wire_members(shape)
        for member, inner in (value or {}).items():
            if member in members:
                check_values(members[member], inner, member)
    elif shape.type_name in ("list", "map"):
        inner_shape = shape.member if shape.type_name == "list" else shape.value
        for inner in value.values() if shape.type_name == "map" else value or ():
            check_values(inner_shape, inner, name)
    elif value is not None and value not in _enum(shape, value):
        raise BadRequestException(f"Invalid value for {name}: {value}")


def _enum(shape: Shape, value: Any) -> Sequence[Any]:
    """Return the values that a shape allows: any, if it names none."""
    return list(shape.metadata.get("enum") or ()) or [value]


def _unescaped(word: str) -> str:
    return word.replace("~1", "/").replace("~0", "~")


def _apply(item: Item, words: Sequence[str], operation: Mapping[str, Any], shape: Shape) -> None:
    verb, path, value = operation["op"], operation["path"], operation.get("value")
    name, *deeper = words
    member = _member(shape, name, path)
    if verb not in ("add", "remove", "replace"):
        raise BadRequestException(f"Invalid patch operation specified: {verb}")
    if member.type_name == "list" and verb in ("add", "remove") and not deeper:
        listed = [one for one in item.get(name, []) if one != value]
        item[name] = [*listed, value] if verb == "add" else listed
    elif deeper and member.type_name in ("structure", "map"):
        _apply(item.setdefault(name, {}), deeper, operation, member)
        if not item[name]:
            del item[name]
    elif deeper:
        raise InvalidPatchPath(path)
    elif verb == "remove" or value in (None, ""):
        item.pop(name, None)
    else:
        item[name] = _converted(str(value), member, path)


def _member(shape: Shape, name: str, path: str) -> Shape:
    if shape.type_name == "map":
        return shape.value
    members = wire_members(shape)
    if name not in members:
        raise InvalidPatchPath(path)
    return members[name]


CONVERT: Mapping[str, Callable[[str], Any]] = {
    "boolean": lambda text: {"true": True, "false": False}[text.lower()],
    "integer": int,
    "double": float,
    "list": lambda text: [word for word in text.split(",") if word],
}


def _converted(text: str, shape: Shape, path: str) -> Any:
    try:
        value = CONVERT.get(shape.type_name, str)(text)
    except (KeyError, ValueError):
        raise BadRequestException(f"Invalid value for {path}: {text}") from None
    if value not in _enum(shape, value):
        raise BadRequestException(f"Invalid value for {path}: {text}")
    return value
