"""Cells of columns, made from one member of an AWS shape."""

from __future__ import annotations

from typing import Any

from botocore.model import DenormalizedStructureBuilder, Shape

from apigw_vtab.tables.columns import column_of
from apigw_vtab.tables.values import SqlValue

SCALARS = ("string", "integer", "long", "float", "double", "boolean", "timestamp", "blob")
CONTAINERS: dict[str, dict[str, Any]] = {
    "structure": {"type": "structure", "members": {"name": {"type": "string"}}},
    "list": {"type": "list", "member": {"type": "string"}},
    "map": {"type": "map", "key": {"type": "string"}, "value": {"type": "string"}},
}
KINDS = (*SCALARS, *CONTAINERS)


def shape(kind: str) -> Shape:
    member = CONTAINERS.get(kind) or {"type": kind}
    built = DenormalizedStructureBuilder().with_members({"member": member}).build_model()
    return built.members["member"]


def cell(kind: str, value: Any) -> SqlValue:
    """What a member of a kind becomes when AWS sends this value."""
    (made,) = column_of("name", "member", shape(kind)).cells([{"member": value}])
    return made
