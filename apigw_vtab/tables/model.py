"""Botocore's service models: shapes, documentation, and names in JSON."""

from __future__ import annotations

import functools
import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botocore.model import ServiceModel, Shape


@functools.cache
def service_model(service: str) -> ServiceModel:
    """Return botocore's model of a service, the newest version that is installed."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


@functools.cache
def wire_names(service: str, operation: str) -> dict[str, str]:
    """Return the JSON names in an operation's answer, each with AWS's member name."""
    shape = service_model(service).operation_model(operation).output_shape
    return (
        {_wire_name(name, member): name for name, member in shape.members.items()} if shape else {}
    )


@functools.cache
def is_read_as_sent(service: str, operation: str) -> bool:
    """Return whether botocore would leave an answer's JSON as it is, apart from items' times.

    It would if no member has another name in JSON, and none is a blob, or a time inside a
    structure, which json_text could not tell from other values.
    """
    shape = service_model(service).operation_model(operation).output_shape
    if shape is None:
        return False
    # A list of items, or the only item itself: both have cells that convert a time.
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


def plain_text(documentation: str) -> str:
    """Return botocore's HTML documentation as one line of plain text."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", documentation)).split()).replace(
        " .", "."
    )
