"""Sends one call with boto3, and checks its answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.failures import GARBLED, THROTTLED, UNREACHABLE, UNREADABLE, USED_UP
from apigw_vtab.errors import ApigwVtabError
from apigw_vtab.tables.declaration import Read
from apigw_vtab.tables.values import Item

# Seconds; who asks for more is not believed.
LONGEST_WAIT = 60.0
# Account ids and region codes.
_NAME = re.compile(r"[a-z0-9-]+")


def send(call: Call) -> Answer:
    """Make the call with boto3. Raises CallFailed with AWS's code or botocore's exception name."""
    from botocore import xform_name
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
    from botocore.parsers import ResponseParserError

    lane, operation, parameters = call
    # A call has tuples, which can be keys of a cache; botocore wants lists.
    given = {name: list(v) if isinstance(v, tuple) else v for name, v in parameters}
    try:
        client = lane.client(operation.service)
        response = getattr(client, xform_name(operation.name))(**given)
    except ClientError as error:
        told = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code = str(told.get("Code") or status)
        if status == 429 and code not in THROTTLED.codes | USED_UP.codes:
            code = "TooManyRequestsException"
        failure = call.failed(code, str(told.get("Message", "")))
        failure.is_passing = status >= 500
        failure.retry_after = _retry_after(error.response)
        raise failure from error
    except (BotoCoreError, HTTPClientError, ResponseParserError) as error:
        failure = call.failed(type(error).__name__, str(error))
        failure.is_passing = failure.code in UNREACHABLE.codes | GARBLED.codes
        raise failure from error
    except ApigwVtabError:
        raise
    except Exception as error:
        # botocore's parsers have no error of their own for values of the wrong type.
        raise call.failed(UNREADABLE, f"{type(error).__name__}: {error}") from error
    if not isinstance(operation, Read) or operation.items is None:
        response.pop("ResponseMetadata", None)
        return Answer(_checked(call, [response]))
    items = response.get(operation.items)
    token = response.get(operation.page.token_member) if operation.page else None
    if token is not None and not isinstance(token, str):
        raise call.failed(UNREADABLE, "The token of the next page is not text.")
    return Answer(_checked(call, [] if items is None else items), token or None)


def _retry_after(response: Mapping[str, Any]) -> float | None:
    """Return the seconds that an answer asks to wait, where it does."""
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    text = str(headers.get("retry-after", ""))
    return min(float(text), LONGEST_WAIT) if text.isdecimal() else None


def _checked(call: Call, items: Any) -> list[Item]:
    """Return the items if they are valid and hold what the operation needs. Raises CallFailed."""
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise call.failed(UNREADABLE, "The list holds something that is not an item.")
    member = call.operation.names if isinstance(call.operation, Read) else None
    if member and not (items and all(_is_name(item.get(member)) for item in items)):
        raise call.failed(UNREADABLE, f"It holds no valid {member}.")
    return items


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None
