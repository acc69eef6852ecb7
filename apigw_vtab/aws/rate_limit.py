"""How fast calls may go: a token bucket that mirrors AWS's own, and an operation's own quota."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

RATE = 10.0


BURST = 40.0


SLOWEST_RATE = 0.5


# Seconds that a measurement of AWS's rate takes.
MEASURED_AT_LEAST = 1.0


# Seconds in which a lowered rate fully recovers.
RECOVERY = 60.0


BELOW_MEASURE = 0.95


MOST_DEBT = 2


# By how many calls AWS may fall short of our count because of the network alone.
JITTER = 4.0


@dataclass
class Bucket:
    """A token bucket of `burst` tokens, refilled at `rate` tokens a second; times are in seconds.

    One that `mirrors_aws` must never be more generous than AWS's own, which starts to refill when
    it sees the first call, not when we send it: so a full bucket refills only from the next
    answer on. A refused call shows that others use the same quota: what AWS let through since its
    bucket was last known to be full or empty is the rate that they leave us.
    """

    limit: float = RATE
    burst: float = BURST
    mirrors_aws: bool = False
    rate: float = field(init=False)
    _tokens: float = field(init=False)
    _at: float = field(default=0.0, init=False)
    _awaits_answer: bool = field(default=False, init=False)
    # The measurement: since when, AWS's tokens at that time, calls let through, calls refused.
    _since: float | None = field(default=None, init=False)
    _credit: float = field(init=False)
    _passed: int = field(default=0, init=False)
    _refused: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.rate, self._tokens, self._credit = self.limit, self.burst, self.burst

    def ready_at(self, now: float) -> float:
        """Return the time at which the next token is there: `now` if there is one already."""
        self._refill(now)
        return now if self._tokens >= 1 else now + (1 - self._tokens) / self.rate

    def take(self, now: float) -> None:
        """Take a token."""
        self._refill(now)
        if self.mirrors_aws and self._tokens >= self.burst:
            self._awaits_answer = True
        if self._since is None:
            self._since = now
        self._tokens -= 1
        self._passed += 1

    def answered(self, now: float) -> None:
        """Note an answer, whatever it was: AWS has seen a call."""
        if self._awaits_answer:
            self._awaits_answer, self._at = False, now

    def throttled(self, now: float) -> None:
        """Note that AWS refused a call because of its rate."""
        self._refill(now)
        # Repeated refusals with no measurement yet: wait for one more token each time.
        self._tokens = min(self._tokens, float(max(-self._refused, -MOST_DEBT)))
        self._refused += 1
        self._passed -= 1
        elapsed = now - (now if self._since is None else self._since)
        if 0 <= self._credit + self.rate * elapsed - self._passed < JITTER and self._credit:
            # Calls that we sent evenly may arrive in a bunch: there need not be other callers.
            return
        if elapsed < MEASURED_AT_LEAST and self._credit == 0:
            # Sent before we knew of the refusal that began this measurement.
            return
        if elapsed >= MEASURED_AT_LEAST:
            left_to_us = (self._passed - self._credit) / elapsed
            slowest = min(SLOWEST_RATE, self.rate)
            self.rate = max(slowest, min(self.rate, left_to_us) * BELOW_MEASURE)
            self._refused = 0
        self._since, self._credit, self._passed = now, 0.0, 0

    def _refill(self, now: float) -> None:
        elapsed, self._at = max(0.0, now - self._at), max(now, self._at)
        if self.limit == math.inf:
            self._tokens = self.burst
        elif not self._awaits_answer:
            self._tokens = min(self.burst, self._tokens + elapsed * self.rate)
            self.rate = min(self.limit, self.rate + elapsed * self.limit / RECOVERY)


# By how much the network may bring two calls closer together, in seconds.
CLOSER = 0.05


@dataclass
class Window:
    """An operation's own quota: `calls` calls in `seconds`, besides those of its `lane`.

    Whether AWS counts them in a bucket or in a sliding window is not documented: as many calls at
    once, and as many again when all of that time is over, are refused by neither.
    """

    calls: int
    seconds: float
    lane: Bucket
    _taken: deque[float] = field(default_factory=deque, init=False)
    _not_before: float = field(default=-math.inf, init=False)

    @property
    def rate(self) -> float:
        """How many calls a second may go, in the long run."""
        return self.calls / self.seconds

    def ready_at(self, now: float) -> float:
        """Return the time at which a call may go: `now` if it may already."""
        full = len(self._taken) >= self.calls
        own = self._taken[0] + self.seconds + CLOSER if full else now
        return max(own, self._not_before, self.lane.ready_at(now))

    def take(self, now: float) -> None:
        """Note a call that goes."""
        self._taken.append(now)
        if len(self._taken) > self.calls:
            self._taken.popleft()
        self.lane.take(now)

    def answered(self, now: float) -> None:
        """Note an answer, whatever it was."""
        self.lane.answered(now)

    def throttled(self, now: float) -> None:
        """Note that AWS refused a call because of its rate: others use the same quota."""
        self._not_before = now + self.seconds


def bucket_for(max_rps: float | None) -> Bucket:
    """Return a lane's bucket: AWS's quota, or `max_rps` per second with a burst of one second."""
    if max_rps is None:
        return Bucket(mirrors_aws=True)
    return Bucket(max_rps, max(1.0, max_rps))


def no_limit() -> Bucket:
    """Return a bucket that never waits, for services with ample quotas (STS, EC2)."""
    return Bucket(math.inf, math.inf)
