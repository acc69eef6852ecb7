"""An executor that takes calls down instead of making them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.executor import Executor
from apigw_vtab.tables.declaration import Read


class RehearsalExecutor:
    """Takes calls down in `planned`, and answers them with nothing.

    Calls that others follow from, as `leads` says, are made by the `real` executor: `led`.
    """

    def __init__(self, real: Executor, leads: Callable[[Call], bool]) -> None:
        self.log = real.log
        self.planned: dict[Call, None] = {}
        self.led: dict[Call, Future[Answer]] = {}
        self._real = real
        self._leads = leads

    @property
    def most_ahead(self) -> float:
        """Nothing that is taken down is lost."""
        return math.inf

    def submit(self, call: Call) -> Future[Answer]:
        """Make a call that others follow from; take any other down, and answer with nothing."""
        if self._leads(call):
            return self.led.setdefault(call, self._real.submit(call))
        answered: Future[Answer] = Future()
        answered.set_result(self._answer(call))
        return answered

    def ready(self, call: Call) -> Answer | None:
        """Return what is in the cache."""
        return self._real.ready(call)

    def answered(self, read: Read) -> list[tuple[Call, Answer]]:
        """Return nothing: what was not asked for true leads nowhere."""
        return []

    def abandon(self, call: Call) -> None:
        """Keep the call: it was planned."""

    def prepare(self, calls: Sequence[Call]) -> None:
        """Get ready for the calls that will be made."""
        self._real.prepare(calls)

    def expect(self, lanes: int) -> None:
        """No call follows."""

    def foresee(self, lane: Lane, calls: int) -> None:
        """No call is waited for."""

    def statement_began(self) -> None:
        """Note nothing: the statement does not really run."""

    def statement_ended(self) -> None:
        """Note nothing: the statement did not really run."""

    def _answer(self, call: Call) -> Answer:
        answer = self._real.ready(call)
        if answer is None:
            self.planned[call] = None
        return answer or Answer([])
