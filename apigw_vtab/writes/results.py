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
    REFUSED = "refused"
    NOT_TRIED = "not tried"


@dataclass(frozen=True)
class ChangeResult:
    """What became of one change. `key` has AWS's ids where the change's has placeholders.

    `failure` is AWS's refusal, `reason` why we did not send it.
    """

    change: Change
    state: State = State.NOT_TRIED
    key: Mapping[str, str] | None = None
    failure: CallFailed | None = None
    reason: str = ""


def account_of(results: Sequence[ChangeResult]) -> str:
    """Return what became of each change, in words: which were made, which failed and why."""
    counts = Counter(result.state for result in results)
    lines = [", ".join(f"{counts[state]} {state.value}" for state in State if counts[state]) + "."]
    for state in State:
        lines += [f"  {line}" for line in _lines(state, results)]
    lines.append("  Run it again: changes that were made are not sent a second time.")
    return "\n".join(lines)


def _lines(state: State, results: Sequence[ChangeResult]) -> Iterator[str]:
    for result in results:
        if result.state is not state:
            continue
        line = f"{state.value}: {name_of(result)}"
        if failure := result.failure:
            line += f": {failure.cause.what} ({failure.code}). {failure.advice}"
        if result.reason:
            line += f": {result.reason}"
        if state is State.UNKNOWN:
            line += " AWS may have done it anyway: check before you run it again."
        yield line


def name_of(result: ChangeResult) -> str:
    """Return a change's operation and resource, with AWS's own ids."""
    return str(result.change.at(result.key) if result.key else result.change)


def count_by_operation(changes: Sequence[Change]) -> str:
    """Return changes counted by operation: `2 GenerateClientCertificate, 20 UpdateStage`."""
    counts = Counter(change.write.name for change in changes)
    return ", ".join(f"{count} {operation}" for operation, count in counts.items())
