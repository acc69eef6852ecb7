"""What a connection did and could not do: rows of api_calls and scan_errors, and warnings."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any, NamedTuple

from apigw_vtab.aws.call import Call
from apigw_vtab.aws.failures import CallFailed
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
    """A call that gave no answer, when it was last missed, and whether it has been answered since.

    `missed` numbers what is missing in the order in which it was met.
    """

    call: Call
    failure: CallFailed
    failed_at: str
    missed: int
    is_answered: bool = False


class CallLog:
    """The record of a connection's calls, errors and warnings; safe to share by threads."""

    def __init__(self) -> None:
        self.account_ids: dict[str, str] = {}
        self.calls_made = 0
        self._lock = threading.Lock()
        self._calls: deque[CallRecord] = deque(maxlen=MOST_CALLS)
        # With those that a later statement had an answer to: rows were missing all the same.
        self._unread: dict[Call, UnreadCall] = {}
        self._warnings: dict[str, None] = {}
        self._told = self._missed = 0

    def called(self, record: CallRecord) -> None:
        """Take down a call that was answered or given up."""
        with self._lock:
            self._calls.append(record)
            self.calls_made += 1

    def answered(self, call: Call) -> None:
        """Take note that a call which may have given no answer once has given it now."""
        if self._unread:
            with self._lock:
                if unread := self._unread.get(call):
                    unread.is_answered = True

    def unread(self, call: Call, failure: CallFailed) -> None:
        """Take down that rows are missing, because this call gave no answer."""
        with self._lock:
            self._missed += 1
            self._unread[call] = UnreadCall(call, failure, now_text(), self._missed)

    def warn(self, warning: str) -> None:
        """Add a warning, once."""
        with self._lock:
            self._warnings.setdefault(warning)

    def new_warnings(self) -> list[str]:
        """Give the warnings that were not given before."""
        with self._lock:
            new = list(self._warnings)[self._told :]
            self._told = len(self._warnings)
            return new

    def mark(self) -> int:
        """Give a mark, to ask later for the failures from here on."""
        return self._missed

    def failures(self) -> list[CallFailed]:
        """Give what is missing still, as it was met."""
        return [one.failure for one in self._since(0) if not one.is_answered]

    def missed(self, since: int = 0) -> list[CallFailed]:
        """Give what a statement since a mark had to do without, each call once, as it was met."""
        return [one.failure for one in self._since(since)]

    def records(self, since: int = 0) -> list[CallRecord]:
        """Give the last calls, those after the first `since`."""
        with self._lock:
            late = self.calls_made - since
            return list(self._calls)[-late:] if late else []

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Give the rows of one of the ledger's own tables."""
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
