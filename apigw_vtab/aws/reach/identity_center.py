"""The accounts and roles that IAM Identity Center has assigned to the user who is signed in.

https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/Welcome.html
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from apigw_vtab.aws.accounts import Account, AccountFacts
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.call_log import CallLog
from apigw_vtab.aws.known_causes import MEMBER_ROLE_UNASSIGNED
from apigw_vtab.aws.reach.choice import matching
from apigw_vtab.aws.reach.key_cache import forget
from apigw_vtab.aws.reach.members import MemberAccount
from apigw_vtab.aws.reach.pool import SIGN_INS_A_SECOND, FetchPool
from apigw_vtab.aws.reach.site import Site, Unlisted
from apigw_vtab.errors import UsageError, examples
from apigw_vtab.tables.account import ACCOUNTS_OF_USER, ROLE_KEYS, ROLES_OF_USER
from apigw_vtab.tables.declaration import Read
from apigw_vtab.tables.values import Item

if TYPE_CHECKING:
    from botocore.credentials import Credentials


class AssignedRole(NamedTuple):
    """A role that the user has in an account."""

    account: str
    name: str
    email: str
    role: str


class SignIn:
    """A sign-in at IAM Identity Center, by the settings of a profile. Raises UsageError without."""

    def __init__(self, base: Account, pool: FetchPool, log: CallLog) -> None:
        self._base, self._pool, self._log = base, pool, log
        settings = base.settings
        self.start_url = str(settings.get("sso_start_url") or "")
        self.region = str(settings.get("sso_region") or "")
        self.session_name: str | None = settings.get("sso_session")
        if not (self.start_url and self.region):
            raise UsageError(
                f"Profile {base._core.profile or 'default'} has no sso_session with sso_start_url "
                "and sso_region: name one that has with --profile, or set it up: aws configure sso"
            )

    @functools.cached_property
    def client(self) -> Any:
        """boto3's client of the portal, which signs nothing: one for all accounts."""
        from botocore import UNSIGNED
        from botocore.config import Config

        base = self._base
        config = base._config.merge(Config(signature_version=UNSIGNED))
        core = base._core
        return core.create_client(
            "sso", region_name=self.region, endpoint_url=base.endpoint_url, config=config
        )

    def token(self) -> str:
        """Return the token of the sign-in, renewed where it can be. Raises botocore's errors."""
        if self.session_name:
            return str(self._renewing.get_frozen_token().token)
        return str(self.loaded(self.start_url)["accessToken"])

    @functools.cached_property
    def _renewing(self) -> Any:
        from botocore.tokens import SSOTokenProvider

        # One for all, so that it is renewed once.
        core = self._base._core
        return SSOTokenProvider(core, profile_name=core.profile or "default").load_token()

    @staticmethod
    def loaded(start_url: str) -> Any:
        """Return what is kept of a sign-in without a session's name. Raises SSOTokenLoadError."""
        from botocore.tokens import SSOTokenProvider
        from botocore.utils import JSONFileCache, SSOTokenLoader

        return SSOTokenLoader(JSONFileCache(SSOTokenProvider._SSO_TOKEN_CACHE_DIR))(start_url)

    def roles(self) -> list[AssignedRole]:
        """Return the user's roles, account by account. Raises Unlisted."""
        accounts = sorted(self._list(ACCOUNTS_OF_USER), key=lambda one: str(one["accountId"]))
        ask = [
            functools.partial(self._list, ROLES_OF_USER, accountId=one["accountId"])
            for one in accounts
        ]
        return [
            AssignedRole(
                one["accountId"],
                one.get("accountName", ""),
                one.get("emailAddress", ""),
                role["roleName"],
            )
            for one, roles in zip(accounts, self._pool.all(ask), strict=True)
            for role in sorted(roles, key=lambda role: str(role["roleName"]))
        ]

    def _list(self, read: Read, **given: str) -> list[Item]:
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        call = Call(self._base.lane(self._base.home_region), read, tuple(given.items()))
        found: list[Item] = []
        more: dict[str, Any] = {}
        try:
            while True:
                page = self._ask(call._replace(parameters=tuple({**given, **more}.items())))
                found += page[read.items or ""]
                if not page.get("nextToken"):
                    self._log.answered(call)
                    return found
                more = {"nextToken": page["nextToken"]}
        except ClientError as error:
            told = error.response["Error"]
            code = "UnauthorizedSSOTokenError" if _is_signed_out(error) else str(told.get("Code"))
            raise Unlisted(call, call.failed(code, str(told.get("Message", "")))) from error
        except (BotoCoreError, HTTPClientError) as error:
            raise Unlisted(call, call.failed(type(error).__name__, str(error))) from error

    def _ask(self, call: Call) -> dict[str, Any]:
        from botocore import xform_name

        operation: Callable[..., dict[str, Any]] = getattr(
            self.client, xform_name(call.operation.name)
        )
        # In no parameter of the call: the log shows those.
        given = {**dict(call.parameters), "accessToken": self.token()}
        return self._pool.patiently(
            call, lambda: operation(**given), lambda page: len(page[call.read.items or ""])
        )

    def role_keys(self, call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the portal's answer for a role. Raises botocore's errors."""
        operation: Callable[..., dict[str, Any]] = self.client.get_role_credentials
        return self._pool.patiently(call, lambda: operation(**given))


class RoleOfSignIn:
    """The keys of a role that a user has been assigned."""

    read = ROLE_KEYS
    refused = MEMBER_ROLE_UNASSIGNED

    def __init__(self, sign_in: SignIn, role: AssignedRole, cache: Any) -> None:
        self.assigned = role
        self._sign_in, self._cache = sign_in, cache
        self.call: Call | None = None
        self.is_kept = True
        self.role = f"the role {role.role} in account {role.account}"
        self.given: tuple[tuple[str, Any], ...] = (
            ("accountId", role.account),
            ("roleName", role.role),
        )

    def fetch(self) -> Credentials:
        """Return the role's keys, from the cache or from the portal. Raises botocore's errors."""
        from botocore.credentials import RefreshableCredentials

        self.is_kept = True
        fetcher = self._fetcher()
        return RefreshableCredentials.create_from_metadata(
            fetcher.fetch_credentials(), fetcher.fetch_credentials, "sso"
        )

    def forget(self, access_key: str) -> None:
        """Keep these keys no longer."""
        forget(self._cache, self._fetcher()._cache_key, access_key)

    def _fetcher(self) -> Any:
        from botocore.credentials import SSOCredentialFetcher

        sign_in = self._sign_in
        return SSOCredentialFetcher(
            sign_in.start_url,
            sign_in.region,
            self.assigned.role,
            self.assigned.account,
            lambda *_, **__: self,
            token_loader=sign_in.loaded,
            token_provider=_Provider(sign_in) if sign_in.session_name else None,
            sso_session_name=sign_in.session_name,
            cache=self._cache,
        )

    def get_role_credentials(self, **given: Any) -> dict[str, Any]:
        """Return the portal's answer, as boto3's client would. Raises botocore's errors."""
        assert self.call
        self.is_kept = False
        return self._sign_in.role_keys(self.call, given)

    @property
    def exceptions(self) -> Any:
        """The errors of boto3's client."""
        return self._sign_in.client.exceptions


class _Provider:
    """A sign-in as botocore's fetcher asks for its token."""

    def __init__(self, sign_in: SignIn) -> None:
        self._sign_in = sign_in

    def load_token(self) -> _Provider:
        return self

    def get_frozen_token(self) -> _Provider:
        return self

    @property
    def token(self) -> str:
        return self._sign_in.token()


def _is_signed_out(error: Any) -> bool:
    return bool(error.response["Error"].get("Code") == "UnauthorizedException")


def accounts_of_sign_in(site: Site) -> list[Account]:
    """Return the accounts in which the user who is signed in has a role that matches.

    Raises Unlisted, and UsageError for patterns that match nothing.
    """
    choice, base = site.choice, site.base
    pool = FetchPool(SIGN_INS_A_SECOND, site.pool.timeout, site.executor.log)
    sign_in = SignIn(base, pool, site.executor.log)
    every = sign_in.roles()
    roles = matching(choice.sso_roles, every, lambda one: (one.role,), "assigned role")
    first: dict[str, AssignedRole] = {}
    others = []
    for one in roles:
        if first.setdefault(one.account, one) is not one:
            others.append(f"{one.name} ({one.account}): {first[one.account].role}, not {one.role}")
    chosen = matching(
        choice.accounts, list(first.values()), lambda one: (one.name, one.account), "account"
    )
    if others:
        site.executor.log.warn(
            "More than one of your roles matches; each account is read once, by the first: "
            f"{examples(others)}. Choose with --sso-role."
        )
    return [
        MemberAccount(
            base,
            one.account,
            RoleOfSignIn(sign_in, one, site.cache),
            pool,
            AccountFacts(
                one.name, one.email or None, reached_by=f"IAM Identity Center: {one.role}"
            ),
        )
        for one in chosen
    ]
