"""Why a policy lets somebody in or nobody, in one sentence for a report. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from apigw_vtab.analysis.conditions import Doubt, Outcome, outcome
from apigw_vtab.analysis.policy_callers import Circle
from apigw_vtab.analysis.policy_document import Condition, NamedCallers, PolicyStatement, Principals
from apigw_vtab.analysis.policy_patterns import TooHardError
from apigw_vtab.analysis.policy_search import (
    ACTION,
    PRINCIPAL,
    RESOURCE,
    Search,
    TestedStatement,
    WayIn,
    part_of,
)


def sentence(text: str) -> str:
    """Return a sentence that fits into a report's line, with nothing in it that moves a cursor."""
    printable = "".join(char if char.isprintable() else "?" for char in text.rstrip("."))
    return f"{_short(printable, LONGEST - 1)}."


def of_way(search: Search, way: WayIn, accounts: Sequence[str]) -> str:
    """Say by what somebody gets in, or what leaves it open whether they do."""
    if way.doubt is Doubt.UNKNOWN:
        return sentence(f"Not known who gets in: {next(_unknown_parts(search, way))}")
    if way.doubt is Doubt.UNDECIDED:
        return sentence(f"Undecided: {_undecided(search, way)}")
    who = _who(search, way, accounts)
    statement = way.rule.statement
    allowed = f"{statement.label} allows {_principals(statement.principals)}"
    named = way.caller.account in accounts
    return sentence(f"{who}: {allowed}{_but(search, way, named=named)}")


def of_address(search: Search, way: WayIn) -> str:
    """Say from where somebody gets in, or what leaves it open whether they do."""
    if way.doubt is not Doubt.NONE:
        return of_way(search, way, ())
    address = None if _is_of_endpoint(search, way) else way.request["aws:sourceip"].value
    source = f"from {address}" if address else "without an address, as through a VPC endpoint,"
    return sentence(f"A request {source} gets in by {way.rule.statement.label}")


def _is_of_endpoint(search: Search, way: WayIn) -> bool:
    """Return whether somebody gets in through a VPC endpoint, where requests show no address."""
    values = {name: one.value for name, one in way.request.items()} | {"aws:sourceip": None}

    def outcomes(rule: TestedStatement) -> list[Outcome]:
        return [test(values[name]) for name, test in rule.tests.items()]

    allowed = all(one == Outcome(True) for one in outcomes(way.rule))
    kept_out = not all(Outcome(False) in outcomes(deny) for deny in search.denies)
    return way.caller.by_endpoint and allowed and not kept_out


def of_none(search: Search) -> str:
    """Say what keeps out those who were asked about."""
    kept_out = {
        Circle.STRANGERS: "No stranger gets in",
        Circle.OTHER_ACCOUNTS: "No other account gets in",
        Circle.EVERYONE: "Nobody gets in",
    }[search.scene.circle]
    try:
        return sentence(f"{kept_out}: {_what_keeps_out(search)}")
    except TooHardError:
        return sentence(f"{kept_out}: its statements together see to that")


def _who(search: Search, way: WayIn, accounts: Sequence[str]) -> str:
    if search.scene.circle is Circle.STRANGERS:
        return "Anyone gets in"
    if way.caller.account not in accounts:
        return "Any account gets in"
    listed = _list(accounts)
    return f"Account {listed} gets in" if len(accounts) == 1 else f"Accounts {listed} get in"


def _but(search: Search, way: WayIn, *, named: bool) -> str:
    """Say which condition, or Deny, does not keep somebody out who gets in."""
    conditions = way.rule.statement.conditions
    if conditions and named:
        return f", where {_said(conditions[0], way)} is true"
    if conditions:
        return f", and {_said(conditions[0], way)} does not keep them out"
    return " without a condition" + (", and no Deny keeps all out" if search.denies else "")


def _unknown_parts(search: Search, way: WayIn) -> Iterator[str]:
    """Say which parts of statements are not known that decide about a request."""
    for rule in (way.rule, *search.denies):
        found = {name: test(way.request[name].value) for name, test in rule.tests.items()}
        # A Deny that does not match for certain decides nothing.
        if Outcome(False) not in found.values():
            for name, one in found.items():
                if one.doubt is Doubt.UNKNOWN:
                    part = _part(rule.statement, name, way)
                    yield f"{rule.statement.label} has {part}, which is not known here"
    yield "whether all its resources are of this API"


