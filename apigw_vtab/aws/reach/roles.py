"""Accounts that are reached by a role, which their base account assumes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.known_causes import MEMBER_REFUSED
from apigw_vtab.aws.reach.key_cache import FetchedKeys
from apigw_vtab.aws.reach.pool import FetchPool
from apigw_vtab.tables.declaration import Read

ASSUME_ROLE = Read("sts", "AssumeRole")


class AssumedRole(FetchedKeys):
    """The keys of a role. botocore decides what is asked, what is kept, and when it is renewed.

    `more` are other parameters of AssumeRole. `cache` is where keys are kept, which may be a file.
    """

    read = ASSUME_ROLE
    refused = MEMBER_REFUSED

    def __init__(
        self, base: Account, arn: str, more: Mapping[str, str], cache: Any, pool: FetchPool
    ) -> None:
        self.more = more
        super().__init__(cache, "assume-role")
        self._base, self._pool = base, pool
        self.role = arn
        self.given: tuple[tuple[str, Any], ...] = (("RoleArn", arn),)

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
