"""When a call may go: each lane at its quota, all lanes side by side. Knows nothing of AWS calls.

API Gateway's control plane allows 10 requests a second with a burst of 40, per account and
region: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
"""

from __future__ import annotations

import heapq
import itertools
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

RATE = 10.0
BURST = 40.0
SLOWEST_RATE = 0.5
# Seconds that a measure of AWS's rate needs, and those in which a lowered rate recovers wholly.
MEASURED_AT_LEAST = 1.0
RECOVERY = 60.0
BELOW_MEASURE = 0.95
MOST_DEBT = 2
# Calls that AWS may have let through less than we thought, for no reason but the network's.
JITTER = 4.0
THREADS = 64
LEAST_SHARE = 4
# Seconds to wait at the end for calls that are under way.
CLOSING = 0.5

Job = Callable[[], None]


@dataclass
class Bucket:
    """A token bucket of `burst` tokens, refilled at `rate` tokens a second; times are in seconds.

    One that `mirrors_aws` must never be more generous than AWS's own, which begins to refill
    when it sees the first call and not when we send it: full, it refills from the next answer
    on. A refused call shows that others take from the same quota: what AWS let through
    since its bucket was last known to be full or empty is the rate that they leave to us.
    """

    limit: float = RATE
    burst: float = BURST
    mirrors_aws: bool = False
    rate: float = field(init=False)
    _tokens: float = field(init=False)
    _at: float = field(default=0.0, init=False)
    _awaits_answer: bool = field(default=False, init=False)
    # Since when, with how many tokens in AWS's bucket, and how many calls were let through.
    _since: float | None = field(default=None, init=False)
    _credit: float = field(init=False)
    _passed: int = field(default=0, init=False)
    _refused: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.rate, self._tokens, self._credit = self.limit, self.burst, self.burst

    def ready_at(self, now: float) -> float:
        """Give the time at which the next token is there; not after `now` when one is."""
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
        """Take note of an answer, whatever it was: AWS has seen a call."""
        if self._awaits_answer:
            self._awaits_answer, self._at = False, now

    def throttled(self, now: float) -> None:
        """Take note that AWS refused a call for its rate."""
        self._refill(now)
        # One refusal after the other, with no measure yet: wait for one token more each time.
        self._tokens = min(self._tokens, float(max(-self._refused, -MOST_DEBT)))
        self._refused += 1
        self._passed -= 1
        elapsed = now - (now if self._since is None else self._since)
        if 0 <= self._credit + self.rate * elapsed - self._passed < JITTER and self._credit:
            # Calls that left us evenly may arrive in a bunch: nobody else need be there.
            return
        if elapsed < MEASURED_AT_LEAST and self._credit == 0:
            # Sent before we heard of the refusal that began this measure.
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


def bucket_for(max_rps: float | None) -> Bucket:
    """Give a lane's bucket: AWS's own figures, or the user's with a burst of one second."""
    if max_rps is None:
        return Bucket(mirrors_aws=True)
    return Bucket(max_rps, max(1.0, max_rps))


def no_limit() -> Bucket:
    """Give a bucket that never waits, for services with ample quotas (STS, EC2)."""
    return Bucket(math.inf, math.inf)


@dataclass(eq=False)
class Line:
    """The jobs of one lane that wait for their turn."""

    bucket: Bucket
    jobs: deque[Job] = field(default_factory=deque)
    armed: bool = False
    refused: int = 0
    under_way: int = 0
    # Calls in a row that nobody answered.
    unanswered: int = 0


