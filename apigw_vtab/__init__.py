"""Amazon API Gateway as SQL tables.

import apigw_vtab
connection = apigw_vtab.connect(regions=["eu-*"])
for region, name in connection.execute("select region, name from rest_apis"):
    print(region, name)
"""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.errors import ApigwVtabError, UsageError, WriteFailed, WriteRefused

if TYPE_CHECKING:
    from apigw_vtab.sqlite.connection import Connection

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
    organization: bool = False,
    assume_role: str | None = None,
    external_id: str | None = None,
    role_session_name: str | None = None,
    accounts: str | Iterable[str] | None = None,
    ous: str | Iterable[str] | None = None,
    accounts_from: str | PathLike[str] | None = None,
    sso_roles: str | Iterable[str] | None = None,
    sample: int | None = None,
    credential_cache: bool = True,
) -> Connection:
    """Open an SQLite database with API Gateway's tables beside it, in the `temp` schema.

    `db` is a database file or ":memory:". `profiles` are names from the AWS configuration, or
    patterns with `*` and `?`, and all their accounts are read; the default is boto3's own choice.
    `regions` are codes, or patterns with `*` and `?`; the default is every enabled region.
    `endpoint_url` replaces AWS's own endpoints. `sandbox` uses a made-up estate in this process
    instead of AWS. `on_error="warn"` leaves out what cannot be read, and lists it in the table
    scan_errors.
    `cache_ttl` is how many seconds an answer stays valid; with 0, as long as its statement runs.
    `max_rps` limits the requests per second in each account and region; set it to share AWS's
    quota of 10, with a burst of 40, with others. `timeout` is how many seconds one call may take
    with all its retries. `allow_writes` lets INSERT, UPDATE and DELETE make the changes that AWS
    supports: at COMMIT, and not before. `skip_denied_by_scp` leaves out regions that a service
    control policy denies; they are in scan_errors all the same.

    Other accounts are reached from one profile. `organization` reads all active accounts of the
    organization, each by the role called `assume_role`, which may ask for an `external_id`;
    `role_session_name` is what CloudTrail shows. `accounts_from` is a CSV file with the columns id,
    name and role that takes the organization's place. `sso_roles` reads each account in which IAM
    Identity Center has assigned such a role to the user who is signed in. `accounts` (ids or
    names), `ous` (ids of organizational units) and `sample` (a number) narrow them. Patterns have
    `*` and `?`. Without `credential_cache`, the keys of roles are not kept on disk.

    Returns an `apsw.Connection`. Raises UsageError for a request that cannot be carried out, such
    as an unknown profile. Statements on the connection raise CallFailed for a call that got no
    answer, WriteRefused for a write that is not allowed, and WriteFailed, with a report on each
    change, if not all of them were made.
    """
    from apigw_vtab.aws.reach.choice import AccountChoice, parted
    from apigw_vtab.sqlite.open import open_connection
    from apigw_vtab.writes.policy import WritePolicy

    return open_connection(
        db,
        profiles=_names(profiles),
        regions=_names(regions),
        endpoint_url=endpoint_url,
        sandbox=sandbox,
        on_error=on_error,
        cache_ttl=cache_ttl,
        max_rps=max_rps,
        timeout=timeout,
        policy=WritePolicy(allowed=allow_writes),
        skip_denied_by_scp=skip_denied_by_scp,
        choice=AccountChoice(
            organization,
            assume_role,
            external_id,
            role_session_name,
            parted(_names(accounts)),
            parted(_names(ous)),
            Path(accounts_from) if accounts_from is not None else None,
            parted(_names(sso_roles)),
            sample,
            credential_cache,
        ),
    )


def _names(given: str | Iterable[str] | None) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given or ())
