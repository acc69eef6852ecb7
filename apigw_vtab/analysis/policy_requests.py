"""What a caller's request can have: its principal, and the values of condition keys. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    collapse_addresses,
)

from apigw_vtab.analysis.conditions import (
    UNKNOWN,
    Doubt,
    Key,
    Kind,
    Network,
    Outcome,
    any_of,
    key_of,
    network_of,
    number_of,
    outcome,
    pattern_of,
)
from apigw_vtab.analysis.policy_callers import (
    ACCOUNTS,
    IDENTIFIERS,
    Caller,
    Candidate,
    ConditionUse,
    Scene,
    account_in,
    arns,
    identifiers,
)
from apigw_vtab.analysis.policy_document import Condition, Principals
from apigw_vtab.analysis.policy_patterns import (
    MANY,
    PatternToken,
    glob,
    literal,
    matches,
    representatives,
)


def matches_principal(principals: Principals, principal: str) -> Outcome:
    """Tell whether a statement is about a principal; an empty one is who does not sign.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    found = any_of(_is_principal(kind, name, principal) for kind, name in principals.names)
    return Outcome(found.holds != principals.negated, found.doubt)


def _is_principal(kind: str, name: str, principal: str) -> Outcome:
    if kind == "AWS" and name == "*":
        return Outcome(True)
    if _WHOLE_ACCOUNT.fullmatch(name) and kind == "AWS":
        of_account = principal.startswith("AWS ") and account_in(principal[4:]) == account_in(name)
        return Outcome(of_account)
    if not _FORMS[kind].fullmatch(name):
        # AWS takes no wildcard for a part of a principal.
        in_account = kind == "AWS" and re.match(r"arn:", name)
        other = in_account and not matches(glob(f"{kind} {name}"), principal)
        return Outcome(False) if other else UNKNOWN
    return Outcome(f"{kind} {name}" == principal)


def holds_of_principal(condition: Condition, principal: str | None) -> Outcome:
    """Tell whether a condition on the principal's ARN, or on a service's name, holds."""
    kind, _, name = (principal or "").partition(" ")
    if ":assumed-role/" in name or kind not in ("", "AWS", "Service"):
        # The key has the role's ARN, with a path that the session's ARN does not tell.
        return UNKNOWN
    has = "Service" if condition.key.lower() == "aws:principalservicename" else "AWS"
    return outcome(condition, name if kind == has else None)


def candidates(scene: Scene, name: str, caller: Caller) -> list[Candidate]:
    """Return what a caller's requests can have for a key: for every outcome, at least one."""
    key = key_of(name)
    if key is None:
        return [Candidate("")]
    if not _has(key, caller):
        anonymous = name == "aws:principaltype" and caller.group == "anonymous"
        return [Candidate(None), *([Candidate("Anonymous")] if anonymous else [])]
    found = _values(scene, name, key, caller)
    # Who comes through a VPC endpoint, and a service, shows no address of their own.
    hidden = name == "aws:sourceip" and (caller.by_endpoint or caller.group == "service")
    return [*found, Candidate(None)] if hidden or not key.sure else found


def _has(key: Key, caller: Caller) -> bool:
    if key.group == "vpc":
        return caller.by_endpoint
    return key.group == "all" or caller.group in key.group.split(" or ")


def _values(scene: Scene, name: str, key: Key, caller: Caller) -> list[Candidate]:
    uses = scene.uses_of(name)
    if key.kind is Kind.ADDRESS:
        return _addresses(uses, caller, anyones=name == "aws:vpcsourceip")
    if key.kind is Kind.SWITCH:
        return _switches(name, caller)
    if key.kind is Kind.ARN:
        return arns(scene, name, caller)
    if name in IDENTIFIERS:
        return identifiers(scene, name, caller)
    return [Candidate(value) for value in _chosen(name, key, caller, uses)]


def _chosen(name: str, key: Key, caller: Caller, uses: Sequence[ConditionUse]) -> Sequence[str]:
    """Return values of a key that a caller chooses, or about which there is no choice."""
    if key.kind in (Kind.TIME, Kind.NUMBER):
        return _numbers(uses)
    if name == "aws:principaltype":
        return ("Account", "User", "AssumedRole", "FederatedUser")
    if name in ACCOUNTS:
        # Who is let in by name may well come by a VPC endpoint of another account.
        others = [use.text for use in uses] if caller.named and name == "aws:vpceaccount" else []
        return (caller.account, *others)
    # No name and no tag has a wildcard in it, but a header may.
    form = (MANY,) if key.group == "all" else (PatternToken("*?", negated=True, repeated=True),)
    patterns = [pattern_of(use.operator, use.text) for use in uses]
    # An empty text is told from all others, as ForAllValues may do so.
    return representatives([literal(""), *patterns], form)


