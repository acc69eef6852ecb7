"""When a call may be sent: each lane at its quota, all lanes in parallel. Knows nothing of AWS.

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

from apigw_vtab.aws.rate_limit import Pace

# As many as connections to a host: a burst of several regions leaves at once.
THREADS = 128
LEAST_SHARE = 4
# Seconds to wait on closing for calls that are under way.
CLOSING = 0.5

Job = Callable[[], None]
# An empty deque takes 600 bytes, and most lanes wait for nothing most of the time.
NO_JOBS: deque[Job] = deque(maxlen=0)


@dataclass(eq=False, slots=True)
class PacedQueue:
    """The jobs of one lane that are waiting for their turn; several may share a pace."""

    bucket: Pace
    jobs: deque[Job] = field(default_factory=lambda: NO_JOBS)
    # When its next job may go, as far as that is on the agenda.
    armed_at: float = math.inf
    refused: int = 0
    under_way: int = 0
    # Consecutive calls that went unanswered.
    unanswered: int = 0
    # Queues that share its pace and have a scarcer one besides: what they may send goes first.
    scarcer: tuple[PacedQueue, ...] = ()

    def add(self, job: Job, *, is_first: bool = False) -> None:
        """Add a job behind all others, or before them."""
        if self.jobs is NO_JOBS:
            self.jobs = deque()
        if is_first:
            self.jobs.appendleft(job)
        else:
            self.jobs.append(job)

    def next(self) -> Job:
        """Take the first job."""
        job = self.jobs.popleft()
        if not self.jobs:
            self.jobs = NO_JOBS
        return job


class Dispatcher:
    """Runs jobs on daemon threads, each queue's in order and at its bucket's pace."""

    def __init__(self, threads: int = THREADS) -> None:
        self._most_threads = threads
        self._threads: list[threading.Thread] = []
        self._idle = self._queued = self._staffed = 0
        self._busy: set[PacedQueue] = set()
        # (when, tie-breaker, queue, job): at that time the job joins the queue; without a job,
        # the queue's next one may run.
        self._agenda: list[tuple[float, int, PacedQueue, Job | None]] = []
        self._order = itertools.count()
        # Ctrl-C between a Condition's lock and its `with` block would leave it locked for good.
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._alarm = math.inf
        self._closed = False
        self._lost: set[int] = set()

    def put(self, queue: PacedQueue, job: Job) -> None:
        """Add a job to the end of a queue."""
        with self._lock:
            queue.add(job)
            self._queued += 1
            self._busy.add(queue)
            self._arm(queue)
            self._hand_over(time.monotonic())
            is_short = self._queued > self._idle and self._staffed < self._most_threads
        if is_short:
            self.staff()

    def put_back(self, queue: PacedQueue, job: Job, delay: float) -> bool:
        """Run a job again after `delay` seconds, before all others in its queue.

        Returns False if the dispatcher is closed.
        """
        with self._lock:
            if self._closed:
                return False
            self._push(time.monotonic() + delay, queue, job)
            self._hand_over(time.monotonic())
        self.staff()
        return True

    def staff(self, threads: int = 0) -> None:
        """Start a thread if a job waits for one, or as many as it takes to have `threads`.

        Starting a thread blocks the caller, so no lock is held meanwhile.
        """
        while True:
            with self._lock:
                wanted = self._queued > self._idle or self._staffed < threads
                if self._closed or not wanted or self._staffed >= self._most_threads:
                    return
                self._staffed += 1
            thread = threading.Thread(target=self._work, name="apigw-vtab call", daemon=True)
            # Before it can end, and take itself out of the list.
            self._threads.append(thread)
            thread.start()
            if not threads:
                return

    def lose(self, queue: PacedQueue, thread: int) -> None:
        """Give up on a thread that is stuck in a job; it ends when the job does."""
        with self._lock:
            self._lost.add(thread)
            self._staffed -= 1
            self._ended(queue)
            self._hand_over(time.monotonic())
        self.staff()

    def answered(self, queue: PacedQueue, throttled: bool) -> None:
        """Note an answer to one of a queue's calls, and whether AWS refused it for its rate."""
        with self._lock:
            queue.bucket.answered(time.monotonic())
            queue.refused = queue.refused + 1 if throttled else 0
            if throttled:
                queue.bucket.throttled(time.monotonic())
            elif queue.armed_at < math.inf:
                # An answer may free a place earlier than was foreseen.
                self._arm(queue)
                self._hand_over(time.monotonic())

    def close(self) -> None:
        """End the threads as they finish their jobs; jobs that still wait are dropped.

        Waits a moment for the threads, so that usually none is left.
        """
        with self._lock:
            self._closed = True
            self._agenda.clear()
            self._changed.notify_all()
        patience = time.monotonic() + CLOSING
        for thread in list(self._threads):
            if thread.ident:
                thread.join(max(0.0, patience - time.monotonic()))

    def _arm(self, queue: PacedQueue) -> None:
        if queue.jobs and queue.under_way < self._share():
            now = time.monotonic()
            if queue.armed_at <= now:
                return
            when = queue.bucket.ready_at(now)
            if when < queue.armed_at:
                queue.armed_at = when
                self._push(when, queue, None)

    def _share(self) -> int:
        """Return how many calls of one queue may be under way while others have calls, too.

        Without this limit, the first lane's burst would take every thread, and all other lanes
        would wait while their full buckets lose tokens.
        """
        return max(LEAST_SHARE, self._most_threads // max(1, len(self._busy)))

    def _ended(self, queue: PacedQueue) -> None:
        queue.under_way -= 1
        self._arm(queue)
        if not queue.jobs and not queue.under_way:
            self._busy.discard(queue)

    def _push(self, when: float, queue: PacedQueue, job: Job | None) -> None:
        heapq.heappush(self._agenda, (when, next(self._order), queue, job))

    def _work(self) -> None:
        done: PacedQueue | None = None
        while (due := self._next_job(done)) is not None:
            done, job = due
            job()
            if self._was_lost():
                return

    def _was_lost(self) -> bool:
        with self._lock:
            was_lost = threading.get_ident() in self._lost
            self._lost.discard(threading.get_ident())
            if was_lost:
                self._threads.remove(threading.current_thread())
            return was_lost

    def _next_job(self, done: PacedQueue | None) -> tuple[PacedQueue, Job] | None:
        with self._lock:
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
        """Wake another thread if something is due, or if no thread watches the clock."""
        if self._agenda and self._idle:
            due = self._agenda[0][0]
            if due <= now or due < self._alarm:
                self._changed.notify()

    def _due(self, now: float) -> tuple[PacedQueue, Job] | None:
        when, _, queue, job = heapq.heappop(self._agenda)
        if job is not None:
            queue.add(job, is_first=True)
            self._queued += 1
            self._busy.add(queue)
            self._arm(queue)
            return None
        if when != queue.armed_at:
            # An earlier time took its place.
            return None
        queue.armed_at = math.inf
        # The bucket may have been emptied by a throttle since the queue was armed.
        if not queue.jobs or queue.bucket.ready_at(now) > now:
            self._arm(queue)
            return None
        turn = next((one for one in queue.scarcer if _may_go(one, now)), queue)
        turn.bucket.take(now)
        self._queued -= 1
        turn.under_way += 1
        job = turn.next()
        self._arm(turn)
        self._arm(queue)
        return turn, job

    def _wait(self, now: float) -> None:
        """Wait for a change; only one thread watches the clock for the next thing due."""
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


def _may_go(queue: PacedQueue, now: float) -> bool:
    return bool(queue.jobs) and queue.bucket.ready_at(now) <= now
