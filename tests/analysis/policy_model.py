"""IAM's rules, done plainly: one request, one policy, allowed or not. Written from AWS's pages.

It shares nothing with apigw_vtab.analysis: no patterns, no cases, no doubt. And a list of requests
to try, in which strangers, partners and insiders are all concrete.
"""

from __future__ import annotations

import functools
import ipaddress
import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

OWN, PARTNER, STRANGE = "111122223333", "444455556666", "999900001111"
VPCE, STRANGE_VPCE = "vpce-0123456789abcdef0", "vpce-0fedcba9876543210"
BAD_VPCE = "vpce-0bad0bad0bad0bad0"
VPC, STRANGE_VPC = "vpc-0123456789abcdef0", "vpc-0fedcba9876543210"
ORG, STRANGE_ORG = "o-a1b2c3d4e5", "o-z9y8x7w6v5"
API = f"arn:aws:execute-api:us-east-1:{OWN}:abc123"


class Request(NamedTuple):
    """A request; `who` is anonymous, an ARN, or the name of a service."""

    who: str
    of: str
    resource: str
    keys: dict[str, str]
    action: str


def allowed(statements: list[dict[str, Any]], request: Request) -> bool:
    """An explicit Deny before an Allow, and without either, no."""
    effects = {one["Effect"] for one in statements if applies(one, request)}
    return "Allow" in effects and "Deny" not in effects


