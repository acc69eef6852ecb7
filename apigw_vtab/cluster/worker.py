"""What a worker does: it makes the calls that it is sent, and keeps their outcomes until asked."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.in_flight import InFlight
from apigw_vtab.aws.reach.described import DescribedAccount, DescribedAccounts
from apigw_vtab.aws.reply import Reply
from apigw_vtab.aws.retry import Sender
from apigw_vtab.cluster.packing import (
    CallOutcome,
    OutcomeBatch,
    PackedCall,
    SignedIn,
    batch_of,
    outcome_of,
    packed,
    packed_failure,
    read_of,
)
from apigw_vtab.errors import UsageError
from apigw_vtab.sandbox.accounts import SandboxProfile, open_sandbox_accounts
from apigw_vtab.tables.declaration import Read
from apigw_vtab.tables.model import service_model

if TYPE_CHECKING:
    from apigw_vtab.aws.wire.sending import Wires

# Seconds: a question is answered by then, with nothing if there is nothing.
LONGEST_SILENCE = 2.0
# Seconds in which outcomes come together: a message costs about as much as ten of them.
GATHERING = 0.03


@dataclass(frozen=True)
class WorkerSettings:
    """What a worker has to know before its first call.

    `share` is its part of what all workers may use together: connections to a host, and AWS's
    quotas for keys. `bases` are the accounts of the profiles. `sandbox` has the sandbox's made-up
    profiles, where that is read; no other key is part of it.
    """

    endpoint_url: str | None
    max_rps: float | None
    timeout: float
    connections: int
    share: float
    credential_cache: bool
    bases: tuple[DescribedAccount, ...] = ()
    sandbox: tuple[SandboxProfile, ...] = ()


class CallingWorker:
    """The Dask actor of one connection on one worker. Its keys are of the worker's own making."""

    def __init__(self, settings: WorkerSettings) -> None:
        from apigw_vtab.aws.wire.sending import Wires

        wires = Wires(settings.connections)
        self._described = DescribedAccounts(
            wires,
            endpoint_url=settings.endpoint_url,
            timeout=settings.timeout,
            share=settings.share,
            credential_cache=settings.credential_cache,
            sandbox=_sandbox(settings),
        )
        self._accounts: dict[int, Account | UsageError] = {}
        self._numbers: dict[Account | UsageError, int] = {}
        self._reads: dict[int, Read] = {}
        self._under_way = UnderWay(settings, wires)
        for base in settings.bases:
            self._opened(base)
        # Read now, while the connection asks for its accounts.
        service_model("apigateway").operation_model("GetRestApis")

    async def take(self, data: bytes) -> None:
        """Begin to make calls."""
        batch = batch_of(data)
        for number, description in batch.accounts:
            account = self._accounts[number] = self._opened(description)
            self._numbers[account] = number
        for number, given in batch.reads:
            self._reads[number] = read_of(given)
        if batch.hopes:
            self._under_way.sender.hope_again()
        for one in batch.calls:
            self._begin(one)
        self._under_way.take_back(batch.taken_back)

    async def give(self) -> bytes:
        """Return the outcomes that have not been returned yet, as soon as there are some."""
        outcomes = await self._under_way.outcomes()
        return packed(OutcomeBatch(outcomes, self._described.warnings(), self._signed_in()))

    def _signed_in(self) -> list[SignedIn]:
        return [
            SignedIn(number, one.status, one.started, one.milliseconds, one.attempts)
            for one in self._described.records()
            if (number := self._numbers.get(one.call.lane.account)) is not None
        ]

    def __del__(self) -> None:
        # Dask drops an actor whose client is gone.
        if under_way := vars(self).get("_under_way"):
            closing = threading.Thread(
                target=under_way.close, name="apigw-vtab worker closing", daemon=True
            )
            closing.start()

    def _opened(self, description: DescribedAccount) -> Account | UsageError:
        try:
            return self._described.open(description)
        except UsageError as error:
            return UsageError(f"On a worker: {error}")

    def _begin(self, one: PackedCall) -> None:
        account = self._accounts[one.account]
        if isinstance(account, UsageError):
            self._under_way.refuse(one.number, account)
            return
        read = self._reads[one.read]
        call = Call(account.lane(one.region), read, one.parameters, one.named)
        self._under_way.begin(one.number, call)


class UnderWay:
    """The calls that a worker is making, and the outcomes of those that are over."""

    def __init__(self, settings: WorkerSettings, wires: Wires) -> None:
        self._wires = wires
        self.sender = Sender(settings.max_rps, settings.timeout, _do_nothing, settings.connections)
        self._lock = threading.Lock()
        self._reply_lock = threading.Lock()
        self._open: dict[int, InFlight] = {}
        self._outcomes: list[CallOutcome] = []
        self._waiting: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def begin(self, number: int, call: Call) -> None:
        """Send a call when its turn comes."""
        flight = InFlight(call, self.sender.queue(call), 0, self._reply_lock)
        with self._lock:
            self._open[number] = flight
        flight.add_done_callback(functools.partial(self._over, number))
        self.sender.put(flight)

    def refuse(self, number: int, error: UsageError) -> None:
        """Give a call an error without sending it."""
        self._add(CallOutcome(number, "UsageError", failure=("UsageError", str(error))))

    def take_back(self, numbers: Any) -> None:
        """Leave out those calls that have not been sent yet."""
        for number in numbers:
            flight = self._open.get(number)
            if flight is not None and flight.attempts == 0:
                flight.cancel()

    async def outcomes(self) -> list[CallOutcome]:
        """Return what is over, as soon as there is something; nothing after LONGEST_SILENCE."""
        event = asyncio.Event()
        with self._lock:
            is_empty = not self._outcomes
            self._waiting = (asyncio.get_running_loop(), event) if is_empty else None
        if is_empty:
            try:
                await asyncio.wait_for(event.wait(), LONGEST_SILENCE)
            except asyncio.TimeoutError:
                return []
        if self._open:
            await asyncio.sleep(GATHERING)
        with self._lock:
            found, self._outcomes = self._outcomes, []
        return found

    def close(self) -> None:
        """End all threads, and close all connections."""
        self.sender.close()
        self._wires.close()

    def _over(self, number: int, reply: Reply) -> None:
        assert isinstance(reply, InFlight)
        try:
            outcome = outcome_of(number, reply)
        except Exception as error:
            outcome = CallOutcome(number, "", failure=packed_failure(reply.call, error))
        self._add(outcome)

    def _add(self, outcome: CallOutcome) -> None:
        with self._lock:
            self._open.pop(outcome.number, None)
            self._outcomes.append(outcome)
            waiting, self._waiting = self._waiting, None
        if waiting:
            loop, event = waiting
            loop.call_soon_threadsafe(event.set)


def _sandbox(settings: WorkerSettings) -> Mapping[str, Account]:
    if not settings.sandbox:
        return {}
    assert settings.endpoint_url
    names = [one.name for one in settings.sandbox]
    opened = open_sandbox_accounts(settings.sandbox, names, settings.endpoint_url)
    return {one.profile: one for one in opened}


def _do_nothing(*_: object) -> None:
    """Keep no record: the connection does."""
