"""An executor that makes no calls: it has what another one's calls have returned already."""

from __future__ import annotations

from collections.abc import Sequence

from apigw_vtab.aws.call import Call
from apigw_vtab.aws.guest import GuestExecutor
from apigw_vtab.aws.reply import Reply
from apigw_vtab.errors import ApigwVtabError


class NotAnswered(ApigwVtabError):  # noqa: N818
    """A call was asked for that has not been made, or is still under way."""


class AnsweredExecutor(GuestExecutor):
    """Shares the answers of its host, and its failures."""

    def submit(self, call: Call) -> Reply:
        """Return the reply to a call that has ended. Raises NotAnswered for any other."""
        reply = self._host.settled(call)
        if reply is None:
            raise NotAnswered
        return reply

    def abandon(self, call: Call) -> None:
        """Do nothing: what has ended cannot be taken back."""

    def prepare(self, calls: Sequence[Call]) -> None:
        """Do nothing: nothing is sent."""

    def expect(self, lanes: int) -> None:
        """Do nothing: nothing is sent."""
