"""What a deployment would publish besides: an API's working copy against what is deployed. Pure.

Of what is deployed, AWS tells the methods and how each is authorized:
https://docs.aws.amazon.com/apigateway/latest/api/API_MethodSnapshot.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

# What a deployment publishes, too, and AWS does not tell of one that was made.
NOT_COMPARED = (
    "integrations, mappings, models, authorizers, validators, gateway responses and policies"
)
UNKNOWN = "an authorization that AWS does not tell"


class Access(NamedTuple):
    """Who may call a method: AWS's authorization type, and whether an API key is required."""

    authorization: str
    needs_key: bool

    def __str__(self) -> str:
        return f"{self.authorization} and an API key" if self.needs_key else self.authorization


# Methods such as `GET /orders`.
Methods = Mapping[str, Access]


def published_methods(summary: object) -> Methods:
    """Return the methods of a deployment's apiSummary. Raises ValueError if it is not one."""
    if summary is None:
        raise ValueError("AWS did not tell what is deployed.")
    return dict(_methods(_as_map(summary).items()))


def working_methods(resources: Iterable[tuple[object, object]]) -> Methods:
    """Return the methods of an API's resources, each given as its path and its resourceMethods.

    Raises ValueError for anything else.
    """
    return dict(_methods((path, methods or {}) for path, methods in resources))


def differences(published: Methods, working: Methods) -> list[str]:
    """Return what a deployment would change about the methods, in words; nothing if they agree."""
    return list(_differences(published, working))


def _differences(published: Methods, working: Methods) -> Iterator[str]:
    for method in sorted({*published, *working}):
        before, after = published.get(method), working.get(method)
        if before is None:
            yield f"adds {method} ({after})"
        elif after is None:
            yield f"removes {method}"
        elif before != after or UNKNOWN in (before.authorization, after.authorization):
            yield f"changes {method} from {before} to {after}"


def _methods(paths: Iterable[tuple[object, object]]) -> Iterator[tuple[str, Access]]:
    for path, methods in paths:
        for verb, told in _as_map(methods).items():
            yield f"{verb} {path}", _access(_as_map(told))


def _access(method: Mapping[object, object]) -> Access:
    authorization = method.get("authorizationType")
    known = isinstance(authorization, str) and authorization
    return Access(str(authorization) if known else UNKNOWN, bool(method.get("apiKeyRequired")))


def _as_map(told: object) -> Mapping[object, object]:
    if not isinstance(told, Mapping):
        raise ValueError("AWS told of the methods in a form that is not known here.")
    return told
