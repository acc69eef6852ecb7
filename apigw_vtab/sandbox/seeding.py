"""Puts a declared estate into a server's backends, with the same result every time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, timezone
from random import Random
from typing import Any
from uuid import UUID

from apigw_vtab.sandbox.client_certificates import ClientCertificate
from apigw_vtab.sandbox.deployments import ApiSummary
from apigw_vtab.sandbox.estate import Api, Certificate, Route, SandboxRegion, Stage, WebSocketApi
from apigw_vtab.sandbox.gateway import GatewayApi, GatewayBackend, GatewayBackends
from apigw_vtab.sandbox.wire import ID_CHARACTERS, REST_API_ID_LENGTH, SHORT_ID_LENGTH

ACCESS_LOG_FORMAT = (
    '{"requestId":"$context.requestId","ip":"$context.identity.sourceIp",'
    '"requestTime":"$context.requestTime","httpMethod":"$context.httpMethod",'
    '"resourcePath":"$context.resourcePath","status":"$context.status"}'
)


def fixed_id(length: int, *path: str) -> str:
    """Return the identifier of the thing at this path, whatever else is in the estate."""
    generator = Random("/".join(path))
    return "".join(generator.choices(ID_CHARACTERS, k=length))


def moment(today: date, days_ago: int, *path: str) -> datetime:
    """Return a moment so many days ago, at a fixed time of day for the thing at this path."""
    seconds = Random("/".join(path)).randrange(24 * 60 * 60)
    midnight = datetime.combine(today - timedelta(days=days_ago), time(), timezone.utc)
    return midnight + timedelta(seconds=seconds)


def epoch(when: datetime) -> int:
    """Return the date as API Gateway sends it."""
    return int(when.timestamp())


def populate(backends: GatewayBackends, lanes: Iterable[SandboxRegion], today: date) -> None:
    """Add the certificates and APIs of every account and region to its backend."""
    for lane in lanes:
        where = (lane.account.id, lane.region)
        backend = backends[where]
        for certificate in lane.certificates:
            add_certificate(backend, certificate, today, where)
        for api in lane.apis:
            add_api(backend, api, today, where)
        for one in lane.web_sockets:
            add_web_socket(backend, one, where)


def certificate_id(label: str, where: tuple[str, str]) -> str:
    """Return the id of the certificate with this label, whether declared or gone."""
    return fixed_id(SHORT_ID_LENGTH, *where, "clientcertificates", label)


def add_certificate(
    backend: GatewayBackend, declared: Certificate, today: date, where: tuple[str, str]
) -> None:
    """Add a client certificate that was generated `age` days ago."""
    certificate = ClientCertificate(
        id=certificate_id(declared.label, where),
        created=moment(today, declared.age, *where, "clientcertificates", declared.label),
        description=declared.description,
        tags=dict(declared.tags),
    )
    backend.client_certificates[certificate.id] = certificate


def add_api(backend: GatewayBackend, declared: Api, today: date, where: tuple[str, str]) -> None:
    """Add a REST API with its resources, deployments and stages."""
    path = (*where, "restapis", declared.name)
    api_id = fixed_id(REST_API_ID_LENGTH, *path)
    account_id, region = where
    policy = declared.policy and json.dumps(declared.policy, separators=(",", ":")).replace(
        # AWS expands the abbreviation when it stores the policy.
        "execute-api:/",
        f"arn:aws:execute-api:{region}:{account_id}:{api_id}/",
    )
    endpoint: dict[str, Any] = {"types": [declared.endpoint]}
    if declared.vpc_endpoints:
        endpoint["vpcEndpointIds"] = list(declared.vpc_endpoints)
    api = backend.add_api(
        api_id,
        declared.name,
        declared.description or "",
        version=declared.version,
        binaryMediaTypes=list(declared.binary),
        api_key_source=declared.key_source,
        endpoint_configuration=endpoint,
        policy=policy,
        tags=dict(declared.tags),
        minimum_compression_size=declared.compression,
        disable_execute_api_endpoint=declared.default_endpoint_disabled,
    )
    api.create_date = epoch(moment(today, declared.created, *path))
    api.warnings = list(declared.warnings)
    if declared.security_policy:
        api.security_policy = declared.security_policy
        if declared.security_policy.startswith("SecurityPolicy_"):
            api.endpoint_access_mode = "STRICT"
    add_resources(api, declared.routes, path)
    for stage in declared.stages:
        add_stage(api, stage, today, where, path)


def add_web_socket(backend: GatewayBackend, declared: WebSocketApi, where: tuple[str, str]) -> None:
    """Add a WebSocket API with its stage."""
    api_id = fixed_id(REST_API_ID_LENGTH, *where, "apis", declared.name)
    api = {"apiId": api_id, "name": declared.name, "protocolType": "WEBSOCKET"}
    certificate = certificate_id(declared.certificate, where)
    backend.documents.add("/v2/apis", (), api)
    backend.documents.add(
        "/v2/apis/{}/stages",
        (api_id,),
        {"stageName": declared.stage, "clientCertificateId": certificate},
    )


def add_resources(api: GatewayApi, routes: Iterable[Route], path: tuple[str, ...]) -> None:
    """Add the resources of the routes, their methods and integrations."""
    # moto gave the root a random id when the API was created.
    api.resources.clear()
    root = api.add_child("/", resource_id=fixed_id(REST_API_ID_LENGTH, *path, "/"))
    api.default, api.root_resource_id = root, root.id
    resources = {"": root}
    for route in routes:
        parent, here = root, ""
        for part in route.path.split("/"):
            here = f"{here}/{part}"
            if here not in resources:
                resource_id = fixed_id(SHORT_ID_LENGTH, *path, here)
                resources[here] = api.add_child(part, parent.id, resource_id)
            parent = resources[here]
        parent.add_method(route.method, route.authorization, route.api_key)
        kind, uri = integration(route.backend, api)
        parent.add_integration(
            route.method,
            kind,
            uri or "",
            integration_method=route.method,
        )


def integration(backend: str, api: GatewayApi) -> tuple[str, str | None]:
    """Return the type and URI of the integration for a route's backend."""
    if backend == "mock":
        return "MOCK", None
    if backend.startswith("lambda:"):
        function = f"arn:aws:lambda:{api.region_name}:{api.account_id}:function:{backend[7:]}"
        prefix = f"arn:aws:apigateway:{api.region_name}:lambda:path/2015-03-31/functions"
        return "AWS_PROXY", f"{prefix}/{function}/invocations"
    return "HTTP_PROXY", backend


