"""Profiles that lead to one account: it is read once, and the user is told by which of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from apigw_vtab.aws.account_calls import ask_id, known_id
from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.causes import INTERRUPTED, UNRECOGNISED
from apigw_vtab.aws.executor import Executor
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.errors import examples

WITHOUT_ROWS = UNRECOGNISED.codes | {INTERRUPTED}


class Distinct(NamedTuple):
    """Each account once, by the first profile that leads to it, and what that leaves open.

    `again` are the other profiles, each with the one that is read in its place, and `unknown` those
    that did not say where they lead.
    """

    accounts: Sequence[Account]
    again: Sequence[tuple[Account, Account]]
    unknown: Sequence[tuple[Account, CallFailed]]

    def tell(self, warn: Callable[[str], None]) -> None:
        """Say which profiles are not read, and where an account may be read twice."""
        if self.again:
            pairs = [
                f"{one.profile} leads to the account of {first.profile} ({first.id})"
                for one, first in self.again
            ]
            warn(f"Each account is read once, by the first profile: {examples(pairs)}.")
        # Who has no good credentials has no rows.
        doubtful = [
            one.profile
            for one, failure in self.unknown
            if not failure.is_account_wide and failure.code not in WITHOUT_ROWS
        ]
        if doubtful:
            warn(
                f"It is not known to which account profile {examples(doubtful)} leads: if another "
                "profile leads there, too, its rows and findings come twice."
            )


def distinct(profiles: Sequence[Account], executor: Executor) -> Distinct:
    """Return the accounts that profiles lead to, each once and in their order."""
    for profile in profiles:
        ask_id(profile, executor)
    first: dict[str, Account] = {}
    accounts: list[Account] = []
    again, unknown = [], []
    for profile in profiles:
        try:
            found = first.setdefault(known_id(profile, executor), profile)
        except CallFailed as failure:
            # It may be the same as another one.
            unknown.append((profile, failure))
        else:
            if found is not profile:
                again.append((profile, found))
                continue
        accounts.append(profile)
    return Distinct(accounts, again, unknown)
