"""AWS Organizations: which account is where is a rule of its number, so that any number will do.

The first account manages the organization, and is in its root; all others are spread over the
organizational units, each of which is in the root or in the unit before it.
https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .estate import ServedEstate
from .refusals import denied
from .settings import Ask
from .wire import AwsError

ROOT, ORGANIZATION = "r-ab12", "o-served0000"
# The most that a page has, and what it has where nothing is said.
PAGE = 20


def unit_id(number: int) -> str:
    """The id of an organizational unit; they are counted from 1."""
    return f"ou-ab12-{number:08d}"


def account_name(number: int) -> str:
    """The name of an account; they are counted from 0."""
    return f"shop-{number:04d}"


def unit_of(estate: ServedEstate, number: int) -> str:
    """The root or the unit that an account is in."""
    return unit_id(1 + (number - 1) % estate.units) if number and estate.units else ROOT


def parent_of(unit: int) -> str:
    """The root or the unit that a unit is in."""
    return ROOT if unit % 2 else unit_id(unit - 1)


def list_accounts(ask: Ask) -> dict[str, Any]:
    """Organizations ListAccounts, for the management account and delegated administrators."""
    _check(ask)
    count = len(ask.settings.estate.accounts)
    return _page(ask, "Accounts", range(count), lambda one: _account(ask, one))


def list_accounts_for_parent(ask: Ask) -> dict[str, Any]:
    """Organizations ListAccountsForParent: those in a unit itself, not below it."""
    estate = _check(ask)
    inside = _inside(estate, _parent(ask))
    return _page(ask, "Accounts", inside, lambda one: _account(ask, one))


def list_organizational_units_for_parent(ask: Ask) -> dict[str, Any]:
    """Organizations ListOrganizationalUnitsForParent."""
    estate = _check(ask)
    parent = _parent(ask)
    units = [one for one in range(1, estate.units + 1) if parent_of(one) == parent]
    return _page(ask, "OrganizationalUnits", units, _unit)


def list_children(ask: Ask) -> dict[str, Any]:
    """Organizations ListChildren, of either kind."""
    estate = _check(ask)
    parent, kind = _parent(ask), str(ask.params.get("ChildType"))
    if kind == "ACCOUNT":
        ids = [estate.accounts[one] for one in _inside(estate, parent)]
    else:
        ids = [unit_id(one) for one in range(1, estate.units + 1) if parent_of(one) == parent]
    return _page(ask, "Children", ids, lambda one: {"Id": one, "Type": kind})


def list_roots(ask: Ask) -> dict[str, Any]:
    """Organizations ListRoots: there is one."""
    _check(ask)
    return {"Roots": [{"Id": ROOT, "Name": "Root", "Arn": _arn("root", ROOT), "PolicyTypes": []}]}


def list_parents(ask: Ask) -> dict[str, Any]:
    """Organizations ListParents, of an account or a unit."""
    estate = _check(ask)
    child = str(ask.params.get("ChildId"))
    if child in estate.accounts:
        parent = unit_of(estate, estate.accounts.index(child))
    else:
        parent = parent_of(int(child.rpartition("-")[2]))
    kind = "ROOT" if parent == ROOT else "ORGANIZATIONAL_UNIT"
    return {"Parents": [{"Id": parent, "Type": kind}]}


def _check(ask: Ask) -> ServedEstate:
    """The estate, where the account that asks may know of its organization."""
    estate = ask.settings.estate
    if ask.call.account not in {estate.accounts[0], *estate.administrators}:
        action = f"organizations:{ask.call.operation}"
        raise denied("organizations", ask.call.principal, action, "*")
    return estate


def _parent(ask: Ask) -> str:
    parent = str(ask.params.get("ParentId"))
    known = {ROOT, *(unit_id(one) for one in range(1, ask.settings.estate.units + 1))}
    if parent not in known:
        message = "You specified a root or OU that doesn't exist."
        raise AwsError(400, "ParentNotFoundException", message)
    return parent


def _inside(estate: ServedEstate, parent: str) -> Sequence[int]:
    return [one for one in range(len(estate.accounts)) if unit_of(estate, one) == parent]


def _account(ask: Ask, number: int) -> dict[str, Any]:
    estate = ask.settings.estate
    account = estate.accounts[number]
    state = "SUSPENDED" if account in estate.suspended else "ACTIVE"
    # Status was to be retired on 2026-09-09; State has taken its place.
    return {
        "Id": account,
        "Arn": _arn("account", account),
        "Name": account_name(number),
        "Email": f"{account_name(number)}@example.com",
        "State": state,
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": estate.now - 86_400 * (number + 1),
    }


def _unit(number: int) -> dict[str, Any]:
    unit = unit_id(number)
    return {"Id": unit, "Name": f"unit-{number}", "Arn": _arn("ou", unit)}


def _arn(kind: str, name: str) -> str:
    return f"arn:aws:organizations::111122223333:{kind}/{ORGANIZATION}/{name}"


def _page(ask: Ask, member: str, found: Sequence[Any], item: Any) -> dict[str, Any]:
    start, size = int(ask.params.get("NextToken") or 0), int(ask.params.get("MaxResults") or PAGE)
    if size > PAGE:
        raise AwsError(400, "InvalidInputException", "You specified an invalid value.")
    page = {member: [item(one) for one in found[start : start + size]]}
    return page | ({"NextToken": str(start + size)} if start + size < len(found) else {})
