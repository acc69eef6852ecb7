"""What the control plane saw, by its own clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .lanes import partition


@dataclass(slots=True)
class ServedCall:
    """One call; `status` is 0 and `answered` None as long as no answer was sent.

    Both times are seconds of the server's monotonic clock. A connection that was reset counts as
    answered, with status 0.
    """

    seen: float
    account: str
    region: str
    service: str
    operation: str
    access_key: str
    params: dict[str, Any]
    status: int = 0
    answered: float | None = None

    @property
    def principal(self) -> str:
        """The ARN of the caller: a user, or a role's session if the keys are temporary."""
        arn = f"arn:{partition(self.region)}"
        if self.access_key.startswith("ASIA"):
            return f"{arn}:sts::{self.account}:assumed-role/auditor/session"
        return f"{arn}:iam::{self.account}:user/auditor"

    def to_row(self) -> list[Any]:
        """The call as plain data; `ServedCall(*row)` is its inverse."""
        return [
            self.seen,
            self.account,
            self.region,
            self.service,
            self.operation,
            self.access_key,
            self.params,
            self.status,
            self.answered,
        ]


@dataclass(frozen=True)
class Counts:
    """The calls since the last reset; a lane is written `account/region`.

    `seconds` runs from the first byte of the first call to the last answer, `peak` is the largest
    number of calls that waited for an answer at once, and `connections` of those open at once.
    """

    calls: int
    seconds: float
    peak: int
    connections: int
    operations: Mapping[str, int]
    lanes: Mapping[str, int]
    statuses: Mapping[int, int]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Counts:
        """The inverse of `to_json`: JSON's keys are text, and absent keys count 0."""
        return cls(
            calls=data["calls"],
            seconds=data["seconds"],
            peak=data["peak"],
            connections=data["connections"],
            operations=Counter(data["operations"]),
            lanes=Counter(data["lanes"]),
            statuses=Counter({int(status): n for status, n in data["statuses"].items()}),
        )

    def to_json(self) -> dict[str, Any]:
        """The counts as plain data."""
        return dict(vars(self))


@dataclass
class ServedCallLog:
    """The calls in the order of their first bytes."""

    calls: list[ServedCall] = field(default_factory=list)
    waiting: int = 0
    peak: int = 0
    connected: int = 0
    most_connected: int = 0

    def connect(self) -> None:
        """A client connected."""
        self.connected += 1
        self.most_connected = max(self.most_connected, self.connected)

    def disconnect(self) -> None:
        """A client disconnected, or was disconnected."""
        self.connected -= 1

    def open(self, call: ServedCall) -> None:
        """A call that was read, and has no answer yet."""
        self.calls.append(call)
        self.waiting += 1
        self.peak = max(self.peak, self.waiting)

    def close(self, call: ServedCall, status: int, now: float) -> None:
        """A call that was answered."""
        call.status = status
        call.answered = now
        self.waiting -= 1

    def drop(self) -> None:
        """A call whose client went away before the answer."""
        self.waiting -= 1

    def reset(self) -> None:
        """Forget the calls; those under way are answered anyway."""
        self.calls = []
        self.peak = self.waiting
        self.most_connected = self.connected

    def counts(self) -> Counts:
        """The figures of the calls so far."""
        return Counts(
            calls=len(self.calls),
            seconds=_seconds(self.calls),
            peak=self.peak,
            connections=self.most_connected,
            operations=Counter(call.operation for call in self.calls),
            lanes=Counter(f"{call.account}/{call.region}" for call in self.calls),
            statuses=Counter(call.status for call in self.calls),
        )


def _seconds(calls: Sequence[ServedCall]) -> float:
    answers = [call.answered for call in calls if call.answered is not None]
    return max(answers) - min(call.seen for call in calls) if answers else 0.0
