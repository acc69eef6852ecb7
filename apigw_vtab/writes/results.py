"""What became of each change, in words."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.writes.changes import Change


class State(enum.Enum):
    """What became of a change, as the report words it."""

    MADE = "made"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_TRIED = "not tried"


@dataclass(frozen=True)
class ChangeResult:
    """What became of one change. `key` has AWS's ids where the change's has placeholders."""

    change: Change
    state: State = State.NOT_TRIED
    key: Mapping[str, str] | None = None
    failure: CallFailed | None = None


def account_of(outcomes: Sequence[ChangeResult]) -> str:
    """Return what became of each change, in words: which were made, which failed and why."""
    counts = Counter(outcome.state for outcome in outcomes)
    lines = [", ".join(f"{counts[state]} {state.value}" for state in State if counts[state]) + "."]
    for state in State:
        lines += [f"  {line}" for line in _lines(state, outcomes)]
    lines.append("  Run it again: changes that were made are not sent a second time.")
    return "\n".join(lines)


def _lines(state: State, outcomes: Sequence[ChangeResult]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.state is not state:
            continue
        line = f"{state.value}: {name_of(outcome)}"
        if failure := outcome.failure:
            line += f": {failure.cause.what} ({failure.code}). {failure.advice}"
        if state is State.UNKNOWN:
            line += " AWS may have done it anyway: check before you run it again."
        yield line


def name_of(outcome: ChangeResult) -> str:
    """Return a change's operation and resource, with AWS's own ids."""
    return str(outcome.change.at(outcome.key) if outcome.key else outcome.change)


def count_by_operation(changes: Sequence[Change]) -> str:
    """Return changes counted by operation: `2 GenerateClientCertificate, 20 UpdateStage`."""
    counts = Counter(change.write.name for change in changes)
    return ", ".join(f"{count} {operation}" for operation, count in counts.items())
