"""Workers by hand: a test sees what each is sent, and says what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apigw_vtab.aws.accounts import Account, AccountFacts
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.call_log import CallLog
from apigw_vtab.aws.carrier import CallOwner, Carrier
from apigw_vtab.aws.local_executor import LocalExecutor
from apigw_vtab.aws.reach.members import MemberAccount
from apigw_vtab.aws.reach.pool import FetchPool
from apigw_vtab.aws.reach.profiles import open_accounts
from apigw_vtab.aws.reach.roles import AssumedRole
from apigw_vtab.cluster.packing import CallBatch, CallOutcome, OutcomeBatch, batch_of, packed
from apigw_vtab.cluster.sender import ClusterSender, RemoteWorker
from apigw_vtab.tables.declaration import Page, Read

LIST = Read("apigateway", "GetRestApis", items="items", page=Page("limit", "position", 500))


class HandMadeCluster:
    """An executor with workers that do nothing by themselves."""

    def __init__(self, count: int) -> None:
        self.workers = [RemoteWorker() for _ in range(count)]
        self.executor = LocalExecutor(carrier_of=self._carrier_of)

    def _carrier_of(self, local: Carrier, owner: CallOwner) -> Carrier:
        self.sender = ClusterSender(local, owner, self.workers, reads_profiles=False)
        return self.sender

    def sent(self, worker: int) -> CallBatch:
        """What a worker is sent now."""
        data = self.sender.batch_for(self.workers[worker])
        return batch_of(data) if data else CallBatch((), (), (), (), False)

    def answers(self, worker: int, *outcomes: CallOutcome) -> None:
        """Let a worker answer."""
        self.sender.arrived(self.workers[worker], packed(OutcomeBatch(outcomes, ())))


@pytest.fixture
def cluster() -> Iterator[HandMadeCluster]:
    """Two workers."""
    made = HandMadeCluster(2)
    yield made
    made.executor.close()


@pytest.fixture
def base() -> Account:
    """The account of a profile."""
    (account,) = open_accounts(["first"], "http://127.0.0.1:9")
    return account


@pytest.fixture
def member(base: Account) -> Callable[[int], Account]:
    """Makes accounts that are reached by a role."""
    pool = FetchPool(100, 1, CallLog())

    def made(number: int) -> Account:
        account_id = f"{number:012}"
        arn = f"arn:aws:iam::{account_id}:role/audit"
        source = AssumedRole(base, arn, {"ExternalId": "told-by-partner"}, {}, pool)
        return MemberAccount(base, account_id, source, pool, AccountFacts(f"shop-{number}"))

    return made


def call(account: Account, region: str = "eu-west-1", **parameters: Any) -> Call:
    """A call that lists REST APIs."""
    return Call(account.lane(region), LIST, tuple(parameters.items()))
