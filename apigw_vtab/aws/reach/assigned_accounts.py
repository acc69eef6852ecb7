"""Which of the accounts that IAM Identity Center has assigned to the user are read."""

from __future__ import annotations

from collections.abc import Sequence

from apigw_vtab.aws.accounts import Account, AccountFacts
from apigw_vtab.aws.reach.choice import matching, patterns_in
from apigw_vtab.aws.reach.identity_center import AssignedRole, RoleOfSignIn, SignIn
from apigw_vtab.aws.reach.pool import SIGN_INS_A_SECOND, FetchPool
from apigw_vtab.aws.reach.site import Site
from apigw_vtab.errors import UsageError, examples
from apigw_vtab.tables.values import Item


def _check_named(
    accounts: Sequence[str],
    roles: Sequence[str],
    every: Sequence[AssignedRole],
    chosen: Sequence[AssignedRole],
) -> None:
    """Raise UsageError for an account that is asked for and in which no role matches."""
    for pattern in accounts:
        if not matching([pattern], chosen, _names, "account", is_all=False):
            there = matching([pattern], every, _names, "account", is_all=False)
            names = examples(list(dict.fromkeys(one.role for one in there)))
            raise UsageError(
                f"In account {pattern} none of your roles matches {', '.join(roles)}. "
                f"There are: {names}."
            )


def _names_of_item(one: Item) -> tuple[str, str]:
    return str(one.get("accountName") or one["accountId"]), str(one["accountId"])


def _names(one: AssignedRole) -> tuple[str, str]:
    return one.name, one.account


def accounts_of_sign_in(site: Site) -> list[Account]:
    """Return the accounts in which the user who is signed in has a role that matches.

    Raises Unlisted, and UsageError for patterns that match nothing.
    """
    choice, base = site.choice, site.base
    pool = FetchPool(SIGN_INS_A_SECOND, site.pool.timeout, site.executor.log)
    sign_in = SignIn(base, pool, site.executor.log, site.lists)
    # Those alone whose roles are needed: each of them takes a call.
    listed = sign_in.accounts(site.unlisted)
    wanted = patterns_in(choice.accounts, listed, _names_of_item)
    is_all = not site.unlisted
    accounts = matching(wanted, listed, _names_of_item, "account", is_all=is_all)
    every = sign_in.roles(accounts, site.unlisted)
    is_all = not site.unlisted
    patterns = patterns_in(choice.sso_roles, every, lambda one: (one.role,))
    roles = matching(patterns, every, lambda one: (one.role,), "assigned role", is_all=is_all)
    first: dict[str, AssignedRole] = {}
    others = []
    for one in roles:
        if first.setdefault(one.account, one) is not one:
            others.append(f"{one.name} ({one.account}): {first[one.account].role}, not {one.role}")
    if is_all:
        _check_named(wanted, patterns, every, list(first.values()))
    if others:
        site.executor.log.warn(
            "More than one of your roles matches; each account is read once, by the first: "
            f"{examples(others)}. Choose with --sso-role."
        )
    return [
        site.member(
            one.account,
            RoleOfSignIn(sign_in, one, site.cache),
            pool,
            AccountFacts(
                one.name, one.email or None, reached_by=f"IAM Identity Center: {one.role}"
            ),
        )
        for one in first.values()
    ]
