"""How a call gets its answer: its turn in the lane, its attempts, its time. Has no cache."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Set
from concurrent.futures import CancelledError

from apigw_vtab.aws.accounts import Account, Lane
from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.carrier import Load
from apigw_vtab.aws.causes import INTERRUPTED, THROTTLED, TIMED_OUT, UNREACHABLE
from apigw_vtab.aws.deadlines import Deadlines
from apigw_vtab.aws.dispatcher import THREADS, Dispatcher, PacedQueue
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.in_flight import InFlight
from apigw_vtab.aws.rate_limit import (
    BothPaces,
    Bucket,
    Pace,
    Window,
    bucket_for,
    no_limit,
    window_at,
    window_for,
)
from apigw_vtab.aws.request import send
from apigw_vtab.tables.declaration import Operation, Read, Write
from apigw_vtab.tables.services import Service, service_of

# Seconds that a call may take with all its attempts.
TIMEOUT = 60.0
MOST_ATTEMPTS = 5
# Consecutive throttles in one lane before a call is given up.
MOST_THROTTLES = 20
# Consecutive unanswered calls in one lane before the rest of its calls are given up.
MOST_UNANSWERED = 8
FIRST_BACKOFF = 0.1
LONGEST_BACKOFF = 5.0
# Seconds in which a change that AWS may take later is tried again, whatever a call's timeout.
WRITE_PATIENCE = 600.0


class Sender:
    """Sends calls. `ended` gets each one that was answered or given up, before its reply is set.

    `max_rps` is each lane's limit in requests per second, `timeout` the seconds that a call has
    for all its attempts. It uses at most so many `threads`.
    """

    def __init__(
        self,
        max_rps: float | None,
        timeout: float,
        ended: Callable[[InFlight, str], None],
        threads: int = THREADS,
    ) -> None:
        self._queues: dict[tuple[Lane, Service], PacedQueue] = {}
        self._max_rps = max_rps
        self._ended = ended
        self._own_queues: dict[tuple[Lane, Operation], PacedQueue] = {}
        self._windows: dict[tuple[Account, Operation], Window] = {}
        self._unpaced = PacedQueue(no_limit())
        self._dispatcher = Dispatcher(threads)
        self._deadlines = Deadlines(timeout, self._late)
        self._lock = threading.Lock()
        self._open: set[InFlight] = set()
        self._accounts: set[Account] = set()
        self._closed = False

    def queue(self, call: Call) -> PacedQueue:
        """Return the queue in which a call waits for its turn."""
        service = service_of(call.operation.service)
        if not service.shared:
            return self._queue_of_each(call.lane, call.operation, service)
        if isinstance(call.operation, Write) and call.operation.seconds_each:
            return self._queue_of_its_own(call.lane, call.operation)
        key = call.lane, service
        if key not in self._queues:
            quota = service.shared
            bucket = bucket_for(self._max_rps, quota.rate, quota.burst or 1.0)
            self._queues[key] = PacedQueue(bucket)
        queue = self._queues[key]
        # The sandbox has no quotas, and its users should not have to wait.
        if isinstance(call.operation, Read) and not call.lane.account.is_sandbox:
            return self._queue_beside(call.lane, call.operation, queue)
        return queue

    def put(self, flight: InFlight) -> None:
        """Send a call when its turn comes; if this is closed, cancel the call."""
        with self._lock:
            closed = self._closed
            if not closed:
                self._open.add(flight)
                self._accounts.add(flight.call.lane.account)
        if closed:
            flight.cancel()
            return
        flight.call.lane.account.begin()
        self._dispatcher.put(flight.queue, lambda: self._attempt(flight))

    def take_back(self, flight: InFlight) -> None:
        """Do nothing: what cannot be cancelled any more is being sent."""

    def is_ready(self, call: Call) -> bool:
        """Return whether there is nothing to prepare for a call."""
        return call.lane.account.is_prepared(call.operation.service)

    def staff(self, threads: int) -> None:
        """Get threads ready for coming calls."""
        self._dispatcher.staff(threads)

    def hurry(self, seconds: float) -> None:
        """Leave at most `seconds` to the calls under way, and cancel those not sent yet."""
        with self._lock:
            waiting = [flight for flight in self._open if flight.attempts == 0]
        for flight in waiting:
            flight.cancel()
        for flight in self.waiting_to_write:
            if flight.last_failure:
                self._end(flight, flight.last_failure.code, flight.last_failure)
        self._deadlines.hurry(seconds)

    def give_up(self) -> None:
        """Let every call that has no answer yet fail as interrupted; what comes is ignored."""
        with self._lock:
            left = list(self._open)
        for flight in left:
            failure = flight.call.failed(INTERRUPTED, "")
            if flight.attempts:
                self._end(flight, failure.code, failure)
                continue
            # It was never sent, and is no call in the log.
            with self._lock:
                is_over, flight.is_over = flight.is_over, True
                self._open.discard(flight)
            if not is_over:
                flight.set_exception(failure)

    @property
    def lanes(self) -> Iterable[tuple[Lane, Service]]:
        """The lanes and services that were called, of those with a quota for all calls."""
        return list(self._queues)

    @property
    def waiting_to_write(self) -> list[InFlight]:
        """The changes that AWS refused for now, and those that wait for a quota of their own."""
        with self._lock:
            return [
                flight
                for flight in self._open
                if flight.thread is None
                and _writes(flight)
                and (flight.attempts or flight.call.operation.seconds_each)
            ]

    @property
    def busy_accounts(self) -> set[Account]:
        """The accounts with calls that have no answer yet."""
        with self._lock:
            return {flight.call.lane.account for flight in self._open}

    def loads(self, others: Set[Lane | Account]) -> dict[Lane, Load]:
        """Return what waits for its turn where something does, and what would in some others."""
        loads: defaultdict[Lane, Load] = defaultdict(Load)
        beside: defaultdict[Lane | Account, float] = defaultdict(float)
        for (lane, operation), queue in list(self._own_queues.items()):
            if queue.jobs:
                whose = lane.account if operation.account_wide else lane
                beside[whose] += len(queue.jobs) / queue.bucket.rate
                loads[lane].calls = 0
        for (lane, _), queue in list(self._queues.items()):
            account = lane.account
            if queue.jobs or account in beside or lane in others or account in others:
                load = loads[lane]
                load.calls += len(queue.jobs)
                load.rate = min(load.rate, queue.bucket.rate)
        for lane, load in loads.items():
            load.beside = beside.get(lane, 0.0) + beside.get(lane.account, 0.0)
        return loads

    def hope_again(self) -> None:
        """Try the lanes and the accounts again that were given up."""
        for account in list(self._accounts):
            account.hope_again()
        for queue in [*self._queues.values(), *self._own_queues.values()]:
            queue.unanswered = 0

    def close(self) -> None:
        """End all threads; anything still waiting for an answer gets a CancelledError."""
        with self._lock:
            self._closed = True
        self._deadlines.close()
        self._dispatcher.close()
        with self._lock:
            left = list(self._open)
        for flight in left:
            if not flight.cancel():
                self._end(flight, "closed", CancelledError())

    def _queue_beside(self, lane: Lane, read: Read, queue: PacedQueue) -> PacedQueue:
        """Return the queue of an operation that has a quota of its own besides its lane's."""
        seconds = read.seconds_each
        if seconds is None:
            return queue
        with self._lock:
            if beside := self._own_queues.get((lane, read)):
                return beside
            # AWS documents such quotas per account: one pace for all regions.
            new = window_for(read.at_once, read.at_once * seconds, self._max_rps)
            window = self._windows.setdefault((lane.account, read), new)
            beside = self._own_queues[lane, read] = PacedQueue(BothPaces(window, queue.bucket))
            queue.scarcer += (beside,)
            return beside

    def _queue_of_each(self, lane: Lane, operation: Operation, service: Service) -> PacedQueue:
        """Return the queue of an operation whose service has no quota for all of them."""
        quota = service.quota_of(operation.name)
        if quota is None or lane.account.is_sandbox:
            return self._unpaced
        with self._lock:
            queue = self._own_queues.get((lane, operation))
            if queue is None:
                queue = PacedQueue(window_at(quota.rate, self._max_rps))
                self._own_queues[lane, operation] = queue
            return queue

    def _queue_of_its_own(self, lane: Lane, write: Write) -> PacedQueue:
        assert write.seconds_each is not None
        if lane.account.is_sandbox:
            # The sandbox has no quotas, and its users should not have to wait.
            return self._unpaced
        pace: Pace = Bucket(1 / write.seconds_each, 1.0, mirrors_aws=True)
        with self._lock:
            if write.account_wide:
                seconds = write.at_once * write.seconds_each
                new = window_for(write.at_once, seconds, self._max_rps)
                pace = self._windows.setdefault((lane.account, write), new)
            return self._own_queues.setdefault((lane, write), PacedQueue(pace))

    def _attempt(self, flight: InFlight) -> None:
        """Send a call once, on a thread of the dispatcher."""
        if flight.attempts == 0:
            if not flight.begin():
                with self._lock:
                    self._open.discard(flight)
                return
            flight.sent, flight.started = time.monotonic(), int(time.time())
        if flight.attempts == 0 or _writes(flight):
            self._deadlines.begin(flight)
        with self._lock:
            if flight.is_over:
                return
            flight.attempts += 1
            flight.thread = threading.get_ident()
        try:
            if flight.queue.unanswered >= MOST_UNANSWERED and flight.queue is not self._unpaced:
                raise _late(flight, "Not sent: earlier calls got no answer there.")
            answer = send(flight.call)
        except CallFailed as failure:
            self._failed(flight, failure)
        except BaseException as error:
            self._end(flight, type(error).__name__, error)
        else:
            self._dispatcher.answered(flight.queue, throttled=False)
            flight.queue.unanswered = 0
            self._end(flight, "ok", answer)
        finally:
            if flight.thread is not None:
                with self._lock:
                    flight.thread = None

    def _failed(self, flight: InFlight, failure: CallFailed) -> None:
        """Try again later, or give up."""
        self._dispatcher.answered(flight.queue, failure.code in THROTTLED.codes)
        flight.last_failure = failure
        delay = None if flight.is_over else self._delay(flight, failure)
        if delay is not None and _writes(flight):
            # While it waits, no time runs but that for all its attempts.
            self._deadlines.done(flight)
        if delay is not None and self._dispatcher.put_back(
            flight.queue, lambda: self._attempt(flight), delay
        ):
            return
        silent = failure.code in UNREACHABLE.codes | {TIMED_OUT}
        flight.queue.unanswered = flight.queue.unanswered + 1 if silent else 0
        self._end(flight, failure.code, failure)

    def _late(self, flight: InFlight) -> None:
        """End a call that took too long, and give up on the thread that is stuck in it."""
        seconds = time.monotonic() - flight.sent
        attempts = "1 attempt" if flight.attempts == 1 else f"{flight.attempts} attempts"
        detail = f"Given up after {seconds:.0f} s and {attempts}."
        failure = _late(flight, detail)
        with self._lock:
            if flight.thread is not None:
                # Before the thread can come back to take another job.
                self._dispatcher.lose(flight.queue, flight.thread)
            elif last := flight.last_failure:
                # It was waiting for another attempt: the last failure says more than the time.
                failure = flight.call.failed(last.code, f"{last.detail.strip()} {detail}")
            flight.thread = None
        flight.queue.unanswered += 1
        self._end(flight, failure.code, failure)

    def _delay(self, flight: InFlight, failure: CallFailed) -> float | None:
        """Return the seconds to wait before the next attempt, or None to give up."""
        if _writes(flight):
            return _delay_of_write(flight, failure)
        if failure.code in THROTTLED.codes:
            if flight.queue.refused >= MOST_THROTTLES:
                return None
            if flight.queue is not self._unpaced:
                return 0.0
        elif not failure.is_passing or flight.attempts >= _most_attempts(flight):
            return None
        return _backoff(flight)

    def _end(self, flight: InFlight, status: str, outcome: Answer | BaseException) -> None:
        """End a call with its answer or its error; anything that comes later is ignored."""
        with self._lock:
            if flight.is_over:
                return
            flight.is_over = True
            flight.thread = None
            self._open.discard(flight)
        self._deadlines.done(flight)
        flight.ended = time.monotonic()
        if isinstance(outcome, Answer):
            flight.answer = outcome
            self._ended(flight, status)
            flight.set_result(outcome)
        else:
            self._ended(flight, status)
            flight.set_exception(outcome)


