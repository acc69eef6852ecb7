"""The accounts that are read: by the way that the user chose, found when they are first needed."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.reach.choice import AccountChoice, Sample, sampled
from apigw_vtab.aws.reach.distinct import distinct
from apigw_vtab.errors import UsageError

if TYPE_CHECKING:
    from apigw_vtab.aws.local_executor import LocalExecutor
    from apigw_vtab.aws.reach.site import Site, Unlisted


class Reach:
    """From the accounts of the profiles to those that are read.

    Lists are asked for once, with the first statement that reads AWS, and once more with each
    statement as long as some of them are missing; `timeout` is in seconds.
    """

    def __init__(
        self,
        bases: Sequence[Account],
        choice: AccountChoice,
        executor: LocalExecutor,
        timeout: float,
    ) -> None:
        self.bases = tuple(bases)
        self.choice = choice
        self._executor = executor
        self._timeout = timeout
        # How many accounts there are, whether or not they are in the sample.
        self.known = 0
        # None where all of them are read.
        self.sample: Sample | None = None
        # The statements for which the accounts and the paths of their units were asked for.
        self._asked = self._placed = -1
        self._paths: dict[str, str] = {}
        self._unplaced: list[Unlisted] = []
        if not choice.is_of_profiles and len(self.bases) > 1:
            names = ", ".join(one.profile for one in self.bases)
            raise UsageError(
                f"Other accounts are reached from one profile: name it with --profile, of {names}."
            )

    @property
    def unlisted(self) -> Sequence[Unlisted]:
        """The lists that got no answer, while those of other accounts did."""
        return () if self.choice.is_of_profiles else self._site.unlisted

    @property
    def is_settled(self) -> bool:
        """Whether to ask again for the accounts would tell nothing more in this statement."""
        is_asked = self._asked >= 0 and not self.unlisted
        return is_asked or self._asked == self._executor.statement

    def accounts(self) -> tuple[Account, ...]:
        """Return the accounts, as far as lists tell: see `unlisted`.

        Raises Unlisted where none does, and UsageError for a pattern that matches none.
        """
        found = self._found()
        self.known = len(found)
        chosen = sampled(found, self.choice.sample)
        if len(chosen) < len(found):
            self.sample = Sample(len(chosen), len(found))
            self._executor.log.warn(f"Reading {self.sample}.")
        ids = self._executor.log.account_ids
        ids.update((one.label, one.id) for one in chosen if one.id)
        configured = [(one.label, one.configured_id) for one in chosen if one.configured_id]
        # Of two that lead to one account, one may be refused: only AWS tells which is read.
        if len({account_id for _, account_id in configured}) == len(chosen):
            ids.update(configured)
        self._executor.log.expect(one.label for one in chosen)
        self._asked = self._executor.statement
        return tuple(chosen)

    def path(self, account: Account, account_id: str) -> str | None:
        """Return the names of the units around an account; None outside an organization's list.

        Raises Unlisted where it is not known.
        """
        if not self.choice.organization:
            return None
        statement = self._executor.statement
        if self._placed < 0 or (self._unplaced and self._placed != statement):
            from apigw_vtab.aws.reach.organization import Organization

            base, self._unplaced = self.bases[0], []
            lane = base.lane(base.home_region)
            self._paths = Organization(lane, self._executor, self._unplaced).paths()
            self._placed = statement
        path = self._paths.get(account_id)
        if path is None and self._unplaced:
            raise self._unplaced[0]
        return path

    @functools.cached_property
    def _site(self) -> Site:
        from apigw_vtab.aws.reach.site import Site

        return Site(self.bases[0], self.choice, self._executor, self._timeout)

    def _found(self) -> Sequence[Account]:
        if self.choice.is_of_profiles:
            if self.choice.sample is None:
                return self.bases
            # A sample is of accounts, to which several profiles may lead.
            found = distinct(self.bases, self._executor)
            found.tell(self._executor.log.warn)
            return found.accounts
        site = self._site
        site.unlisted.clear()
        if self.choice.organization:
            from apigw_vtab.aws.reach.organization import accounts_of_organization

            return accounts_of_organization(site)
        if self.choice.accounts_from:
            from apigw_vtab.aws.reach.accounts_file import accounts_of_file

            return accounts_of_file(site)
        from apigw_vtab.aws.reach.assigned_accounts import accounts_of_sign_in

        return accounts_of_sign_in(site)
