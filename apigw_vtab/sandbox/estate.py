"""The classes that declare an estate: accounts, certificates, REST APIs, stages.

Every date is a number of days before the sandbox starts, so the estate never ages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apigw_vtab.sandbox.estate_access import (
    AccessAssociation,
    ApiKey,
    DomainName,
    UsagePlan,
    VpcLink,
)
from apigw_vtab.sandbox.estate_web import Portal, PortalProduct, WebApi, WebVpcLink


@dataclass(frozen=True)
class SandboxAccount:
    """An AWS account and the profile that reaches it; `roles` are those that may be assumed."""

    id: str
    profile: str
    region: str
    roles: tuple[str, ...] = ("auditor", "audit")


@dataclass(frozen=True)
class Certificate:
    """A client certificate, which expires when it is 365 days old."""

    label: str
    age: int
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AcmCertificate:
    """A certificate of ACM, which ends in so many days; negative: it has ended."""

    label: str
    domain: str
    ends: int
    status: str = "ISSUED"
    age: int = 165
    is_imported: bool = False


@dataclass(frozen=True)
class Route:
    """A method of an API, and what it calls.

    `backend` is a URL, `lambda:NAME`, an action of a service such as `sqs:SendMessage`, or `mock`.
    Without `proxy`, templates make its request and its responses. `link` is the label of a VPC
    link, `authorizer`, `validator` and `model` are names of the API's own; `responses` are status
    codes; `more` are members of the integration, by AWS's names.
    """

    path: str
    method: str
    backend: str
    authorization: str = "AWS_IAM"
    api_key: bool = False
    authorizer: str | None = None
    scopes: tuple[str, ...] = ()
    validator: str | None = None
    model: str | None = None
    parameters: Mapping[str, bool] = field(default_factory=dict)
    operation: str | None = None
    responses: tuple[str, ...] = ()
    proxy: bool = True
    link: str | None = None
    role: str | None = None
    skips_verification: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Authorizer:
    """An authorizer of a REST API: a function of this name, or a pool of users."""

    name: str
    kind: str = "TOKEN"
    source: str = "method.request.header.Authorization"
    seconds: int = 300
    validation: str | None = None
    role: str | None = None


@dataclass(frozen=True)
class Validator:
    """A request validator."""

    name: str
    body: bool = False
    parameters: bool = False


@dataclass(frozen=True)
class Model:
    """A model of a request's or a response's body."""

    name: str
    schema: Mapping[str, Any]
    description: str | None = None


@dataclass(frozen=True)
class GatewayAnswer:
    """A response that a REST API gives by itself, other than AWS's own."""

    kind: str
    status: str
    headers: Mapping[str, str] = field(default_factory=dict)
    template: str | None = None


@dataclass(frozen=True)
class Documentation:
    """A part of an API's documentation."""

    kind: str
    text: Mapping[str, str]
    path: str | None = None
    method: str | None = None
    name: str | None = None
    status: str | None = None


@dataclass(frozen=True)
class Stage:
    """A stage, as old as its API unless `created` says otherwise.

    A certificate label that its account and region do not declare is a dangling reference, also
    where it is that of a certificate of ACM. What is
    deployed has the API's own routes, unless `deployed_routes` says otherwise.
    """

    name: str
    description: str | None = None
    certificate: str | None = None
    acm_certificate: str | None = None
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
    documentation: str | None = None
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
    authorizers: tuple[Authorizer, ...] = ()
    validators: tuple[Validator, ...] = ()
    models: tuple[Model, ...] = ()
    answers: tuple[GatewayAnswer, ...] = ()
    documentation: tuple[Documentation, ...] = ()
    documentation_versions: Mapping[str, str | None] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    created: int = 900


@dataclass(frozen=True)
class SandboxRegion:
    """One account in one region; `log_role` is the role that may write logs, if there is one."""

    account: SandboxAccount
    region: str
    apis: tuple[Api, ...]
    certificates: tuple[Certificate, ...] = ()
    web_apis: tuple[WebApi, ...] = ()
    domain_names: tuple[DomainName, ...] = ()
    associations: tuple[AccessAssociation, ...] = ()
    usage_plans: tuple[UsagePlan, ...] = ()
    api_keys: tuple[ApiKey, ...] = ()
    vpc_links: tuple[VpcLink, ...] = ()
    web_vpc_links: tuple[WebVpcLink, ...] = ()
    portals: tuple[Portal, ...] = ()
    portal_products: tuple[PortalProduct, ...] = ()
    log_role: str | None = None
    acm_certificates: tuple[AcmCertificate, ...] = ()


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
