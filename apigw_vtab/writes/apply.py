"""Sends changes to AWS, and gives a true account of each. AWS has no transactions.

Within a lane one change follows the other, because a stage needs its certificate first; a change
that fails ends its lane. Lanes know nothing of each other and go side by side.
"""

from __future__ import annotations

import enum
import os
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.failures import GARBLED, TIMED_OUT, UNREACHABLE, CallFailed, UsageError
from apigw_vtab.aws.local_executor import Calls
from apigw_vtab.scan.scan import parameters_of
from apigw_vtab.tables.declaration import Table, json_text
from apigw_vtab.writes.changes import Change, is_placeholder

MOST_LANES = 64
# Seconds that a change which is under way has for its answer, once the user wants to leave.
PATIENCE = 0.5


class State(enum.Enum):
    """What became of a change, in the words of the account."""

    MADE = "made"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_TRIED = "not tried"


@dataclass(frozen=True)
class Outcome:
    """What became of one change. `key` has AWS's ids where the change's has placeholders."""

    change: Change
    state: State = State.NOT_TRIED
    key: Mapping[str, str] | None = None
    failure: CallFailed | None = None


class Journal:
    """A file of JSON lines that says of each change what is about to happen and what happened.

    It has the old values, so that a change can be undone. Raises UsageError when the file cannot
    be written.
    """

    def __init__(self, path: Path) -> None:
        try:
            # Who reads the journal sees descriptions and variables of stages.
            self._file = os.fdopen(
                os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a"
            )
        except OSError as error:
            raise UsageError(f"Cannot write the journal {path}: {error.strerror}.") from None
        self._lock = threading.Lock()

    def write(self, event: str, change: Change, account_id: str | None, **more: Any) -> None:
        """Append a line, and have it on the disk before anything else happens."""
        lane = change.lane
        entry = {
            "at": datetime.now(timezone.utc).isoformat(" ", "milliseconds").removesuffix("+00:00"),
            "event": event,
            "change": change.number,
            "account_id": account_id,
            "profile": lane.account.profile,
            "region": lane.region,
            "operation": change.write.operation,
            "table": change.table.name,
            "key": change.key,
            "old": change.old,
            "new": change.new,
        }
        with self._lock:
            self._file.write((json_text(entry | more) or "") + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def apply(changes: Sequence[Change], calls: Calls, journal: Journal | None) -> list[Outcome]:
    """Send changes; give what became of each, in their order. Ctrl-C ends it after what is sent."""
    by_lane: dict[Lane, list[Change]] = {}
    for change in changes:
        by_lane.setdefault(change.lane, []).append(change)
    outcomes: dict[int, Outcome] = {change.number: Outcome(change) for change in changes}
    stop, under_way = threading.Event(), threading.Condition()
    busy: set[Lane] = set()

    def apply_lane(lane: Lane) -> None:
        with under_way:
            if stop.is_set():
                return
            busy.add(lane)
        try:
            _apply_in_lane(by_lane[lane], calls, journal, outcomes, stop)
        finally:
            with under_way:
                busy.discard(lane)
                under_way.notify()

    with ThreadPoolExecutor(min(MOST_LANES, max(1, len(by_lane)))) as threads:
        try:
            for lane in [threads.submit(apply_lane, lane) for lane in by_lane]:
                lane.result()
        except (KeyboardInterrupt, SystemExit):
            # Leaving can wait for the account of what was sent. Of a thread that was interrupted
            # as it started, the pool knows nothing.
            with under_way:
                stop.set()
                calls.hurry(PATIENCE)
                under_way.wait_for(lambda: not busy)
    return [outcomes[change.number] for change in changes]


def _apply_in_lane(
    changes: Sequence[Change],
    calls: Calls,
    journal: Journal | None,
    outcomes: dict[int, Outcome],
    stop: threading.Event,
) -> None:
    ids: dict[str, str] = {}
    left = list(reversed(changes))
    for change in left:
        calls.foresee(change.lane, 1, _seconds(change))
    try:
        while left and not stop.is_set():
            change = left.pop()
            calls.foresee(change.lane, -1, -_seconds(change))
            outcome = outcomes[change.number] = _send(change, ids, calls, journal)
            if outcome.state is not State.MADE:
                return
    finally:
        for change in left:
            calls.foresee(change.lane, -1, -_seconds(change))


def _seconds(change: Change) -> float:
    return change.write.seconds_each or 0.0


def _send(change: Change, ids: dict[str, str], calls: Calls, journal: Journal | None) -> Outcome:
    call = Call(change.lane, change.write, tuple(_filled_in(change.parameters, ids).items()))
    key = _filled_in(change.key, ids)
    account_id = calls.ledger.account_ids.get(change.lane.account.profile)
    if journal:
        journal.write("sending", change, account_id, parameters=dict(call.parameters))
    future = calls.change(call)
    try:
        answer = future.result()
    except (CallFailed, CancelledError) as error:
        if future.cancelled():
            # It waited for its turn still.
            if journal:
                journal.write(State.NOT_TRIED.value, change, account_id)
            return Outcome(change)
        closed = "The connection was closed meanwhile."
        failure = error if isinstance(error, CallFailed) else call.failed(TIMED_OUT, closed)
        state = _state(change, failure)
        if journal:
            journal.write(state.value, change, account_id, error=str(failure))
        return Outcome(change, state, key, failure)
    finally:
        _forget(change, key, calls)
    item = dict(answer.items[0])
    if change.placeholder:
        made = str(item[_member(change.table, change.table.key[-1])])
        ids[change.placeholder] = made
        key = {**key, change.table.key[-1]: made}
    if journal:
        journal.write(State.MADE.value, change, account_id, key=key)
    _remember(change, key, answer, calls)
    return Outcome(change, State.MADE, key)


def _state(change: Change, failure: CallFailed) -> State:
    """Tell a change that AWS refused from one that it may have carried out."""
    code = failure.code
    unsure = code in UNREACHABLE.codes | GARBLED.codes | {TIMED_OUT} or failure.is_passing
    # Without a connection nothing was sent.
    never_sent = code in ("EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError")
    return State.UNKNOWN if unsure and not never_sent else State.FAILED


def _filled_in(values: Any, ids: Mapping[str, str]) -> Any:
    """Give values with AWS's ids in place of the placeholders."""
    if isinstance(values, Mapping):
        return {name: _filled_in(value, ids) for name, value in values.items()}
    if isinstance(values, list):
        return [_filled_in(value, ids) for value in values]
    return ids.get(values, values) if is_placeholder(values) else values


def _member(table: Table, column: str) -> str:
    return table.columns[table.index[column]].member


def _forget(change: Change, key: Mapping[str, str], calls: Calls) -> None:
    """Drop the cached answers that a change may have made untrue, also where it failed."""
    from apigw_vtab.tables.v1.stages import TABLES

    touched = {change.table.name, *change.write.touches}
    fetches = {fetch for table in TABLES if table.name in touched for fetch in table.fetches}

    def is_touched(call: Call) -> bool:
        if call.lane is not change.lane or call.fetch not in fetches:
            return False
        asked = dict(call.parameters)
        return all(
            asked[parameter] == key[column]
            for parameter, column in call.fetch.parameters.items()
            if column in key and not is_placeholder(key[column])
        )

    calls.forget_those(is_touched)


def _remember(change: Change, key: Mapping[str, str], answer: Answer, calls: Calls) -> None:
    """Keep the answer to a write as that of the Get: AWS gives the whole resource along."""
    get = change.table.fetches[0]
    if change.write is change.table.delete or set(get.parameters.values()) != set(key):
        return
    values = [key[column] for column in get.parameters.values()]
    calls.keep(Call(change.lane, get, parameters_of(get, values)), answer)


def account_of(outcomes: Sequence[Outcome]) -> str:
    """Give what became of each change, in words: which were made, which failed and why."""
    counts = Counter(outcome.state for outcome in outcomes)
    lines = [", ".join(f"{counts[state]} {state.value}" for state in State if counts[state]) + "."]
    for state in State:
        lines += [f"  {line}" for line in _lines(state, outcomes)]
    lines.append("  Run it again: what is made already is not sent a second time.")
    return "\n".join(lines)


def _lines(state: State, outcomes: Sequence[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.state is not state:
            continue
        line = f"{state.value}: {named(outcome)}"
        if failure := outcome.failure:
            line += f": {failure.cause.what} ({failure.code}). {failure.advice}"
        if state is State.UNKNOWN:
            line += " AWS may have done it all the same: look before you run it again."
        yield line


def named(outcome: Outcome) -> str:
    """Name a change with AWS's own ids."""
    return str(outcome.change.at(outcome.key) if outcome.key else outcome.change)


def counted(changes: Sequence[Change]) -> str:
    """Count changes by operation: `2 GenerateClientCertificate, 20 UpdateStage`."""
    counts = Counter(change.write.operation for change in changes)
    return ", ".join(f"{count} {operation}" for operation, count in counts.items())
