"""Sends changes to AWS, and returns a true account of each. AWS has no transactions.

Within a lane one change follows the other, because a stage needs its certificate first. A change
that fails takes only those with it that need it; lanes know nothing of each other and go side by
side.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import Any

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Answer, Call, call_of
from apigw_vtab.aws.causes import GARBLED, TIMED_OUT, UNREACHABLE
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.local_executor import LocalExecutor
from apigw_vtab.tables.declaration import Table
from apigw_vtab.writes.changes import Change, Key, Reference, Resource
from apigw_vtab.writes.journal import Journal
from apigw_vtab.writes.results import ChangeResult, State
from apigw_vtab.writes.uses import Uses

MOST_LANES = 64
# Seconds that a change which is under way has for its answer, once the user wants to leave.
PATIENCE = 0.5
# After these nothing in the account and region can succeed.
HOPELESS = UNREACHABLE.codes | {TIMED_OUT}
# Without a connection nothing was sent.
NEVER_SENT = frozenset(("EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError"))


def apply_changes(
    changes: Sequence[Change],
    executor: LocalExecutor,
    tables: Sequence[Table],
    journal: Journal | None,
) -> list[ChangeResult]:
    """Send changes; return what became of each, in their order.

    Ctrl-C ends it after what is being sent.
    """
    by_lane: dict[Lane, list[Change]] = {}
    for change in changes:
        by_lane.setdefault(change.lane, []).append(change)
    stop = threading.Event()
    # Ctrl-C between a Condition's or a Future's lock and its `with` block would leave it locked for
    # good: the main thread takes the lock itself, and waits for no future.
    lock = threading.Lock()
    changed = threading.Condition(lock)
    lanes = [LaneChanges(one, executor, tables, journal, stop) for one in by_lane.values()]
    left, busy = set(lanes), set[LaneChanges]()

    def apply_lane(lane: LaneChanges) -> None:
        with lock:
            if stop.is_set():
                return
            busy.add(lane)
        try:
            lane.send_all()
        finally:
            with lock:
                busy.discard(lane)
                left.discard(lane)
                changed.notify()

    with ThreadPoolExecutor(min(MOST_LANES, max(1, len(lanes)))) as threads:
        try:
            started = [threads.submit(apply_lane, lane) for lane in lanes]
            with lock:
                changed.wait_for(lambda: not left)
            for ended in started:
                ended.result()
        except (KeyboardInterrupt, SystemExit):
            # Leaving can wait for the account of what was sent. Of a thread that was interrupted
            # as it started, the pool knows nothing.
            with lock:
                stop.set()
                executor.hurry(PATIENCE)
                changed.wait_for(lambda: not busy)
    results = {number: result for lane in lanes for number, result in lane.results.items()}
    return [results[change.number] for change in changes]


class LaneChanges:
    """The changes of one account and region on their way to AWS, one after the other."""

    def __init__(
        self,
        changes: Sequence[Change],
        executor: LocalExecutor,
        tables: Sequence[Table],
        journal: Journal | None,
        stop: threading.Event,
    ) -> None:
        self.results = {change.number: ChangeResult(change) for change in changes}
        self._changes = changes
        self._executor = executor
        self._tables = tables
        self._journal = journal
        self._stop = stop
        # AWS's ids of the rows that were made.
        self._ids: dict[Reference, str] = {}
        # What was not made, and what was not changed as it should have been.
        self._missing: set[Reference] = set()
        self._broken: dict[Resource, Change] = {}
        self._uses = Uses(executor)

    def send_all(self) -> None:
        """Send the changes in their order, but those that cannot succeed any more."""
        left = list(reversed(self._changes))
        for change in left:
            self._foresee(change, 1)
        try:
            while left and not self._stop.is_set():
                change = left.pop()
                self._foresee(change, -1)
                result = self.results[change.number] = self._sent(change)
                if result.state is State.MADE:
                    continue
                self._broken |= {resource: change for resource in change.resources}
                if change.placeholder:
                    self._missing.add((change.table.key[-1], change.placeholder))
                failure = result.failure
                if failure and (failure.code in HOPELESS or failure.is_account_wide):
                    return
        finally:
            for change in left:
                self._foresee(change, -1)

    def _foresee(self, change: Change, calls: int) -> None:
        lane, write = change.lane, change.write
        # The sandbox has no quotas.
        each = 0.0 if lane.account.is_sandbox else write.seconds_each or 0.0
        self._executor.foresee(lane, calls, calls * each, account_wide=write.account_wide)

    def _sent(self, change: Change) -> ChangeResult:
        """Send a change unless something that it needs is missing; return what became of it."""
        if reason := self._why_not(change):
            return self._not_sent(change, State.NOT_TRIED, reason)
        change = change.with_ids(self._ids)
        if reason := self._uses.why_not(change):
            return self._not_sent(change, State.REFUSED, reason)
        return self._send(change)

    def _why_not(self, change: Change) -> str:
        """Return why a change cannot succeed any more; nothing where it can."""
        if not self._missing.isdisjoint(change.references):
            return "what it needs was not made."
        before = next((self._broken[one] for one in change.resources if one in self._broken), None)
        return f"{before.write.name} before it was not made." if before else ""

    def _not_sent(self, change: Change, state: State, reason: str) -> ChangeResult:
        self._write(state.value, change, error=reason)
        return ChangeResult(change, state, reason=reason)

    def _send(self, change: Change) -> ChangeResult:
        call = Call(change.lane, change.write, tuple(change.parameters.items()))
        self._write("sending", change, parameters=dict(call.parameters))
        future = self._executor.change(call)
        try:
            answer = future.result()
        except (CallFailed, CancelledError) as error:
            if future.cancelled():
                # It was still waiting for its turn.
                self._write(State.NOT_TRIED.value, change)
                return ChangeResult(change)
            closed = "The connection was closed meanwhile."
            failure = error if isinstance(error, CallFailed) else call.failed(TIMED_OUT, closed)
            state = _state(failure)
            self._write(state.value, change, error=str(failure))
            return ChangeResult(change, state, change.key, failure)
        finally:
            _forget(change, self._executor, self._tables)
        key = self._key(change, answer)
        self._write(State.MADE.value, change, key=key)
        _remember(change, key, answer, self._executor)
        return ChangeResult(change, State.MADE, key)

    def _key(self, change: Change, answer: Answer) -> Key:
        """Return the key of the row that was changed; note AWS's id for one that was made."""
        if not change.placeholder:
            return change.key
        column = change.table.key[-1]
        member = change.table.columns[change.table.index[column]].member
        made = str(answer.items[0][member])
        self._ids[column, change.placeholder] = made
        return {**change.key, column: made}

    def _write(self, event: str, change: Change, **more: Any) -> None:
        if self._journal:
            account_id = self._executor.log.account_ids.get(change.lane.account.label)
            self._journal.write(event, change, account_id, **more)


