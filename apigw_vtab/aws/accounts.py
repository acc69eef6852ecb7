"""How a lane reaches AWS: the profile's boto3 session, and one client per service and region.

Outside the sandbox, nothing else imports boto3; request.py uses the clients that are made here.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apigw_vtab.aws.credentials import is_lasting, sign_in
from apigw_vtab.aws.regions import HOME_REGIONS, partition_by_name, partition_of_settings
from apigw_vtab.aws.response import read_bounded
from apigw_vtab.aws.secrets_in_use import note_configured, note_those_of
from apigw_vtab.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    import boto3


# The settings of a profile that can hold an endpoint.
_ENDPOINTS = frozenset(("endpoint_url", "services"))
CONNECT_TIMEOUT = 10
READ_TIMEOUT = 30
KEYS_OF_THE_ENVIRONMENT = ("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE")


class UnusableProfile(Exception):  # noqa: N818
    """The settings of a profile hold what boto3 cannot use, such as a region with spaces."""


class Account:
    """One profile's access to AWS. `profile` is the name that the user knows it by."""

    def __init__(
        self,
        session: boto3.Session,
        *,
        endpoint_url: str | None = None,
        sandbox: bool = False,
        timeout: float = READ_TIMEOUT,
        cli_profile: str | None = None,
    ):
        self.profile: str = session.profile_name
        # What the AWS CLI needs after --profile; None where it finds the same keys without it.
        self.cli_profile = cli_profile
        # The profile names no region: one of its partition is asked, as far as that is known.
        self.is_region_assumed = not session.region_name
        self._session = session
        self.home_region: str = session.region_name
        if self.is_region_assumed:
            self.settle(_home_region(self.settings))
        self.endpoint_url = endpoint_url
        self.is_sandbox = sandbox
        # Seconds that a call may take with all its attempts; a single attempt gets no more.
        self._timeout = timeout
        self._clients: dict[tuple[str, str], Any] = {}
        self._own_endpoints: dict[tuple[str, str], str | None] = {}
        self._lanes: dict[str, Lane] = {}
        self._lock = threading.Lock()
        # Whether its credentials end with a session, and whether botocore renews them then.
        self.has_session_token = self.is_renewed = False
        self._is_signed_in = False
        self._refusal: Exception | None = None

    @property
    def settings(self) -> Mapping[str, Any]:
        """What the AWS configuration says about the profile and its SSO session."""
        from botocore.exceptions import ProfileNotFound

        # boto3 offers no way to botocore's own session.
        core = self._session._session
        try:
            settings: dict[str, Any] = core.get_scoped_config()
        except ProfileNotFound:
            return {}
        sessions = core.full_config.get("sso_sessions", {})
        return {**sessions.get(settings.get("sso_session"), {}), **settings}

    def settle(self, region: str) -> None:
        """Let the account be asked about itself, and for a role's credentials, in a region."""
        self.home_region = region
        self._session._session.set_config_variable("region", region)

    def lane(self, region: str) -> Lane:
        """Return the account's lane in a region, always the same object."""
        # Not under the lock, which is held while credentials are fetched, perhaps slowly.
        return self._lanes.setdefault(region, Lane(self, region))

    def client(self, service: str, region: str) -> Any:
        """Return the boto3 client for a service in a region, opened on first use.

        Raises UsageError for a wrong endpoint or configuration, and botocore's error where there
        are no credentials. They are asked for once: what was refused stays so, until `hope_again`.
        """
        key = service, region
        # botocore's clients can be shared by threads, but a session makes them one at a time.
        with self._lock:
            if self._refusal is not None:
                raise self._refusal.with_traceback(None)
            client = self._clients.get(key)
            if client is None:
                self._sign_in()
                client = self._clients[key] = self._open(service, region)
                read_bounded(client, self._timeout)
                note_those_of(client, self._session)
            return client

    def own_endpoint(self, service: str, region: str) -> str | None:
        """Return the endpoint that an option or the AWS configuration gives a service, or None.

        Raises UsageError for a wrong endpoint or configuration.
        """
        if self.endpoint_url:
            return self.endpoint_url
        key = service, region
        if key not in self._own_endpoints:
            used = str(self.client(service, region).meta.endpoint_url)
            self._own_endpoints[key] = None if used == self._aws_endpoint(*key) else used
        return self._own_endpoints[key]

    def _aws_endpoint(self, service: str, region: str) -> str:
        from botocore.config import Config

        config = Config(ignore_configured_endpoint_urls=True)
        with self._lock:
            client = self._session.client(service, region_name=region, config=config)
        client.close()
        return str(client.meta.endpoint_url)

    def has_client(self, service: str, region: str) -> bool:
        """Return whether the client for a service in a region is open."""
        return (service, region) in self._clients

    def refused(self, error: Exception) -> None:
        """Note that the account itself cannot be used, whatever is asked of it."""
        if is_lasting(error):
            self._refusal = error

    def hope_again(self) -> None:
        """Let the next call ask for credentials again."""
        self._refusal = None

    def close(self) -> None:
        """Close the sockets of all clients; a client that is used again opens new ones."""
        for client in list(self._clients.values()):
            client.close()

    def _sign_in(self) -> None:
        from botocore.credentials import RefreshableCredentials

        if self._is_signed_in:
            return
        try:
            credentials = sign_in(self._session)
            self.has_session_token = bool(credentials.token)
            self.is_renewed = isinstance(credentials, RefreshableCredentials)
        except Exception as error:
            self.refused(error)
            raise
        self._is_signed_in = True

    def _open(self, service: str, region: str) -> Any:
        from botocore.exceptions import BotoCoreError

        try:
            return self._session.client(
                service,
                region_name=region,
                endpoint_url=self.endpoint_url,
                config=self._config,
            )
        except ValueError as error:
            if isinstance(error, BotoCoreError) or not _ENDPOINTS.isdisjoint(self.settings):
                # It is this profile's own, and takes nothing from the others.
                raise UnusableProfile(str(error)) from error
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


def _home_region(settings: Mapping[str, Any]) -> str:
    return HOME_REGIONS.get(partition_of_settings(settings), HOME_REGIONS["aws"])


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
        cli_profile = _cli_profile(session, profile)
        accounts.append(
            Account(session, endpoint_url=endpoint_url, timeout=timeout, cli_profile=cli_profile)
        )
    note_configured(session)
    return accounts


def _cli_profile(session: boto3.Session, named: str | None) -> str | None:
    """Return the profile that leads the AWS CLI to the same keys as a session, or None.

    Keys in the environment go before a profile that only AWS_PROFILE names; with --profile they
    would not: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html
    """
    if named is not None:
        return named
    if any(os.environ.get(name) for name in KEYS_OF_THE_ENVIRONMENT):
        return None
    # Without it in the configuration, as on a machine that has a role, the CLI would refuse it.
    name = str(session.profile_name)
    return name if name in session.available_profiles else None


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
