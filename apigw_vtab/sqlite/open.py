"""From the user's options to an open connection: the one place where all packages meet."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import apsw

from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.carrier import CarrierOf
from apigw_vtab.aws.estate import Estate
from apigw_vtab.aws.local_executor import LocalExecutor
from apigw_vtab.aws.reach.choice import AccountChoice
from apigw_vtab.aws.reach.profiles import open_accounts
from apigw_vtab.aws.reach.ways import Reach
from apigw_vtab.aws.regions import region_patterns
from apigw_vtab.cluster.choice import ClusterChoice
from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.context import ConnectionContext
from apigw_vtab.writes.policy import WritePolicy

# Seconds: a year, and a day. What is outside is a slip, and clocks of the system refuse it.
LONGEST_CACHE = 31_536_000
SHORTEST_TIMEOUT, LONGEST_TIMEOUT = 0.01, 86_400
# Requests per second: one in a quarter of an hour, and more than any machine sends.
SLOWEST, FASTEST = 0.001, 1_000_000


def open_connection(
    db: str,
    *,
    profiles: Sequence[str],
    regions: Sequence[str],
    endpoint_url: str | None,
    sandbox: bool,
    on_error: str,
    cache_ttl: float,
    max_rps: float | None,
    timeout: float,
    policy: WritePolicy | None,
    skip_denied_by_scp: bool = False,
    choice: AccountChoice | None = None,
    cluster: ClusterChoice | None = None,
) -> Connection:
    """Check the options and open the connection; see apigw_vtab.connect. Raises UsageError."""
    _check(endpoint_url, sandbox, on_error, cache_ttl, max_rps, timeout)
    choice = choice or AccountChoice()
    choice.check()
    cluster = cluster or ClusterChoice()
    by_profile = policy is not None and policy.allowed and choice.is_of_profiles
    cluster.check(sandbox=sandbox, writes_by_profile=by_profile)
    patterns = region_patterns(regions)
    most = cluster.own_connections
    accounts = _accounts(profiles, endpoint_url, sandbox, timeout, choice, most)
    carrier_of = _carrier_of(cluster, accounts, choice, max_rps, timeout)
    executor = LocalExecutor(cache_ttl, max_rps, timeout, carrier_of)
    with _closing_on_error(executor):
        reach = Reach(accounts, choice, executor, timeout)
        estate = Estate(
            accounts, patterns, executor, skips_denied_by_scp=skip_denied_by_scp, reach=reach
        )
        context = ConnectionContext(estate, executor, raises=on_error == "raise", policy=policy)
        return _connection(db, context)


@contextlib.contextmanager
def _closing_on_error(executor: LocalExecutor) -> Iterator[None]:
    """End what an executor has started, if the block fails."""
    try:
        yield
    except BaseException:
        executor.close()
        raise


def _carrier_of(
    cluster: ClusterChoice,
    accounts: Sequence[Account],
    choice: AccountChoice,
    max_rps: float | None,
    timeout: float,
) -> CarrierOf | None:
    """Return what makes the calls in place of this process; None where that makes them."""
    if not cluster.is_asked:
        return None
    from apigw_vtab.cluster.open import open_workers
    from apigw_vtab.sandbox import process

    sandbox = process.start().profiles if accounts[0].is_sandbox else ()
    return open_workers(
        cluster, accounts, choice, max_rps=max_rps, timeout=timeout, sandbox=sandbox
    )


def _connection(db: str, context: ConnectionContext) -> Connection:
    try:
        return Connection(db, context)
    except apsw.CantOpenError:
        raise UsageError(f"Cannot open the database {db!r}: does its folder exist?") from None
    except apsw.NotADBError:
        raise UsageError(f"{db!r} is not an SQLite database.") from None


def move(
    connection: Connection,
    *,
    profiles: Sequence[str],
    regions: Sequence[str],
    endpoint_url: str | None,
    sandbox: bool,
) -> None:
    """Let an open connection read other accounts and regions; its cache and its tables stay.

    Raises UsageError, and changes nothing, for an unknown profile or a wrong pattern.
    """
    executor = connection.executor
    before = connection.context.estate
    choice = before.reach.choice if before.reach else AccountChoice()
    accounts = _accounts(profiles, endpoint_url, sandbox, executor.timeout, choice, None)
    estate = Estate(
        accounts,
        region_patterns(regions),
        executor,
        skips_denied_by_scp=before.skips_denied_by_scp,
        reach=Reach(accounts, choice, executor, executor.timeout),
    )
    connection.context.move_to(estate)


def _check(
    endpoint_url: str | None,
    sandbox: bool,
    on_error: str,
    cache_ttl: float,
    max_rps: float | None,
    timeout: float,
) -> None:
    if sandbox and endpoint_url:
        raise UsageError("The sandbox has its own endpoint: leave out one of the two.")
    if endpoint_url and not _is_url(endpoint_url):
        raise UsageError(
            f"{endpoint_url!r} is not a valid endpoint: give a whole URL, such as "
            "http://127.0.0.1:5000"
        )
    if on_error not in ("raise", "warn"):
        raise UsageError(f"on_error must be 'raise' or 'warn', not {on_error!r}.")
    _check_range("cache TTL", cache_ttl, 0, LONGEST_CACHE, " seconds")
    _check_range("timeout", timeout, SHORTEST_TIMEOUT, LONGEST_TIMEOUT, " seconds")
    if max_rps is not None:
        _check_range("limit of requests per second", max_rps, SLOWEST, FASTEST)


def _check_range(what: str, value: float, least: float, most: float, unit: str = "") -> None:
    # Of `not a number`, neither is true.
    if not least <= value <= most:
        raise UsageError(f"The {what} must be from {least:,} to {most:,}{unit}, not {value:g}.")


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _accounts(
    profiles: Sequence[str],
    endpoint_url: str | None,
    sandbox: bool,
    timeout: float,
    choice: AccountChoice,
    most_connections: int | None,
) -> list[Account]:
    """Open the accounts of the profiles, from which others may be reached."""
    if not sandbox:
        return open_accounts(profiles, endpoint_url, timeout, most_connections)
    from apigw_vtab.sandbox import process
    from apigw_vtab.sandbox.accounts import open_sandbox_accounts

    try:
        running = process.start()
    except ModuleNotFoundError as error:
        raise UsageError(
            f"The sandbox needs {error.name}: pip install 'apigw-vtab[sandbox]'"
        ) from None
    if not choice.is_of_profiles and not profiles:
        # The account that manages the organization.
        profiles = [running.profiles[0].name]
    return open_sandbox_accounts(running.profiles, profiles, running.endpoint_url)