class Dispatcher:
    """Runs jobs on daemon threads, each line's in order and at its bucket's pace."""

    def __init__(self, threads: int = THREADS) -> None:
        self._most_threads = threads
        self._threads: list[threading.Thread] = []
        self._idle = self._queued = self._staffed = 0
        self._busy: set[Line] = set()
        # (when, tie-breaker, line, job): the job joins the line then; without one, the line's
        # next job may go.
        self._agenda: list[tuple[float, int, Line, Job | None]] = []
        self._order = itertools.count()
        self._changed = threading.Condition(threading.Lock())
        self._alarm = math.inf
        self._closed = False
        self._lost: set[int] = set()

    def put(self, line: Line, job: Job) -> None:
        """Add a job to the end of a line."""
        with self._changed:
            line.jobs.append(job)
            self._queued += 1
            self._busy.add(line)
            self._arm(line)
            self._hand_over(time.monotonic())
        self.staff()

    def put_back(self, line: Line, job: Job, delay: float) -> bool:
        """Let a job go again, before all others of its line, after `delay` seconds.

        Gives False when there is nobody left to do it.
        """
        with self._changed:
            if self._closed:
                return False
            self._push(time.monotonic() + delay, line, job)
            self._hand_over(time.monotonic())
        self.staff()
        return True

    def staff(self, threads: int = 0) -> None:
        """Start threads where jobs wait for one, or until there are as many as will be needed.

        A thread that starts keeps whoever started it waiting: no lock is held meanwhile.
        """
        while True:
            with self._changed:
                wanted = self._queued > self._idle or self._staffed < threads
                if self._closed or not wanted or self._staffed >= self._most_threads:
                    return
                self._staffed += 1
            thread = threading.Thread(target=self._work, name="apigw-vtab call", daemon=True)
            thread.start()
            self._threads.append(thread)
            if not threads:
                return

    def lose(self, line: Line, thread: int) -> None:
        """Do without a thread that is stuck in a job; it ends when the job does."""
        with self._changed:
            self._lost.add(thread)
            self._staffed -= 1
            self._ended(line)
            self._hand_over(time.monotonic())
        self.staff()

    def answered(self, line: Line, throttled: bool) -> None:
        """Take note of an answer to one of a line's calls, and whether it was refused."""
        with self._changed:
            line.bucket.answered(time.monotonic())
            line.refused = line.refused + 1 if throttled else 0
            if throttled:
                line.bucket.throttled(time.monotonic())

    def close(self) -> None:
        """End the threads as they finish their job; what still waits is dropped.

        Waits a moment for them, so that as a rule none is left.
        """
        with self._changed:
            self._closed = True
            self._agenda.clear()
            self._changed.notify_all()
        patience = time.monotonic() + CLOSING
        for thread in list(self._threads):
            thread.join(max(0.0, patience - time.monotonic()))

    def _arm(self, line: Line) -> None:
        if line.jobs and not line.armed and line.under_way < self._share():
            line.armed = True
            self._push(line.bucket.ready_at(time.monotonic()), line, None)

    def _share(self) -> int:
        """Give how many calls of one line may be under way while others want theirs.

        Without it the first lane to be listed takes every thread for its burst, and the answers
        of all others wait for a turn while their full buckets lose tokens.
        """
        return max(LEAST_SHARE, self._most_threads // max(1, len(self._busy)))

    def _ended(self, line: Line) -> None:
        line.under_way -= 1
        self._arm(line)
        if not line.jobs and not line.under_way:
            self._busy.discard(line)

    def _push(self, when: float, line: Line, job: Job | None) -> None:
        heapq.heappush(self._agenda, (when, next(self._order), line, job))

    def _work(self) -> None:
        done: Line | None = None
        while (due := self._next_job(done)) is not None:
            done, job = due
            job()
            if self._was_lost():
                return

    def _was_lost(self) -> bool:
        with self._changed:
            was_lost = threading.get_ident() in self._lost
            self._lost.discard(threading.get_ident())
            if was_lost:
                self._threads.remove(threading.current_thread())
            return was_lost

    def _next_job(self, done: Line | None) -> tuple[Line, Job] | None:
        with self._changed:
            if done is not None:
                self._ended(done)
            while not self._closed:
                now = time.monotonic()
                if self._agenda and self._agenda[0][0] <= now:
                    if (due := self._due(now)) is not None:
                        self._hand_over(now)
                        return due
                else:
                    self._wait(now)
            return None

    def _hand_over(self, now: float) -> None:
        """Wake another thread where something is due, or where nobody watches the clock."""
        if self._agenda and self._idle:
            due = self._agenda[0][0]
            if due <= now or due < self._alarm:
                self._changed.notify()

    def _due(self, now: float) -> tuple[Line, Job] | None:
        _, _, line, job = heapq.heappop(self._agenda)
        if job is not None:
            line.jobs.appendleft(job)
            self._queued += 1
            self._busy.add(line)
            self._arm(line)
            return None
        line.armed = False
        # The bucket may have been emptied by a throttle since the line was armed.
        if not line.jobs or line.bucket.ready_at(now) > now:
            self._arm(line)
            return None
        line.bucket.take(now)
        self._queued -= 1
        line.under_way += 1
        job = line.jobs.popleft()
        self._arm(line)
        return line, job

    def _wait(self, now: float) -> None:
        """Wait for a change; one thread alone watches the clock for the next thing due."""
        due = self._agenda[0][0] if self._agenda else math.inf
        self._idle += 1
        if due < self._alarm:
            self._alarm = due
            self._changed.wait(due - now)
            if self._alarm == due:
                self._alarm = math.inf
        else:
            self._changed.wait()
        self._idle -= 1
