"""What a connection did and failed to do: rows of api_calls and scan_errors, and warnings."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any, NamedTuple

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.tables.services import service_of
from apigw_vtab.tables.values import json_text, now_text

# A record takes about half a KiB.
MOST_CALLS = 100_000


class CallRecord(NamedTuple):
    """A call that was answered or given up, as the table api_calls shows it."""

    call: Call
    status: str
    started_at: str
    milliseconds: float
    attempts: int
    rows: int


@dataclass(eq=False)
class UnreadCall:
    """A call that got no answer, when it last failed, and whether it has been answered since.

    `missed` numbers such calls in the order in which their rows were missed.
    """

    call: Call
    failure: CallFailed
    failed_at: str
    missed: int
    is_answered: bool = False


class CallLog:
    """The record of a connection's calls, errors and warnings; safe to share between threads."""

    def __init__(self) -> None:
        self.account_ids: dict[str, str] = {}
        self.calls_made = 0
        self._lock = threading.Lock()
        self._calls: deque[CallRecord] = deque(maxlen=MOST_CALLS)
        # Includes calls that were answered to a later statement: rows were missing anyway.
        self._unread: dict[Call, UnreadCall] = {}
        # Lanes that API Gateway has answered in, and those left out since the statement began.
        self._lanes: set[Lane] = set()
        self._left_out: set[Lane] = set()
        self._warnings: dict[str, None] = {}
        self._told = self._missed = 0

    def called(self, record: CallRecord) -> None:
        """Record a call that was answered or given up."""
        with self._lock:
            self._calls.append(record)
            self.calls_made += 1

    def answered(self, call: Call) -> None:
        """Note that a call, which may have failed earlier, has been answered now."""
        if service_of(call.operation.service).is_regional:
            self._lanes.add(call.lane)
        if self._unread:
            with self._lock:
                if unread := self._unread.get(call):
                    unread.is_answered = True

    def unread(self, call: Call, failure: CallFailed) -> None:
        """Record that rows are missing because this call got no answer."""
        with self._lock:
            self._missed += 1
            self._unread[call] = UnreadCall(call, failure, now_text(), self._missed)

    def has_answered(self, lane: Lane) -> bool:
        """Return whether API Gateway has answered any call in a lane."""
        return lane in self._lanes

    def leave_out(self, lane: Lane) -> None:
        """Note that a lane is left out until the next statement begins."""
        self._left_out.add(lane)

    def is_left_out(self, lane: Lane) -> bool:
        """Return whether a lane is left out."""
        return lane in self._left_out

    def statement_began(self) -> None:
        """Note that from here on every lane is asked again."""
        self._left_out.clear()

    def warn(self, warning: str) -> None:
        """Add a warning, once."""
        with self._lock:
            self._warnings.setdefault(warning)

    def new_warnings(self) -> list[str]:
        """Return the warnings that have not been returned before."""
        with self._lock:
            new = list(self._warnings)[self._told :]
            self._told = len(self._warnings)
            return new

    def mark(self) -> int:
        """Return a mark, with which to ask later for the failures from here on."""
        return self._missed

    def failures(self) -> list[CallFailed]:
        """Return the failures whose rows are still missing, in the order they were missed."""
        return [one.failure for one in self._since(0) if not one.is_answered]

    def missed(self, since: int = 0) -> list[CallFailed]:
        """Return the failures since a mark, one per call, in the order they were missed."""
        return [one.failure for one in self._since(since)]

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
                | dict(zip(CallRecord._fields[1:], record[1:], strict=True))
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
        with self._lock:
            late = [one for one in self._unread.values() if one.missed > mark]
        return sorted(late, key=lambda one: one.missed)

    def _describe(self, call: Call) -> dict[str, Any]:
        account = call.lane.account
        return {
            "account_id": self.account_ids.get(account.profile),
            "region": call.lane.region,
            "profile": account.profile,
            "service": call.operation.service,
            "operation": call.operation.name,
            "parameters": json_text(dict(call.parameters)),
        }