def _part(statement: PolicyStatement, name: str, way: WayIn) -> str:
    """Say the part of a statement that is about a part of a request."""
    about = [one for one in statement.conditions if part_of(one) == name]
    if name != PRINCIPAL:
        unsure = [one for one in about if outcome(one, way.request[name].value).doubt]
        about = unsure or about
    elements: dict[str, NamedCallers] = {ACTION: statement.actions, RESOURCE: statement.resources}
    if about:
        return f"the condition {_said(about[0])}"
    if name in elements:
        return f"{name} {_list(elements[name].names)}"
    return f"the principal {_principals(statement.principals)}"


def _undecided(search: Search, way: WayIn) -> str:
    statement = way.rule.statement
    if way.request[ACTION].doubt:
        action = way.request[ACTION].value
        return f"{statement.label} allows {action}, which is of no use without execute-api:Invoke"
    if way.caller.group == "service":
        return f"{statement.label} lets in AWS services, for whatever account they act"
    for rule in (way.rule, *search.denies):
        for one in rule.statement.conditions:
            part = way.request.get(part_of(one))
            if part is not None and part.doubt is Doubt.UNDECIDED:
                return f"{rule.statement.label} has {_said(one)}, and whose that is only you know"
    named = _principals(statement.principals)
    return f"{statement.label} allows {named}, and does not say whose that is"


def _what_keeps_out(search: Search) -> str:
    if not search.allows:
        return "no statement allows anything"
    way = next(iter(search.ways(Doubt.UNKNOWN, denies=[])), None)
    if way is None:
        return _what_is_needed(search, search.allows[0])
    for deny in search.denies:
        if not any(search.ways(Doubt.UNKNOWN, [way.rule], [deny])):
            return _denied(deny.statement)
    return "its Deny statements together leave nobody"


def _denied(statement: PolicyStatement) -> str:
    if not statement.conditions:
        return f"{statement.label} denies everything to {_principals(statement.principals)}"
    first, *others = statement.conditions
    said = f"{_said(first)} with {len(others)} more" if others else _said(first)
    return f"{statement.label} denies every request of which {said} is true"


def _what_is_needed(search: Search, allow: TestedStatement) -> str:
    """Say which part of an Allow no caller's request can match."""
    statement = allow.statement
    for name, test in allow.tests.items():
        values = {one.value for parts in search.parts for one in parts[name]}
        if any(test(value).can_be(True, Doubt.UNKNOWN) for value in values):
            continue
        about = [one for one in statement.conditions if part_of(one) == name]
        if about and (name != PRINCIPAL or ("AWS", "*") in statement.principals.names):
            return f"{statement.label} allows only requests of which {_said(about[0])} is true"
        if name == PRINCIPAL:
            return f"{statement.label} allows only {_principals(statement.principals)}"
        return f"{statement.label} allows nothing of this API"
    return f"{statement.label} allows only requests that meet all its parts"


def _said(condition: Condition, way: WayIn | None = None) -> str:
    """Say a condition; first those of its values by which somebody gets in."""
    values: Sequence[str] = condition.values
    if way is not None and part_of(condition) != PRINCIPAL:
        value = way.request[part_of(condition)].value
        alone = [(outcome(replace(condition, values=(one,)), value), one) for one in values]
        values = [one for found, one in sorted(alone, key=lambda pair: not pair[0].holds)]
    return f"{_short(condition.operator, 40)} {_short(condition.key, 40)} {_list(values)}"


def _principals(principals: Principals) -> str:
    names = [name if kind == "AWS" else f"{kind} {name}" for kind, name in principals.names]
    return f"all but {_list(names)}" if principals.negated else _list(names)


def _list(names: Sequence[str]) -> str:
    """Say as many names as a line has room for, and how many more there are."""
    shown = [_short(names[0], 60) or "an empty text"]
    for name in names[1:]:
        if len(", ".join(shown)) + len(name) > 50:
            break
        shown.append(name)
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _short(text: str, longest: int) -> str:
    text = re.sub(r"\s+", " ", text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


LONGEST = 200
