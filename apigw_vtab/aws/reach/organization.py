"""The accounts of an organization, and where each of them is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from apigw_vtab.aws.accounts import Account, AccountFacts, Lane
from apigw_vtab.aws.call import Call, call_of
from apigw_vtab.aws.causes import REPEATED_TOKEN
from apigw_vtab.aws.executor import Executor
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.reach.choice import matching
from apigw_vtab.aws.reach.site import Site, Unlisted, role_arn
from apigw_vtab.errors import UsageError, examples
from apigw_vtab.tables.account import ACCOUNTS_OF_PARENT, EVERY_ACCOUNT, ROOTS, UNITS_OF_PARENT
from apigw_vtab.tables.declaration import Read
from apigw_vtab.tables.values import Item

ACTIVE = "ACTIVE"
# AWS knows no unit, or root, of this id.
NO_SUCH_PARENT = "ParentNotFoundException"


class Organization:
    """What the organization of an account says, asked by calls like all others."""

    def __init__(self, lane: Lane, executor: Executor) -> None:
        self._lane = lane
        self._executor = executor

    def accounts(self, units: Sequence[str]) -> list[Item]:
        """Return all accounts, or those in some units and below.

        Raises Unlisted, and UsageError for a unit that the organization does not have.
        """
        if not units:
            (found,) = self._lists(EVERY_ACCOUNT, [""])
        else:
            within = self._with_units_below(units)
            found = [one for some in self._lists(ACCOUNTS_OF_PARENT, within) for one in some]
        # Units may contain each other.
        return sorted({one["Id"]: one for one in found}.values(), key=lambda one: str(one["Id"]))

    def paths(self) -> dict[str, str]:
        """Return the names of the units around each account, by its id. Raises Unlisted."""
        (roots,) = self._lists(ROOTS, [""])
        names = {str(one["Id"]): str(one["Name"]) for one in roots}
        level = list(names)
        while level:
            below = []
            for parent, units in zip(level, self._lists(UNITS_OF_PARENT, level), strict=True):
                for unit in units:
                    names[unit["Id"]] = f"{names[parent]}/{unit['Name']}"
                    below.append(str(unit["Id"]))
            level = below
        parents = list(names)
        return {
            str(account["Id"]): names[parent]
            for parent, accounts in zip(
                parents, self._lists(ACCOUNTS_OF_PARENT, parents), strict=True
            )
            for account in accounts
        }

    def _with_units_below(self, units: Iterable[str]) -> list[str]:
        found = list(dict.fromkeys(units))
        level = found
        self._check(found)
        while level:
            below = [str(one["Id"]) for some in self._lists(UNITS_OF_PARENT, level) for one in some]
            level = [one for one in below if one not in found]
            found = [*found, *level]
        return found

    def _check(self, units: Sequence[str]) -> None:
        """Raise UsageError for a unit that the organization does not have."""
        calls = [call_of(self._lane, UNITS_OF_PARENT, {"parent_id": one}) for one in units]
        replies = [self._executor.submit(call) for call in calls]
        for unit, reply in zip(units, replies, strict=True):
            failure = reply.exception()
            if isinstance(failure, CallFailed) and failure.code == NO_SUCH_PARENT:
                raise UsageError(
                    f"--ou {unit}: the organization has no such unit. To see what it has: "
                    "aws organizations list-roots, and then "
                    "aws organizations list-organizational-units-for-parent --parent-id ID"
                )

    def _lists(self, read: Read, parents: Sequence[str]) -> list[list[Item]]:
        """Return a list for each of the parents, asked for side by side."""
        calls = [call_of(self._lane, read, {"parent_id": one}) for one in parents]
        for call in calls:
            self._executor.submit(call)
        return [self._whole(call) for call in calls]

    def _whole(self, call: Call) -> list[Item]:
        found: list[Item] = []
        tokens: set[str] = set()
        while True:
            try:
                answer = self._executor.submit(call).result()
                if answer.token in tokens:
                    raise call.failed(REPEATED_TOKEN, "")
            except CallFailed as failure:
                raise Unlisted(call, failure) from failure
            found += answer.items
            if not answer.token:
                return found
            tokens.add(answer.token)
            call = call.turn_page(answer.token)


def state_of(account: Item) -> str:
    """Return an account's state: AWS retires `Status`, and `State` takes its place.

    https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
    """
    return str(account.get("State") or account.get("Status") or "")


def active_ones(accounts: Sequence[Item]) -> tuple[list[Item], str]:
    """Return the accounts that can be read, and a word about the others; empty without any."""
    active = [one for one in accounts if state_of(one) == ACTIVE]
    others = [f"{name_of(one)}, {state_of(one)}" for one in accounts if state_of(one) != ACTIVE]
    if not others:
        return active, ""
    is_are = (
        "account of the organization is" if len(others) == 1 else "accounts of the organization are"
    )
    return active, f"{len(others):,} {is_are} not active and left out: {examples(others)}."


def name_of(account: Any) -> str:
    """Return what an account is called in messages."""
    return f"{account['Name']} ({account['Id']})" if account.get("Name") else str(account["Id"])


def accounts_of_organization(site: Site) -> list[Account]:
    """Return the accounts of the organization: the base itself, all others by the role.

    Raises Unlisted, and UsageError for patterns that match no account.
    """
    base, choice = site.base, site.choice
    identity = site.identity()
    # The home region is a guess where the profile names none; this is not.
    partition = str(identity["Arn"]).split(":")[1]
    listed = Organization(base.lane(base.home_region), site.executor).accounts(choice.units)
    active, word = active_ones(listed)
    chosen = matching(choice.accounts, active, lambda one: (str(one["Name"]), one["Id"]), "account")
    if word:
        site.executor.log.warn(word)
    found: list[Account] = []
    for one in chosen:
        facts = AccountFacts(str(one["Name"]), one.get("Email"), state_of(one))
        if one["Id"] == identity["Account"]:
            base.facts = facts._replace(reached_by=base.facts.reached_by)
            found.append(base)
            continue
        arn = role_arn(choice.assume_role or "", one["Id"], partition)
        found.append(site.by_role(one["Id"], arn, facts._replace(reached_by=arn)))
    return found
