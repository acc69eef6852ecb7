"""Whom a resource policy lets in: just anyone, other accounts, or who it cannot be told of. Pure.

What is not known is never taken for safe: "no" says that every stranger is kept out, for certain.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from apigw_vtab.analysis import policy_reasons
from apigw_vtab.analysis.conditions import Doubt, network_of
from apigw_vtab.analysis.policy_callers import Circle, named_accounts, scene
from apigw_vtab.analysis.policy_document import (
    Condition,
    NamedCallers,
    PolicyStatement,
    Principals,
    UnreadableError,
    read,
)
from apigw_vtab.analysis.policy_patterns import TooHardError
from apigw_vtab.analysis.policy_search import Search

Answer = Literal["yes", "no", "nobody", "undecided", "unknown"]


@dataclass(frozen=True)
class Judgement:
    """An answer, and why, in a sentence for a report.

    "no" and "nobody" are good, "undecided" is for who knows the user's plans, and "unknown" means
    that the policy has something of which nothing is known here. `accounts` are those that get in
    of the ones that the policy names.
    """

    answer: Answer
    why: str
    accounts: tuple[str, ...] = ()


def anyone_gets_in(policy_text: str, *, api: str = "") -> Judgement:
    """Tell whether a policy lets in somebody whom it does not name in any way.

    With the API's own ARN, arn:aws:execute-api:REGION:ACCOUNT:API, statements about other APIs
    change nothing; without it, every resource may be the API's.
    """
    return _judged(policy_text, Circle.STRANGERS, "", (), api)


def other_accounts_get_in(
    policy_text: str, account_id: str, organizations: Collection[str] = (), *, api: str = ""
) -> Judgement:
    """Tell whether a policy lets in somebody who is not of the API's own account.

    The accounts of `organizations` are no others; without any, whose organisation one is that a
    policy lets in stays undecided.
    """
    return _judged(policy_text, Circle.OTHER_ACCOUNTS, account_id, organizations, api)


def other_addresses_get_in(
    policy_text: str, addresses: Sequence[str], *, api: str = ""
) -> Judgement:
    """Tell whether a policy lets in a request that comes from none of some IP addresses or ranges.

    A request that comes through a VPC endpoint has no address that a policy could tell.
    """
    if not addresses:
        return Judgement("unknown", "It is not said which addresses may call.")
    if bad := [one for one in addresses if network_of(one) is None]:
        return Judgement("unknown", policy_reasons.sentence(f"{bad[0]} is no address or range"))
    try:
        statements = read(policy_text)
        # Who still gets in where these addresses are denied comes from another one.
        search = Search(scene((*statements, _denial(addresses)), Circle.EVERYONE), api)
        way = search.surest()
        if way is None:
            return Judgement("no", "Nobody gets in from another address.")
        return Judgement(_ANSWERS[way.doubt], policy_reasons.of_address(search, way))
    except (UnreadableError, TooHardError) as error:
        return Judgement("unknown", policy_reasons.sentence(f"Not known who gets in: {error}"))


def _denial(addresses: Sequence[str]) -> PolicyStatement:
    """Return a statement that denies everything to whoever comes from an address."""
    every = NamedCallers(("*",))
    condition = Condition("IpAddress", "aws:SourceIp", tuple(addresses))
    return PolicyStatement("", False, Principals((("AWS", "*"),)), every, every, (condition,))


def _judged(
    text: str, circle: Circle, account: str, organizations: Collection[str], api: str
) -> Judgement:
    try:
        statements = read(text)
        search = Search(scene(statements, circle, account, organizations), api)
        way = search.surest()
        if way is None:
            return _closed(search, statements, api)
        accounts = tuple(_accounts_in(search, way.doubt))
        why = policy_reasons.of_way(search, way, accounts)
        return Judgement(_ANSWERS[way.doubt], why, accounts)
    except (UnreadableError, TooHardError) as error:
        return Judgement("unknown", policy_reasons.sentence(f"Not known who gets in: {error}"))


def _closed(search: Search, statements: tuple[PolicyStatement, ...], api: str) -> Judgement:
    everyone = Search(scene(statements, Circle.EVERYONE), api)
    if everyone.surest() is None:
        return Judgement("nobody", policy_reasons.of_none(everyone))
    return Judgement("no", policy_reasons.of_none(search))


def _accounts_in(search: Search, doubt: Doubt) -> Iterator[str]:
    named = set(named_accounts(search.scene))
    if search.scene.circle is Circle.OTHER_ACCOUNTS:
        yield from sorted({way.caller.account for way in search.ways(doubt)} & named)


_ANSWERS: dict[Doubt, Answer] = {
    Doubt.NONE: "yes",
    Doubt.UNDECIDED: "undecided",
    Doubt.UNKNOWN: "unknown",
}
