"""The accounts of an organization, and where each of them is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from apigw_vtab.aws.accounts import Account, AccountFacts, Lane
from apigw_vtab.aws.call import Call, call_of
from apigw_vtab.aws.causes import REPEATED_TOKEN, UNREADABLE
from apigw_vtab.aws.executor import Executor
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.reach.choice import matching, patterns_in
from apigw_vtab.aws.reach.site import Site, Unlisted, role_arn
from apigw_vtab.errors import UsageError, examples
from apigw_vtab.tables.account import ACCOUNTS_OF_PARENT, EVERY_ACCOUNT, ROOTS, UNITS_OF_PARENT
from apigw_vtab.tables.declaration import Read
from apigw_vtab.tables.values import Item

ACTIVE = "ACTIVE"
_ACCOUNT_ID, _ANY_ID = re.compile(r"\d{12}", re.ASCII), re.compile(r"\S+")
# AWS knows no unit, or root, of this id.
NO_SUCH_PARENT = "ParentNotFoundException"


class Organization:
    """What the organization of an account says, asked by calls like all others.

    `unlisted` takes what is missing: units whose list got no answer, and items that say too little.
    """

    def __init__(self, lane: Lane, executor: Executor, unlisted: list[Unlisted]) -> None:
        self._lane = lane
        self._executor = executor
        self._unlisted = unlisted

    def accounts(self, units: Sequence[str]) -> list[Item]:
        """Return all accounts, or those in some units and below.

        Raises Unlisted, and UsageError for a unit that the organization does not have.
        """
        if not units:
            found = self._whole(call_of(self._lane, EVERY_ACCOUNT, {}))
        else:
            within = self._with_units_below(units)
            found = [one for some in self._lists(ACCOUNTS_OF_PARENT, within) for one in some]
        # Units may contain each other.
        return sorted({one["Id"]: one for one in found}.values(), key=lambda one: str(one["Id"]))

    def paths(self) -> dict[str, str]:
        """Return the names of the units around each account, by its id. Raises Unlisted."""
        roots = self._whole(call_of(self._lane, ROOTS, {}))
        names = {str(one["Id"]): str(one.get("Name") or one["Id"]) for one in roots}
        level = list(names)
        while level:
            below = []
            for parent, units in zip(level, self._lists(UNITS_OF_PARENT, level), strict=True):
                for unit in units:
                    names[unit["Id"]] = f"{names[parent]}/{unit.get('Name') or unit['Id']}"
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
        """Return a list for each of the parents, side by side; empty without an answer."""
        calls = [call_of(self._lane, read, {"parent_id": one}) for one in parents]
        for call in calls:
            self._executor.submit(call)
        return [self._list_of(call, parent) for call, parent in zip(calls, parents, strict=True)]

    def _list_of(self, call: Call, parent: str) -> list[Item]:
        try:
            return self._whole(call)
        except Unlisted as missing:
            cause = missing.failure.cause
            # The same words would stand for every unit.
            named = replace(cause, what=f"{cause.what} for {parent}")
            failure = replace(missing.failure, because=named)
            self._unlisted.append(Unlisted(missing.call, failure))
            return []

    def _whole(self, call: Call) -> list[Item]:
        """Return all items of a list that say what is needed of them. Raises Unlisted."""
        found = self._pages(call)
        whole = [one for one in found if _is_id(one.get("Id"), call.read)]
        if len(whole) < len(found):
            self._unread(call, f"{len(found) - len(whole):,} of its items have no valid Id.")
        if call.read.items != ACCOUNTS_OF_PARENT.items:
            return whole
        if stateless := [name_of(one) for one in whole if not state_of(one)]:
            self._unread(call, f"It does not say whether {examples(stateless)} is active.")
        return [one for one in whole if state_of(one)]

    def _unread(self, call: Call, detail: str) -> None:
        self._unlisted.append(Unlisted(call, call.failed(UNREADABLE, detail)))

    def _pages(self, call: Call) -> list[Item]:
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


def _is_id(value: object, read: Read) -> bool:
    """Return whether a value can be the id of what a list holds."""
    pattern = _ACCOUNT_ID if read.items == ACCOUNTS_OF_PARENT.items else _ANY_ID
    return isinstance(value, str) and pattern.fullmatch(value) is not None


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


def _nobody(units: Sequence[str], word: str) -> str:
    """Return what to say where no account can be read; `word` is about those that cannot."""
    where = f"{' and '.join(units)}, with the units below," if units else "The organization"
    return f"No account is read. {where} has no active account.{f' {word}' if word else ''}"


def _check_active(patterns: Sequence[str], active: Sequence[Item], listed: Sequence[Item]) -> None:
    """Raise UsageError for a pattern that matches accounts of which none is active."""
    for pattern in patterns:
        found = matching([pattern], listed, _names, "account", is_all=False)
        if found and not matching([pattern], active, _names, "account", is_all=False):
            states = examples([f"{name_of(one)} is {state_of(one)}" for one in found])
            raise UsageError(f"--account {pattern}: {states}. Only active accounts can be read.")


def _names(account: Item) -> tuple[str, str]:
    return str(account.get("Name") or account["Id"]), str(account["Id"])


def name_of(account: Any) -> str:
    """Return what an account is called in messages."""
    return f"{account['Name']} ({account['Id']})" if account.get("Name") else str(account["Id"])


def accounts_of_organization(site: Site) -> list[Account]:
    """Return the accounts of the organization: the base itself, all others by the role.

    Raises Unlisted, and UsageError where none is active, and for patterns that match none.
    """
    base, choice = site.base, site.choice
    identity = site.identity()
    # The home region is a guess where the profile names none; this is not.
    partition = str(identity["Arn"]).split(":")[1]
    lane = base.lane(base.home_region)
    listed = Organization(lane, site.executor, site.unlisted).accounts(choice.units)
    active, word = active_ones(listed)
    if not active and not site.unlisted:
        raise UsageError(_nobody(choice.units, word))
    is_all = not site.unlisted
    patterns = patterns_in(choice.accounts, listed, _names)
    _check_active(patterns, active, listed)
    chosen = matching(patterns, active, _names, "account", is_all=is_all)
    if word:
        site.executor.log.warn(word)
    found: list[Account] = []
    for one in chosen:
        facts = AccountFacts(one.get("Name") or None, one.get("Email"), state_of(one))
        if one["Id"] == identity["Account"]:
            base.facts = facts._replace(reached_by=base.facts.reached_by)
            found.append(base)
            continue
        arn = role_arn(choice.assume_role or "", one["Id"], partition)
        found.append(site.by_role(one["Id"], arn, facts._replace(reached_by=arn)))
    return found
