"""The classes that declare how callers reach the APIs: domain names, usage plans, keys, links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Mapped:
    """What a path of a domain name leads to: a stage of an API, named; `is_web` for version 2's."""

    path: str
    api: str
    stage: str
    is_web: bool = False


@dataclass(frozen=True)
class RoutingRule:
    """A routing rule: requests with a header's value, or below a base path, go to a stage."""

    priority: int
    api: str
    stage: str
    header: tuple[str, str] | None = None
    base_path: str | None = None


@dataclass(frozen=True)
class DomainName:
    """A custom domain name; `owner` is the account that shares it with this one."""

    name: str
    endpoint: str = "REGIONAL"
    security_policy: str = "TLS_1_2"
    access_mode: str | None = None
    mutual_tls: bool = False
    routing: str = "BASE_PATH_MAPPING_ONLY"
    mappings: tuple[Mapped, ...] = ()
    rules: tuple[RoutingRule, ...] = ()
    status: str = "AVAILABLE"
    address_type: str = "ipv4"
    owner: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    uploaded: int = 200


@dataclass(frozen=True)
class AccessAssociation:
    """A VPC endpoint that may reach a private domain name; `owner` as in DomainName."""

    domain_name: str
    vpc_endpoint: str
    owner: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PlanStage:
    """A stage of a usage plan; `methods` are the requests per second of single methods."""

    api: str
    stage: str
    methods: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ApiKey:
    """An API key; `stages` are those of keys that are older than usage plans."""

    name: str
    enabled: bool = True
    customer: str | None = None
    description: str | None = None
    stages: tuple[PlanStage, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    created: int = 300
    updated: int = 300


@dataclass(frozen=True)
class UsagePlan:
    """A usage plan; `keys` are names of API keys, `quota` is a number of requests and a period."""

    name: str
    stages: tuple[PlanStage, ...] = ()
    keys: tuple[str, ...] = ()
    rate: float | None = None
    burst: int | None = None
    quota: tuple[int, str] | None = None
    description: str | None = None
    product: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class VpcLink:
    """A link of REST APIs to a network load balancer of this name."""

    name: str
    balancer: str
    description: str | None = None
    status: str = "AVAILABLE"
    message: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
