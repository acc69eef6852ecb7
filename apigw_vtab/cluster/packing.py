"""Calls and their outcomes as bytes, many at a time: what passes between the processes.

A call passes without its account's keys: an account is a number here, and how it is reached has
passed before. Everything is plain: text, numbers, tuples, and the items that AWS returned.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any, NamedTuple

from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.causes import CAUSES, OTHER
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.in_flight import InFlight
from apigw_vtab.aws.known_causes import KNOWN_OTHERWISE
from apigw_vtab.aws.reach.described import DescribedAccount
from apigw_vtab.aws.request import without_unnamed
from apigw_vtab.errors import ApigwVtabError, UsageError
from apigw_vtab.tables.account import IDENTITY
from apigw_vtab.tables.declaration import Page, Read

# What a cause is called is its place: both sides are of one version.
_CAUSES = (*CAUSES, *KNOWN_OTHERWISE, OTHER)
# The fields of a failure that follow neither from the call nor from each other.
_FIELDS = (
    *("region", "service", "operation", "is_passing", "retry_after", "action", "role", "clock"),
    *("is_foreign", "resource"),
)
_OURS: dict[str, type[ApigwVtabError]] = {one.__name__: one for one in (UsageError, ApigwVtabError)}


class PackedCall(NamedTuple):
    """A call by the numbers of its account and of its operation."""

    number: int
    account: int
    region: str
    read: int
    parameters: tuple[tuple[str, Any], ...]
    named: tuple[str, ...]


class CallBatch(NamedTuple):
    """What is sent to a worker: new accounts and operations, calls, and calls that are taken back.

    `hopes`: a new statement began, so that accounts and regions that were given up are tried again.
    """

    accounts: Sequence[tuple[int, DescribedAccount]]
    reads: Sequence[tuple[int, tuple[Any, ...]]]
    calls: Sequence[PackedCall]
    taken_back: Sequence[int]
    hopes: bool


class CallOutcome(NamedTuple):
    """What became of a call. `status` is empty where it was taken back before it was sent.

    `milliseconds` it took, `started` in seconds since 1970. Without an answer, `failure` says why.
    """

    number: int
    status: str
    milliseconds: float = 0.0
    started: int = 0
    attempts: int = 0
    items: Sequence[Any] = ()
    token: str | None = None
    failure: Any = None


class SignedIn(NamedTuple):
    """A call by which a worker asked for an account's keys; `account` is the account's number."""

    account: int
    status: str
    started: int
    milliseconds: float
    attempts: int


class OutcomeBatch(NamedTuple):
    """What a worker sends: outcomes, what the user should know, and how it got its keys."""

    outcomes: Sequence[CallOutcome]
    warnings: Sequence[str] = ()
    signed_in: Sequence[SignedIn] = ()


def packed(message: CallBatch | OutcomeBatch) -> bytes:
    """Return it as bytes."""
    return pickle.dumps(tuple(message), pickle.HIGHEST_PROTOCOL)


def batch_of(data: bytes) -> CallBatch:
    """Return what was packed."""
    return CallBatch(*pickle.loads(data))


def outcomes_of(data: bytes) -> OutcomeBatch:
    """Return what was packed."""
    return OutcomeBatch(*pickle.loads(data))


def packed_read(read: Read) -> tuple[Any, ...]:
    """Return what it takes to make an operation's calls, and to read their answers."""
    page = read.page
    return (
        (read.service, read.name, read.items, read.item, read.names),
        (page.size_member, page.token_member, page.size, page.as_text) if page else None,
        (read.seconds_each, read.at_once, read.account_wide),
        dict(read.secrets),
    )


def read_of(given: tuple[Any, ...]) -> Read:
    """Return an operation that was packed."""
    (service, name, items, item, names), page, (seconds, at_once, account_wide), secrets = given
    if (service, name, names) == (IDENTITY.service, IDENTITY.name, IDENTITY.names):
        # Some of its failures mean what those of no other call mean.
        return IDENTITY
    return Read(
        service,
        name,
        seconds_each=seconds,
        at_once=at_once,
        account_wide=account_wide,
        items=items,
        item=item,
        page=Page(*page) if page else None,
        names=names,
        secrets=secrets,
    )


def outcome_of(number: int, flight: InFlight) -> CallOutcome:
    """Return what became of a call that is over."""
    if flight.cancelled():
        return CallOutcome(number, "")
    milliseconds = round((flight.ended - flight.sent) * 1000, 1)
    spent = (milliseconds, flight.started, flight.attempts)
    if flight.answer is not None:
        return CallOutcome(number, "ok", *spent, flight.answer.items, flight.answer.token)
    error = flight.exception()
    status = error.code if isinstance(error, CallFailed) else type(error).__name__
    return CallOutcome(number, status, *spent, failure=packed_failure(flight.call, error))


def packed_failure(call: Call, error: BaseException | None) -> tuple[Any, ...]:
    """Return why a call got no answer."""
    if not isinstance(error, CallFailed):
        return type(error).__name__, str(error)
    fields = {name: getattr(error, name) for name in _FIELDS}
    cause = _CAUSES.index(error.because) if error.because else None
    account = call.lane.account
    return error.code, error.detail, cause, bool(error.unreached), account.has_session_token, fields


def failure_of(call: Call, given: tuple[Any, ...]) -> BaseException:
    """Return why a call got no answer, as this process would have raised it."""
    if len(given) == 2:
        name, text = given
        return _OURS[name](text) if name in _OURS else RuntimeError(f"{name}: {text}")
    code, detail, cause, is_unreached, has_session_token, fields = given
    failure = call.failed(code, detail)
    vars(failure).update(fields)
    failure.because = None if cause is None else _CAUSES[cause]
    account = call.lane.account
    if is_unreached:
        failure.unreached = account.reaching
    account.has_session_token |= has_session_token
    return failure


def answer_of(call: Call, outcome: CallOutcome) -> Answer:
    """Return an answer; the secrets in it are known to this process from here on."""
    items = without_unnamed(call, outcome.items) if call.named else outcome.items
    return Answer(items, outcome.token)
