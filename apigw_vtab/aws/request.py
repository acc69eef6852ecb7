"""Sends one call, and checks its answer."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from apigw_vtab.aws.accounts import UnusableProfile
from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.causes import (
    CLOCK_CODES,
    DENIED,
    DENIED_EXPLICITLY,
    EXPIRED,
    GARBLED,
    OTHER,
    PROXY_SIGN_IN,
    THROTTLED,
    UNREACHABLE,
    UNREADABLE,
    UNRECOGNISED,
    UNUSABLE,
    USED_UP,
    WRONG_CLOCK,
)
from apigw_vtab.aws.credentials import MfaWithoutTerminal, refused_before
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.known_causes import BUSY, IDENTITY_DENIED, ORGANIZATION_DENIED, OTHER_PARTITION
from apigw_vtab.aws.regions import ALWAYS_ENABLED
from apigw_vtab.aws.response import ForeignAnswer
from apigw_vtab.aws.secrets_in_use import note
from apigw_vtab.errors import ApigwVtabError
from apigw_vtab.tables.account import IDENTITY
from apigw_vtab.tables.declaration import Read
from apigw_vtab.tables.services import ORGANIZATIONS, service_of
from apigw_vtab.tables.values import Item

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

# Seconds; who asks for more is not believed.
LONGEST_WAIT = 60.0
# Seconds by which AWS lets a clock be off: "Signature expired: ... (... - 5 min.)".
TOLERATED = 300.0
# Errors of ours that, as botocore's, have their name as their code.
OURS = (MfaWithoutTerminal, UnusableProfile)
# Account ids and region codes.
_NAME = re.compile(r"[a-z0-9-]+")


def send(call: Call) -> Answer:
    """Make the call. Raises CallFailed with AWS's code or the name of botocore's exception."""
    lane, operation = call.lane, call.operation
    given = {name: _sent(value) for name, value in call.parameters}
    try:
        if isinstance(operation, Read):
            response = lane.ask(operation.service, operation.name, given)
        else:
            response = _changed(call, given)
    except ApigwVtabError:
        raise
    except Exception as error:
        failure = _failure(call, error)
        is_renewed = failure.cause is EXPIRED and lane.account.is_renewed
        lane.account.explain(failure, error)
        if failure.is_account_wide and not is_renewed:
            lane.account.refused(error)
        raise failure from error
    if not isinstance(operation, Read) or operation.items is None:
        response.pop("ResponseMetadata", None)
        member = operation.item if isinstance(operation, Read) else ""
        item = response.get(member) if member else response
        return Answer(without_unnamed(call, _checked(call, [item])))
    token = response.get(operation.page.token_member) if operation.page else None
    if token is not None and not isinstance(token, str):
        raise call.failed(UNREADABLE, "The token of the next page is not text.")
    items = _checked(call, response.get(operation.items))
    return Answer(without_unnamed(call, items), token or None)


def _changed(call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
    """Make a call that changes something, with boto3's client."""
    from botocore import xform_name

    client = call.lane.client(call.operation.service)
    response: dict[str, Any] = getattr(client, xform_name(call.operation.name))(**given)
    return response


def _sent(value: Any) -> Any:
    """Return a parameter as botocore wants it: a call has tuples, which can be keys of a cache."""
    if isinstance(value, dict):
        return {name: _sent(one) for name, one in value.items()}
    return [_sent(one) for one in value] if isinstance(value, tuple) else value


