"""Where a service is: the address of its endpoint, and what its calls are signed for."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from apigw_vtab.aws.wire.settings import WireSettings
from apigw_vtab.tables.model import loader_of, service_model
from apigw_vtab.tables.services import signing_name

PORTS = {"http": 80, "https": 443}


class Endpoint(NamedTuple):
    """An endpoint, and the name and the region that its calls are signed for.

    `origin` is its URL without `path` and `query`, `host` without brackets, `header` what stands in
    the request's Host.
    """

    origin: str
    path: str
    query: str
    scheme: str
    host: str
    port: int
    header: str
    signing_name: str
    signing_region: str


class Errand(NamedTuple):
    """What an endpoint depends on: the service, and what its rules ask of some operations."""

    service: str
    asked: tuple[tuple[str, Any], ...] = ()


@functools.cache
def errand_of(service: str, operation: str) -> Errand:
    """Return what the endpoint of an operation depends on."""
    parameters = service_model(service).operation_model(operation).static_context_parameters
    return Errand(service, tuple((one.name, one.value) for one in parameters))


def endpoint_of(errand: Errand, region: str, given: str | None, settings: WireSettings) -> Endpoint:
    """Return where a service is in a region: at the endpoint that is `given`, or at AWS's.

    As botocore decides it, from the rules that each service has:
    https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html. Raises botocore's
    errors, and ValueError for an endpoint that is none.
    """
    from botocore.utils import validate_region_name

    validate_region_name(region)
    # So botocore reads a region such as fips-us-east-1.
    plain = region.replace("fips-", "").replace("-fips", "")
    service = errand.service
    parameters: dict[str, Any] = {"Region": plain, **dict(errand.asked)}
    if given:
        _check(given)
        parameters["Endpoint"] = given
    else:
        parameters["UseFIPS"] = settings.fips or plain != region
        parameters["UseDualStack"] = settings.dual_stack
    if service == "sts":
        is_global = _is_global(plain, settings) and not given
        # With FIPS or dual stack there is no global endpoint.
        is_variant = parameters.get("UseFIPS") or parameters.get("UseDualStack")
        parameters["UseGlobalEndpoint"] = bool(is_global and not is_variant)
    resolved = _rules(service).resolve_endpoint(**parameters)
    schemes = resolved.properties.get("authSchemes") or [{}]
    scheme: dict[str, Any] = next((one for one in schemes if one.get("name") == "sigv4"), {})
    return _placed(
        resolved.url,
        str(scheme.get("signingName") or signing_name(service)),
        str(scheme.get("signingRegion") or plain),
    )


def _placed(url: str, name: str, region: str) -> Endpoint:
    from botocore.auth import _host_from_url

    parts = urlsplit(url)
    port = parts.port or PORTS.get(parts.scheme)
    if port is None or parts.hostname is None:
        raise ValueError(f"Invalid endpoint: {url}")
    origin = f"{parts.scheme}://{parts.netloc}"
    return Endpoint(
        origin,
        parts.path,
        parts.query,
        parts.scheme,
        parts.hostname,
        port,
        _host_from_url(url),
        name,
        region,
    )


def _check(url: str) -> None:
    from botocore.utils import is_valid_endpoint_url, is_valid_ipv6_endpoint_url

    if not is_valid_endpoint_url(url) and not is_valid_ipv6_endpoint_url(url):
        raise ValueError(f"Invalid endpoint: {url}")


def _is_global(region: str, settings: WireSettings) -> bool:
    """Return whether STS is asked at its global endpoint, as versions of botocore once did."""
    from botocore.args import LEGACY_GLOBAL_STS_REGIONS

    return settings.sts_regional == "legacy" and region in LEGACY_GLOBAL_STS_REGIONS


@functools.cache
def _rules(service: str) -> Any:
    from botocore.endpoint_provider import EndpointProvider

    loader = loader_of(service)
    rules = loader.load_service_model(service, "endpoint-rule-set-1")
    return EndpointProvider(rules, loader.load_data("partitions"))
