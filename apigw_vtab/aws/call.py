"""A call: one AWS operation with its parameters in one lane, how it is sent, and its answer."""

from __future__ import annotations

import pickle
import re
import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.failures import (
    GARBLED,
    THROTTLED,
    UNREACHABLE,
    UNREADABLE,
    USED_UP,
    ApigwVtabError,
    CallFailed,
    without_secrets,
)
from apigw_vtab.tables.declaration import Fetch, Item, SqlValue

# Account ids and region codes.
_NAME = re.compile(r"[a-z0-9-]+")


class Call(NamedTuple):
    """One AWS operation with its parameters in one lane."""

    lane: Lane
    fetch: Fetch
    parameters: tuple[tuple[str, Any], ...] = ()

    def turn_page(self, token: str) -> Call:
        """Give the call for the page that `token` names."""
        assert self.fetch.page is not None
        name = self.fetch.page.token_member
        kept = (pair for pair in self.parameters if pair[0] != name)
        return self._replace(parameters=(*kept, (name, token)))

    def failed(self, code: str, detail: str) -> CallFailed:
        """Give the error that says that this call gave no answer, and why."""
        profile, fetch, told = self.lane.account.profile, self.fetch, without_secrets(detail)
        return CallFailed(profile, self.lane.region, fetch.service, fetch.operation, code, told)


class Answer:
    """What a call gave: its items, the token of the next page, and cells made from the items."""

    __slots__ = ("_items", "_packed", "cells", "count", "index", "token")

    def __init__(self, items: Sequence[Item], token: str | None = None) -> None:
        self._items: Sequence[Item] | None = items
        self._packed = b""
        self.count = len(items)
        self.token = token
        self.cells: dict[int, list[SqlValue]] = {}
        self.index: dict[int, dict[SqlValue, list[int]]] = {}

    @property
    def items(self) -> Sequence[Item]:
        """The items, as AWS gave them."""
        # Several threads may come here: each goes on with what it saw.
        items = self._items
        if items is None:
            items = self._items = pickle.loads(zlib.decompress(self._packed))
        return items

    def pack(self) -> None:
        """Take a tenth of the room until somebody reads the items."""
        if self._items is not None and not self.cells:
            self._packed = self._packed or zlib.compress(pickle.dumps(self._items, -1), 1)
            self._items = None


def send(call: Call) -> Answer:
    """Make the call with boto3. Raises CallFailed with AWS's code, or botocore's exception's."""
    from botocore import xform_name
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
    from botocore.parsers import ResponseParserError

    lane, fetch, parameters = call
    try:
        client = lane.client(fetch.service)
        response = getattr(client, xform_name(fetch.operation))(**dict(parameters))
    except ClientError as error:
        told = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code = str(told.get("Code") or status)
        if status == 429 and code not in THROTTLED.codes | USED_UP.codes:
            code = "TooManyRequestsException"
        failure = call.failed(code, str(told.get("Message", "")))
        failure.is_passing = status >= 500
        raise failure from error
    except (BotoCoreError, HTTPClientError, ResponseParserError) as error:
        failure = call.failed(type(error).__name__, str(error))
        failure.is_passing = failure.code in UNREACHABLE.codes | GARBLED.codes
        raise failure from error
    except ApigwVtabError:
        raise
    except Exception as error:
        # botocore's parsers have no error of their own for values of a wrong type.
        raise call.failed(UNREADABLE, f"{type(error).__name__}: {error}") from error
    if fetch.items is None:
        response.pop("ResponseMetadata", None)
        return Answer(_checked(call, [response]))
    items = response.get(fetch.items)
    token = response.get(fetch.page.token_member) if fetch.page else None
    if token is not None and not isinstance(token, str):
        raise call.failed(UNREADABLE, "The token of the next page is no text.")
    return Answer(_checked(call, [] if items is None else items), token or None)


def _checked(call: Call, items: Any) -> list[Item]:
    """Give items that are such, and have what the fetch cannot do without. Raises CallFailed."""
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise call.failed(UNREADABLE, f"{call.fetch.items} holds what is no item")
    member = call.fetch.names
    if member and not (items and all(_is_name(item.get(member)) for item in items)):
        raise call.failed(UNREADABLE, f"It does not say what {member} is.")
    return items


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None
