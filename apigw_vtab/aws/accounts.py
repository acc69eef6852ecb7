"""How a lane reaches AWS: the profile's boto3 session, and one client per service and region.

Outside the sandbox, nothing else imports boto3; request.py uses the clients that are made here.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apigw_vtab.aws.regions import partition_by_name
from apigw_vtab.aws.response import read_bounded
from apigw_vtab.aws.secrets_in_use import note_configured, note_those_of
from apigw_vtab.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    import boto3


HOME_REGION = "us-east-1"
CONNECT_TIMEOUT = 10
READ_TIMEOUT = 30


class Account:
    """One profile's access to AWS. `profile` is the name that the user knows it by."""

    def __init__(
        self,
        session: boto3.Session,
        *,
        endpoint_url: str | None = None,
        sandbox: bool = False,
        timeout: float = READ_TIMEOUT,
    ):
        self.profile: str = session.profile_name
        self.home_region: str = session.region_name or HOME_REGION
        self._session = session
        self.endpoint_url = endpoint_url
        self.is_sandbox = sandbox
        # Seconds that a call may take with all its attempts; a single attempt gets no more.
        self._timeout = timeout
        self._clients: dict[tuple[str, str], Any] = {}
        self._lanes: dict[str, Lane] = {}
        self._lock = threading.Lock()

    def lane(self, region: str) -> Lane:
        """Return the account's lane in a region, always the same object."""
        # Not under the lock, which is held while credentials are fetched, perhaps slowly.
        return self._lanes.setdefault(region, Lane(self, region))

    def client(self, service: str, region: str) -> Any:
        """Return the boto3 client for a service in a region, opened on first use.

        Raises UsageError for a wrong endpoint or configuration.
        """
        key = service, region
        # botocore's clients can be shared by threads, but a session makes them one at a time.
        with self._lock:
            client = self._clients.get(key)
            if client is None:
                client = self._clients[key] = self._open(service, region)
                read_bounded(client, self._timeout)
                note_those_of(client, self._session)
            return client

    def close(self) -> None:
        """Close the sockets of all clients; a client that is used again opens new ones."""
        for client in list(self._clients.values()):
            client.close()

    def _open(self, service: str, region: str) -> Any:
        try:
            return self._session.client(
                service,
                region_name=region,
                endpoint_url=self.endpoint_url,
                config=self._config,
            )
        except ValueError as error:
            raise UsageError(
                f"{error}. Check AWS_ENDPOINT_URL, --endpoint-url and the configuration "
                f"of profile {self.profile}."
            ) from None

    @functools.cached_property
    def known_regions(self) -> list[str]:
        """The regions that botocore itself lists for API Gateway."""
        partition = self.partition(self.home_region)
        return list(self._session.get_available_regions("apigateway", partition))

    def partition(self, region: str) -> str:
        """Return the partition of a region, the second word of its ARNs.

        Raises UsageError for a region that botocore cannot place.
        """
        from botocore.exceptions import UnknownRegionError

        try:
            return str(self._session.get_partition_for_region(region))
        except UnknownRegionError:
            # AWS opens regions before botocore knows them; an account is in one partition.
            return partition_by_name(region)

    @functools.cached_property
    def _config(self) -> Any:
        import botocore
        from botocore.config import Config

        shared: dict[str, Any] = {
            # Retries are ours (retry.py), so that each attempt is paced and counted.
            "retries": {"total_max_attempts": 1, "mode": "standard"},
            "connect_timeout": min(CONNECT_TIMEOUT, self._timeout),
            "read_timeout": min(READ_TIMEOUT, self._timeout),
            "max_pool_connections": 64,
            # botocore would build one for each call, which takes a tenth of a call's time.
            "user_agent": f"apigw-vtab Botocore/{botocore.__version__}",
        }
        if self.is_sandbox:
            shared |= {"proxies": {}, "use_fips_endpoint": False, "use_dualstack_endpoint": False}
        return Config(**shared)


@dataclass(frozen=True, eq=False)
class Lane:
    """One account in one region: its own clients, quota and errors."""

    account: Account
    region: str

    def client(self, service: str) -> Any:
        """Return the boto3 client for a service in this lane."""
        return self.account.client(service, self.region)


def open_accounts(
    profiles: Sequence[str], endpoint_url: str | None, timeout: float = READ_TIMEOUT
) -> list[Account]:
    """Open each named profile of the AWS configuration, or boto3's own choice if none is named.

    `timeout` is in seconds. Raises UsageError for an unknown profile or a broken configuration.
    """
    import boto3
    from botocore.exceptions import ConfigParseError, ProfileNotFound

    accounts = []
    for profile in dict.fromkeys(profiles) or [None]:
        try:
            session = boto3.Session(profile_name=profile)
        except ProfileNotFound:
            wanted = profile or os.environ.get("AWS_PROFILE") or ""
            known = _profiles_of_the_configuration()
            raise UsageError(
                f"No profile {wanted!r} in your AWS configuration."
                f"{did_you_mean(wanted, known)} "
                f"It has: {', '.join(known) or 'none; run aws configure'}."
            ) from None
        except ConfigParseError as error:
            raise UsageError(f"{error}. Fix the AWS configuration, and try again.") from None
        accounts.append(Account(session, endpoint_url=endpoint_url, timeout=timeout))
    note_configured(session)
    return accounts


def known_profiles(open_now: Sequence[Account]) -> list[str]:
    """Return the known profiles: those that are open and, outside the sandbox, all others."""
    names = [account.profile for account in open_now]
    if any(account.is_sandbox for account in open_now):
        return names
    return list(dict.fromkeys([*names, *_profiles_of_the_configuration()]))


def _profiles_of_the_configuration() -> list[str]:
    import botocore.session

    core = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
    return sorted(core.available_profiles)
