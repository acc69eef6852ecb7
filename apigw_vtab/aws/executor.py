"""What a scan asks of whoever makes calls: submit one, get a future.

The seam below the scan. An implementation may make its calls here, only take them down, spread
them over other processes, or read them from a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import NamedTuple, Protocol

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.call_log import CallLog
from apigw_vtab.tables.declaration import Read


class Executor(Protocol):
    """Whoever answers the calls that read."""

    log: CallLog

    @property
    def most_ahead(self) -> float:
        """The number of calls that may be made ahead without losing their answers."""

    def submit(self, call: Call) -> Future[Answer]:
        """Return the future of a call's answer; it raises CallFailed where AWS gave none."""

    def ready(self, call: Call) -> Answer | None:
        """Return the answer of a call that has one which is still good."""

    def answered(self, read: Read) -> list[tuple[Call, Answer]]:
        """Return the calls of an operation that have their answer, in the order submitted."""

    def abandon(self, call: Call) -> None:
        """Take back a submission; a call that nobody waits for any more is not sent."""

    def prepare(self, calls: Sequence[Call]) -> None:
        """Get ready for some calls before any of them is sent."""

    def expect(self, lanes: int) -> None:
        """Get ready for the many calls that follow the first of some lanes."""

    def foresee(self, lane: Lane, calls: int) -> None:
        """Note calls that somebody will submit in a lane, or fewer than were foreseen."""

    def statement_began(self) -> None:
        """Note that a statement began. What is read while one runs stays as it was read."""

    def statement_ended(self) -> None:
        """Note that a statement is over."""


class Progress(NamedTuple):
    """How far the calls are: done of known, lanes with work left, seconds that quotas ask for."""

    done: int
    known: int
    busy_lanes: int
    seconds_left: float
