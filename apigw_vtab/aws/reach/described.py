"""How an account is reached, in words that another process understands; keys are none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from apigw_vtab.aws.accounts import Account, AccountFacts
from apigw_vtab.aws.call_log import CallLog, CallRecord
from apigw_vtab.aws.reach.identity_center import AssignedRole, RoleOfSignIn, SignIn
from apigw_vtab.aws.reach.key_cache import KeyCache, cache_folder
from apigw_vtab.aws.reach.members import MemberAccount
from apigw_vtab.aws.reach.pool import ROLES_A_SECOND, SIGN_INS_A_SECOND, FetchPool
from apigw_vtab.aws.reach.profiles import open_profiles
from apigw_vtab.aws.reach.roles import AssumedRole

if TYPE_CHECKING:
    from apigw_vtab.aws.wire.sending import Wires


class DescribedAccount(NamedTuple):
    """How an account is reached. `profile` is None for boto3's own choice.

    By a role, `role` is its ARN and `more` are other parameters of AssumeRole, such as the
    external id; by a sign-in, `assigned` is what IAM Identity Center has assigned to the user.
    """

    profile: str | None
    home_region: str
    account_id: str = ""
    name: str | None = None
    role: str = ""
    more: tuple[tuple[str, str], ...] = ()
    assigned: AssignedRole | None = None


def described(account: Account) -> DescribedAccount:
    """Return how an account is reached."""
    base = account.base if isinstance(account, MemberAccount) else account
    name = base.profile if base.is_sandbox else base.cli_profile
    if not isinstance(account, MemberAccount):
        return DescribedAccount(name, base.home_region)
    source = account.source
    of_all = DescribedAccount(name, base.home_region, str(account.id), account.facts.account_name)
    if isinstance(source, AssumedRole):
        return of_all._replace(role=source.role, more=tuple(source.more.items()))
    assert isinstance(source, RoleOfSignIn)
    return of_all._replace(assigned=source.assigned)


class DescribedAccounts:
    """Opens the accounts that another process describes, each with keys of this process's own.

    `timeout` is in seconds, `share` the part of AWS's quotas for keys that this process may use.
    `sandbox` are the accounts of the sandbox, by profile.
    """

    def __init__(
        self,
        wires: Wires,
        *,
        endpoint_url: str | None,
        timeout: float,
        share: float,
        credential_cache: bool,
        sandbox: Mapping[str, Account],
    ) -> None:
        self._wires, self._endpoint_url, self._timeout = wires, endpoint_url, timeout
        self._log = CallLog()
        self._recorded = 0
        self._roles = FetchPool(ROLES_A_SECOND * share, timeout, self._log)
        self._sign_ins = FetchPool(SIGN_INS_A_SECOND * share, timeout, self._log)
        self._cache: Any = {}
        if credential_cache and not sandbox:
            self._cache = KeyCache(cache_folder(), self._log.warn)
        self._bases: dict[str | None, Account] = {name: one for name, one in sandbox.items()}
        self._signed_in: dict[Account, SignIn] = {}

    def open(self, described: DescribedAccount) -> Account:
        """Return the account. Raises UsageError for a profile that is not known here."""
        base = self._base(described.profile, described.home_region)
        if not described.account_id:
            return base
        facts = AccountFacts(described.name)
        if described.assigned is None:
            more = dict(described.more)
            role = AssumedRole(base, described.role, more, self._cache, self._roles)
            return MemberAccount(base, described.account_id, role, self._roles, facts)
        sign_in = self._signed_in.get(base)
        if sign_in is None:
            sign_in = self._signed_in[base] = SignIn(base, self._sign_ins, self._log)
        source = RoleOfSignIn(sign_in, described.assigned, self._cache)
        return MemberAccount(base, described.account_id, source, self._sign_ins, facts)

    def _base(self, profile: str | None, home_region: str) -> Account:
        base = self._bases.get(profile)
        if base is None:
            (base,) = open_profiles([profile], self._endpoint_url, self._timeout, self._wires)
            self._bases[profile] = base
        if base.home_region != home_region:
            base.settle(home_region)
        return base

    def records(self) -> Sequence[CallRecord]:
        """Return the calls that asked for keys, each once."""
        records = self._log.records(self._recorded)
        self._recorded += len(records)
        return records

    def warnings(self) -> Sequence[str]:
        """Return what the user should know, once."""
        return self._log.new_warnings()
