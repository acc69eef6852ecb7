"""An account that is reached from another one: by a role there, or by a sign-in."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from apigw_vtab.aws.accounts import Account, AccountFacts
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.causes import (
    DENIED,
    EXPIRED,
    UNRECOGNISED,
    WRONG_SECRET,
    Cause,
    cause_of,
)
from apigw_vtab.aws.credentials import ACTIONS
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.known_causes import (
    MEMBER_KEYS_EXPIRED,
    MEMBER_KEYS_LATE,
    MEMBER_KEYS_REFUSED,
    MEMBER_SECRET_REFUSED,
    OTHER_PARTITION,
)
from apigw_vtab.aws.reach.pool import FetchPool
from apigw_vtab.aws.regions import ALWAYS_ENABLED
from apigw_vtab.tables.declaration import Read

if TYPE_CHECKING:
    from botocore.credentials import Credentials


# What is said of the keys of a profile, and of those of a role in its place.
_OF_MEMBERS = {
    UNRECOGNISED: MEMBER_KEYS_REFUSED,
    OTHER_PARTITION: MEMBER_KEYS_REFUSED,
    WRONG_SECRET: MEMBER_SECRET_REFUSED,
    EXPIRED: MEMBER_KEYS_EXPIRED,
}


class KeySource(Protocol):
    """Where the session keys of an account come from.

    `read` is the operation that gives them, and `given` its parameters, as the log shows them.
    `refused` is the cause that AWS's refusal has, and `role` whose it is, in words. `call` is what
    the log says of the operation; the account sets it. `is_kept`: the keys were not asked for in
    this statement.
    """

    read: Read
    given: tuple[tuple[str, Any], ...]
    refused: Cause
    role: str
    call: Call | None
    is_kept: bool

    def fetch(self) -> Credentials:
        """Return the keys, which renew themselves. Raises botocore's errors."""

    def forget(self, access_key: str) -> None:
        """Keep these keys no longer."""


class MemberAccount(Account):
    """An account that shares everything but its keys with the `base` that it is reached from.

    A thousand of them have one configuration, the same endpoints and the same connections.
    """

    def __init__(
        self,
        base: Account,
        account_id: str,
        source: KeySource,
        pool: FetchPool,
        facts: AccountFacts,
    ) -> None:
        # Not Account's own: it would read the configuration again.
        vars(self).update(vars(base))
        self._begin_alone()
        self.base, self.source, self._pool = base, source, pool
        self._unreached: Exception | None = None
        self._has_begun = False
        self.id = account_id
        self.facts = facts
        self.label = f"{facts.account_name} ({account_id})" if facts.account_name else account_id
        self.cli_profile = None
        self.keys_of = source.role
        self.reaching = source.call = Call(self.lane(base.home_region), source.read, source.given)

    def begin(self) -> None:
        """Have the keys fetched, where they are not there and not under way; wait for nothing."""
        if not self._has_begun and self._credentials is None:
            self._has_begun = True
            self._pool.put(self._get_keys)

    def is_prepared(self, service: str) -> bool:
        """Return whether calls to a service need nothing any more that all accounts share."""
        return service in self._own_endpoints

    def prepare(self, service: str, operation: str, region: str) -> None:
        """Find out what all accounts share; keys are fetched with the first call that is sent."""
        assert self._sending
        self._own_endpoint(service)

    def hope_again(self) -> None:
        """Let the next call ask for the keys again."""
        super().hope_again()
        self._has_begun = False
        self._unreached = None
        self.source.is_kept = True

    def ask(
        self, service: str, operation: str, region: str, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Make a call that reads: once more with new keys, where AWS refuses those that were kept.

        Raises what the base's would.
        """
        self.get_ready(service, operation, region)
        used: Any = self._credentials
        try:
            return super().ask(service, operation, region, parameters)
        except Exception as error:
            if not _refuses_keys(error, region) or not self._throws_away(used):
                raise
        return super().ask(service, operation, region, parameters)

    def _throws_away(self, used: Any) -> bool:
        """Throw away the keys that were used, and return whether there are, or will be, others."""
        with self._lock:
            if self._credentials is used and used is not None:
                if not self.source.is_kept:
                    return False
                # Not the property, which may renew them first.
                self.source.forget(used._access_key)
                self._credentials = None
                self._clients.clear()
            return True

    def explain(self, failure: CallFailed, error: Exception | None = None) -> None:
        """Say in a failure that it is the account that was not reached, where that is so.

        Without an error, the time was up.
        """
        if error is None and not self.is_signed_in:
            failure.because = MEMBER_KEYS_LATE
            self.base.explain(failure)
        elif error is None or error is not self._unreached:
            self._explain_keys(failure)
            return
        elif failure.code in DENIED.codes:
            failure.because = self.source.refused
        failure.role = self.source.role
        failure.unreached = self.reaching
        failure.service, failure.operation = self.source.read.service, self.source.read.name
        failure.region = self.reaching.lane.region
        failure.is_passing = False

    def _explain_keys(self, failure: CallFailed) -> None:
        """Say whose keys AWS does not take, where it is not those that ask for the role's."""
        if failure.action in ACTIONS.values():
            return
        if because := _OF_MEMBERS.get(failure.cause):
            failure.because, failure.role = because, self.source.role

    def _get_keys(self) -> None:
        with self._lock, contextlib.suppress(Exception):
            self._sign_in()

    def _fetch(self) -> Credentials:
        try:
            return self.source.fetch()
        except Exception as error:
            # Whatever waits for the keys need not ask again: it was asked more than once.
            self._refusal = self._unreached = error
            raise

    def _open(self, service: str, region: str) -> Any:
        self.most_attempts = self._sending.most_attempts
        with self.base._lock:
            return self._signing_session.create_client(
                service, region_name=region, endpoint_url=self.endpoint_url, config=self._config
            )

    @property
    def _signing_session(self) -> Any:
        """A session of botocore's with the base's configuration and the account's keys."""
        core = copy.copy(self._core)
        core._credentials = self._credentials
        return core

    # What the base has found out is found out once for all.
    @property
    def _sending(self) -> Any:
        base = self.base
        if "_sending" not in vars(base):
            # botocore's sessions cannot be shared by threads.
            with base._lock:
                return base._sending
        return base._sending

    def _own_endpoint(self, service: str) -> str | None:
        if service not in self._own_endpoints:
            return self.base.own_endpoint(service)
        return self._own_endpoints[service]

    @property
    def _config(self) -> Any:
        return self.base._config

    @property
    def known_regions(self) -> list[str]:
        """The regions that botocore itself lists for API Gateway."""
        return self.base.known_regions


def _refuses_keys(error: Any, region: str) -> bool:
    """Return whether AWS refuses the keys themselves.

    A region that is not enabled answers good keys as if they were bad.
    """
    response = getattr(error, "response", None)
    if not isinstance(response, dict):
        return False
    told = response.get("Error", {})
    cause = cause_of(str(told.get("Code")), str(told.get("Message")))
    return cause in _OF_MEMBERS and (cause is not UNRECOGNISED or region in ALWAYS_ENABLED)
