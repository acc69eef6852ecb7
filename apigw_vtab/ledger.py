"""What a connection did and could not do: rows of api_calls and scan_errors, and warnings."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from apigw_vtab.errors import CallFailed

MOST_CALLS = 100_000


@dataclass(frozen=True, eq=False)
class Unread:
    """A call that gave no answer: its row, its error, and when it was last missed."""

    item: dict[str, Any]
    failure: CallFailed
    missed: int


class Ledger:
    """The record of a connection's calls, errors and warnings; safe to share by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[Callable[[], dict[str, Any]]] = deque(maxlen=MOST_CALLS)
        self._unread: dict[Hashable, Unread] = {}
        # The same, also where a later statement got the answer: rows were missing all the same.
        self._missed_ever: dict[Hashable, Unread] = {}
        self._warnings: dict[str, None] = {}
        self._told = self._missed = 0
        self.calls_made = 0

    def called(self, item: Callable[[], dict[str, Any]]) -> None:
        """Take down a call that was answered or given up; its row is made when it is read."""
        with self._lock:
            self._calls.append(item)
            self.calls_made += 1

    def answered(self, call: Hashable) -> None:
        """Forget that a call once gave no answer: it has now."""
        if self._unread:
            with self._lock:
                self._unread.pop(call, None)

    def unread(self, call: Hashable, item: dict[str, Any], failure: CallFailed) -> None:
        """Take down that rows are missing, because this call gave no answer."""
        with self._lock:
            self._missed += 1
            self._unread[call] = self._missed_ever[call] = Unread(item, failure, self._missed)

    def warn(self, warning: str) -> None:
        """Add a warning, once."""
        with self._lock:
            self._warnings.setdefault(warning)

    def new_warnings(self) -> list[str]:
        """Give the warnings that were not given before."""
        with self._lock:
            new = list(self._warnings)[self._told :]
            self._told = len(self._warnings)
            return new

    def mark(self) -> int:
        """Give a mark, to ask later for the failures from here on."""
        return self._missed

    def failures(self, since: int = 0) -> list[CallFailed]:
        """Give what is missing still of what could not be read since a mark, as it was met."""
        with self._lock:
            return _since(self._unread, since)

    def missed(self, since: int = 0) -> list[CallFailed]:
        """Give what a statement since a mark had to do without, each call once, as it was met."""
        with self._lock:
            return _since(self._missed_ever, since)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Give the rows of one of the ledger's own tables."""
        with self._lock:
            if table == "api_calls":
                return [item() for item in self._calls]
            return [one.item for one in self._unread.values()]


def _since(unread: Mapping[Hashable, Unread], since: int) -> list[CallFailed]:
    late = [one for one in unread.values() if one.missed > since]
    return [one.failure for one in sorted(late, key=lambda one: one.missed)]
