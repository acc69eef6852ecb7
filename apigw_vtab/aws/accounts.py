"""How a lane reaches AWS: by the profile's session, its credentials and its settings.

What reads is sent by wire/, over connections that all accounts share, with what the session of
botocore says that is inside boto3's. What writes is sent by boto3's clients, one per service and
region: only they need boto3 itself, which takes a tenth of the time to a first answer to import.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from apigw_vtab.aws.credentials import is_lasting, sign_in
from apigw_vtab.aws.failures import ENVIRONMENT, CallFailed, named
from apigw_vtab.aws.known_causes import CREDENTIALS_LATE
from apigw_vtab.aws.regions import HOME_REGIONS, partition_of_region, partition_of_settings
from apigw_vtab.aws.response import read_bounded
from apigw_vtab.aws.secrets_in_use import note, note_those_of
from apigw_vtab.errors import UsageError
from apigw_vtab.tables.model import service_model

if TYPE_CHECKING:
    import boto3
    from botocore.credentials import Credentials, ReadOnlyCredentials
    from botocore.session import Session

    from apigw_vtab.aws.wire.sending import WireRoute, Wires
    from apigw_vtab.aws.wire.settings import WireSettings


# The settings of a profile that can hold an endpoint.
_ENDPOINTS = frozenset(("endpoint_url", "services"))
# What the calls are made by, as AWS is told.
NAME = "apigw-vtab"
CONNECT_TIMEOUT = 10
READ_TIMEOUT = 30


class UnusableProfile(Exception):  # noqa: N818
    """The settings of a profile hold what boto3 cannot use, such as a region with spaces."""


class AccountFacts(NamedTuple):
    """What is known of an account from the list that it is in, and how it is reached."""

    account_name: str | None = None
    email: str | None = None
    state: str | None = None
    reached_by: str | None = None


class Account:
    """One profile's access to AWS; other ways to reach an account are in reach/.

    `profile` is the name of the profile, and `label` what the user knows the account by: the same,
    unless it is reached from another one. `id` is None as long as AWS has not told it.
    """

    def __init__(
        self,
        session: Session | boto3.Session,
        *,
        endpoint_url: str | None = None,
        sandbox: bool = False,
        timeout: float = READ_TIMEOUT,
        cli_profile: str | None = None,
        wires: Wires | None = None,
        is_of_environment: bool = False,
    ):
        from apigw_vtab.aws.wire.sending import Wires

        # boto3 offers no way to botocore's own session, which is all that reading needs.
        self._core: Session = getattr(session, "_session", session)
        if self._core.user_agent_name == "Botocore":
            # Otherwise boto3 would add its name to what AWS is told, and only for what writes.
            self._core.user_agent_name = f"{NAME}-botocore"
        self.profile: str = self._core.profile or "default"
        if is_of_environment:
            # Its keys go before those of the profile that AWS_PROFILE names.
            self.profile = ENVIRONMENT
        self.label = self.profile
        self.id: str | None = None
        # What the configuration alone says, where it leaves no doubt.
        self.configured_id: str | None = None
        self.facts = AccountFacts(reached_by="environment" if is_of_environment else "profile")
        # Whose keys the AWS CLI needs, where no profile has them.
        self.keys_of = ""
        # The call that reaches the account from another one, where it is reached so.
        self.reaching: Any = None
        # What the AWS CLI needs after --profile; None where it finds the same keys without it.
        self.cli_profile = cli_profile
        # The profile names no region: one of its partition is asked, as far as that is known.
        self.home_region: str = self._core.get_config_variable("region")
        self.is_region_assumed = not self.home_region
        if self.is_region_assumed:
            self.settle(_home_region(self.settings))
        self.endpoint_url = endpoint_url
        self.is_sandbox = sandbox
        # Seconds that a call may take with all its attempts; a single attempt gets no more.
        self._timeout = timeout
        # How often a call that fails is sent, where the configuration says so.
        self.most_attempts: int | None = None
        self._wires = wires or Wires()
        self._own_endpoints: dict[str, str | None] = {}
        # The ways to endpoints by service, operation and region.
        self._routes: dict[tuple[str, str, str], WireRoute] = {}
        self._begin_alone()

    def _begin_alone(self) -> None:
        """Begin what an account shares with no other."""
        self._clients: dict[tuple[str, str], Any] = {}
        self._lanes: dict[str, Lane] = {}
        self._lock = threading.Lock()
        # Whether its credentials end with a session, and whether botocore renews them then.
        self.has_session_token = self.is_renewed = False
        self._credentials: Credentials | None = None
        # The key and the token that are known to be secret.
        self._noted: tuple[str, str | None] = "", None
        self._refusal: Exception | None = None

    @property
    def called(self) -> str:
        """What the account is called within a sentence."""
        return named(self.label, self.profile)

    def begin(self) -> None:
        """Have credentials fetched that take their time; wait for nothing."""

    def explain(self, failure: CallFailed, error: Exception | None = None) -> None:
        """Say in a failure that it is the account that was not reached, where that is so.

        Without an error, the time was up.
        """
        if error is None and not self.is_signed_in:
            failure.because = CREDENTIALS_LATE

    @property
    def settings(self) -> Mapping[str, Any]:
        """What the AWS configuration says about the profile and its SSO session."""
        from botocore.exceptions import ProfileNotFound

        try:
            settings: dict[str, Any] = self._core.get_scoped_config()
        except ProfileNotFound:
            return {}
        sessions = self._core.full_config.get("sso_sessions", {})
        return {**sessions.get(settings.get("sso_session"), {}), **settings}

    def settle(self, region: str) -> None:
        """Let the account be asked about itself, and for a role's credentials, in a region."""
        self.home_region = region
        self._core.set_config_variable("region", region)

    def lane(self, region: str) -> Lane:
        """Return the account's lane in a region, always the same object."""
        # Not under the lock, which is held while credentials are fetched, perhaps slowly.
        return self._lanes.setdefault(region, Lane(self, region))

    def ask(
        self, service: str, operation: str, region: str, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Make a call that reads, and return the members of its answer.

        Raises what boto3's client would: ClientError for AWS's refusals, and botocore's errors;
        and what `get_ready` raises.
        """
        from apigw_vtab.aws.wire.answers import members_of
        from apigw_vtab.aws.wire.requests import request_of

        route = self.get_ready(service, operation, region)
        assert self._credentials is not None
        keys = self._credentials.get_frozen_credentials()
        self._note(keys)
        model = service_model(service).operation_model(operation)
        request = request_of(model, parameters, route.endpoint, keys, self._sending.user_agent)
        return members_of(model, self._wires.send(request, route, self._timeout))

    @property
    def is_signed_in(self) -> bool:
        """Whether its credentials are there."""
        return self._credentials is not None

    def is_ready(self, service: str) -> bool:
        """Return whether calls to a service need nothing any more that may take its time."""
        return self._credentials is not None and service in self._own_endpoints

    def is_prepared(self, service: str) -> bool:
        """Return whether `prepare` has nothing to do for calls to a service."""
        return self.is_ready(service)

    def prepare(self, service: str, operation: str, region: str) -> None:
        """Do ahead of an operation's calls what takes its time. Raises what `get_ready` raises."""
        self.get_ready(service, operation, region)

    def get_ready(self, service: str, operation: str, region: str) -> WireRoute:
        """Return the way to an operation's endpoint in a region; before the first, sign in.

        Raises UsageError for a wrong endpoint or configuration, and botocore's error where there
        are no credentials. They are asked for once: what was refused stays so, until `hope_again`.
        """
        from apigw_vtab.aws.wire.endpoints import errand_of

        if not self.is_ready(service) or self._refusal is not None:
            # botocore's sessions cannot be shared by threads.
            with self._lock:
                self._sign_in()
                with self._usable():
                    self._own_endpoint(service)
                    self.most_attempts = self._sending.most_attempts
        route = self._routes.get((service, operation, region))
        if route is None:
            with self._usable():
                given = self._own_endpoint(service)
                errand = errand_of(service, operation)
                route = self._wires.route(errand, region, given, self._sending)
            self._routes[service, operation, region] = route
        return route

    def client(self, service: str, region: str) -> Any:
        """Return the boto3 client for a service in a region, opened on first use.

        Raises what `get_ready` raises.
        """
        key = service, region
        # botocore's clients can be shared by threads, but a session makes them one at a time.
        with self._lock:
            self._sign_in()
            client = self._clients.get(key)
            if client is None:
                with self._usable():
                    client = self._clients[key] = self._open(service, region)
                read_bounded(client, self._timeout)
                note_those_of(client, self._signing_session)
            return client

    def own_endpoint(self, service: str) -> str | None:
        """Return the endpoint that an option or the AWS configuration gives a service, or None.

        Raises UsageError for a wrong configuration.
        """
        with self._lock, self._usable():
            return self._own_endpoint(service)

    def _own_endpoint(self, service: str) -> str | None:
        from apigw_vtab.aws.wire.settings import configured_endpoint

        if self.endpoint_url:
            self._own_endpoints[service] = self.endpoint_url
        elif service not in self._own_endpoints:
            self._own_endpoints[service] = configured_endpoint(self._core, service)
        return self._own_endpoints[service]

    def refused(self, error: Exception) -> None:
        """Note that the account itself cannot be used, whatever is asked of it."""
        if is_lasting(error):
            self._refusal = error

    def hope_again(self) -> None:
        """Let the next call ask for credentials again."""
        self._refusal = None

    def close(self) -> None:
        """Close the sockets that no call is using; what is used again opens new ones."""
        self._wires.close()
        for client in list(self._clients.values()):
            client.close()

    def _sign_in(self) -> None:
        from botocore.credentials import RefreshableCredentials

        if self._refusal is not None:
            raise self._refusal.with_traceback(None)
        if self._credentials is not None:
            return
        try:
            credentials = self._fetch()
        except Exception as error:
            self.refused(error)
            raise
        self.has_session_token = bool(credentials.token)
        self.is_renewed = isinstance(credentials, RefreshableCredentials)
        self._credentials = credentials

    def _fetch(self) -> Credentials:
        return sign_in(self._core)

    @property
    def _signing_session(self) -> Any:
        return self._core

    def _note(self, keys: ReadOnlyCredentials) -> None:
        """Remember what signs, so that no message shows it, also when it has changed."""
        noted = keys.access_key, keys.token
        if noted != self._noted:
            note(keys.secret_key, keys.token)
            self._noted = noted

    def _open(self, service: str, region: str) -> Any:
        import boto3

        self.most_attempts = self._sending.most_attempts
        return boto3.Session(botocore_session=self._core).client(
            service,
            region_name=region,
            endpoint_url=self.endpoint_url,
            config=self._config,
        )

    @contextlib.contextmanager
    def _usable(self) -> Iterator[None]:
        """Say whose configuration it is that cannot be used."""
        from botocore.exceptions import BotoCoreError

        try:
            yield
        except ValueError as error:
            if isinstance(error, BotoCoreError) or not _ENDPOINTS.isdisjoint(self.settings):
                # It is this profile's own, and takes nothing from the others.
                raise UnusableProfile(str(error)) from error
            raise UsageError(
                f"{error}. Check AWS_ENDPOINT_URL, --endpoint-url and the configuration "
                f"of profile {self._core.profile or 'default'}."
            ) from None

    @functools.cached_property
    def _sending(self) -> WireSettings:
        """What the configuration says about sending."""
        from apigw_vtab.aws.wire.settings import settings_of

        return settings_of(self._core, self._config, is_sandbox=self.is_sandbox)

    @functools.cached_property
    def known_regions(self) -> list[str]:
        """The regions that botocore itself lists for API Gateway."""
        partition = self.partition(self.home_region)
        return list(self._core.get_available_regions("apigateway", partition))

    def partition(self, region: str) -> str:
        """Return the partition of a region, the second word of its ARNs."""
        return partition_of_region(region)

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
            "user_agent": f"{NAME} Botocore/{botocore.__version__}",
        }
        if self.is_sandbox:
            shared |= {"proxies": {}, "use_fips_endpoint": False, "use_dualstack_endpoint": False}
        return Config(**shared)


@dataclass(frozen=True, eq=False, slots=True)
class Lane:
    """One account in one region: its own quota and errors."""

    account: Account
    region: str

    def client(self, service: str) -> Any:
        """Return the boto3 client for a service in this lane."""
        return self.account.client(service, self.region)

    def ask(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Make a call that reads in this lane, and return the members of its answer."""
        return self.account.ask(service, operation, self.region, parameters)


def _home_region(settings: Mapping[str, Any]) -> str:
    return HOME_REGIONS.get(partition_of_settings(settings), HOME_REGIONS["aws"])