def _state(failure: CallFailed) -> State:
    """Return whether AWS refused a change, or may have carried it out."""
    unsure = failure.code in UNREACHABLE.codes | GARBLED.codes | {TIMED_OUT} or failure.is_passing
    return State.UNKNOWN if unsure and failure.code not in NEVER_SENT else State.FAILED


def _forget(change: Change, executor: LocalExecutor, tables: Sequence[Table]) -> None:
    """Drop the cached answers that a change may have made untrue, also where it failed."""
    touched = {change.table.name, *change.write.touches}
    reads = {read for table in tables if table.name in touched for read in table.reads}
    known = {name: value for name, value in change.key.items() if value != change.placeholder}

    def is_touched(call: Call) -> bool:
        if call.lane is not change.lane or call.operation not in reads:
            return False
        asked = dict(call.parameters)
        return all(
            asked.get(parameter) == known[column]
            for parameter, column in call.operation.parameters.items()
            if column in known
        )

    executor.forget_those(is_touched)


def _remember(change: Change, key: Key, answer: Answer, executor: LocalExecutor) -> None:
    """Keep the answer to an INSERT or UPDATE as that of the Get: it is the whole resource."""
    table, get = change.table, change.table.reads[0]
    if change.write not in (table.insert, table.update) or get.items:
        return
    if set(get.parameters.values()) != set(key):
        return
    executor.keep(call_of(change.lane, get, key), answer)
