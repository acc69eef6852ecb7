"""What every way to reach accounts starts from: an account, and what its members share."""

from __future__ import annotations

import functools
from typing import Any

from apigw_vtab.aws.account_calls import identity_call
from apigw_vtab.aws.accounts import Account, AccountFacts
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.executor import Executor
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.reach.choice import AccountChoice
from apigw_vtab.aws.reach.key_cache import KeyCache, cache_folder
from apigw_vtab.aws.reach.members import KeySource, MemberAccount
from apigw_vtab.aws.reach.pool import ROLES_A_SECOND, FetchPool
from apigw_vtab.aws.reach.roles import AssumedRole
from apigw_vtab.tables.values import Item


class Unlisted(Exception):  # noqa: N818
    """A list that was needed to know the accounts got no answer."""

    def __init__(self, call: Call, failure: CallFailed) -> None:
        super().__init__(str(failure))
        self.call = call
        self.failure = failure


class Site:
    """The account that others are reached from, and what the user chose."""

    def __init__(
        self, base: Account, choice: AccountChoice, executor: Executor, timeout: float
    ) -> None:
        self.base, self.choice, self.executor = base, choice, executor
        self.pool = FetchPool(ROLES_A_SECOND, timeout, executor.log)
        # What got no answer, while the rest of the accounts could be listed.
        self.unlisted: list[Unlisted] = []
        # Lists that the executor does not keep, and what is known of accounts, if lists are asked
        # for again because some of them were missing.
        self.lists: dict[Call, list[Item]] = {}
        self._members: dict[tuple[str, str], MemberAccount] = {}

    @functools.cached_property
    def cache(self) -> Any:
        """Where session keys are kept: in the AWS CLI's folder, or in this process alone."""
        if not self.choice.credential_cache or self.base.is_sandbox:
            return {}
        return KeyCache(cache_folder(), self.executor.log.warn)

    def identity(self) -> Item:
        """Return what STS says of the base account. Raises Unlisted."""
        call = identity_call(self.base)
        try:
            (identity,) = self.executor.submit(call).result().items
        except CallFailed as failure:
            raise Unlisted(call, failure) from failure
        self.executor.log.account_ids[self.base.label] = self.base.id = identity["Account"]
        return identity

    def by_role(self, account_id: str, arn: str, facts: AccountFacts) -> MemberAccount:
        """Return an account that is reached by a role."""
        more = {
            name: value
            for name, value in (
                ("ExternalId", self.choice.external_id),
                ("RoleSessionName", self.choice.role_session_name),
            )
            if value
        }
        source = AssumedRole(self.base, arn, more, self.cache, self.pool)
        return self.member(account_id, source, self.pool, facts)

    def member(
        self, account_id: str, source: KeySource, pool: FetchPool, facts: AccountFacts
    ) -> MemberAccount:
        """Return an account that is reached by its keys; the same object each time."""
        key = account_id, source.role
        if key not in self._members:
            self._members[key] = MemberAccount(self.base, account_id, source, pool, facts)
        return self._members[key]


def role_arn(role: str, account: str, partition: str) -> str:
    """Return the ARN of a role that is given by its name or its ARN."""
    return role if role.startswith("arn:") else f"arn:{partition}:iam::{account}:role/{role}"
