"""Has the calls that read made by workers: who makes which, what they owe, and when one is lost.

It knows nothing of Dask: a `Link` is whatever takes bytes to a worker and brings bytes back.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Set
from concurrent.futures import CancelledError

from apigw_vtab.aws.accounts import Account, Lane
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.call_log import CallRecord
from apigw_vtab.aws.carrier import CallOwner, Carrier, Load
from apigw_vtab.aws.causes import INTERRUPTED
from apigw_vtab.aws.dispatcher import PacedQueue
from apigw_vtab.aws.in_flight import InFlight
from apigw_vtab.aws.reach.described import described
from apigw_vtab.aws.reach.members import MemberAccount
from apigw_vtab.cluster.assignment import Assignment
from apigw_vtab.cluster.packing import (
    CallBatch,
    CallOutcome,
    PackedCall,
    SignedIn,
    answer_of,
    failure_of,
    outcomes_of,
    packed,
    packed_read,
)
from apigw_vtab.tables.declaration import Read
from apigw_vtab.tables.services import Service


class RemoteWorker:
    """What one worker has been given, and what it still owes. `wake` says that there is more."""

    def __init__(self) -> None:
        self.wake: Callable[[], None] = _do_nothing
        self.waiting: deque[InFlight] = deque()
        self.open: dict[int, InFlight] = {}
        self.taken_back: list[InFlight] = []
        self.hopes = self.is_awake = False
        self._numbers = itertools.count()
        self._accounts: dict[Account, int] = {}
        self._numbered: list[Account] = []
        self._reads: dict[Read, int] = {}

    def record(self, one: SignedIn) -> CallRecord:
        """Return a call for keys as this process would have recorded it."""
        spent = (one.status, one.started, one.milliseconds, one.attempts)
        return CallRecord(
            self._numbered[one.account].reaching, *spent, rows=int(one.status == "ok")
        )

    def collected(self) -> CallBatch | None:
        """Return what the worker has not been sent yet; None without anything."""
        accounts, reads, calls = [], [], []
        while self.waiting:
            flight = self.waiting.popleft()
            if not flight.begin():
                # Nobody waits for it any more.
                continue
            call = flight.call
            account, read = self._accounts.get(call.lane.account), self._reads.get(call.read)
            if account is None:
                account = self._accounts[call.lane.account] = len(self._accounts)
                accounts.append((account, described(call.lane.account)))
                self._numbered.append(call.lane.account)
            if read is None:
                read = self._reads[call.read] = len(self._reads)
                reads.append((read, packed_read(call.read)))
            number = next(self._numbers)
            self.open[number] = flight
            calls.append(
                PackedCall(number, account, call.lane.region, read, call.parameters, call.named)
            )
        unwanted, self.taken_back = set(self.taken_back), []
        back = [number for number, one in self.open.items() if one in unwanted] if unwanted else []
        if not (calls or back):
            return None
        hopes, self.hopes = self.hopes, False
        return CallBatch(accounts, reads, calls, back, hopes)


class ClusterSender:
    """Sends calls that read by workers, and all others, writes above all, by `local`.

    `reads_profiles`: the accounts of the profiles themselves are for the workers. Otherwise others
    are reached from them, and this process reads them. It also reads what needs an MFA code, which
    nobody can type into a worker.
    """

    def __init__(
        self, local: Carrier, owner: CallOwner, workers: list[RemoteWorker], *, reads_profiles: bool
    ) -> None:
        self._local, self._owner = local, owner
        self._reads_profiles = reads_profiles
        self._assignment: Assignment[Account, RemoteWorker] = Assignment(workers)
        self._workers = list(workers)
        # The accounts of profiles, and whether they ask for an MFA code.
        self._asking: dict[Account, bool] = {}
        self._lock = threading.Lock()
        self._closed = False
        self.close_link: Callable[[], None] = _do_nothing

    @property
    def lanes(self) -> Iterable[tuple[Lane, Service]]:
        """The lanes and services that were called, of those with a quota for all calls."""
        return self._local.lanes

    @property
    def waiting_to_write(self) -> list[InFlight]:
        """The changes that wait for AWS to take them."""
        return self._local.waiting_to_write

    @property
    def busy_accounts(self) -> set[Account]:
        """The accounts with calls that have no answer yet."""
        with self._lock:
            return self._local.busy_accounts | {one.call.lane.account for one in self._left()}

    def queue(self, call: Call) -> PacedQueue:
        """Return the queue whose pace a call has."""
        return self._local.queue(call)

    def put(self, flight: InFlight) -> None:
        """Send a call when its turn comes; if this is closed, cancel the call."""
        worker = None
        if self._is_for_workers(flight.call):
            with self._lock:
                if self._closed:
                    flight.cancel()
                    return
                worker = self._assignment.owner(flight.call.lane.account)
                if worker is not None:
                    worker.waiting.append(flight)
                    is_asleep, worker.is_awake = not worker.is_awake, True
        if worker is None:
            self._local.put(flight)
        elif is_asleep:
            worker.wake()

    def take_back(self, flight: InFlight) -> None:
        """Leave out, where it still can be, a call that nobody waits for and that has begun."""
        if not self._is_for_workers(flight.call):
            return
        with self._lock:
            worker = self._assignment.owner(flight.call.lane.account)
            if worker is None:
                return
            worker.taken_back.append(flight)
            is_asleep, worker.is_awake = not worker.is_awake, True
        if is_asleep:
            worker.wake()

    def is_ready(self, call: Call) -> bool:
        """Return whether there is nothing to prepare here for a call."""
        return self._is_for_workers(call) or self._local.is_ready(call)

    def staff(self, threads: int) -> None:
        """Get no threads ready: the workers have their own."""

    def hurry(self, seconds: float) -> None:
        """Leave at most `seconds` to the calls under way, and cancel those not sent yet."""
        with self._lock:
            waiting = [flight for worker in self._workers for flight in worker.waiting]
            left = [flight for worker in self._workers for flight in worker.open.values()]
        for flight in waiting:
            flight.cancel()
        if left:
            timer = threading.Timer(seconds, self._give_up, [left])
            timer.daemon = True
            timer.start()
        self._local.hurry(seconds)

    def give_up(self) -> None:
        """Let every call that has no answer yet fail as interrupted; what comes is ignored."""
        with self._lock:
            left = list(self._left())
            for worker in self._workers:
                worker.taken_back.extend(worker.open.values())
                worker.waiting.clear()
        for flight in left:
            if not flight.is_over:
                flight.is_over = True
                flight.set_exception(flight.call.failed(INTERRUPTED, ""))
        for worker in self._workers:
            worker.wake()
        self._local.give_up()

    def loads(self, others: Set[Lane | Account]) -> dict[Lane, Load]:
        """Return what waits for its turn where something does, and what would in some others."""
        with self._lock:
            waiting = Counter(flight.call.lane for flight in self._left())
        loads = self._local.loads(waiting.keys() | others)
        for lane, calls in waiting.items():
            if lane in loads:
                loads[lane].calls += calls
        return loads

    def hope_again(self) -> None:
        """Try the lanes and the accounts again that were given up."""
        self._local.hope_again()
        for worker in self._workers:
            worker.hopes = True

    def close(self) -> None:
        """End all threads; anything still waiting for an answer gets a CancelledError."""
        with self._lock:
            self._closed = True
            left = list(self._left())
        self.close_link()
        self._local.close()
        self._give_up(left)

    def batch_for(self, worker: RemoteWorker) -> bytes | None:
        """Return what a worker has to be sent; None without anything."""
        with self._lock:
            worker.is_awake = False
            batch = worker.collected()
        return packed(batch) if batch else None

    def arrived(self, worker: RemoteWorker, data: bytes) -> None:
        """Take the outcomes that a worker sent."""
        batch = outcomes_of(data)
        for warning in batch.warnings:
            self._owner.log.warn(warning)
        for one in batch.signed_in:
            self._owner.log.called(worker.record(one), beside=True)
        with self._lock:
            # What is answered is owed no more: were the worker lost, nothing of it would be again.
            ended = [(worker.open.pop(one.number, None), one) for one in batch.outcomes]
        for flight, outcome in ended:
            if flight is not None:
                self._end(flight, outcome)

    def lose(self, worker: RemoteWorker, why: str = "") -> None:
        """Give what a worker had to the others, or read it here if it was the last."""
        with self._lock:
            if self._closed or worker not in self._workers:
                return
            self._workers.remove(worker)
            accounts = self._assignment.lose(worker)
            left = [*worker.open.values(), *worker.waiting]
            worker.open, worker.waiting = {}, deque()
            is_last = not self._workers
        if accounts or is_last:
            self._owner.log.warn(_lost(accounts, len(left), why, is_last=is_last))
        for flight in left:
            if not flight.done():
                self.put(flight)

    def _is_for_workers(self, call: Call) -> bool:
        if not isinstance(call.operation, Read):
            return False
        account = call.lane.account
        if isinstance(account, MemberAccount):
            return not self._asks_for_a_code(account.base)
        return self._reads_profiles and not self._asks_for_a_code(account)

    def _asks_for_a_code(self, base: Account) -> bool:
        asks = self._asking.get(base)
        if asks is None:
            asks = self._asking[base] = "mfa_serial" in base.settings
            if asks:
                self._owner.log.warn(
                    f"Profile {base.profile} asks for an MFA code, which nobody can type into a "
                    "worker: this process makes its calls itself."
                )
        return asks

    def _left(self) -> Iterable[InFlight]:
        for worker in self._workers:
            yield from worker.waiting
            yield from worker.open.values()

    def _end(self, flight: InFlight, outcome: CallOutcome) -> None:
        if flight.is_over:
            return
        if not outcome.status and outcome.failure is None:
            if not self._owner.taken_back(flight):
                self.put(flight)
            elif not flight.done():
                flight.set_exception(CancelledError())
            return
        flight.is_over = True
        flight.started, flight.attempts = outcome.started, outcome.attempts
        flight.ended = time.monotonic()
        flight.sent = flight.ended - outcome.milliseconds / 1000
        if outcome.failure is None:
            answer = flight.answer = answer_of(flight.call, outcome)
            self._owner.ended(flight, outcome.status)
            flight.set_result(answer)
        else:
            failure = failure_of(flight.call, outcome.failure)
            self._owner.ended(flight, outcome.status)
            flight.set_exception(failure)

    def _give_up(self, left: Iterable[InFlight]) -> None:
        for flight in left:
            if not flight.cancel() and not flight.done():
                flight.is_over = True
                flight.set_exception(CancelledError())


def _lost(accounts: int, calls: int, why: str, *, is_last: bool) -> str:
    """Return what the user is told of a lost worker."""
    whose = "1 account" if accounts == 1 else f"{accounts:,} accounts"
    again = f"{calls:,} calls that it had not answered are made again"
    if calls < 2:
        again = "1 call that it had not answered is made again" if calls else "it owed no answer"
    rest = "this process reads on alone" if is_last else "the others read on"
    return f"A worker was lost{f' ({why})' if why else ''}: {rest} with its {whose}, and {again}."


def _do_nothing() -> None:
    """Wake nobody: there is no link yet."""
