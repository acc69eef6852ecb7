"""Whether a condition of a policy holds for a value, for a missing key, or nobody knows. Pure.

Operators:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
Keys: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
Those that API Gateway has: https://docs.aws.amazon.com/apigateway/latest/developerguide/\
apigateway-resource-policies-aws-condition-keys.html
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from enum import Enum, IntEnum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from apigw_vtab.analysis.policy_document import Condition
from apigw_vtab.analysis.policy_patterns import Pattern, PatternToken, glob, literal, matches

Network = IPv4Network | IPv6Network


class Doubt(IntEnum):
    """How sure an outcome is: for certain, only for who knows the user's plans, not at all."""

    NONE = 0
    UNDECIDED = 1
    UNKNOWN = 2


class Outcome(NamedTuple):
    """Whether a part of a statement matches; with a doubt, either may be."""

    holds: bool
    doubt: Doubt = Doubt.NONE

    def can_be(self, holds: bool, most: Doubt) -> bool:
        """Tell whether it may match, or may not, when doubts up to `most` are allowed."""
        return self.holds == holds if self.doubt is Doubt.NONE else self.doubt <= most


UNKNOWN = Outcome(False, Doubt.UNKNOWN)


class Kind(Enum):
    """What a key's values are, and so which operators can compare them."""

    TEXT = "text"
    ARN = "arn"
    ADDRESS = "address"
    SWITCH = "switch"
    TIME = "time"
    NUMBER = "number"


class Key(NamedTuple):
    """What is known of a condition key.

    A `sure` key is in each request of its `group`: those that are signed, that come through a VPC
    endpoint, that an AWS service makes, or all.
    """

    kind: Kind
    group: str
    sure: bool = True


class Operator(NamedTuple):
    """An operator's name, taken apart."""

    family: str
    test: str
    negated: bool
    quantifier: str
    if_exists: bool


def key_of(name: str) -> Key | None:
    """Return what is known of a key; AWS does not tell the names of keys apart by case."""
    if name.lower().startswith(TAG):
        return Key(Kind.TEXT, "signed", sure=False)
    return KEYS.get(name.lower())


def operator_of(name: str) -> Operator | None:
    """Return an operator taken apart, or None for one that is not known."""
    found = _OPERATOR.fullmatch(name.lower())
    if found is None or found["base"] not in _OPERATORS:
        return None
    family, test, negated = _OPERATORS[found["base"]]
    quantifier, if_exists = found["quantifier"] or "", bool(found["if_exists"])
    if family == "null" and (quantifier or if_exists):
        return None
    return Operator(family, test, negated, quantifier, if_exists)


def outcome(condition: Condition, value: str | None) -> Outcome:
    """Tell whether a condition holds for a value of its key, or for None, a request without it."""
    known, key = operator_of(condition.operator), key_of(condition.key)
    if known is None or key is None or known.family not in _COMPARABLE[key.kind]:
        return UNKNOWN
    if known.family == "null":
        return any_of(_is_missing(value, text) for text in condition.values)
    if value is None:
        return _without_the_key(known)
    found = any_of(_compare(known, key.kind, value, text) for text in condition.values)
    found = Outcome(found.holds != known.negated, found.doubt)
    # To ForAllValues an empty text may be a text, or as good as none.
    is_odd = known.quantifier == "forallvalues" and not value and not found.holds
    return UNKNOWN if is_odd else found


def _without_the_key(known: Operator) -> Outcome:
    """Tell what an operator makes of a request without the key.

    A negated operator holds; ForAllValues holds and ForAnyValue does not, negated or not:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/\
reference_policies_condition-single-vs-multi-valued-context-keys.html
    """
    if known.quantifier == "foranyvalue":
        return UNKNOWN if known.if_exists else Outcome(False)
    return Outcome(known.if_exists or known.quantifier == "forallvalues" or known.negated)


