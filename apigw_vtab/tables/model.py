"""Botocore's service models: shapes, documentation, and names in JSON."""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from apigw_vtab.tables.values import timestamp

if TYPE_CHECKING:
    from botocore.loaders import Loader
    from botocore.model import ServiceModel, Shape


@functools.cache
def service_model(service: str) -> ServiceModel:
    """Return botocore's model of a service, the newest version that is installed."""
    from botocore.model import ServiceModel

    return ServiceModel(loader_of(service).load_service_model(service, "service-2"), service)


def loader_of(service: str) -> Loader:
    """Return what loads a service's files, and does not look through all services first.

    That takes 20 ms, a twentieth of the time that a first answer takes.
    """
    from botocore.loaders import Loader

    loader = Loader()
    loader.list_available_services = lambda type_name: [service]
    return loader


@functools.cache
def wire_names(service: str, operation: str) -> dict[str, str]:
    """Return the JSON names in an operation's answer, each with AWS's member name."""
    shape = service_model(service).operation_model(operation).output_shape
    return (
        {_wire_name(name, member): name for name, member in shape.members.items()} if shape else {}
    )


@functools.cache
def missing_members(service: str, operation: str, member: str, shape_name: str) -> frozenset[str]:
    """Return the members of a shape that an operation's items do not have, or have otherwise.

    The items are in a `member` of the answer, or are the answer itself where that is empty.
    """
    model = service_model(service)
    item = model.operation_model(operation).output_shape
    if item and member:
        item = item.members[member]
        item = item.member if item.type_name == "list" else item
    wanted = model.shape_for(shape_name)
    if item is None or item.type_name != "structure" or item.name == shape_name:
        return frozenset()
    return frozenset(
        name
        for name, one in wanted.members.items()
        if name not in item.members or not _is_alike(one, item.members[name])
    )


def _is_alike(one: Shape, other: Shape) -> bool:
    if one.type_name != other.type_name:
        return False
    is_scalar = one.type_name not in ("structure", "list", "map")
    return is_scalar or one.name == other.name


@functools.cache
def translator(service: str, operation: str) -> Callable[[dict[str, Any]], dict[str, Any]] | None:
    """Return what gives the members of an answer in JSON their names in AWS's model.

    Much faster than botocore's parser, which looks at every member of every item. The times of
    items stay as they were sent, for cells that convert them; a time inside a structure becomes
    text. None for what only botocore can read: blobs, and members outside the JSON.
    """
    shape = service_model(service).operation_model(operation).output_shape
    if shape is None or _is_odd(shape, frozenset()):
        return None
    # A list of items, or the only item itself: both have cells that convert a time.
    lists = _lists_items(shape)
    members = {
        _wire_name(name, member): (
            name,
            None if member.type_name == "timestamp" else _translate(member, is_item=lists),
        )
        for name, member in shape.members.items()
    }
    return functools.partial(_renamed, members)


def _wire_name(name: str, shape: Shape) -> str:
    return str(shape.serialization.get("name", name))


def _lists_items(shape: Shape) -> bool:
    """Return whether an answer is a list: one of structures, and besides it only texts."""
    structures, others = 0, 0
    for member in shape.members.values():
        of_list = member.member.type_name if member.type_name == "list" else ""
        structures += of_list == "structure"
        others += member.type_name != "string" and of_list not in ("structure", "string")
    return structures == 1 and others == 0


def _is_odd(shape: Shape, above: frozenset[str]) -> bool:
    """Return whether a shape holds a blob, a member outside the JSON, or itself."""
    if shape.type_name == "blob" or "location" in shape.serialization or shape.name in above:
        return True
    inside = above | {shape.name} if shape.type_name in ("structure", "list", "map") else above
    if shape.type_name == "structure":
        return any(_is_odd(member, inside) for member in shape.members.values())
    if shape.type_name == "map":
        return _is_odd(shape.value, inside)
    return shape.type_name == "list" and _is_odd(shape.member, inside)


def _translate(shape: Shape, *, is_item: bool = False) -> Callable[[Any], Any] | None:
    """Return what translates a value; None if it is as in the model already."""
    if shape.type_name == "timestamp":
        return timestamp
    if shape.type_name == "list":
        each = _translate(shape.member, is_item=is_item)
        return each and functools.partial(_each_of_list, each)
    if shape.type_name == "map":
        each = _translate(shape.value)
        return each and functools.partial(_each_of_map, each)
    if shape.type_name != "structure":
        return None
    members = {
        _wire_name(name, member): (
            name,
            None if is_item and member.type_name == "timestamp" else _translate(member),
        )
        for name, member in shape.members.items()
    }
    if all(wire == name and not change for wire, (name, change) in members.items()):
        return None
    return functools.partial(_renamed, members)


def _each_of_list(translate: Callable[[Any], Any], value: Any) -> Any:
    return [translate(one) for one in value] if isinstance(value, list) else value


def _each_of_map(translate: Callable[[Any], Any], value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: translate(one) for key, one in value.items()}


def _renamed(members: Mapping[str, tuple[str, Callable[[Any], Any] | None]], value: Any) -> Any:
    """Return a structure with the model's names, and without members that the model lacks."""
    if not isinstance(value, dict):
        return value
    renamed = {}
    for wire, one in value.items():
        if wire in members:
            name, translate = members[wire]
            renamed[name] = translate(one) if translate and one is not None else one
    return renamed


def plain_text(documentation: str) -> str:
    """Return botocore's HTML documentation as one line of plain text."""
    text = html.unescape(re.sub(r"<[^>]+>", " ", documentation)).replace(r"\*", "*")
    return " ".join(text.split()).replace(" .", ".").replace(" ,", ",")
