"""What a scan needs in order to make calls: submit one, get a reply.

The interface below the scan. An implementation may make the calls in this process, only record
them, spread them over other processes, or read their answers from a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.call_log import CallLog
from apigw_vtab.aws.reply import Reply
from apigw_vtab.tables.declaration import Read


class Executor(Protocol):
    """Something that answers the calls that read."""

    log: CallLog

    @property
    def most_ahead(self) -> float:
        """The number of calls that may be made ahead without losing their answers."""

    def submit(self, call: Call) -> Reply:
        """Return the reply to a call; it raises CallFailed where AWS gave none."""

    def ready(self, call: Call) -> Answer | None:
        """Return a call's answer if there is one that is still good, else None."""

    def answered(self, read: Read) -> list[tuple[Call, Answer]]:
        """Return the answered calls of an operation, in the order in which they were submitted."""

    def abandon(self, call: Call) -> None:
        """Take back a submission; a call that nobody waits for any more is not sent."""

    def prepare(self, calls: Sequence[Call]) -> None:
        """Get ready for some calls before any of them is sent."""

    def expect(self, lanes: int) -> None:
        """Get ready for the many calls that follow the first of some lanes."""

    def foresee(self, lane: Lane, calls: int, seconds: float = 0.0) -> None:
        """Note how many more calls will be submitted in a lane; negative if fewer than foreseen.

        `seconds` is how long those calls take by a quota of their own.
        """

    def statement_began(self) -> None:
        """Note that a statement began. What is read while one runs stays as it was read."""

    def statement_ended(self) -> None:
        """Note that a statement is over."""


class Progress(NamedTuple):
    """How far the calls are: done out of known, lanes with work left, seconds that quotas take.

    `waiting` counts the changes that AWS refused for now, and that are tried again later.
    `accounts_done` are those of `accounts` in which nothing is left to do.
    """

    done: int
    known: int
    busy_lanes: int
    seconds_left: float
    waiting: int = 0
    accounts_done: int = 0
    accounts: int = 0
