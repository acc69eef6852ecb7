"""The accounts that are read: by the way that the user chose, found when they are first needed."""

from __future__ import annotations

from collections.abc import Sequence

from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.executor import Executor
from apigw_vtab.aws.reach.choice import AccountChoice, sampled
from apigw_vtab.aws.reach.distinct import distinct
from apigw_vtab.errors import UsageError


class Reach:
    """From the accounts of the profiles to those that are read.

    Lists are asked for once, with the first statement that reads AWS; `timeout` is in seconds.
    """

    def __init__(
        self, bases: Sequence[Account], choice: AccountChoice, executor: Executor, timeout: float
    ) -> None:
        self.bases = tuple(bases)
        self.choice = choice
        self._executor = executor
        self._timeout = timeout
        # How many accounts there are, whether or not they are in the sample.
        self.known = 0
        self._paths: dict[str, str] | None = None
        if not choice.is_of_profiles and len(self.bases) > 1:
            names = ", ".join(one.profile for one in self.bases)
            raise UsageError(
                f"Other accounts are reached from one profile: name it with --profile, of {names}."
            )

    def accounts(self) -> tuple[Account, ...]:
        """Return the accounts. Raises Unlisted, and UsageError for a pattern that matches none."""
        found = self._found()
        self.known = len(found)
        chosen = sampled(found, self.choice.sample)
        if len(chosen) < len(found):
            self._executor.log.warn(
                f"Reading a sample: {len(chosen):,} of {len(found):,} accounts."
            )
        ids = self._executor.log.account_ids
        ids.update((one.label, one.id) for one in chosen if one.id)
        configured = [(one.label, one.configured_id) for one in chosen if one.configured_id]
        # Of two that lead to one account, one may be refused: only AWS tells which is read.
        if len({account_id for _, account_id in configured}) == len(chosen):
            ids.update(configured)
        self._executor.log.expect(one.label for one in chosen)
        return tuple(chosen)

    def path(self, account: Account, account_id: str) -> str | None:
        """Return the names of the units around an account; None outside an organization's list.

        Raises Unlisted.
        """
        if not self.choice.organization:
            return None
        if self._paths is None:
            from apigw_vtab.aws.reach.organization import Organization

            base = self.bases[0]
            self._paths = Organization(base.lane(base.home_region), self._executor).paths()
        return self._paths.get(account_id)

    def _found(self) -> Sequence[Account]:
        if self.choice.is_of_profiles:
            if self.choice.sample is None:
                return self.bases
            # A sample is of accounts, to which several profiles may lead.
            found = distinct(self.bases, self._executor)
            found.tell(self._executor.log.warn)
            return found.accounts
        from apigw_vtab.aws.reach.site import Site

        site = Site(self.bases[0], self.choice, self._executor, self._timeout)
        if self.choice.organization:
            from apigw_vtab.aws.reach.organization import accounts_of_organization

            return accounts_of_organization(site)
        if self.choice.accounts_from:
            from apigw_vtab.aws.reach.accounts_file import accounts_of_file

            return accounts_of_file(site)
        from apigw_vtab.aws.reach.identity_center import accounts_of_sign_in

        return accounts_of_sign_in(site)