def any_of(found: Iterable[Outcome]) -> Outcome:
    """Tell whether one of some alternatives matches."""
    outcomes = list(found)
    if Outcome(True) in outcomes:
        return Outcome(True)
    return Outcome(False, max(one.doubt for one in outcomes))


def _is_missing(value: str | None, text: str) -> Outcome:
    if text.lower() not in ("true", "false"):
        return UNKNOWN
    return Outcome((value is None) == (text.lower() == "true"))


def _compare(known: Operator, kind: Kind, value: str, text: str) -> Outcome:
    """Compare a request's value with one of the policy's, as the operator that is not negated."""
    if "${" in text:
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
        return UNKNOWN
    if known.family in ("string", "arn"):
        if _is_odd(known, kind, text):
            return UNKNOWN
        return Outcome(alike(known, text, value))
    if known.family == "ipaddress":
        network = network_of(text)
        return UNKNOWN if network is None else Outcome(_address(value) in network)
    if known.family == "bool":
        known_text = text.lower() in ("true", "false")
        return Outcome(text.lower() == value) if known_text else UNKNOWN
    number = number_of(known.family, text)
    return UNKNOWN if number is None else Outcome(_TESTS[known.test](float(value), number))


def alike(known: Operator, text: str, value: str) -> bool:
    """Tell whether a String or Arn operator matches a text of the policy with a value."""
    if known.test == "equals" or (known.test == "like" and not set(text) & set("*?")):
        return value == text
    return matches(pattern_of(known, text), value)


def _is_odd(known: Operator, kind: Kind, text: str) -> bool:
    """Tell whether it is not documented how a text compares: a part of an address or of an ARN."""
    if known.family == "arn":
        return text.count(":") < 5
    if kind is not Kind.ADDRESS or (known.test == "like" and set(text) == {"*"}):
        return False
    return not re.fullmatch(r"\d+\.\d+\.\d+\.\d+", text)


def pattern_of(known: Operator, text: str) -> Pattern:
    """Return the pattern that a String or Arn operator makes of a text."""
    if known.family == "arn":
        return arn_pattern(text)
    if known.test == "like":
        return glob(text)
    return literal(text, ignore_case=known.test == "equalsignorecase")


def arn_pattern(text: str) -> Pattern:
    """Return the pattern for an ARN, in which no wildcard but in the sixth part crosses a colon."""
    *parts, last = text.split(":", 5)
    return (
        *(token for part in parts for token in (*glob(part, but=":"), PatternToken(":"))),
        *glob(last),
    )


@lru_cache(maxsize=4096)
def network_of(text: str) -> Network | None:
    """Return the network of a CIDR or of an address, or None where that is not certain."""
    if not re.fullmatch(r"[0-9a-fA-F.:]+(/\d{1,3})?", text):
        return None
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    # An IPv4 address in IPv6's clothes: whether AWS knows it again is not documented.
    return None if network.version == 6 and network.subnet_of(_MAPPED) else network


def number_of(family: str, text: str) -> float | None:
    """Return the number that a text says, for a date its seconds since 1970, or None."""
    if re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", text):
        # Four digits may be a year as well.
        return float(text) if family == "numeric" or len(text) > 4 else None
    if family != "date" or not re.fullmatch(r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?", text):
        return None
    try:
        time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=timezone.utc)).timestamp()


def name_of(key: str) -> str:
    """Return a key's name as it is compared; a tag's own name keeps its case."""
    tag = key[len(TAG) :] if key.lower().startswith(TAG) else ""
    return key.lower().removesuffix(tag.lower()) + tag


