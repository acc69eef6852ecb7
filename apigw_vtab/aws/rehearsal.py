"""An executor that records calls instead of making them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.executor import Executor
from apigw_vtab.aws.reply import Reply
from apigw_vtab.tables.declaration import Read


class RehearsalExecutor:
    """Records calls in `planned`, and answers them with nothing.

    Calls that lead to others, as `leads` decides, are made by the `real` executor: `led`. What
    `instead` returns is the answer of the others.
    """

    def __init__(
        self,
        real: Executor,
        leads: Callable[[Call], bool],
        instead: Callable[[Call], Answer | None] = lambda _: None,
    ) -> None:
        self.log = real.log
        self.planned: dict[Call, None] = {}
        self.led: dict[Call, Reply] = {}
        self._real = real
        self._leads = leads
        self._instead = instead

    @property
    def most_ahead(self) -> float:
        """Unlimited: no recorded call is lost."""
        return math.inf

    def submit(self, call: Call) -> Reply:
        """Make a call that leads to others; record any other, and answer it with nothing."""
        if self._leads(call):
            return self.led.setdefault(call, self._real.submit(call))
        answered = Reply()
        answered.set_result(self._answer(call))
        return answered

    def ready(self, call: Call) -> Answer | None:
        """Return what is in the cache."""
        return self._real.ready(call)

    def answered(self, read: Read) -> list[tuple[Call, Answer]]:
        """Return nothing: calls that were not really made lead nowhere."""
        return []

    def abandon(self, call: Call) -> None:
        """Do nothing: the call stays planned."""

    def prepare(self, calls: Sequence[Call]) -> None:
        """Get ready for the calls that will be made."""
        self._real.prepare(calls)

    def expect(self, lanes: int) -> None:
        """Do nothing: no calls follow."""

    def foresee(self, lane: Lane, calls: int, seconds: float = 0.0) -> None:
        """Do nothing: no calls are waited for."""

    def statement_began(self) -> None:
        """Do nothing: the statement does not really run."""

    def statement_ended(self) -> None:
        """Do nothing: the statement did not really run."""

    def _answer(self, call: Call) -> Answer:
        answer = self._real.ready(call)
        if answer is None:
            self.planned[call] = None
            answer = self._instead(call)
        return answer or Answer([])