def applies(statement: dict[str, Any], request: Request) -> bool:
    return (
        either(statement, "Action", lambda name: wild(name.lower(), request.action.lower()))
        and of_resource(statement, request.resource)
        and principal_applies(statement, request.who)
        and all(
            holds(operator, listed(values), request.keys.get(key.lower()))
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def of_resource(statement: dict[str, Any], resource: str) -> bool:
    return either(statement, "Resource", lambda name: wild(full(name), resource))


def either(statement: dict[str, Any], element: str, test: Callable[[str], bool]) -> bool:
    if element in statement:
        return any(test(name) for name in listed(statement[element]))
    return not any(test(name) for name in listed(statement[f"Not{element}"]))


def principal_applies(statement: dict[str, Any], who: str) -> bool:
    negated = "NotPrincipal" in statement
    value = statement["NotPrincipal" if negated else "Principal"]
    names = ["*"] if value == "*" else [name for some in value.values() for name in listed(some)]
    return any(is_principal(name, who) for name in names) != negated


def is_principal(name: str, who: str) -> bool:
    if name in ("*", who):
        return True
    account = re.fullmatch(r"(?:arn:aws:iam::)?(\d{12})(?::root)?", name)
    return account is not None and f"::{account[1]}:" in who


def holds(operator: str, values: list[str], value: str | None) -> bool:
    quantifier, _, rest = operator.rpartition(":")
    base = rest.removesuffix("IfExists")
    if base == "Null":
        return any((value is None) == (one == "true") for one in values)
    if value is None:
        if base != rest or quantifier == "ForAllValues":
            return True
        return "Not" in base and quantifier != "ForAnyValue"
    positive = base.replace("Not", "")
    return any(compare(positive, one, value) for one in values) != ("Not" in base)


def compare(operator: str, wanted: str, value: str) -> bool:
    if operator in ("StringLike", "ArnLike", "ArnEquals"):
        return wild(wanted, value)
    if operator == "StringEqualsIgnoreCase":
        return wanted.lower() == value.lower()
    if operator == "IpAddress":
        return is_in(value, wanted)
    if operator == "DateLessThan":
        return value < wanted
    return wanted == value


@functools.cache
def is_in(address: str, network: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(network)


@functools.cache
def wild(pattern: str, text: str) -> bool:
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(escaped, text) is not None


def full(resource: str) -> str:
    return resource.replace("execute-api:/", f"{API}/") if resource[:3] == "exe" else resource


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class Side(NamedTuple):
    """Who calls: with which account, addresses, endpoints and organisations."""

    account: str
    addresses: tuple[str, ...]
    endpoints: tuple[tuple[str, str], ...]
    organizations: tuple[str, ...]


STRANGER = Side(
    STRANGE,
    ("8.8.8.8", "200.1.2.3", "2600::1"),
    ((STRANGE_VPCE, STRANGE_VPC),),
    (STRANGE_ORG,),
)
# A partner may well be where the policy says, and so may an insider.
ANYWHERE = ("8.8.8.8", "203.0.113.7", "198.51.100.7", "2600::1")
EITHER_ENDPOINT = ((STRANGE_VPCE, STRANGE_VPC), (BAD_VPCE, STRANGE_VPC), (VPCE, VPC))
FRIEND = Side(PARTNER, ANYWHERE, EITHER_ENDPOINT, (STRANGE_ORG,))
INSIDER = Side(OWN, ANYWHERE, EITHER_ENDPOINT, (ORG,))


def requests(
    statements: list[dict[str, Any]], side: Side, action: str = "execute-api:Invoke"
) -> Iterator[Request]:
    """Give every request of a side that the statements could tell from the others."""
    text = json.dumps(statements).lower()

    def each(key: str, *values: str | None) -> list[dict[str, str]]:
        chosen = values if key in text else values[:1]
        return [{} if value is None else {key: value} for value in chosen]

    headers = (
        each("aws:securetransport", "true", "false"),
        each("aws:useragent", None, "our-app", "our-*", "*"),
        each("aws:currenttime", "2025-01-01T00:00:00Z", "2035-01-01T00:00:00Z"),
    )
    # Of paths that no statement tells apart, one is enough.
    paths = {tuple(of_resource(one, path) for one in statements): path for path in PATHS}.values()
    callers: list[tuple[str, dict[str, str]]] = [*signed(side, each), *of_services(side)]
    if side is not FRIEND:
        callers.append(("anonymous", {}))
    for who, own in callers:
        for parts in itertools.product(networks(side, text), *headers):
            keys = {key: value for one in (own, *parts) for key, value in one.items()}
            if is_direct(who) or "aws:sourcevpce" not in keys:
                for path in paths:
                    yield Request(who, side.account, path, keys, action)


def is_direct(who: str) -> bool:
    return not who.endswith(".amazonaws.com")


def signed(side: Side, each: Any) -> Iterator[tuple[str, dict[str, str]]]:
    for name in ("role/app", "user/other"):
        arn = f"arn:aws:iam::{side.account}:{name}"
        tags = each("aws:principaltag/team", None, "blue", "red")
        organizations = each("aws:principalorgid", None, *side.organizations)
        for tag, organization in itertools.product(tags, organizations):
            own = {"aws:principalaccount": side.account, "aws:principalarn": arn}
            yield arn, {**own, **tag, **organization, "aws:principalisawsservice": "false"}


def of_services(side: Side) -> Iterator[tuple[str, dict[str, str]]]:
    keys = {"aws:principalisawsservice": "true"}
    for service in ("sns.amazonaws.com", "other.amazonaws.com"):
        yield service, keys
        yield service, {**keys, "aws:sourceaccount": side.account}


def networks(side: Side, text: str) -> Iterator[dict[str, str]]:
    for address in side.addresses if "aws:sourceip" in text else side.addresses[:1]:
        yield {"aws:sourceip": address}
    yield {}
    if "vpc" in text or "aws:sourceip" in text:
        # Whether a request by an endpoint has a public address is not for a policy to rely on.
        privates = (
            ("10.1.2.3", "172.20.0.1", "fd00::1") if "aws:vpcsourceip" in text else ("10.1.2.3",)
        )
        for (vpce, vpc), private in itertools.product(side.endpoints, privates):
            keys = {"aws:sourcevpce": vpce, "aws:sourcevpc": vpc, "aws:vpcsourceip": private}
            yield keys
            for address in side.addresses if "aws:sourceip" in text else ():
                yield keys | {"aws:sourceip": address}


PATHS = [
    f"{API}/{stage}/{method}/{path}"
    for stage in ("prod", "test", "stable")
    for method in ("GET", "POST", "DELETE")
    for path in ("pets", "x/y", "x/GET/pets")
]
