"""What brings calls to AWS and answers back: this process itself, or others in its place."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from typing import Protocol

from apigw_vtab.aws.accounts import Account, Lane
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.call_log import CallLog
from apigw_vtab.aws.dispatcher import PacedQueue
from apigw_vtab.aws.in_flight import InFlight
from apigw_vtab.tables.services import Service


@dataclass(slots=True)
class Load:
    """The calls of a lane that wait for a quota they share, its rate, and the seconds of others."""

    calls: int = 0
    rate: float = math.inf
    beside: float = 0.0


class Carrier(Protocol):
    """Something that sends calls, and tells its `CallOwner` of each that has come to its end."""

    @property
    def lanes(self) -> Iterable[tuple[Lane, Service]]:
        """The lanes and services that were called, of those with a quota for all calls."""

    @property
    def waiting_to_write(self) -> list[InFlight]:
        """The changes that wait for AWS to take them."""

    @property
    def busy_accounts(self) -> set[Account]:
        """The accounts with calls that have no answer yet."""

    def queue(self, call: Call) -> PacedQueue:
        """Return the queue whose pace a call has."""

    def put(self, flight: InFlight) -> None:
        """Send a call when its turn comes; if this is closed, cancel the call."""

    def take_back(self, flight: InFlight) -> None:
        """Leave out, where it still can be, a call that nobody waits for and that has begun."""

    def is_ready(self, call: Call) -> bool:
        """Return whether there is nothing to prepare here for a call."""

    def staff(self, threads: int) -> None:
        """Get threads ready for coming calls."""

    def hurry(self, seconds: float) -> None:
        """Leave at most `seconds` to the calls under way, and cancel those not sent yet."""

    def give_up(self) -> None:
        """Let every call that has no answer yet fail as interrupted."""

    def loads(self, others: Set[Lane | Account]) -> dict[Lane, Load]:
        """Return what waits for its turn where something does, and what would in some others."""

    def hope_again(self) -> None:
        """Try the lanes and the accounts again that were given up."""

    def close(self) -> None:
        """End all threads; anything still waiting for an answer gets a CancelledError."""


class CallOwner(Protocol):
    """Whose calls a carrier sends."""

    log: CallLog

    def ended(self, flight: InFlight, status: str) -> None:
        """Record a call that was answered or given up, before its reply is set."""

    def taken_back(self, flight: InFlight) -> bool:
        """Forget a call that was not sent, unless somebody waits for it again."""


CarrierOf = Callable[[Carrier, CallOwner], Carrier]