def _switches(name: str, caller: Caller) -> list[Candidate]:
    if name == "aws:principalisawsservice":
        return [Candidate("true" if caller.group == "service" else "false")]
    if name == "aws:viaawsservice":
        # What a service does with a stranger's request, nobody knows for all of them.
        return [Candidate("false"), Candidate("true", Doubt.UNDECIDED)]
    return [Candidate("true"), Candidate("false")]


def _numbers(uses: Sequence[ConditionUse]) -> list[str]:
    """Return numbers on, beside and between all those that a policy names."""
    found = {number_of(use.operator.family, use.text) for use in uses}
    marks = sorted({0.0, *(number for number in found if number is not None)})
    between = [(low + high) / 2 for low, high in itertools.pairwise(marks)]
    return [repr(number) for number in (marks[0] - 1, *marks, *between, marks[-1] + 1)]


def _addresses(uses: Sequence[ConditionUse], caller: Caller, *, anyones: bool) -> list[Candidate]:
    """Return addresses in and beside all ranges that a policy names.

    Ranges that let in are taken for somebody's own, unless they are a large part of the internet.
    In a VPC of one's own, anyone can have any address: then they are `anyones`.
    """
    ranges = [one for use in uses if (one := network_of(use.text)) is not None]
    owned = [] if anyones or caller.named else _owned(uses)
    doubts = {version: _doubt_of_ranges(owned, version) for version in (4, 6)}
    found: list[Candidate] = []
    for address in _marks(ranges):
        if not any(address in one for one in owned):
            found.append(Candidate(str(address)))
        elif (doubt := doubts[address.version]) is not None:
            found.append(Candidate(str(address), doubt))
    return found


def _marks(ranges: Sequence[Network]) -> list[IPv4Address | IPv6Address]:
    """Return the first address of each range and the next after it: they stand for all others."""
    found: list[IPv4Address | IPv6Address] = [IPv4Address(0), IPv6Address(0)]
    for one in ranges:
        found.append(one[0])
        if int(one[-1]) + 1 < 1 << one.max_prefixlen:
            found.append(one[-1] + 1)
    return list(dict.fromkeys(found))


def _owned(uses: Sequence[ConditionUse]) -> list[Network]:
    """Return the ranges that let in, but for the whole internet, put together."""
    ranges = [network_of(use.text) for use in uses if use.lets_in]
    parts = [one for one in ranges if one is not None and one.prefixlen]
    return [
        *collapse_addresses([one for one in parts if isinstance(one, IPv4Network)]),
        *collapse_addresses([one for one in parts if isinstance(one, IPv6Network)]),
    ]


def _doubt_of_ranges(owned: Sequence[Network], version: int) -> Doubt | None:
    """Return how sure it is that ranges of a version have strangers in them, None for not at all.

    Nobody owns all addresses; more than an IPv4 /8 or an IPv6 /20, only the owner knows.
    """
    ranges = [one for one in owned if one.version == version]
    if any(not one.prefixlen for one in ranges):
        return Doubt.NONE
    size = sum(one.num_addresses for one in ranges if not _is_private(one))
    return Doubt.UNDECIDED if size > {4: 1 << 32 - 8, 6: 1 << 128 - 20}[version] else None


def _is_private(network: Network) -> bool:
    """Tell whether no address of a network is in the internet."""
    # Python 3.10's own test looks at the first and last address alone.
    if isinstance(network, IPv4Network):
        return any(network.subnet_of(one) for one in _PRIVATE)
    return network.subnet_of(_PRIVATE_6)


# https://www.rfc-editor.org/rfc/rfc1918 and https://www.rfc-editor.org/rfc/rfc4193
_PRIVATE = [IPv4Network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
_PRIVATE_6 = IPv6Network("fc00::/7")
_WHOLE_ACCOUNT = re.compile(r"\d{12}|arn:[a-z-]+:iam::\d{12}:root")
_FORMS = {
    # An ARN, or the identifier of a principal that is gone.
    "AWS": re.compile(r"arn:[a-z-]+:(iam|sts)::\w+:[^:*?$]+|[A-Z0-9]{16,128}"),
    "Service": re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?"),
    "Federated": re.compile(r"arn:[a-z-]+:iam::\d{12}:[^:*?$]+|[a-z0-9.-]+"),
    "CanonicalUser": re.compile(r"[0-9a-f]{64}"),
}
