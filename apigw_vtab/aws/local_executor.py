"""Makes calls from this process: single flight, a cache with a TTL, retries, a log.

A call is one AWS operation with its parameters in one lane. Submitting a call again while it is
under way, or once it has been answered, gives the same answer.
"""

from __future__ import annotations

import contextlib
import functools
import math
import os
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence

from apigw_vtab.aws.accounts import Account, Lane
from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.call_log import CallLog, CallRecord
from apigw_vtab.aws.carrier import Carrier, CarrierOf
from apigw_vtab.aws.causes import INTERRUPTED
from apigw_vtab.aws.executor import Progress
from apigw_vtab.aws.in_flight import InFlight
from apigw_vtab.aws.preparation import prepare_accounts
from apigw_vtab.aws.reply import Reply
from apigw_vtab.aws.retry import TIMEOUT, Sender
from apigw_vtab.errors import ApigwVtabError
from apigw_vtab.tables.account import KNOWN_IDENTITY
from apigw_vtab.tables.declaration import Read, Write

MOST_PREPARED = 64
# Threads that a lane's burst keeps busy, as far as there are enough for all lanes.
CALLS_AT_ONCE = 24
# Answers that a statement keeps when the cache is off.
MOST_KEPT = 512
LONGEST_STATEMENT = 3600.0


