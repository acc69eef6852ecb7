"""Pages of lists: `limit` and `position` in version 1, `maxResults`, `nextToken` in version 2."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.model import OperationModel
from moto.apigateway.exceptions import BadRequestException

from apigw_vtab.sandbox.routes import Asked, wire_members

DEFAULT_PAGE = 25
LARGEST_PAGE = 500
# What asks for a page's size, and for the page itself.
WORDS = {1: ("limit", "position"), 2: ("maxResults", "nextToken")}


def pages_of(operation: OperationModel) -> tuple[str, bool]:
    """Return the member that holds an operation's list, and whether it comes in pages."""
    members = wire_members(operation.output_shape)
    (name,) = [
        name
        for name, member in members.items()
        # Others, such as warnings, are lists of text.
        if member.type_name == "list" and member.member.type_name == "structure"
    ]
    return name, not {"position", "nextToken"}.isdisjoint(members)


def is_list(operation: OperationModel) -> bool:
    """Return whether an operation lists something, page by page."""
    members = wire_members(operation.output_shape)
    return operation.http["method"] == "GET" and not {"position", "nextToken"}.isdisjoint(members)


def page_of(
    asked: Asked, items: Sequence[Any], query: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Return the page that a request asks for. Raises BadRequestException for a wrong one."""
    member, is_paged = pages_of(asked.operation)
    if not is_paged:
        return {member: items}
    size, token = WORDS[asked.version]
    asked_size, asked_token = (next(iter(query.get(name) or ()), None) for name in (size, token))
    return page(items, asked_size, asked_token, names=(member, size, token))


def page(
    items: Sequence[Any],
    limit: str | None,
    position: str | None,
    names: tuple[str, str, str] = ("item", "limit", "position"),
) -> dict[str, Any]:
    """Return one page, with the token of the next one if any.

    `names` are those of the list, of its size and of its token.
    """
    member, size_name, token_name = names
    try:
        size = DEFAULT_PAGE if limit is None else int(limit)
    except ValueError:
        raise BadRequestException(f"Invalid {size_name} specified: {limit}") from None
    if not 1 <= size <= LARGEST_PAGE:
        raise BadRequestException(f"{size_name} must be between 1 and {LARGEST_PAGE}, not {size}")
    try:
        start = int(base64.b64decode(position, validate=True)) if position else 0
    except (ValueError, binascii.Error):
        start = -1
    if start < 0:
        raise BadRequestException(f"Invalid {token_name} parameter specified")
    answer: dict[str, Any] = {member: items[start : start + size]}
    if start + size < len(items):
        answer[token_name] = base64.b64encode(str(start + size).encode()).decode("ascii")
    return answer
