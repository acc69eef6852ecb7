"""The accounts and roles that IAM Identity Center has assigned to the user who is signed in.

https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/Welcome.html
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.call_log import CallLog
from apigw_vtab.aws.causes import DENIED, REPEATED_TOKEN, UNREACHABLE, UNREADABLE, Cause
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.known_causes import MEMBER_ROLE_UNASSIGNED
from apigw_vtab.aws.reach.key_cache import FetchedKeys
from apigw_vtab.aws.reach.pool import MOST_THREADS, FetchPool
from apigw_vtab.aws.reach.site import Unlisted
from apigw_vtab.errors import UsageError
from apigw_vtab.tables.account import ACCOUNTS_OF_USER, ROLE_KEYS, ROLES_OF_USER
from apigw_vtab.tables.declaration import Read
from apigw_vtab.tables.values import Item

_ID = re.compile(r"\d{12}", re.ASCII)
ROLES_UNLISTED = Cause(
    frozenset(),
    "{action} was refused, which lists your roles there",
    "It needs a sign-in, and no permission: sign in again with aws sso login --profile {profile}, "
    "or choose other accounts with --account.",
    by_aws=True,
)


class AssignedRole(NamedTuple):
    """A role that the user has in an account."""

    account: str
    name: str
    email: str
    role: str


class SignIn:
    """A sign-in at IAM Identity Center, by the settings of a profile. Raises UsageError without.

    `lists` are those that were answered, and are not asked for again.
    """

    def __init__(
        self,
        base: Account,
        pool: FetchPool,
        log: CallLog,
        lists: dict[Call, list[Item]] | None = None,
    ) -> None:
        self._base, self._pool, self._log = base, pool, log
        self._lists = {} if lists is None else lists
        # How many accounts in a row got no answer at all.
        self._silent = 0
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
        from botocore.exceptions import (
            BotoCoreError,
            ClientError,
            HTTPClientError,
            SSOTokenLoadError,
        )

        try:
            if self.session_name:
                return str(self._renewing.get_frozen_token().token)
            return str(self.loaded(self.start_url)["accessToken"])
        except (BotoCoreError, ClientError, HTTPClientError):
            raise
        except Exception as error:
            # The file of a sign-in that holds what no sign-in writes.
            raise SSOTokenLoadError(error_msg=f"{type(error).__name__}: {error}") from error

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

    def accounts(self, unlisted: list[Unlisted]) -> list[Item]:
        """Return the accounts in which the user has a role, by their ids.

        `unlisted` takes those whose ids are not known. Raises Unlisted.
        """
        found = self._list(ACCOUNTS_OF_USER)
        known = {one["accountId"]: one for one in found if _ID.fullmatch(str(one.get("accountId")))}
        if without := sum(one.get("accountId") not in known for one in found):
            call = self._call(ACCOUNTS_OF_USER)
            del self._lists[call]
            detail = f"{without:,} of its items have no valid accountId."
            unlisted.append(Unlisted(call, call.failed(UNREADABLE, detail)))
        return [known[one] for one in sorted(known)]

    def roles(self, accounts: Sequence[Item], unlisted: list[Unlisted]) -> list[AssignedRole]:
        """Return the user's roles in some accounts, account by account.

        `unlisted` takes the accounts whose roles could not be listed. Raises Unlisted where that
        says nothing about the account.
        """
        answers = self._pool.all(functools.partial(self._roles_of, one) for one in accounts)
        found = []
        for one, answer in zip(accounts, answers, strict=True):
            if isinstance(answer, Unlisted):
                unlisted.append(answer)
                continue
            found += [
                AssignedRole(
                    one["accountId"],
                    one.get("accountName") or "",
                    one.get("emailAddress") or "",
                    role["roleName"],
                )
                for role in sorted(answer, key=lambda role: str(role["roleName"]))
            ]
        return found

    def _roles_of(self, account: Item) -> list[Item] | Unlisted:
        """Return the user's roles in an account, or why they are not known; Unlisted as above."""
        try:
            found = self._list(ROLES_OF_USER, accountId=account["accountId"])
            if not all(one.get("roleName") for one in found):
                call = self._call(ROLES_OF_USER, accountId=account["accountId"])
                del self._lists[call]
                raise Unlisted(call, call.failed(UNREADABLE, "One of its items has no roleName."))
        except Unlisted as missing:
            failure = missing.failure
            self._silent += failure.code in UNREACHABLE.codes
            if failure.is_account_wide or self._silent >= MOST_THREADS:
                raise
            name, number = account.get("accountName"), account["accountId"]
            because = ROLES_UNLISTED if failure.code in DENIED.codes else failure.because
            return Unlisted(
                missing.call,
                replace(
                    failure,
                    label=f"{name} ({number})" if name else str(number),
                    because=because,
                    unreached=missing.call,
                ),
            )
        self._silent = 0
        return found

    def _list(self, read: Read, **given: str) -> list[Item]:
        call = self._call(read, **given)
        if call in self._lists:
            return self._lists[call]
        found: list[Item] = []
        # The pages that were asked for, the first of which has no token.
        tokens: list[str | None] = [None]
        try:
            while True:
                more = {"nextToken": tokens[-1]} if tokens[-1] else {}
                page = self._ask(call._replace(parameters=tuple({**given, **more}.items())))
                found += _items(call, page)
                token = page.get("nextToken")
                if not token:
                    self._log.answered(call)
                    self._lists[call] = found
                    return found
                if token in tokens:
                    raise Unlisted(call, call.failed(REPEATED_TOKEN, ""))
                tokens.append(token)
        except Unlisted:
            raise
        except Exception as error:
            raise Unlisted(call, _failure(call, error)) from error

    def _call(self, read: Read, **given: str) -> Call:
        return Call(self._base.lane(self._base.home_region), read, tuple(given.items()))

    def _ask(self, call: Call) -> dict[str, Any]:
        from botocore import xform_name

        operation: Callable[..., dict[str, Any]] = getattr(
            self.client, xform_name(call.operation.name)
        )
        # In no parameter of the call: the log shows those.
        given = {**dict(call.parameters), "accessToken": self.token()}
        return self._pool.patiently(
            call,
            lambda: operation(**given),
            lambda page: len(page.get(call.read.items or "") or ()),
        )

    def role_keys(self, call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the portal's answer for a role. Raises botocore's errors."""
        operation: Callable[..., dict[str, Any]] = self.client.get_role_credentials
        return self._pool.patiently(call, lambda: operation(**given))


class RoleOfSignIn(FetchedKeys):
    """The keys of a role that a user has been assigned."""

    read = ROLE_KEYS
    refused = MEMBER_ROLE_UNASSIGNED

    def __init__(self, sign_in: SignIn, role: AssignedRole, cache: Any) -> None:
        self.assigned = role
        super().__init__(cache, "sso")
        self._sign_in = sign_in
        self.role = f"the role {role.role} in account {role.account}"
        self.given: tuple[tuple[str, Any], ...] = (
            ("accountId", role.account),
            ("roleName", role.role),
        )

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


def _items(call: Call, page: Mapping[str, Any]) -> list[Item]:
    """Return the items of a page. Raises Unlisted where there is no list of them."""
    found = page.get(call.read.items or "")
    if isinstance(found, list) and all(isinstance(one, dict) for one in found):
        return found
    failure = call.failed(UNREADABLE, "It holds no list, not even an empty one.")
    raise Unlisted(call, failure)


def _failure(call: Call, error: Exception) -> CallFailed:
    """Return the failure that an error of botocore's means."""
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

    if isinstance(error, ClientError):
        told = error.response["Error"]
        code = "UnauthorizedSSOTokenError" if _is_signed_out(error) else str(told.get("Code"))
        return call.failed(code, str(told.get("Message", "")))
    if isinstance(error, (BotoCoreError, HTTPClientError)):
        return call.failed(type(error).__name__, str(error))
    # botocore's parsers have no error of their own for values of the wrong type.
    return call.failed(UNREADABLE, f"{type(error).__name__}: {error}")


def _is_signed_out(error: Any) -> bool:
    return bool(error.response["Error"].get("Code") == "UnauthorizedException")
