"""From the options to what sends the calls of a connection: workers, found or started."""

from __future__ import annotations

from collections.abc import Sequence

from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.carrier import CallOwner, Carrier, CarrierOf
from apigw_vtab.aws.reach.choice import AccountChoice
from apigw_vtab.aws.reach.described import described
from apigw_vtab.aws.wire.connections import MOST_CONNECTIONS
from apigw_vtab.cluster.choice import OWN_CONNECTIONS, ClusterChoice
from apigw_vtab.cluster.link import ClusterLink
from apigw_vtab.cluster.sender import ClusterSender, RemoteWorker
from apigw_vtab.cluster.worker import WorkerSettings
from apigw_vtab.sandbox.accounts import SandboxProfile

# A worker keeps so many connections to a host, however many workers there are.
LEAST_CONNECTIONS = 4


def open_workers(
    cluster: ClusterChoice,
    accounts: Sequence[Account],
    choice: AccountChoice,
    *,
    max_rps: float | None,
    timeout: float,
    sandbox: Sequence[SandboxProfile] = (),
) -> CarrierOf:
    """Start workers, or find those of a cluster; return what makes them an executor's carrier.

    Raises UsageError for a cluster that is not there, or that has no workers of this version.
    """
    link = ClusterLink(cluster)
    count = link.open()
    settings = WorkerSettings(
        accounts[0].endpoint_url,
        max_rps,
        timeout,
        max(LEAST_CONNECTIONS, (MOST_CONNECTIONS - OWN_CONNECTIONS) // count),
        1 / count,
        choice.credential_cache,
        tuple(map(described, accounts)),
        tuple(sandbox),
    )

    def carrier_of(local: Carrier, owner: CallOwner) -> Carrier:
        workers = [RemoteWorker() for _ in range(count)]
        sender = ClusterSender(local, owner, workers, reads_profiles=choice.is_of_profiles)
        link.begin(sender, workers, settings)
        return sender

    return carrier_of
