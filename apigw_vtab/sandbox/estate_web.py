"""The classes that declare what only version 2 has: HTTP and WebSocket APIs, and portals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class WebIntegration:
    """What routes call: `backend` as in Route, or a listener's name where `link` is a VPC link.

    `server_name` is what the backend's certificate has to say; without it, a link is not
    encrypted. `responses` are the keys of a WebSocket API's integration responses; `more` are
    members by AWS's names.
    """

    label: str
    backend: str
    link: str | None = None
    server_name: str | None = None
    method: str | None = None
    timeout: int = 30000
    description: str | None = None
    payload: str | None = None
    role: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    responses: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class WebRoute:
    """A route: its key, and the label of its integration."""

    key: str
    integration: str | None
    authorization: str = "NONE"
    authorizer: str | None = None
    scopes: tuple[str, ...] = ()
    api_key: bool = False
    operation: str | None = None
    models: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    responses: tuple[str, ...] = ()


@dataclass(frozen=True)
class WebAuthorizer:
    """An authorizer: a function of this name, or with an issuer, tokens of that issuer."""

    name: str
    issuer: str | None = None
    audience: tuple[str, ...] = ()
    sources: tuple[str, ...] = ("$request.header.Authorization",)
    seconds: int | None = None
    payload: str | None = None
    simple: bool | None = None
    role: str | None = None
    validation: str | None = None


@dataclass(frozen=True)
class WebStage:
    """A stage; `throttle` is requests per second and burst, `routes` settings by route key."""

    name: str
    description: str | None = None
    auto_deploy: bool = False
    access_log: bool = False
    throttle: tuple[float, int] | None = None
    metrics: bool = False
    logging: str | None = None
    data_trace: bool | None = None
    certificate: str | None = None
    routes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    failure: str | None = None
    deployed: int = 14
    updated: int = 14


@dataclass(frozen=True)
class WebModel:
    """A model of a message."""

    name: str
    schema: Mapping[str, Any]
    description: str | None = None


@dataclass(frozen=True)
class WebApi:
    """An HTTP or WebSocket API."""

    name: str
    protocol: str = "HTTP"
    description: str | None = None
    stages: tuple[WebStage, ...] = ()
    routes: tuple[WebRoute, ...] = ()
    integrations: tuple[WebIntegration, ...] = ()
    authorizers: tuple[WebAuthorizer, ...] = ()
    models: tuple[WebModel, ...] = ()
    cors: Mapping[str, Any] | None = None
    version: str | None = None
    address_type: str = "ipv4"
    default_endpoint_disabled: bool = False
    is_managed: bool = False
    import_info: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    created: int = 400


@dataclass(frozen=True)
class WebVpcLink:
    """A link of HTTP APIs into subnets."""

    name: str
    subnets: tuple[str, ...]
    groups: tuple[str, ...] = ()
    status: str = "AVAILABLE"
    message: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    created: int = 250


@dataclass(frozen=True)
class Portal:
    """A portal for developers; `products` are names of products."""

    name: str
    description: str | None = None
    products: tuple[str, ...] = ()
    needs_sign_in: bool = True
    domain: str | None = None
    published: int | None = None
    status: str | None = None
    failure: str | None = None
    has_preview: bool = False
    monitor: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    modified: int = 30


@dataclass(frozen=True)
class PortalProduct:
    """A product of portals; `owner` is the account that shares it with this one."""

    name: str
    description: str | None = None
    owner: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    modified: int = 40
