"""The classes that declare an estate: accounts, certificates, REST APIs, stages.

Every date is a number of days before the sandbox starts, so the estate never ages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class SandboxAccount:
    """An AWS account and the profile that reaches it."""

    id: str
    profile: str
    region: str


@dataclass(frozen=True)
class Certificate:
    """A client certificate, which expires when it is 365 days old."""

    label: str
    age: int
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """A method of an API; `backend` is a URL, `lambda:NAME` or `mock`."""

    path: str
    method: str
    backend: str
    authorization: str = "AWS_IAM"
    api_key: bool = False


@dataclass(frozen=True)
class Stage:
    """A stage, as old as its API unless `created` says otherwise.

    A certificate label that its account and region do not declare is a dangling reference. What is
    deployed has the API's own routes, unless `deployed_routes` says otherwise.
    """

    name: str
    description: str | None = None
    certificate: str | None = None
    logging: str | None = None
    metrics: bool = False
    data_trace: bool = False
    tracing: bool = False
    access_log: bool = False
    web_acl: bool = False
    cache: str | None = None
    cache_encrypted: bool = False
    throttle: int | None = None
    overrides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    canary_percent: float | None = None
    created: int | None = None
    updated: int = 21
    deployed: int = 21
    deployed_routes: tuple[Route, ...] | None = None


@dataclass(frozen=True)
class Api:
    """A REST API with its stages."""

    name: str
    stages: tuple[Stage, ...] = ()
    routes: tuple[Route, ...] = ()
    description: str | None = None
    endpoint: str = "REGIONAL"
    vpc_endpoints: tuple[str, ...] = ()
    policy: Mapping[str, Any] | None = None
    compression: int | None = None
    default_endpoint_disabled: bool = False
    security_policy: str | None = None
    binary: tuple[str, ...] = ()
    key_source: str = "HEADER"
    version: str | None = None
    warnings: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    created: int = 900


@dataclass(frozen=True)
class WebSocketApi:
    """A WebSocket API whose one stage presents a certificate."""

    name: str
    stage: str
    certificate: str


@dataclass(frozen=True)
class SandboxRegion:
    """One account in one region."""

    account: SandboxAccount
    region: str
    apis: tuple[Api, ...]
    certificates: tuple[Certificate, ...] = ()
    web_sockets: tuple[WebSocketApi, ...] = ()


def allow(principal: str | Mapping[str, str], **condition: Mapping[str, str]) -> dict[str, Any]:
    """Return a resource policy that lets the principal invoke every method of the API."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
    }
    if condition:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement]}
