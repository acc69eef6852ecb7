"""The state of a call from its submission until its answer is no longer good."""

from __future__ import annotations

import threading

from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.dispatcher import PacedQueue
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.reply import Reply
from apigw_vtab.aws.request import without_unnamed


class InFlight(Reply):
    """A submitted call and its answer to come: how many wait for it, and its attempts."""

    __slots__ = (
        "attempts",
        "call",
        "ended",
        "is_over",
        "last_failure",
        "queue",
        "sent",
        "started",
        "statement",
        "thread",
        "used_again",
        "waiting",
    )

    def __init__(self, call: Call, queue: PacedQueue, statement: int, lock: threading.Lock) -> None:
        super().__init__(lock)
        self.call = call
        self.queue = queue
        self.statement = statement
        self.attempts = self.waiting = 0
        self.used_again = self.is_over = False
        # The thread that is busy with an attempt.
        self.thread: int | None = None
        self.last_failure: CallFailed | None = None
        # By the monotonic clock, and when it began in seconds since 1970.
        self.sent = self.ended = 0.0
        self.started = 0

    def take_over(self, fuller: InFlight, reply: Reply) -> None:
        """Take the answer of the same request, without the secrets in it."""
        if reply.cancelled():
            self.cancel()
        elif self.begin():
            self.ended = fuller.ended
            if failure := reply.exception():
                self.set_exception(failure)
                return
            answer = reply.result()
            self.set_result(Answer(without_unnamed(self.call, answer.items), answer.token))
