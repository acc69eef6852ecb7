"""Puts declared REST APIs into a backend: their methods, what these need, deployments, stages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from apigw_vtab.sandbox.deployments import ApiSummary
from apigw_vtab.sandbox.estate import Api, Authorizer, Route, Stage
from apigw_vtab.sandbox.gateway import GatewayApi, GatewayResource
from apigw_vtab.sandbox.ground import Ground
from apigw_vtab.sandbox.methods import GatewayIntegration
from apigw_vtab.sandbox.seeding_neighbours import acm_arn, web_acl_arn
from apigw_vtab.sandbox.wire import REST_API_ID_LENGTH, present

JSON = "application/json"
# The templates of requests: of those that API Gateway answers itself, and of all others.
MOCKED, PASSED_ON = {JSON: '{"statusCode": 200}'}, {JSON: "$input.json('$')"}


def add_api(ground: Ground, declared: Api) -> None:
    """Add a REST API with its resources, deployments and stages."""
    api_id = ground.rest_api(declared.name)
    policy = declared.policy and json.dumps(declared.policy, separators=(",", ":")).replace(
        # AWS expands the abbreviation when it stores the policy.
        "execute-api:/",
        f"{ground.arn('execute-api', api_id)}/",
    )
    endpoint: dict[str, Any] = {"types": [declared.endpoint]}
    if declared.vpc_endpoints:
        endpoint["vpcEndpointIds"] = list(declared.vpc_endpoints)
    api = ground.backend.add_api(
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
    path = ("restapis", declared.name)
    api.create_date = ground.at(declared.created, *path)
    api.warnings = list(declared.warnings)
    if declared.security_policy:
        api.security_policy = declared.security_policy
        if declared.security_policy.startswith("SecurityPolicy_"):
            api.endpoint_access_mode = "STRICT"
    add_parts(ground, api, declared)
    add_resources(ground, api, declared.routes, path)
    for stage in declared.stages:
        add_stage(ground, api, stage, path)


def add_parts(ground: Ground, api: GatewayApi, declared: Api) -> None:
    """Add what methods refer to, what the API answers by itself, and its documentation."""
    path, parents = ("restapis", declared.name), (api.id,)
    for one in declared.authorizers:
        ground.add("/restapis/{}/authorizers", parents, authorizer(ground, one, path))
    for validator in declared.validators:
        item = {
            "id": ground.id(*path, "requestvalidators", validator.name),
            "name": validator.name,
            "validateRequestBody": validator.body,
            "validateRequestParameters": validator.parameters,
        }
        ground.add("/restapis/{}/requestvalidators", parents, item)
    for model in declared.models:
        item = {
            "id": ground.id(*path, "models", model.name),
            "name": model.name,
            "description": model.description,
            "schema": json.dumps(model.schema),
            "contentType": JSON,
        }
        ground.add("/restapis/{}/models", parents, item)
    for answer in declared.answers:
        item = {
            "responseType": answer.kind,
            "statusCode": answer.status,
            "responseParameters": {
                f"gatewayresponse.header.{name}": value for name, value in answer.headers.items()
            },
            "responseTemplates": {JSON: answer.template} if answer.template else {},
        }
        ground.backend.documents.add("/restapis/{}/gatewayresponses", parents, item)
    add_documentation(ground, api, declared)


def add_documentation(ground: Ground, api: GatewayApi, declared: Api) -> None:
    """Add the parts of an API's documentation, and its versions."""
    path, parents = ("restapis", declared.name), (api.id,)
    for number, part in enumerate(declared.documentation):
        location = {
            "type": part.kind,
            "path": part.path,
            "method": part.method,
            "name": part.name,
            "statusCode": part.status,
        }
        item = {
            "id": ground.id(*path, "documentation", str(number)),
            "location": present(location),
            "properties": json.dumps(part.text, ensure_ascii=False),
        }
        ground.add("/restapis/{}/documentation/parts", parents, item)
    for number, (version, text) in enumerate(declared.documentation_versions.items()):
        published: dict[str, Any] = {
            "version": version,
            "createdDate": ground.at(declared.created - number, *path, "documentation", version),
            "description": text,
        }
        ground.add("/restapis/{}/documentation/versions", parents, published)


def authorizer(ground: Ground, declared: Authorizer, path: tuple[str, ...]) -> dict[str, Any]:
    """Return an authorizer as AWS lists it."""
    is_pool = declared.kind == "COGNITO_USER_POOLS"
    region = ground.where[1]
    return {
        "id": ground.id(*path, "authorizers", declared.name),
        "name": declared.name,
        "type": declared.kind,
        "authType": "cognito_user_pools" if is_pool else "custom",
        "providerARNs": [ground.arn("cognito-idp", f"userpool/{region}_{declared.name}")]
        if is_pool
        else [],
        "authorizerUri": None if is_pool else ground.function(declared.name),
        "authorizerCredentials": declared.role and ground.role(declared.role),
        "identitySource": declared.source,
        "identityValidationExpression": declared.validation,
        "authorizerResultTtlInSeconds": declared.seconds,
    }


