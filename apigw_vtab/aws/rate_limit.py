"""How fast calls may go: a token bucket that mirrors AWS's own, and a window beside it."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

# Calls a second and AWS's bucket where nobody gives a bucket others: API Gateway's.
RATE = 10.0


BURST = 40.0


SLOWEST_RATE = 0.5


# Seconds that a measurement of AWS's rate takes.
MEASURED_AT_LEAST = 1.0


# Seconds in which a lowered rate fully recovers.
RECOVERY = 60.0


BELOW_MEASURE = 0.95


MOST_DEBT = 2


# The longest, in seconds, that a call is taken to be on its way to AWS. If one comes later, another
# may be refused: it is sent again.
ON_ITS_WAY = 0.25


# By how much the network may bring two calls closer together, in seconds.
CLOSER = 0.03


# Seconds to wait after a first refusal by an operation's own quota; twice as long after the next.
FIRST_WAIT = 0.1


# By how many calls AWS may fall short of our count because of the network alone.
JITTER = 4.0


class Pace(Protocol):
    """When the next call may go; times are in seconds."""

    @property
    def rate(self) -> float:
        """Calls a second."""

    def ready_at(self, now: float) -> float:
        """Return the time at which the next call may go: `now` if it may go already."""

    def take(self, now: float) -> None:
        """Note a call."""

    def answered(self, now: float) -> None:
        """Note an answer, whatever it was."""

    def throttled(self, now: float) -> None:
        """Note that AWS refused a call because of its rate."""


@dataclass(slots=True)
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
        if now <= self._at:
            return
        elapsed, self._at = now - self._at, now
        if self.limit == math.inf:
            self._tokens = self.burst
        elif not self._awaits_answer:
            self._tokens = min(self.burst, self._tokens + elapsed * self.rate)
            self.rate = min(self.limit, self.rate + elapsed * self.limit / RECOVERY)


class Window:
    """At most `calls` calls in any `seconds`, as AWS sees them: also a bucket lets those through.

    A call's place is free again that long after AWS saw the call: what a call took longer than the
    fastest one, it may have been late. How long that one was on its way is the same for all.
    """

    def __init__(self, calls: int, seconds: float) -> None:
        self.rate = calls / seconds
        self._calls, self._seconds = calls, seconds
        # When each of the last calls' places is free again and when it was taken, and which of the
        # calls await an answer.
        self._places: deque[list[float]] = deque()
        self._unanswered: deque[list[float]] = deque()
        self._blocked_until = 0.0
        self._fastest = math.inf
        # The call that was answered last, and refusals in a row, with and without that call.
        self._answered: list[float] = []
        self._refused = self._refused_before = 0

    def ready_at(self, now: float) -> float:
        """Return the time at which the next place is free: `now` if there is one already."""
        full = len(self._places) >= self._calls
        return max(now, self._blocked_until, self._places[0][0] if full else now)

    def take(self, now: float) -> None:
        """Take a place."""
        if len(self._places) >= self._calls:
            self._places.popleft()
        place = [now + ON_ITS_WAY + self._seconds, now]
        self._places.append(place)
        self._unanswered.append(place)

    def answered(self, now: float) -> None:
        """Note an answer: AWS has seen the call."""
        if self._unanswered:
            self._answered = self._unanswered.popleft()
            free, taken = self._answered
            self._fastest = min(self._fastest, now - taken)
            seen = now - self._fastest + CLOSER
            self._answered[0] = min(free, seen + self._seconds)
        self._refused, self._refused_before = 0, self._refused

    def throttled(self, now: float) -> None:
        """Note that AWS refused the call that was answered last, and so did not count it."""
        self._places = deque(one for one in self._places if one is not self._answered)
        wait = min(self._seconds, FIRST_WAIT * 2.0 ** min(self._refused_before, 16))
        self._blocked_until = now + wait
        self._refused = self._refused_before + 1


class BothPaces:
    """The pace of an operation with a quota of its own: besides that, its lane's.

    A refusal is put down to its own quota: if it was the lane's, the lane's other calls show it.
    """

    def __init__(self, own: Pace, lane: Pace) -> None:
        self._own, self._lane = own, lane

    @property
    def rate(self) -> float:
        """Calls a second."""
        return min(self._own.rate, self._lane.rate)

    def ready_at(self, now: float) -> float:
        """Return the time at which both let a call through."""
        return max(self._own.ready_at(now), self._lane.ready_at(now))

    def take(self, now: float) -> None:
        """Take a call's place in both."""
        self._own.take(now)
        self._lane.take(now)

    def answered(self, now: float) -> None:
        """Note an answer."""
        self._own.answered(now)
        self._lane.answered(now)

    def throttled(self, now: float) -> None:
        """Note that AWS refused a call because of its rate."""
        self._own.throttled(now)


def window_for(calls: int, seconds: float, max_rps: float | None) -> Window:
    """Return the window of an operation's own quota.

    Who raises the lane's limit above AWS's has another quota: this one is raised as much.
    """
    times = 1.0 if max_rps is None else max(1.0, max_rps / RATE)
    return Window(calls, seconds / times)


def window_at(rate: float, max_rps: float | None) -> Window:
    """Return the window of a quota that AWS states in calls a second.

    A lower `max_rps` slows it down; a limit above API Gateway's raises it as much.
    """
    if max_rps is not None:
        rate = min(rate * max(1.0, max_rps / RATE), max_rps)
    calls = max(1, int(rate))
    return Window(calls, calls / rate)


def bucket_for(max_rps: float | None, rate: float = RATE, burst: float = BURST) -> Bucket:
    """Return a lane's bucket: AWS's quota, or `max_rps` per second with a burst of one second."""
    if max_rps is None:
        return Bucket(rate, burst, mirrors_aws=True)
    return Bucket(max_rps, max(1.0, max_rps))


def no_limit() -> Bucket:
    """Return a bucket that never waits, for services with ample quotas (STS, EC2)."""
    return Bucket(math.inf, math.inf)
