"""What a submitted call returns: a future, of a tenth of the size of the standard library's."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, TimeoutError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apigw_vtab.aws.call import Answer

# In this order: once it is cancelled, or has an answer or an error, it stays so.
PENDING, RUNNING, CANCELLED, FAILED, ANSWERED = range(5)


class Reply:
    """A call's answer to come, as a `concurrent.futures.Future` would hold it.

    Many share one `lock`, which is held for no longer than a change of state takes.
    """

    __slots__ = ("_callbacks", "_error", "_lock", "_state", "_waiters", "answer")

    def __init__(self, lock: threading.Lock | None = None) -> None:
        self._lock = lock or threading.Lock()
        self._state = PENDING
        self.answer: Answer | None = None
        self._error: BaseException | None = None
        self._callbacks: tuple[Callable[[Reply], None], ...] = ()
        self._waiters: tuple[threading.Lock, ...] = ()

    @classmethod
    def failed(cls, error: BaseException) -> Reply:
        """Return a reply that has ended with an error."""
        reply = cls()
        reply.set_exception(error)
        return reply

    def done(self) -> bool:
        """Return whether it is cancelled, or has an answer or an error."""
        return self._state >= CANCELLED

    def cancelled(self) -> bool:
        """Return whether it is cancelled."""
        return self._state == CANCELLED

    def result(self, timeout: float | None = None) -> Answer:
        """Wait for the answer and return it; raises the error where there is none.

        Raises CancelledError, and TimeoutError after `timeout` seconds.
        """
        error = self.exception(timeout)
        if error is not None:
            try:
                raise error
            finally:
                # The traceback refers to this frame, and must not refer back to itself.
                error = None
        assert self.answer is not None
        return self.answer

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait for the end, and return the error; None where there is an answer."""
        if self._state < CANCELLED:
            self._wait(timeout)
        if self._state == CANCELLED:
            raise CancelledError
        return self._error

    def add_done_callback(self, callback: Callable[[Reply], None]) -> None:
        """Call this with the reply when it is done, at once if it is."""
        with self._lock:
            if self._state < CANCELLED:
                self._callbacks += (callback,)
                return
        _call(callback, self)

    def cancel(self) -> bool:
        """Cancel it, unless it is running or over. Returns whether it is cancelled."""
        with self._lock:
            if self._state != PENDING:
                return self._state == CANCELLED
            self._state = CANCELLED
        self._tell()
        return True

    def begin(self) -> bool:
        """Let it be cancelled no more. Returns False if it is cancelled already."""
        with self._lock:
            if self._state == PENDING:
                self._state = RUNNING
            return self._state == RUNNING

    def set_result(self, answer: Answer) -> None:
        """End it with an answer."""
        self.answer = answer
        self._end(ANSWERED)

    def set_exception(self, error: BaseException) -> None:
        """End it with an error."""
        self._error = error
        self._end(FAILED)

    def _end(self, state: int) -> None:
        with self._lock:
            self._state = state
        self._tell()

    def _tell(self) -> None:
        """Wake those who wait, and call those who asked for it. Nothing comes later."""
        waiters, self._waiters = self._waiters, ()
        for waiter in waiters:
            waiter.release()
        callbacks, self._callbacks = self._callbacks, ()
        for callback in callbacks:
            _call(callback, self)

    def _wait(self, timeout: float | None) -> None:
        waiter = threading.Lock()
        waiter.acquire()
        with self._lock:
            if self._state >= CANCELLED:
                return
            self._waiters += (waiter,)
        if not waiter.acquire(timeout=-1 if timeout is None else timeout):
            raise TimeoutError


def _call(callback: Callable[[Reply], None], reply: Reply) -> None:
    try:
        callback(reply)
    except Exception:
        # As the standard library's futures do: who sets an answer is not who has to know.
        logging.getLogger(__name__).exception("What follows an answer went wrong.")
