"""Accounts that are reached by a role, which their base account assumes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.known_causes import MEMBER_REFUSED
from apigw_vtab.aws.reach.key_cache import forget
from apigw_vtab.aws.reach.pool import FetchPool
from apigw_vtab.tables.declaration import Read

if TYPE_CHECKING:
    from botocore.credentials import Credentials

ASSUME_ROLE = Read("sts", "AssumeRole")


class AssumedRole:
    """The keys of a role. botocore decides what is asked, what is kept, and when it is renewed.

    `more` are other parameters of AssumeRole. `cache` is where keys are kept, which may be a file.
    """

    read = ASSUME_ROLE
    refused = MEMBER_REFUSED

    def __init__(
        self, base: Account, arn: str, more: Mapping[str, str], cache: Any, pool: FetchPool
    ) -> None:
        self.more = more
        self._base, self._cache, self._pool = base, cache, pool
        self.call: Call | None = None
        self.is_kept = True
        self.role = arn
        self.given: tuple[tuple[str, Any], ...] = (("RoleArn", arn),)

    def fetch(self) -> Credentials:
        """Return the role's keys, from the cache or from STS. Raises botocore's errors."""
        from botocore.credentials import RefreshableCredentials

        self.is_kept = True
        fetcher = self._fetcher()
        return RefreshableCredentials.create_from_metadata(
            fetcher.fetch_credentials(), fetcher.fetch_credentials, "assume-role"
        )

    def forget(self, access_key: str) -> None:
        """Keep these keys no longer."""
        forget(self._cache, self._fetcher()._cache_key, access_key)

    def _fetcher(self) -> Any:
        from botocore.credentials import AssumeRoleCredentialFetcher, Credentials

        return AssumeRoleCredentialFetcher(
            lambda *_, **__: self,
            # What signs are the base's keys, whenever it is asked.
            Credentials("", ""),
            self.role,
            extra_args=dict(self.more),
            cache=self._cache,
        )

    def assume_role(self, **given: Any) -> dict[str, Any]:
        """Return STS's answer, as boto3's client would. Raises botocore's errors."""
        base, self.is_kept = self._base, False
        ask = lambda: base.ask("sts", "AssumeRole", base.home_region, given)  # noqa: E731
        assert self.call
        return self._pool.patiently(self.call, ask)