def add_resources(
    ground: Ground, api: GatewayApi, routes: Iterable[Route], path: tuple[str, ...]
) -> None:
    """Add the resources of the routes, their methods and integrations."""
    # moto gave the root a random id when the API was created.
    api.resources.clear()
    root = api.add_child("/", resource_id=ground.id(*path, "/", length=REST_API_ID_LENGTH))
    api.default, api.root_resource_id = root, root.id
    resources = {"": root}
    for route in routes:
        parent, here = root, ""
        for part in filter(None, route.path.split("/")):
            here = f"{here}/{part}"
            if here not in resources:
                resources[here] = api.add_child(part, parent.id, ground.id(*path, here))
            parent = resources[here]
        add_method(ground, parent, route, path)


def add_method(
    ground: Ground, resource: GatewayResource, route: Route, path: tuple[str, ...]
) -> None:
    """Add a method with its responses and its integration."""
    resource.add_method(
        route.method,
        route.authorization,
        route.api_key,
        request_parameters=dict(route.parameters) or None,
        request_models={JSON: route.model} if route.model else None,
        operation_name=route.operation,
        authorizer_id=ground.id(*path, "authorizers", route.authorizer)
        if route.authorizer
        else None,
        authorization_scopes=list(route.scopes) or None,
        request_validator_id=ground.id(*path, "requestvalidators", route.validator)
        if route.validator
        else None,
    )
    method = resource.get_method(route.method)
    kind, uri = integration(ground, route)
    added = resource.add_integration(
        route.method,
        kind,
        uri or "",
        integration_method=route.method if kind.startswith("HTTP") else "POST",
        request_templates=_templates(kind, route),
        credentials=ground.role(route.role) if route.role else None,
        tls_config={"insecureSkipVerification": True} if route.skips_verification else None,
        connection_type=_connection(kind, route),
    )
    assert isinstance(added, GatewayIntegration)
    link = {"connectionId": ground.id("vpclinks", route.link)} if route.link else {}
    added.extra = {**link, **route.more}
    for code in route.responses:
        headers = {"method.response.header.Access-Control-Allow-Origin": code == "200"}
        method.create_response(code, {JSON: route.model or "Empty"}, headers)  # type: ignore[arg-type]
        if not route.proxy:
            pattern = "" if code == "200" else f"{code[0]}\\d{{2}}"
            added.create_integration_response(
                code, pattern, {JSON: ""}, dict.fromkeys(headers, "'https://shop.example.com'")
            )


def _templates(kind: str, route: Route) -> dict[str, str] | None:
    if kind == "MOCK":
        return MOCKED
    return None if route.proxy else PASSED_ON


def _connection(kind: str, route: Route) -> str | None:
    if route.link:
        return "VPC_LINK"
    return "INTERNET" if kind.startswith("HTTP") else None


def integration(ground: Ground, route: Route) -> tuple[str, str | None]:
    """Return the type and URI of the integration for a route's backend."""
    service, _, rest = route.backend.partition(":")
    if route.backend == "mock":
        return "MOCK", None
    if service == "lambda":
        return "AWS_PROXY" if route.proxy else "AWS", ground.function(rest)
    if service in ("http", "https"):
        return "HTTP_PROXY" if route.proxy else "HTTP", route.backend
    return "AWS", f"arn:aws:apigateway:{ground.where[1]}:{service}:action/{rest}"


def add_stage(ground: Ground, api: GatewayApi, declared: Stage, api_path: tuple[str, ...]) -> None:
    """Add a stage and the deployments that it serves."""
    path = (*api_path, "stages", declared.name)
    deployment = api.add_deployment(ground.id(*path), declared.name, "")
    deployment.created_date = ground.at(declared.deployed, *path)
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
        api.create_date if declared.created is None else ground.at(declared.created, *path)
    )
    stage.last_updated_date = ground.at(declared.updated, *path)
    stage.method_settings = method_settings(declared, stage._get_default_method_settings())
    stage.documentation_version = declared.documentation
    if declared.certificate:
        stage.client_certificate_id = ground.certificate(declared.certificate)
    if declared.acm_certificate:
        stage.client_certificate_id = acm_arn(ground, declared.acm_certificate)
    if declared.access_log:
        stage.access_log_settings = ground.access_log(f"{api.id}/{declared.name}")
    if declared.web_acl:
        stage.web_acl_arn = web_acl_arn(ground)
    if declared.canary_percent is not None:
        canary = api.add_deployment(ground.id(*path, "canary"), "", "Canary")
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


def method_settings(declared: Stage, defaults: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
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