def _late(flight: InFlight, detail: str) -> CallFailed:
    """Return the failure of a call whose time is up, or of what it waited for."""
    failure = flight.call.failed(TIMED_OUT, detail)
    flight.call.lane.account.explain(failure)
    return failure


def _most_attempts(flight: InFlight) -> int:
    """Return how often a call is sent: AWS_MAX_ATTEMPTS goes before our own limit."""
    return flight.call.lane.account.most_attempts or MOST_ATTEMPTS


def _writes(flight: InFlight) -> bool:
    return isinstance(flight.call.operation, Write)


def _delay_of_write(flight: InFlight, failure: CallFailed) -> float | None:
    """Return the seconds before a change is sent again; None when it is not to be.

    What AWS did not take for its rate, or for another change at the same moment, it takes later.
    What it may have carried out is sent again only where that does the same twice.
    """
    write = flight.call.operation
    repeatable = isinstance(write, Write) and write.repeatable
    if failure.code in THROTTLED.codes or failure.is_conflict:
        wait = failure.retry_after or _backoff(flight)
        return wait if time.monotonic() - flight.sent + wait < WRITE_PATIENCE else None
    if not (failure.is_passing and repeatable) or flight.attempts >= _most_attempts(flight):
        return None
    return _backoff(flight)


def _backoff(flight: InFlight) -> float:
    longest = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** min(flight.attempts, 16))
    return random.uniform(longest / 2, longest)
