"""How long each call may take: one thread watches all calls, and reports those that are late."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Watched = TypeVar("Watched", bound=Hashable)


class Deadlines(Generic[Watched]):
    """Calls `late` with anything that is not done within `seconds`, on its own daemon thread."""

    def __init__(self, seconds: float, late: Callable[[Watched], None]) -> None:
        self._seconds = seconds
        self._late = late
        self._until: dict[Watched, float] = {}
        # Ctrl-C between a Condition's lock and its `with` block would leave it locked for good.
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._thread: threading.Thread | None = None
        self._closed = False

    def begin(self, watched: Watched) -> None:
        """Start watching something."""
        with self._lock:
            self._until[watched] = time.monotonic() + self._seconds
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(
                    target=self._watch, name="apigw-vtab deadlines", daemon=True
                )
                self._thread.start()
            elif len(self._until) == 1:
                self._changed.notify()

    def done(self, watched: Watched) -> None:
        """Stop watching something."""
        with self._lock:
            self._until.pop(watched, None)

    def hurry(self, seconds: float) -> None:
        """Leave at most `seconds` from now to everything that is watched."""
        with self._lock:
            latest = time.monotonic() + seconds
            self._until = {one: min(until, latest) for one, until in self._until.items()}
            self._changed.notify()

    def close(self) -> None:
        """End the thread."""
        with self._lock:
            self._closed = True
            self._changed.notify()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(1.0)

    def _watch(self) -> None:
        while (late := self._next_late()) is not None:
            self._late(late)

    def _next_late(self) -> Watched | None:
        with self._lock:
            while not self._closed:
                now = time.monotonic()
                # All have the same time limit, so the first one in is the first one late.
                first = next(iter(self._until), None)
                if first is None:
                    self._changed.wait()
                elif self._until[first] <= now:
                    del self._until[first]
                    return first
                else:
                    self._changed.wait(self._until[first] - now)
            return None
