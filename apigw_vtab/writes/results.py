"""What became of each change, in words."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.writes.changes import Change, Key

# Of more changes than this that are told the same of, only the first are named.
MOST_LINES, FIRST_NAMES = 10, 3


class State(enum.Enum):
    """What became of a change, as the report words it."""

    MADE = "made"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    NOT_TRIED = "not tried"


@dataclass(frozen=True)
class ChangeResult:
    """What became of one change. `key` has AWS's ids where the change's has placeholders.

    `failure` is AWS's refusal, `reason` why we did not send it.
    """

    change: Change
    state: State = State.NOT_TRIED
    key: Key | None = None
    failure: CallFailed | None = None
    reason: str = ""


def account_of(results: Sequence[ChangeResult]) -> str:
    """Return what became of each change, in words: which were made, which failed and why."""
    counts = Counter(result.state for result in results)
    lines = [", ".join(f"{counts[state]} {state.value}" for state in State if counts[state]) + "."]
    for state in State:
        lines += [f"  {line}" for line in _lines(state, results)]
    made = [result.change for result in results if result.state is State.MADE]
    lines += [f"  {line}" for line in not_live_yet(made)]
    lines.append("  Run it again: changes that were made are not sent a second time.")
    return "\n".join(lines)


def _lines(state: State, results: Sequence[ChangeResult]) -> Iterator[str]:
    """Yield a line for each change of a state, or one for many that are told the same of."""
    groups: dict[tuple[str, Lane, str], list[ChangeResult]] = {}
    for result in results:
        if result.state is state:
            key = result.change.write.name, result.change.lane, _why(result)
            groups.setdefault(key, []).append(result)
    for (operation, lane, why), group in groups.items():
        if len(group) <= MOST_LINES:
            yield from (f"{state.value}: {name_of(result)}{why}" for result in group)
            continue
        names = ", ".join(_changed(result).resource for result in group[:FIRST_NAMES])
        yield (
            f"{state.value}: {len(group):,} {operation} in {lane.region} ("
            f"{lane.account.called}), of {names} and {len(group) - FIRST_NAMES:,} more{why}"
        )


def _why(result: ChangeResult) -> str:
    why = ""
    if failure := result.failure:
        why += f": {failure.cause.what} ({failure.code}). {failure.advice}"
    if result.reason:
        why += f": {result.reason}"
    if result.state is State.UNKNOWN:
        why += " AWS may have done it anyway: check before you run it again."
    return why


def name_of(result: ChangeResult) -> str:
    """Return a change's operation and resource, with AWS's own ids."""
    return str(_changed(result))


def _changed(result: ChangeResult) -> Change:
    return result.change.at(result.key) if result.key else result.change


def count_by_operation(changes: Sequence[Change]) -> str:
    """Return changes counted by operation: `2 GenerateClientCertificate, 20 UpdateStage`."""
    counts = Counter(change.write.name for change in changes)
    return ", ".join(f"{count} {operation}" for operation, count in counts.items())


def not_live_yet(changes: Sequence[Change]) -> Iterator[str]:
    """Yield a line for each thing that has to happen before callers notice some of the changes."""
    for what in dict.fromkeys(change.write.live_after for change in changes):
        if what:
            waiting = [change for change in changes if change.write.live_after == what]
            yield f"Callers notice {count_by_operation(waiting)} only after {what}."
