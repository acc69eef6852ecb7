"""What a connection did and failed to do: rows of api_calls and scan_errors, and warnings."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.errors import examples
from apigw_vtab.tables.values import json_text, now_text, timestamp

# A record takes about half a KiB.
MOST_CALLS = 100_000
# Each of so many accounts has its own line; more with one cause have one together.
MOST_ACCOUNTS = 3


class CallRecord(NamedTuple):
    """A call that was answered or given up, as the table api_calls shows it."""

    call: Call
    status: str
    # Seconds since 1970.
    started: int
    milliseconds: float
    attempts: int
    rows: int


class Alike(NamedTuple):
    """What warnings of several accounts have in common, and the account of one of them."""

    what: str
    account: str


@dataclass(eq=False)
class UnreadCall:
    """A call that got no answer, when it last failed, and whether it has been answered since.

    `missed` numbers such calls in the order in which their rows were missed; `told` is the number
    at which it turned out that the user does not do without them.
    """

    call: Call
    failure: CallFailed
    failed_at: str
    missed: int
    is_answered: bool = False
    told: int = 0


class CallLog:
    """The record of a connection's calls, errors and warnings; safe to share between threads."""

    def __init__(self) -> None:
        self.account_ids: dict[str, str] = {}
        # All calls, and those among them that no scan submitted: they fetch accounts and keys.
        self.calls_made = self.calls_beside = 0
        self._lock = threading.Lock()
        self._calls: deque[CallRecord] = deque(maxlen=MOST_CALLS)
        # Includes calls that were answered to a later statement: rows were missing anyway.
        self._unread: dict[Call, UnreadCall] = {}
        # Lanes from which anything was read, and the denials of those that are left out.
        self._read: set[Lane] = set()
        self._left_out: dict[Lane, list[UnreadCall]] = {}
        # The place of each account among those that are read.
        self._places: dict[str, int] = {}
        self._warnings: dict[str, Alike | None] = {}
        self._told = self._missed = 0

    def called(self, record: CallRecord, *, beside: bool = False) -> None:
        """Record a call that was answered or given up; `beside` those that a scan submitted."""
        with self._lock:
            self._calls.append(record)
            self.calls_made += 1
            self.calls_beside += beside

    def answered(self, call: Call) -> None:
        """Note that a call, which may have failed earlier, has been answered now."""
        if self._unread:
            with self._lock:
                for one in (call, call.lane.account.reaching):
                    if unread := self._unread.get(one) if one else None:
                        unread.is_answered = True

    def unread(self, call: Call, failure: CallFailed, *, left_out: bool = False) -> None:
        """Record that rows are missing because this call got no answer.

        With `left_out`, the user does without the lane, unless anything else comes from there:
        half of it would be missing in silence.
        """
        # Of an account that could not be reached, that call alone counts, and not all that wait.
        call = failure.unreached or call
        with self._lock:
            self._missed += 1
            unread = self._unread[call] = UnreadCall(call, failure, now_text(), self._missed)
            failure.is_left_out = left_out and call.lane not in self._read
            if failure.is_left_out:
                self._left_out.setdefault(call.lane, []).append(unread)

    def is_missed(self, call: Call) -> bool:
        """Return whether rows are missing because this call got no answer."""
        return call in self._unread

    def has_read(self, lane: Lane) -> bool:
        """Return whether anything was read from a lane."""
        return lane in self._read

    def read(self, lane: Lane) -> Sequence[CallFailed]:
        """Note that something was read from a lane: what was denied there is missing like all else.

        Returns those denials.
        """
        if lane in self._read:
            return ()
        with self._lock:
            self._read.add(lane)
            denied = self._left_out.pop(lane, [])
            for one in denied:
                self._missed += 1
                one.told, one.failure.is_left_out = self._missed, False
        return [one.failure for one in denied]

    def expect(self, labels: Iterable[str]) -> None:
        """Take the order of the accounts, in which failures are told."""
        for label in labels:
            self._places.setdefault(label, len(self._places))

    def warn(self, warning: str, alike: Alike | None = None) -> None:
        """Add a warning, once; those of many accounts that are `alike` are told together."""
        with self._lock:
            self._warnings.setdefault(warning, alike)

    def new_warnings(self) -> list[str]:
        """Return the warnings that have not been returned before."""
        with self._lock:
            new = list(self._warnings.items())[self._told :]
            self._told = len(self._warnings)
        return list(_together(new))

    def mark(self) -> int:
        """Return a mark, with which to ask later for the failures from here on."""
        return self._missed

    def failures(self) -> list[CallFailed]:
        """Return the failures whose rows are still missing, in their fixed order."""
        return [one.failure for one in self._since(0) if not one.is_answered]

    def missed(self, since: int = 0) -> list[CallFailed]:
        """Return the failures since a mark, one per call, in their fixed order."""
        return [one.failure for one in self._since(since)]

    def to_tell(self, since: int = 0) -> list[CallFailed]:
        """Return the failures since a mark, and earlier ones that count since then.

        A denial counts once it turns out that its lane is not left out.
        """
        return [one.failure for one in self._ordered(lambda one: max(one.missed, one.told) > since)]

    def records(self, since: int = 0) -> list[CallRecord]:
        """Return the calls after the first `since`, as far as they are kept."""
        with self._lock:
            late = self.calls_made - since
            return list(self._calls)[-late:] if late else []

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of one of the log's own tables."""
        if table == "api_calls":
            return [
                self._describe(record.call)
                | {
                    "status": record.status,
                    "started_at": timestamp(record.started) if record.started else "",
                    "milliseconds": record.milliseconds,
                    "attempts": record.attempts,
                    "rows": record.rows,
                }
                for record in self.records()
            ]
        return [
            self._describe(one.call)
            | {
                "code": one.failure.code,
                "message": one.failure.detail,
                "advice": one.failure.advice,
                "failed_at": one.failed_at,
            }
            for one in self._since(0)
            if not one.is_answered
        ]

    def _since(self, mark: int) -> list[UnreadCall]:
        return self._ordered(lambda one: one.missed > mark)

    def _ordered(self, wanted: Callable[[UnreadCall], bool]) -> list[UnreadCall]:
        """Return unread calls by account, region, operation: whichever answer came first."""
        with self._lock:
            chosen = [one for one in self._unread.values() if wanted(one)]
        return sorted(chosen, key=lambda one: self._place(one.call))

    def _place(self, call: Call) -> tuple[int, str, str, str, str]:
        lane, operation = call.lane, call.operation
        place = self._places.get(lane.account.label, len(self._places))
        return place, lane.region, operation.service, operation.name, repr(call.parameters)

    def _describe(self, call: Call) -> dict[str, Any]:
        account = call.lane.account
        return {
            "account_id": self.account_ids.get(account.label),
            "region": call.lane.region,
            "profile": account.profile,
            "service": call.operation.service,
            "operation": call.operation.name,
            "parameters": json_text(dict(call.parameters)),
        }


def _together(warnings: Iterable[tuple[str, Alike | None]]) -> Iterator[str]:
    """Yield warnings, those of more than a few accounts that are alike in one line."""
    groups: dict[str, dict[str, str]] = {}
    for warning, alike in warnings:
        whose = groups.setdefault(alike.what if alike else warning, {})
        whose.setdefault(alike.account if alike else "", warning)
    for group in groups.values():
        if len(group) <= MOST_ACCOUNTS:
            yield from group.values()
        else:
            first = next(iter(group.values()))
            yield f"{len(group):,} accounts ({examples(list(group))}). The first of them: {first}"
