"""API Gateway's control-plane quota: a token bucket in each lane.

"API Gateway quotas for creating, deploying and managing an API" in the developer guide: 10
requests a second with a burst of 40 over all operations that have no quota of their own, one
CreateDeployment in 5 seconds, and five GetResources in 2. None of it can be raised.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

# A bucket that is refilled in floating point steps must not refuse because of a rounding error.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Quota:
    """What a lane may do; `stolen` is the share of `rate` that another client uses all the time."""

    rate: float = 10.0
    burst: float = 40.0
    stolen: float = 0.0
    deployment_seconds: float = 5.0
    #: GetResources' own, and how it is counted, which AWS does not tell.
    resources_at_once: float = 5.0
    resources_seconds: float = 2.0
    in_a_window: bool = False
    per_account: bool = False

    def __post_init__(self) -> None:
        if self.rate <= 0 or self.burst < 1 or self.deployment_seconds <= 0:
            raise ValueError(f"a quota lets something through: {self}")
        if not 0 <= self.stolen <= 1:
            raise ValueError(f"stolen is a share between 0 and 1: {self}")

    def bucket(self, operation: str) -> tuple[str, float, float]:
        """The bucket that an operation draws from: its name, refill a second, size."""
        if operation == "CreateDeployment":
            return operation, 1 / self.deployment_seconds, 1.0
        return "", self.rate * (1 - self.stolen), self.burst


class QuotaBucket:
    """Tokens of one lane, full at first."""

    __slots__ = ("_filled_at", "_tokens")

    def __init__(self, burst: float, now: float) -> None:
        self._tokens = burst
        self._filled_at = now

    def take(self, now: float, rate: float, burst: float) -> bool:
        """Take a token; a call that is refused takes none."""
        self._tokens = min(burst, self._tokens + (now - self._filled_at) * rate)
        self._filled_at = now
        if self._tokens < 1 - ROUNDING:
            return False
        self._tokens -= 1
        return True


class QuotaWindow:
    """The times of the calls that were let through in the last seconds."""

    __slots__ = ("_times",)

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def take(self, now: float, calls: int, seconds: float) -> bool:
        """Let a call through, if there were fewer than `calls` in the last `seconds`."""
        while self._times and self._times[0] <= now - seconds:
            self._times.popleft()
        if len(self._times) >= calls:
            return False
        self._times.append(now)
        return True