def _failure(call: Call, error: Exception) -> CallFailed:
    """Return the failure that an error of botocore's means."""
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        HTTPClientError,
        ParamValidationError,
        ProxyConnectionError,
    )
    from botocore.parsers import ResponseParserError

    if isinstance(error, ClientError):
        return _refusal(call, error)
    if isinstance(error, ForeignAnswer):
        code = "TooManyRequestsException" if error.status == 429 else str(error.status)
        failure = call.failed(code, error.text)
        failure.is_passing = error.status >= 500
        failure.is_foreign = True
        return failure
    if not isinstance(error, (BotoCoreError, HTTPClientError, ResponseParserError, *OURS)):
        # botocore's parsers have no error of their own for values of the wrong type.
        return call.failed(UNREADABLE, f"{type(error).__name__}: {error}")
    failure = call.failed(type(error).__name__, str(error))
    failure.is_passing = failure.code in UNREACHABLE.codes | GARBLED.codes
    if failure.cause is OTHER and not isinstance(error, ParamValidationError):
        # What else botocore raises before a call is about the AWS configuration.
        failure.because = UNUSABLE
    if isinstance(error, ProxyConnectionError) and " 407 " in f"{error.kwargs.get('error')} ":
        failure.because, failure.is_passing = PROXY_SIGN_IN, False
    return failure


def _refusal(call: Call, error: ClientError) -> CallFailed:
    """Return the failure that AWS's refusal means, of the call or of the credentials for it."""
    told = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = str(told.get("Code") or status)
    if status == 429 and code not in THROTTLED.codes | USED_UP.codes:
        code = "TooManyRequestsException"
    failure = call.failed(code, str(told.get("Message", "")))
    failure.is_passing = status >= 500
    failure.retry_after = _retry_after(error.response)
    account, region = call.lane.account, call.lane.region
    if error.operation_name != call.operation.name:
        refused_before(failure, error, account.settings)
        failure.is_passing |= code in THROTTLED.codes
    elif code in UNRECOGNISED.codes and account.is_region_assumed and region in ALWAYS_ENABLED:
        failure.because = OTHER_PARTITION
    elif code in THROTTLED.codes and not service_of(call.operation.service).is_regional:
        failure.because = BUSY
    elif call.operation is IDENTITY and failure.cause in (DENIED, DENIED_EXPLICITLY):
        failure.because = IDENTITY_DENIED
    elif call.operation.service == ORGANIZATIONS.name and failure.cause is DENIED:
        failure.because = ORGANIZATION_DENIED
    elif code.isdigit():
        # It is AWS that answered, though without a code of its own.
        failure.because = DENIED if status in (401, 403) else OTHER
    _compare_clocks(failure, error.response)
    return failure


def _compare_clocks(failure: CallFailed, response: Mapping[str, Any]) -> None:
    """Say how far this machine's clock is off, where that may be why AWS refused."""
    if failure.code not in CLOCK_CODES and failure.cause is not WRONG_CLOCK:
        return
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        theirs = parsedate_to_datetime(str(headers.get("date"))).timestamp()
    except ValueError:
        return
    off = time.time() - theirs
    if abs(off) >= TOLERATED:
        failure.because = WRONG_CLOCK
        failure.clock = f"{abs(off) / 60:,.0f} minutes {'ahead' if off > 0 else 'behind'}"


def _retry_after(response: Mapping[str, Any]) -> float | None:
    """Return the seconds that an answer asks to wait, where it does."""
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    text = str(headers.get("retry-after", ""))
    return min(float(text), LONGEST_WAIT) if text.isdecimal() else None


def _checked(call: Call, items: Any) -> list[Item]:
    """Return the items if they are valid and hold what the operation needs. Raises CallFailed."""
    if items is None:
        raise call.failed(UNREADABLE, "It holds no list, not even an empty one.")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise call.failed(UNREADABLE, "The list holds something that is not an item.")
    member = call.operation.names if isinstance(call.operation, Read) else None
    if member and not (items and all(_is_name(item.get(member)) for item in items)):
        raise call.failed(UNREADABLE, f"It holds no valid {member}.")
    return items


def without_unnamed(call: Call, items: Sequence[Item]) -> Sequence[Item]:
    """Return the items without the secrets that no statement names."""
    secrets = call.operation.secrets if isinstance(call.operation, Read) else {}
    for column in call.named:
        # So that no error and no traceback shows it.
        note(*(one for item in items if isinstance(one := item.get(secrets[column]), str)))
    dropped = {member for column, member in secrets.items() if column not in call.named}
    if not dropped:
        return items
    return [{name: one for name, one in item.items() if name not in dropped} for item in items]


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None