_address = lru_cache(maxsize=4096)(ip_address)
_MAPPED = IPv6Network("::ffff:0:0/96")
_TESTS: dict[str, Callable[[float, float], bool]] = {
    "equals": operator.eq,
    "lessthan": operator.lt,
    "lessthanequals": operator.le,
    "greaterthan": operator.gt,
    "greaterthanequals": operator.ge,
}
_OPERATOR = re.compile(
    r"((?P<quantifier>forallvalues|foranyvalue):)?(?P<base>[a-z]+?)(?P<if_exists>ifexists)?"
)
# From a name to the family, the test, and whether it is negated.
_OPERATORS: dict[str, tuple[str, str, bool]] = {
    "stringequals": ("string", "equals", False),
    "stringnotequals": ("string", "equals", True),
    "stringequalsignorecase": ("string", "equalsignorecase", False),
    "stringnotequalsignorecase": ("string", "equalsignorecase", True),
    "stringlike": ("string", "like", False),
    "stringnotlike": ("string", "like", True),
    "arnequals": ("arn", "like", False),
    "arnnotequals": ("arn", "like", True),
    "arnlike": ("arn", "like", False),
    "arnnotlike": ("arn", "like", True),
    "ipaddress": ("ipaddress", "in", False),
    "notipaddress": ("ipaddress", "in", True),
    "bool": ("bool", "equals", False),
    "null": ("null", "missing", False),
    **{
        f"{family}{test}": (family, test, False)
        for family in ("numeric", "date")
        for test in _TESTS
    },
    "numericnotequals": ("numeric", "equals", True),
    "datenotequals": ("date", "equals", True),
}
# What no operator of these compares is compared by rules that are not documented.
_COMPARABLE = {
    Kind.TEXT: {"null", "string"},
    Kind.ARN: {"null", "string", "arn"},
    Kind.ADDRESS: {"null", "string", "ipaddress"},
    Kind.SWITCH: {"null", "string", "bool"},
    Kind.TIME: {"null", "date", "numeric"},
    Kind.NUMBER: {"null", "numeric"},
}
TAG = "aws:principaltag/"
KEYS = {
    "aws:sourceip": Key(Kind.ADDRESS, "all"),
    "aws:securetransport": Key(Kind.SWITCH, "all"),
    "aws:useragent": Key(Kind.TEXT, "all", sure=False),
    "aws:referer": Key(Kind.TEXT, "all", sure=False),
    "aws:currenttime": Key(Kind.TIME, "all"),
    "aws:epochtime": Key(Kind.TIME, "all"),
    "aws:viaawsservice": Key(Kind.SWITCH, "all", sure=False),
    "aws:vpcsourceip": Key(Kind.ADDRESS, "vpc"),
    "aws:sourcevpce": Key(Kind.TEXT, "vpc"),
    "aws:sourcevpc": Key(Kind.TEXT, "vpc"),
    "aws:sourcevpcarn": Key(Kind.ARN, "vpc", sure=False),
    "aws:vpceaccount": Key(Kind.TEXT, "vpc", sure=False),
    "aws:vpceorgid": Key(Kind.TEXT, "vpc", sure=False),
    "aws:vpceorgpaths": Key(Kind.TEXT, "vpc", sure=False),
    "aws:principalaccount": Key(Kind.TEXT, "signed"),
    "aws:principalarn": Key(Kind.ARN, "signed"),
    "aws:principalorgid": Key(Kind.TEXT, "signed", sure=False),
    "aws:principalorgpaths": Key(Kind.TEXT, "signed", sure=False),
    "aws:principaltype": Key(Kind.TEXT, "signed"),
    "aws:userid": Key(Kind.TEXT, "signed"),
    "aws:username": Key(Kind.TEXT, "signed", sure=False),
    "aws:multifactorauthpresent": Key(Kind.SWITCH, "signed", sure=False),
    "aws:multifactorauthage": Key(Kind.NUMBER, "signed", sure=False),
    "aws:tokenissuetime": Key(Kind.TIME, "signed", sure=False),
    "aws:principalisawsservice": Key(Kind.SWITCH, "signed or service"),
    "aws:principalservicename": Key(Kind.TEXT, "service"),
    "aws:sourceaccount": Key(Kind.TEXT, "service", sure=False),
    "aws:sourcearn": Key(Kind.ARN, "service", sure=False),
    "aws:sourceorgid": Key(Kind.TEXT, "service", sure=False),
    "aws:sourceorgpaths": Key(Kind.TEXT, "service", sure=False),
}
