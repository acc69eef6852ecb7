"""An executor that makes another one's calls, and keeps to itself what its own reader missed."""

from __future__ import annotations

from collections.abc import Sequence

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.call_log import CallLog
from apigw_vtab.aws.estate import Estate
from apigw_vtab.aws.local_executor import LocalExecutor
from apigw_vtab.aws.reply import Reply
from apigw_vtab.tables.declaration import Read


class GuestExecutor:
    """Shares the calls, the answers and the pace of its host, an executor that is in use.

    Its `log` has warnings and missed rows of its own, so that each is told by the host's reader.
    """

    def __init__(self, host: LocalExecutor) -> None:
        self._host = host
        self.log = CallLog()
        self.log.account_ids = host.log.account_ids

    @property
    def most_ahead(self) -> float:
        """As many as the host may."""
        return self._host.most_ahead

    @property
    def statement(self) -> int:
        """The host's statement, whose answers this one shares."""
        return self._host.statement

    @property
    def is_elsewhere(self) -> bool:
        """Whether this is another process than the host's."""
        return self._host.is_elsewhere

    def submit(self, call: Call) -> Reply:
        """Return the reply to a call."""
        return self._host.submit(call)

    def ready(self, call: Call) -> Answer | None:
        """Return a call's answer if there is one that is still good, else None."""
        return self._host.ready(call)

    def answered(self, read: Read) -> list[tuple[Call, Answer]]:
        """Return the answered calls of an operation."""
        return self._host.answered(read)

    def abandon(self, call: Call) -> None:
        """Take back a submission of its own."""
        self._host.abandon(call)

    def prepare(self, calls: Sequence[Call]) -> None:
        """Get ready for some calls."""
        self._host.prepare(calls)

    def expect(self, lanes: int) -> None:
        """Get threads ready."""
        self._host.expect(lanes)

    def foresee(self, lane: Lane, calls: int, seconds: float = 0.0) -> None:
        """Do nothing: the host's reader foresees the same calls."""

    def statement_began(self) -> None:
        """Do nothing: it is a part of the host's statement."""

    def statement_ended(self) -> None:
        """Do nothing: the host's statement goes on."""

    def close(self) -> None:
        """Do nothing: the host goes on."""


def guest_estate(estate: Estate, guest: GuestExecutor) -> Estate:
    """Return an estate of the same accounts and regions, whose calls a guest makes."""
    return Estate(
        estate.profiles, estate.patterns, guest, skips_denied_by_scp=estate.skips_denied_by_scp
    )