def add_stage(
    api: GatewayApi,
    declared: Stage,
    today: date,
    where: tuple[str, str],
    api_path: tuple[str, ...],
) -> None:
    """Add a stage and the deployments that it serves."""
    path = (*api_path, "stages", declared.name)
    deployed = epoch(moment(today, declared.deployed, *path))
    deployment = api.add_deployment(fixed_id(SHORT_ID_LENGTH, *path), declared.name, "")
    deployment.created_date = deployed
    if declared.deployed_routes is not None:
        deployment.api_summary = summary_of(declared.deployed_routes)
    stage = api.create_stage(
        declared.name,
        deployment.id,
        variables=dict(declared.variables),
        description=declared.description or "",
        cacheClusterEnabled=declared.cache is not None,
        cacheClusterSize=declared.cache,
        tags=dict(declared.tags),
        tracing_enabled=declared.tracing,
    )
    stage.created_date = (
        api.create_date
        if declared.created is None
        else epoch(moment(today, declared.created, *path))
    )
    stage.last_updated_date = epoch(moment(today, declared.updated, *path))
    stage.method_settings = method_settings(declared, stage._get_default_method_settings())
    if declared.certificate:
        stage.client_certificate_id = certificate_id(declared.certificate, where)
    if declared.access_log:
        stage.access_log_settings = access_log(f"{api.id}/{declared.name}", where)
    if declared.web_acl:
        stage.web_acl_arn = web_acl(where)
    if declared.canary_percent is not None:
        canary = api.add_deployment(fixed_id(SHORT_ID_LENGTH, *path, "canary"), "", "Canary")
        canary.created_date = stage.last_updated_date
        stage.canary_settings = {
            "percentTraffic": declared.canary_percent,
            "deploymentId": canary.id,
            "useStageCache": False,
        }


def summary_of(routes: Iterable[Route]) -> ApiSummary:
    """Return what AWS tells of a deployment with these routes."""
    summary: ApiSummary = {}
    for route in routes:
        summary.setdefault(f"/{route.path}", {})[route.method] = {
            "authorizationType": route.authorization,
            "apiKeyRequired": route.api_key,
        }
    return summary


def access_log(stage: str, where: tuple[str, str]) -> dict[str, str]:
    """Return the settings of a stage's access log, which goes to a group of its own."""
    account_id, region = where
    return {
        "destinationArn": f"arn:aws:logs:{region}:{account_id}:log-group:/aws/apigateway/{stage}",
        "format": ACCESS_LOG_FORMAT,
    }


def web_acl(where: tuple[str, str]) -> str:
    """Return the ARN of the one web ACL of an account and region."""
    account_id, region = where
    acl = UUID(int=Random("/".join((*where, "webacl"))).getrandbits(128), version=4)
    return f"arn:aws:wafv2:{region}:{account_id}:regional/webacl/shop-perimeter/{acl}"


def method_settings(declared: Stage, defaults: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the stage's method settings, empty if nothing was ever set, as on AWS."""
    chosen: dict[str, Any] = {}
    if declared.logging:
        chosen |= {"loggingLevel": declared.logging, "dataTraceEnabled": declared.data_trace}
    if declared.metrics:
        chosen |= {"metricsEnabled": True}
    if declared.cache:
        chosen |= {"cachingEnabled": True, "cacheDataEncrypted": declared.cache_encrypted}
    if declared.throttle:
        chosen |= {
            "throttlingRateLimit": float(declared.throttle),
            "throttlingBurstLimit": declared.throttle * 2,
        }
    settings = {"*/*": {**defaults, **chosen}} if chosen else {}
    for method, override in declared.overrides.items():
        settings[method] = {**defaults, **chosen, **override}
    return settings
