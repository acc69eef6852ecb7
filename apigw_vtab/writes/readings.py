"""What the statements of a transaction read, and what they could not: a write rests on both.

A table of the user's own that was filled from an incomplete reading carries that on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call_log import CallLog
from apigw_vtab.aws.failures import CallFailed

# A schema and a table of the user's own.
OwnTable = tuple[str, str]


@dataclass
class Touched:
    """The user's own tables that a statement reads, writes and drops; the secrets it names."""

    reads: set[OwnTable] = field(default_factory=set)
    writes: set[OwnTable] = field(default_factory=set)
    drops: set[OwnTable] = field(default_factory=set)
    renames: bool = False
    secrets: set[str] = field(default_factory=set)


class Missing:
    """What could not be read: the first failure of each account and region.

    Without its regions or its identity, nothing of an account was read whole.
    """

    def __init__(self, failures: Iterable[CallFailed] = ()) -> None:
        self._failures: dict[tuple[str, str], CallFailed] = {}
        self.add(failures)

    def __iter__(self) -> Iterator[CallFailed]:
        return iter(self._failures.values())

    def add(self, failures: Iterable[CallFailed]) -> None:
        """Note failures; what is missing already stays as it is."""
        for failure in failures:
            region = failure.region if failure.is_regional else ""
            self._failures.setdefault((failure.label, region), failure)

    def of(self, lane: Lane) -> CallFailed | None:
        """Return what is missing in a lane; None where nothing is."""
        label = lane.account.label
        return self._failures.get((label, lane.region)) or self._failures.get((label, ""))


class Readings:
    """What is missing from what was read since BEGIN, and from what the user's tables hold."""

    def __init__(self, log: CallLog) -> None:
        self._log = log
        # What is missing from each of the user's tables; under None, from any that was renamed.
        self._carried: dict[OwnTable | None, Missing] = {}
        self._begin = 0
        self._read = Missing()
        # The statements that run: the mark of their begin, and what they touch.
        self._running: dict[int, tuple[int, Touched]] = {}
        # The database files that were written to since BEGIN.
        self.files: set[str] = set()

    def statement_began(
        self, number: int, touched: Touched, files: Iterable[str], *, in_transaction: bool
    ) -> None:
        """Note a statement, and the files that it writes; outside a transaction, one begins."""
        mark = self._log.mark()
        if not in_transaction and not self._running:
            self._begin, self._read, self.files = mark, Missing(), set()
        self._read.add(self._carried_by(touched))
        self.files.update(files)
        self._running[number] = (mark, touched)

    def statement_ended(self, number: int) -> None:
        """Let the tables that a statement wrote carry on what it could not read."""
        if number not in self._running:
            return
        mark, touched = self._running.pop(number)
        missing = [*self._log.missed(mark), *self._carried_by(touched)]
        for table in touched.drops:
            self._carried.pop(table, None)
        if not missing:
            return
        for table in touched.writes:
            self._carried.setdefault(table, Missing()).add(missing)

    def missing(self) -> Missing:
        """Return what is missing from the readings since BEGIN."""
        return Missing((*self._log.missed(self._begin), *self._read))

    def _carried_by(self, touched: Touched) -> list[CallFailed]:
        if touched.renames and self._carried:
            every = [one for failures in self._carried.values() for one in failures]
            self._carried.setdefault(None, Missing()).add(every)
        tables = (*touched.reads, None) if touched.reads else ()
        return [one for table in tables for one in self._carried.get(table, ())]
