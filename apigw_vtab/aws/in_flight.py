"""The state of a call from its submission until its answer is no longer good."""

from __future__ import annotations

from concurrent.futures import Future

from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.dispatcher import PacedQueue
from apigw_vtab.aws.failures import CallFailed


class InFlight:
    """A submitted call: how many wait for it, its attempts, and its answer."""

    __slots__ = (
        "answer",
        "attempts",
        "call",
        "ended",
        "future",
        "is_over",
        "last_failure",
        "queue",
        "sent",
        "started_at",
        "statement",
        "thread",
        "used_again",
        "waiting",
    )

    def __init__(self, call: Call, queue: PacedQueue, statement: int) -> None:
        self.call = call
        self.queue = queue
        self.statement = statement
        self.future: Future[Answer] = Future()
        self.attempts = self.waiting = 0
        self.used_again = self.is_over = False
        # The thread that is busy with an attempt.
        self.thread: int | None = None
        self.last_failure: CallFailed | None = None
        self.answer: Answer | None = None
        self.sent = self.ended = 0.0
        self.started_at = ""
