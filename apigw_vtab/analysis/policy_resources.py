"""What a call is for: the actions, and the resources that a policy tells apart. Pure.

https://docs.aws.amazon.com/apigateway/latest/developerguide/\
api-gateway-control-access-using-iam-policies-to-invoke-api.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from apigw_vtab.analysis.conditions import UNKNOWN, Doubt, Outcome, any_of
from apigw_vtab.analysis.policy_callers import Candidate
from apigw_vtab.analysis.policy_document import NamedCallers
from apigw_vtab.analysis.policy_patterns import (
    MANY,
    Pattern,
    PatternToken,
    TooHardError,
    glob,
    literal,
    matches,
    representatives,
)

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
# Who may not invoke gets nothing out of the other two; but that is to be read, not to be sure of.
ACTIONS = (
    Candidate("execute-api:Invoke"),
    Candidate("execute-api:InvalidateCache", Doubt.UNDECIDED),
    Candidate("execute-api:ManageConnections", Doubt.UNDECIDED),
)


def matches_action(actions: NamedCallers, action: str | None) -> Outcome:
    """Tell whether a statement is about an action; AWS does not tell actions apart by case."""
    found = any(matches(glob(name, ignore_case=True), action or "") for name in actions.names)
    return Outcome(found != actions.negated)


def matches_resource(resources: NamedCallers, api: str, resource: str | None) -> Outcome:
    """Tell whether a statement is about a resource, where None is for any."""
    found = any_of(_is_resource(name, api, resource) for name in resources.names)
    return Outcome(found.holds != resources.negated, found.doubt)


def _is_resource(name: str, api: str, resource: str | None) -> Outcome:
    """Compare a resource with one of a policy's, where it is documented how.

    No wildcard crosses a colon of an ARN, but for one at the end of a part; and a variable is not
    known: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    if "${" in name or not re.match(r"execute-api:/|arn:|\*\Z", name):
        return UNKNOWN
    if resource is None:
        return Outcome(True) if name in ("*", "execute-api:/*", f"{api}/*") else UNKNOWN
    found = matches(_pattern(name, api), resource)
    crosses = name.startswith("arn:") and name.count(":") < 5 and re.search(r"[*?].", name)
    return UNKNOWN if found and crosses else Outcome(found)


def resource_candidates(every: Sequence[NamedCallers], api: str) -> list[Candidate]:
    """Return resources of an API that stand for all.

    Where the API is not given, it is any that a policy names; whether it is another one that the
    policy tells from them is not known.
    """
    names = sorted({name for one in every for name in one.names})
    try:
        found = list(_representatives(names, api))
    except TooHardError:
        return [*map(Candidate, _examples(names, api)), Candidate(None)]
    named = _named_apis(names)
    certain = [bool(api) or not named or value.split("/", 1)[0] in named for value in found]
    return [
        Candidate(value, Doubt.NONE if is_own else Doubt.UNKNOWN)
        for value, is_own in zip(found, certain, strict=True)
    ]


def _representatives(names: Collection[str], api: str) -> Iterator[str]:
    """Return a resource for every way to match some names: an API, stage, method and path."""
    patterns = [_pattern(name, api) for name in names]
    for method in _methods_apart(names):
        yield from representatives(patterns, _form(api, method))


def _examples(names: Collection[str], api: str) -> Iterator[str]:
    """Return a resource for each name that is of the API for certain; not for every way."""
    own = {api} if api else _named_apis(names) or {"arn:aws:execute-api:region:account:api"}
    for name in names if len(own) == 1 else ():
        short = name.startswith("execute-api:/")
        example = re.sub(r"[*?]", "x", "".join(own) + name[12:] if short else name)
        if any(matches(_form("".join(own), method), example) for method in METHODS):
            yield example


def _named_apis(names: Collection[str]) -> set[str]:
    """Return the ARNs of APIs that stand in resources without a wildcard."""
    return {one[0] for name in names if (one := _ONE_API.match(name))}


def _methods_apart(names: Collection[str]) -> Sequence[str]:
    """Return methods that stand for all: those that resources name, and one that they do not."""
    exact = re.compile(f"/({'|'.join(METHODS)})(?=/|$)")
    rest = [exact.sub("/", name) for name in names]
    if any(char.isupper() or char == "?" for name in rest for char in name):
        return METHODS
    named = {method for name in names for method in exact.findall(name)}
    return [*sorted(named), *[method for method in METHODS if method not in named][:1]]


def _form(api: str, method: str) -> Pattern:
    """Return the pattern that all resources with a method have: a stage is before it."""
    stage = (
        PatternToken("/"),
        PatternToken("/", negated=True),
        PatternToken("/", negated=True, repeated=True),
    )
    return (*_api(api), *stage, *literal(f"/{method}/"), MANY)


def _pattern(name: str, api: str) -> Pattern:
    """Return the pattern of a resource, which may be short for one of the API at hand."""
    if name.startswith("execute-api:/"):
        return (*_api(api), *glob(name.removeprefix("execute-api:")))
    return glob(name)


def _api(api: str) -> Pattern:
    """Return the pattern for the API's own ARN, which is any where it is not given."""
    rest = PatternToken("/", negated=True, repeated=True)
    any_api = (*literal("arn:"), rest, *literal(":execute-api:"), rest)
    return literal(api) if api else any_api


_ONE_API = re.compile(r"arn:[^/*?:]+:execute-api:[^/*?]+(?=/)")
