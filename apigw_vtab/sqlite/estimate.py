"""What a statement would cost: its calls by operation and lane, before they are made.

The statement runs against a stand-in for the calls. Lists that tell which calls follow are read
for true and kept in the cache; all other calls are taken down and answered with nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

import apsw.ext

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.failures import UsageError
from apigw_vtab.aws.local_executor import Calls
from apigw_vtab.aws.retry import PACED_SERVICE
from apigw_vtab.sqlite.tokens import tokens
from apigw_vtab.tables.declaration import SqlValue
from apigw_vtab.tables.v1.stages import TABLES

if TYPE_CHECKING:
    from apigw_vtab.sqlite.connection import Connection

# The lists whose rows other tables are read by.
LEADING = {
    table.fetches[-1]
    for table in TABLES
    for other in TABLES
    if len(table.key) == 1
    and other is not table
    and other.fetches
    and table.key[0] in other.fetches[-1].parameters.values()
}
_PLANNED = re.compile(r"VIRTUAL TABLE INDEX \d+:(\w+)\(")


@dataclass(frozen=True)
class Explanation:
    """The calls that a statement will make, as far as they are known before it runs.

    `calls` counts them by operation, profile and region. `made` counts those that were made to
    know it. `open_ended` names operations that will be called for rows which nobody knows yet.
    `is_cached` says that the cache has some of the answers, `may_end_early` that SQLite may not
    want all rows.
    """

    calls: Counter[tuple[str, str, str]]
    made: Counter[str]
    open_ended: Sequence[str]
    is_cached: bool = False
    may_end_early: bool = False


class Rehearsal(Calls):
    """Takes calls down instead of making them."""

    def __init__(self, calls: Calls) -> None:
        super().__init__()
        self.real = calls
        self.ledger = calls.ledger
        self.planned: dict[Call, None] = {}
        self.led: dict[Call, Future[Answer]] = {}

    def submit(self, call: Call) -> Future[Answer]:
        """Make a call that others follow from; take any other down, and answer with nothing."""
        if _leads(call):
            return self.led.setdefault(call, self.real.submit(call))
        answered: Future[Answer] = Future()
        answered.set_result(self._answer(call))
        return answered

    def ready(self, call: Call) -> Answer | None:
        """Give what is in the cache."""
        return self.real.ready(call)

    def expect(self, lanes: int) -> None:
        """No call follows."""

    @property
    def lanes(self) -> list[Lane]:
        """The lanes that were asked for anything."""
        return self.real.lanes

    def _answer(self, call: Call) -> Answer:
        answer = self.real.ready(call)
        if answer is None:
            self.planned[call] = None
        return answer or Answer([])


def _leads(call: Call) -> bool:
    """Tell whether other calls follow from the answer: who and where, and lists of parents."""
    return call.fetch.service != PACED_SERVICE or call.fetch in LEADING


def explain(connection: Connection, sql: str, bindings: dict[str, SqlValue]) -> Explanation:
    """Tell the calls of a statement. Raises UsageError for one that writes."""
    info = apsw.ext.query_info(connection, sql, bindings)
    if (info.query_remaining or "").strip():
        raise UsageError("One statement at a time.")
    if not info.is_readonly:
        raise UsageError("It writes: .dryrun on shows what it would change.")
    estate = connection.source.estate
    rehearsal = Rehearsal(estate.calls)
    before = rehearsal.ledger.calls_made
    estate.calls = rehearsal
    try:
        list(connection.execute(info.first_query, bindings))
        # Nobody may have waited for an answer that the run itself would need.
        wait(rehearsal.led.values())
    finally:
        estate.calls = rehearsal.real
        rehearsal.close()
    for call, future in rehearsal.led.items():
        # The run will ask again.
        if rehearsal.real.cache_ttl <= 0 or future.exception():
            rehearsal.planned[call] = None
    calls = Counter(
        (call.fetch.operation, call.lane.account.profile, call.lane.region)
        for call in rehearsal.planned
    )
    plan = connection.execute(f"explain query plan {info.first_query}", bindings)
    operations = [name for row in plan for name in _PLANNED.findall(str(row[3]))]
    known = {operation for operation, _, _ in calls} | {one.operation for one in LEADING}
    cached = {call.fetch.operation for call in _cached(connection)}
    unknown = [one for one in dict.fromkeys(operations) if one not in known | cached]
    return Explanation(
        calls,
        Counter(one.call.fetch.operation for one in rehearsal.ledger.records(before)),
        unknown,
        is_cached=bool(cached & set(operations)),
        may_end_early=_may_end_early(sql),
    )


def _may_end_early(sql: str) -> bool:
    words = Counter(token.text.lower() for token in tokens(sql))
    return words["limit"] > 0 or words["select"] > 1


def _cached(connection: Connection) -> list[Call]:
    fetches = {fetch for table in connection.source.tables.values() for fetch in table.fetches}
    return [call for fetch in fetches for call, _ in connection.calls.answered(fetch)]