class LocalExecutor:
    """The calls of one connection.

    `cache_ttl` and `timeout`, the time for a call with all its attempts, are in seconds;
    `max_rps` is each lane's limit in requests per second. `carrier_of` makes what sends the calls
    instead of this process, from what sends them here.
    """

    def __init__(
        self,
        cache_ttl: float = 300,
        max_rps: float | None = None,
        timeout: float = TIMEOUT,
        carrier_of: CarrierOf | None = None,
    ) -> None:
        self.log = CallLog()
        self._process = os.getpid()
        self.statement = 0
        self.cache_ttl = cache_ttl
        self.max_rps = max_rps
        self.timeout = timeout
        self._flights: dict[Call, InFlight] = {}
        self._kept: deque[InFlight] = deque()
        sender = Sender(max_rps, timeout, self.ended)
        self._sender: Carrier = carrier_of(sender, self) if carrier_of else sender
        self._lock = threading.Lock()
        self._reply_lock = threading.Lock()
        self._running = self._submitted = 0
        self.is_stopped = False
        # The accounts that were asked since a statement began.
        self._asked: set[Account] = set()
        self._foreseen: Counter[Lane] = Counter()
        # How long the foreseen calls take by a quota of their own, of a lane or of its account.
        self._seconds: defaultdict[Lane | Account, float] = defaultdict(float)
        self._began = -math.inf
        # When the oldest answer came that may be in the cache, and whether a failure may be.
        self._oldest, self._has_failures = -math.inf, False

    @property
    def most_ahead(self) -> float:
        """The number of calls that may be made ahead without losing their answers."""
        return math.inf if self.cache_ttl > 0 else MOST_KEPT / 2

    @property
    def cache_age(self) -> float | None:
        """Seconds since the oldest answer in the cache came; None if the cache is empty."""
        with self._lock:
            ended = [one.ended for one in self._flights.values() if one.answer is not None]
        return time.monotonic() - min(ended) if ended else None

    @property
    def is_elsewhere(self) -> bool:
        """Whether this is another process than the one whose threads make the calls: a fork."""
        return self._process != os.getpid()

    def prepare(self, calls: Sequence[Call]) -> None:
        """Fetch the credentials of some calls, and find their endpoints, before any is sent.

        Raises UsageError for a wrong configuration.
        """
        first = [call for call in calls[:MOST_PREPARED] if not self._sender.is_ready(call)]
        # A join prepares the same account once for each row of the outer table.
        if first:
            prepare_accounts(first, self.timeout)

    def expect(self, lanes: int) -> None:
        """Get threads ready for the many calls that follow the first of some lanes."""
        self._sender.staff(lanes * CALLS_AT_ONCE)

    def submit(self, call: Call) -> Reply:
        """Return the reply to a call: a cached one, one under way, or a new one.

        The reply raises CallFailed if AWS gave no answer after all retries. Raises
        ApigwVtabError in a forked process.
        """
        if self.is_elsewhere:
            raise ApigwVtabError(
                "This connection belongs to another process, whose threads do not run here: "
                "open a new one after a fork."
            )
        if call.operation is KNOWN_IDENTITY:
            answered = Reply(self._reply_lock)
            answered.set_result(_known(call))
            return answered
        with self._lock:
            flight = self._flights.get(call)
            if flight is not None and self._is_good(flight):
                flight.statement = self.statement
                flight.used_again = True
                flight.waiting += 1
                return flight
            if self.is_stopped:
                return Reply.failed(call.failed(INTERRUPTED, ""))
            flight = self._flight(call)
            flight.waiting = 1
            self._flights[call] = flight
            fuller = self._fuller(call)
            if fuller is not None:
                fuller.waiting += 1
                # It is sent already, and cannot be taken back.
                flight.attempts = 1
            else:
                self._submitted += 1
            self._asked.add(call.lane.account)
        if fuller is not None:
            fuller.add_done_callback(functools.partial(flight.take_over, fuller))
        else:
            self._sender.put(flight)
        return flight

    def change(self, call: Call) -> Reply:
        """Send a call that changes something: paced like all others, but never shared.

        The reply raises CallFailed. A call that AWS may have carried out already is sent again
        only if repeating it is harmless.
        """
        flight = self._flight(call)
        with self._lock:
            self._submitted += 1
        self._sender.put(flight)
        return flight

    def hurry(self, seconds: float) -> None:
        """Leave at most `seconds` to the calls under way, and cancel those not sent yet."""
        self._sender.hurry(seconds)

    def stop(self) -> None:
        """Make no further call: those without an answer fail as interrupted, whoever asks."""
        with self._lock:
            self.is_stopped = True
        self._sender.give_up()

    def keep(self, call: Call, answer: Answer) -> None:
        """Keep an answer that came another way as AWS's answer to a call."""
        flight = self._flight(call)
        flight.ended = time.monotonic()
        flight.set_result(answer)
        with self._lock:
            self._flights[call] = flight

    def ready(self, call: Call) -> Answer | None:
        """Return a call's answer if there is one that is still good, else None."""
        if call.operation is KNOWN_IDENTITY:
            return _known(call)
        with self._lock:
            flight = self._flights.get(call)
            if flight is None or flight.answer is None or not self._is_good(flight):
                return None
            flight.statement = self.statement
            flight.used_again = True
            return flight.answer

    def settled(self, call: Call) -> Reply | None:
        """Return the reply to a call that was answered or given up, if it is still good."""
        if call.operation is KNOWN_IDENTITY:
            return self.submit(call)
        with self._lock:
            flight = self._flights.get(call)
            if flight is None or not flight.done() or not self._is_good(flight):
                return None
            flight.statement = self.statement
            return flight

    def progress(self) -> Progress:
        """Return how far the calls are, both those made and those waiting."""
        done = self.log.calls_made - self.log.calls_beside
        with self._lock:
            foreseen, seconds = self._foreseen, self._seconds
            waiting = [
                (
                    load.calls + max(0, foreseen.get(lane, 0)),
                    load.rate,
                    seconds.get(lane, 0.0) + seconds.get(lane.account, 0.0) + load.beside,
                )
                for lane, load in self._sender.loads(foreseen.keys() | seconds.keys()).items()
            ]
            known = self._submitted + sum(foreseen.values())
            busy_accounts = self._sender.busy_accounts
            busy_accounts |= {lane.account for lane, calls in foreseen.items() if calls > 0}
            accounts = self._asked | busy_accounts
        left = max((max(calls / rate, own) for calls, rate, own in waiting), default=0.0)
        busy = sum(1 for calls, _, own in waiting if calls or own > 0)
        waits = len(self._sender.waiting_to_write)
        ended = len(accounts) - len(busy_accounts)
        return Progress(done, max(done, known), busy, left, waits, ended, len(accounts))

    @property
    def lanes(self) -> list[Lane]:
        """The lanes that were called for what they themselves hold."""
        with self._lock:
            return [lane for lane, service in self._sender.lanes if service.is_regional]

    def foresee(
        self, lane: Lane, calls: int, seconds: float = 0.0, *, account_wide: bool = False
    ) -> None:
        """Note how many more calls will be submitted in a lane; negative if fewer than foreseen.

        `seconds` is how long those calls take by a quota of their own, which may be one for all
        regions of the account.
        """
        with self._lock:
            self._foreseen[lane] += calls
            if not self._foreseen[lane]:
                del self._foreseen[lane]
            whose = lane.account if account_wide else lane
            if seconds:
                self._seconds[whose] += seconds

    def answered(self, read: Read) -> list[tuple[Call, Answer]]:
        """Return the answered calls of an operation, in the order in which they were submitted."""
        with self._lock:
            flights = [one for call, one in self._flights.items() if call.operation is read]
        return [(one.call, one.answer) for one in flights if one.answer is not None]

    def abandon(self, call: Call) -> None:
        """Take back a submission; a call that nobody waits for any more is not sent."""
        with self._lock:
            flight = self._flights.get(call)
            if flight is None:
                return
            flight.waiting -= 1
            is_unwanted = flight.waiting <= 0 and flight.attempts == 0
            is_elsewhere = is_unwanted and not flight.cancel()
            if is_unwanted and not is_elsewhere:
                del self._flights[call]
                self._submitted -= 1
        if is_elsewhere:
            self._sender.take_back(flight)

    def taken_back(self, flight: InFlight) -> bool:
        """Forget a call that was not sent, unless somebody waits for it again."""
        with self._lock:
            if flight.waiting > 0:
                return False
            if self._flights.get(flight.call) is flight:
                del self._flights[flight.call]
            self._submitted -= 1
        return True

    def statement_began(self) -> None:
        """Note that a statement began. What is read while one runs stays as it was read."""
        with self._lock:
            self._running += 1
            now = time.monotonic()
            # A cursor that is left open must not keep the cache fresh forever.
            if self._running == 1 or now - self._began > max(self.cache_ttl, LONGEST_STATEMENT):
                self.statement += 1
                self._began = now
                self._asked.clear()
                self._sweep()

    def statement_ended(self) -> None:
        """Note that a statement is over."""
        with self._lock:
            self._running = max(0, self._running - 1)

    @contextlib.contextmanager
    def as_one_statement(self) -> Iterator[None]:
        """Let several statements share every answer and every error, whatever the cache TTL."""
        self.statement_began()
        try:
            yield
        finally:
            self.statement_ended()

    def forget(self) -> None:
        """Empty the cache; calls under way continue."""
        with self._lock:
            self._flights = {
                call: flight for call, flight in self._flights.items() if not flight.done()
            }

    def forget_those(self, changed: Callable[[Call], bool]) -> None:
        """Drop the answers of the calls that `changed` picks out."""
        with self._lock:
            self._flights = {call: one for call, one in self._flights.items() if not changed(call)}

    def close(self) -> None:
        """End all threads; anything still waiting for an answer gets a CancelledError."""
        if not self.is_elsewhere:
            self._sender.close()

    def _flight(self, call: Call) -> InFlight:
        return InFlight(call, self._sender.queue(call), self.statement, self._reply_lock)

    def _fuller(self, call: Call) -> InFlight | None:
        """Return the same request under way, or answered, whose secrets are kept: it serves both.

        The other way round it is sent again: what no statement names is dropped on arrival.
        """
        read = call.operation
        if not isinstance(read, Read) or call.named or not read.secrets or read.asks:
            return None
        flight = self._flights.get(call._replace(named=tuple(sorted(read.secrets))))
        return flight if flight is not None and self._is_good(flight) else None

    def _is_good(self, flight: InFlight) -> bool:
        if flight.statement == self.statement or not flight.done():
            return True
        return self._is_young(flight)

    def _is_young(self, flight: InFlight) -> bool:
        # A failure is not kept: the next statement asks again.
        return flight.answer is not None and time.monotonic() - flight.ended < self.cache_ttl

    def _sweep(self) -> None:
        self._kept.clear()
        self._sender.hope_again()
        now = time.monotonic()
        # Going through the cache at each of many statements would cost their square.
        if now - self._oldest < self.cache_ttl and not self._has_failures:
            return
        self._has_failures = False
        self._flights = {
            call: flight
            for call, flight in self._flights.items()
            if not flight.done() or self._is_young(flight)
        }
        ended = (one.ended for one in self._flights.values() if one.answer is not None)
        self._oldest = min(ended, default=now)

    def _make_room(self, answered: InFlight) -> None:
        """With the cache off, keep only a statement's most recently used answers."""
        if self.cache_ttl > 0:
            return
        with self._lock:
            self._kept.append(answered)
            while len(self._kept) > MOST_KEPT:
                oldest = self._kept.popleft()
                if oldest.used_again:
                    oldest.used_again = False
                    self._kept.append(oldest)
                elif self._flights.get(oldest.call) is oldest:
                    del self._flights[oldest.call]

    def ended(self, flight: InFlight, status: str) -> None:
        """Record a call that was answered or given up."""
        milliseconds = round((flight.ended - flight.sent) * 1000, 1)
        rows = flight.answer.count if flight.answer else 0
        record = CallRecord(
            flight.call, status, flight.started, milliseconds, flight.attempts, rows
        )
        self.log.called(record)
        self._has_failures |= flight.answer is None
        if flight.answer and not isinstance(flight.call.operation, Write):
            self.log.answered(flight.call)
            self._make_room(flight)


def _known(call: Call) -> Answer:
    """Return what is known of an account's identity without asking."""
    return Answer([{"Account": call.lane.account.id}])
