"""Amazon API Gateway as SQL tables.

import apigw_vtab
connection = apigw_vtab.connect(regions=["eu-*"])
for region, name in connection.execute("select region, name from rest_apis"):
    print(region, name)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.cluster.choice import ClusterChoice
from apigw_vtab.errors import ApigwVtabError, UsageError, WriteFailed, WriteRefused

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from apigw_vtab.aws.reach.choice import AccountChoice, ReachOptions
    from apigw_vtab.sqlite.connection import Connection
    from apigw_vtab.writes.policy import WritePolicy

__all__ = [
    "ApigwVtabError",
    "CallFailed",
    "UsageError",
    "WriteFailed",
    "WriteRefused",
    "__version__",
    "connect",
]
__version__ = "0.1.0"


def connect(
    db: str = ":memory:",
    *,
    profiles: str | Iterable[str] | None = None,
    regions: str | Iterable[str] | None = None,
    endpoint_url: str | None = None,
    sandbox: bool = False,
    on_error: Literal["raise", "warn"] = "raise",
    cache_ttl: float = 300,
    max_rps: float | None = None,
    timeout: float = 60,
    allow_writes: bool = False,
    skip_denied_by_scp: bool = False,
    workers: int | None = None,
    cluster: str | None = None,
    **reach: Unpack[ReachOptions],
) -> Connection:
    """Open an SQLite database with API Gateway's tables beside it, in the `temp` schema.

    `db` is a database file or ":memory:". `profiles` are names from the AWS configuration,
    `regions` are codes, or both patterns with `*` and `?`; the defaults are boto3's own choice and
    every enabled region. `reach`, the options of `apigw_vtab.aws.reach.choice.account_choice`, is
    for other accounts. `endpoint_url` replaces AWS's own endpoints, `sandbox` all of AWS.
    `on_error="warn"` lists in scan_errors what cannot be read. An answer stays valid for
    `cache_ttl` seconds, and as long as its statement runs. `max_rps` limits the requests per second
    in each account and region; AWS's quota is 10. A call may take `timeout` seconds with all its
    retries. `allow_writes` lets INSERT, UPDATE and DELETE change AWS at COMMIT.
    `skip_denied_by_scp` leaves out regions that a service control policy denies. `workers` is how
    many processes make the calls, `cluster` the address of a Dask scheduler whose workers do.

    Raises UsageError for what cannot be done. Statements raise CallFailed for a call without an
    answer, WriteRefused for a write that is not allowed, and WriteFailed if not all were made.
    """
    from apigw_vtab.sqlite.open import open_connection

    return open_connection(
        db,
        profiles=_names(profiles, "profiles"),
        regions=_names(regions, "regions"),
        endpoint_url=endpoint_url,
        sandbox=sandbox,
        on_error=on_error,
        cache_ttl=cache_ttl,
        max_rps=max_rps,
        timeout=timeout,
        policy=_policy(allow_writes),
        skip_denied_by_scp=skip_denied_by_scp,
        choice=_choice(**reach),
        cluster=ClusterChoice(workers, cluster),
    )


def _policy(allow_writes: bool) -> WritePolicy:
    from apigw_vtab.writes.policy import WritePolicy

    return WritePolicy(allowed=allow_writes)


def _choice(**reach: Unpack[ReachOptions]) -> AccountChoice:
    from apigw_vtab.aws.reach.choice import account_choice

    return account_choice(**reach)


def _names(given: str | Iterable[str] | None, argument: str) -> tuple[str, ...]:
    from apigw_vtab.aws.reach.choice import several

    return several(given, argument)
