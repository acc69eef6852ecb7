"""Sends changes to AWS, and reports what became of each. AWS has no transactions.

Within a lane, changes go one after another, because a stage needs its certificate first; a change
that fails ends its lane. Lanes are independent and run in parallel.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import Any

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Answer, Call, parameters_of
from apigw_vtab.aws.failures import GARBLED, TIMED_OUT, UNREACHABLE, CallFailed
from apigw_vtab.aws.local_executor import LocalExecutor
from apigw_vtab.tables.declaration import Table
from apigw_vtab.writes.changes import Change, is_placeholder
from apigw_vtab.writes.journal import Journal
from apigw_vtab.writes.results import ChangeResult, State

MOST_LANES = 64
# Seconds that a change under way has for its answer once the user interrupts.
PATIENCE = 0.5


def apply_changes(
    changes: Sequence[Change],
    executor: LocalExecutor,
    tables: Sequence[Table],
    journal: Journal | None,
) -> list[ChangeResult]:
    """Send changes, and return the result of each, in order. After Ctrl-C no more are sent."""
    by_lane: dict[Lane, list[Change]] = {}
    for change in changes:
        by_lane.setdefault(change.lane, []).append(change)
    outcomes: dict[int, ChangeResult] = {change.number: ChangeResult(change) for change in changes}
    stop, under_way = threading.Event(), threading.Condition()
    busy: set[Lane] = set()

    def apply_lane(lane: Lane) -> None:
        with under_way:
            if stop.is_set():
                return
            busy.add(lane)
        try:
            _apply_in_lane(by_lane[lane], executor, tables, journal, outcomes, stop)
        finally:
            with under_way:
                busy.discard(lane)
                under_way.notify()

    with ThreadPoolExecutor(min(MOST_LANES, max(1, len(by_lane)))) as threads:
        try:
            for lane in [threads.submit(apply_lane, lane) for lane in by_lane]:
                lane.result()
        except (KeyboardInterrupt, SystemExit):
            # Report what was sent before leaving. The pool does not know of a thread that was
            # interrupted as it started.
            with under_way:
                stop.set()
                executor.hurry(PATIENCE)
                under_way.wait_for(lambda: not busy)
    return [outcomes[change.number] for change in changes]


def _apply_in_lane(
    changes: Sequence[Change],
    executor: LocalExecutor,
    tables: Sequence[Table],
    journal: Journal | None,
    outcomes: dict[int, ChangeResult],
    stop: threading.Event,
) -> None:
    ids: dict[str, str] = {}
    left = list(reversed(changes))
    for change in left:
        executor.foresee(change.lane, 1, _seconds(change))
    try:
        while left and not stop.is_set():
            change = left.pop()
            executor.foresee(change.lane, -1, -_seconds(change))
            outcome = outcomes[change.number] = _send(change, ids, executor, tables, journal)
            if outcome.state is not State.MADE:
                return
    finally:
        for change in left:
            executor.foresee(change.lane, -1, -_seconds(change))


def _seconds(change: Change) -> float:
    return change.write.seconds_each or 0.0


def _send(
    change: Change,
    ids: dict[str, str],
    executor: LocalExecutor,
    tables: Sequence[Table],
    journal: Journal | None,
) -> ChangeResult:
    call = Call(change.lane, change.write, tuple(_filled_in(change.parameters, ids).items()))
    key = _filled_in(change.key, ids)
    account_id = executor.log.account_ids.get(change.lane.account.profile)
    if journal:
        journal.write("sending", change, account_id, parameters=dict(call.parameters))
    future = executor.change(call)
    try:
        answer = future.result()
    except (CallFailed, CancelledError) as error:
        if future.cancelled():
            # It was still waiting for its turn.
            if journal:
                journal.write(State.NOT_TRIED.value, change, account_id)
            return ChangeResult(change)
        closed = "The connection was closed in the meantime."
        failure = error if isinstance(error, CallFailed) else call.failed(TIMED_OUT, closed)
        state = _state(change, failure)
        if journal:
            journal.write(state.value, change, account_id, error=str(failure))
        return ChangeResult(change, state, key, failure)
    finally:
        _forget(change, key, executor, tables)
    item = dict(answer.items[0])
    if change.placeholder:
        made = str(item[_member(change.table, change.table.key[-1])])
        ids[change.placeholder] = made
        key = {**key, change.table.key[-1]: made}
    if journal:
        journal.write(State.MADE.value, change, account_id, key=key)
    _remember(change, key, answer, executor)
    return ChangeResult(change, State.MADE, key)


def _state(change: Change, failure: CallFailed) -> State:
    """Return FAILED for a change that AWS refused, UNKNOWN for one it may have carried out."""
    code = failure.code
    unsure = code in UNREACHABLE.codes | GARBLED.codes | {TIMED_OUT} or failure.is_passing
    # Without a connection, nothing was sent.
    never_sent = code in ("EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError")
    return State.UNKNOWN if unsure and not never_sent else State.FAILED


def _filled_in(values: Any, ids: Mapping[str, str]) -> Any:
    """Return values with AWS's ids in place of the placeholders."""
    if isinstance(values, Mapping):
        return {name: _filled_in(value, ids) for name, value in values.items()}
    if isinstance(values, list):
        return [_filled_in(value, ids) for value in values]
    return ids.get(values, values) if is_placeholder(values) else values


def _member(table: Table, column: str) -> str:
    return table.columns[table.index[column]].member


def _forget(
    change: Change, key: Mapping[str, str], executor: LocalExecutor, tables: Sequence[Table]
) -> None:
    """Drop the cached answers that a change may have made out of date, even if it failed."""
    touched = {change.table.name, *change.write.touches}
    reads = {read for table in tables if table.name in touched for read in table.reads}

    def is_touched(call: Call) -> bool:
        if call.lane is not change.lane or call.operation not in reads:
            return False
        asked = dict(call.parameters)
        return all(
            asked[parameter] == key[column]
            for parameter, column in call.operation.parameters.items()
            if column in key and not is_placeholder(key[column])
        )

    executor.forget_those(is_touched)


def _remember(
    change: Change, key: Mapping[str, str], answer: Answer, executor: LocalExecutor
) -> None:
    """Keep the answer to a write as the answer to the Get: it holds the whole resource."""
    get = change.table.reads[0]
    if change.write is change.table.delete or set(get.parameters.values()) != set(key):
        return
    values = [key[column] for column in get.parameters.values()]
    executor.keep(Call(change.lane, get, parameters_of(get, values)), answer)
