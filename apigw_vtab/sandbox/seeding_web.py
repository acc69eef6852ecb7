"""Puts declared HTTP and WebSocket APIs into a backend, their links, and portals."""

from __future__ import annotations

import json
from typing import Any

from apigw_vtab.sandbox.estate_web import (
    Portal,
    PortalProduct,
    WebApi,
    WebAuthorizer,
    WebIntegration,
    WebRoute,
    WebStage,
    WebVpcLink,
)
from apigw_vtab.sandbox.ground import Ground
from apigw_vtab.sandbox.wire import present

Path = tuple[str, ...]
DEPLOYED = "Successfully deployed stage with deployment ID '{}'"
# "Integration subtype reference" of the Developer Guide: actions that need no function.
SUBTYPES = ("EventBridge", "SQS", "StepFunctions")


def add_web_api(ground: Ground, declared: WebApi) -> None:
    """Add an API with all that belongs to it."""
    path = ("apis", declared.name)
    api_id = ground.web_api(declared.name)
    is_http = declared.protocol == "HTTP"
    scheme = "https" if is_http else "wss"
    item = {
        "apiId": api_id,
        "name": declared.name,
        "description": declared.description,
        "protocolType": declared.protocol,
        "apiEndpoint": f"{scheme}://{api_id}.execute-api.{ground.where[1]}.amazonaws.com",
        "routeSelectionExpression": "$request.method $request.path"
        if is_http
        else "$request.body.action",
        "createdDate": ground.iso(declared.created, *path),
        "corsConfiguration": declared.cors,
        "version": declared.version,
        "ipAddressType": declared.address_type,
        "disableExecuteApiEndpoint": declared.default_endpoint_disabled,
        "disableSchemaValidation": None if is_http else not declared.models,
        "apiGatewayManaged": declared.is_managed or None,
        "importInfo": list(declared.import_info),
        "warnings": list(declared.warnings),
        "tags": dict(declared.tags),
    }
    ground.add("/v2/apis", (), item)
    parents = (api_id,)
    for one in declared.authorizers:
        ground.add("/v2/apis/{}/authorizers", parents, authorizer(ground, one, path))
    for model in declared.models:
        model_item = {
            "modelId": ground.id(*path, "models", model.name),
            "name": model.name,
            "description": model.description,
            "contentType": "application/json",
            "schema": json.dumps(model.schema),
        }
        ground.add("/v2/apis/{}/models", parents, model_item)
    for integration in declared.integrations:
        add_integration(ground, integration, parents, path)
    for route in declared.routes:
        add_route(ground, route, parents, path)
    for stage in declared.stages:
        add_web_stage(ground, stage, parents, path)


def authorizer(ground: Ground, declared: WebAuthorizer, path: Path) -> dict[str, Any]:
    """Return an authorizer as version 2 lists it."""
    jwt = {"issuer": declared.issuer, "audience": list(declared.audience)}
    return {
        "authorizerId": ground.id(*path, "authorizers", declared.name),
        "name": declared.name,
        "authorizerType": "JWT" if declared.issuer else "REQUEST",
        "identitySource": list(declared.sources),
        "jwtConfiguration": jwt if declared.issuer else None,
        "authorizerUri": None if declared.issuer else ground.function(declared.name),
        "authorizerCredentialsArn": declared.role and ground.role(declared.role),
        "authorizerPayloadFormatVersion": declared.payload,
        "authorizerResultTtlInSeconds": declared.seconds,
        "enableSimpleResponses": declared.simple,
        "identityValidationExpression": declared.validation,
    }


def add_integration(ground: Ground, declared: WebIntegration, parents: Path, path: Path) -> None:
    """Add an integration, with a WebSocket API's responses of it."""
    kind, uri = _called(ground, declared)
    integration_id = ground.id(*path, "integrations", declared.label)
    subtype = kind if kind.partition("-")[0] in SUBTYPES else None
    item = {
        "integrationId": integration_id,
        "integrationType": "AWS_PROXY" if subtype else kind,
        "integrationSubtype": subtype,
        "integrationUri": uri,
        "integrationMethod": declared.method,
        "connectionType": "VPC_LINK" if declared.link else "INTERNET",
        "connectionId": declared.link and ground.id("v2vpclinks", declared.link),
        "tlsConfig": {"serverNameToVerify": declared.server_name} if declared.server_name else None,
        "credentialsArn": declared.role and ground.role(declared.role),
        "description": declared.description,
        "payloadFormatVersion": declared.payload,
        "timeoutInMillis": declared.timeout,
        "requestParameters": dict(declared.parameters),
        "requestTemplates": dict(declared.templates),
        "templateSelectionExpression": "\\$default" if declared.templates else None,
        "passthroughBehavior": "WHEN_NO_MATCH" if declared.templates else None,
        "integrationResponseSelectionExpression": "${integration.response.statuscode}"
        if declared.responses
        else None,
        **declared.more,
    }
    ground.add("/v2/apis/{}/integrations", parents, item)
    for key in declared.responses:
        response = {
            "integrationResponseId": ground.id(*path, "responses", declared.label, key),
            "integrationResponseKey": key,
            "responseTemplates": {"$default": "$input.body"} if key == "$default" else {},
            "responseParameters": {} if key == "$default" else {"header.status": "'failed'"},
            "templateSelectionExpression": "\\$default" if key == "$default" else None,
            "contentHandlingStrategy": None if key == "$default" else "CONVERT_TO_TEXT",
        }
        place = "/v2/apis/{}/integrations/{}/integrationresponses"
        ground.add(place, (*parents, integration_id), response)


def _called(ground: Ground, declared: WebIntegration) -> tuple[str, str | None]:
    """Return the type, or the subtype, of an integration, and its URI."""
    service, _, rest = declared.backend.partition(":")
    if declared.link:
        return "HTTP_PROXY", ground.arn("elasticloadbalancing", f"listener/app/{declared.backend}")
    if declared.backend == "mock":
        return "MOCK", None
    if service == "lambda":
        return "AWS_PROXY", ground.function(rest) if declared.responses else ground.arn(
            "lambda", f"function:{rest}"
        )
    if service in ("http", "https"):
        return "HTTP" if declared.templates else "HTTP_PROXY", declared.backend
    return declared.backend, None


def add_route(ground: Ground, declared: WebRoute, parents: Path, path: Path) -> None:
    """Add a route, with a WebSocket API's responses of it."""
    route_id = ground.id(*path, "routes", declared.key)
    target = declared.integration and ground.id(*path, "integrations", declared.integration)
    item = {
        "routeId": route_id,
        "routeKey": declared.key,
        "target": target and f"integrations/{target}",
        "authorizationType": declared.authorization,
        "authorizerId": declared.authorizer
        and ground.id(*path, "authorizers", declared.authorizer),
        "authorizationScopes": list(declared.scopes),
        "apiKeyRequired": declared.api_key,
        "operationName": declared.operation,
        "requestModels": dict(declared.models),
        "modelSelectionExpression": "$default" if declared.models else None,
        "requestParameters": dict(declared.parameters),
        "routeResponseSelectionExpression": "$default" if declared.responses else None,
        "apiGatewayManaged": True if declared.key == "$default" else None,
    }
    ground.add("/v2/apis/{}/routes", parents, item)
    for key in declared.responses:
        response = {
            "routeResponseId": ground.id(*path, "routes", declared.key, key),
            "routeResponseKey": key,
            "responseModels": dict(declared.models),
            "modelSelectionExpression": "$default" if declared.models else None,
            "responseParameters": {}
            if declared.models
            else {"route.response.header.trace": {"required": False}},
        }
        ground.add("/v2/apis/{}/routes/{}/routeresponses", (*parents, route_id), response)


def add_web_stage(ground: Ground, declared: WebStage, parents: Path, path: Path) -> None:
    """Add a stage with the deployment that it serves."""
    here = (*path, "stages", declared.name)
    deployment_id = ground.id(*here, "deployment")
    deployment = {
        "deploymentId": deployment_id,
        "createdDate": ground.iso(declared.deployed, *here),
        "autoDeployed": declared.auto_deploy,
        "deploymentStatus": "FAILED" if declared.failure else "DEPLOYED",
        "deploymentStatusMessage": declared.failure,
        "description": "Automatic deployment triggered by changes to the Api configuration"
        if declared.auto_deploy
        else declared.description,
    }
    ground.add("/v2/apis/{}/deployments", parents, deployment)
    rate, burst = declared.throttle or (None, None)
    settings = {
        "detailedMetricsEnabled": declared.metrics,
        "throttlingRateLimit": rate,
        "throttlingBurstLimit": burst,
        "loggingLevel": declared.logging,
        "dataTraceEnabled": declared.data_trace,
    }
    item = {
        "stageName": declared.name,
        "description": declared.description,
        "deploymentId": deployment_id,
        "autoDeploy": declared.auto_deploy,
        "apiGatewayManaged": True if declared.name == "$default" and not declared.tags else None,
        "accessLogSettings": ground.access_log(f"{parents[0]}/{declared.name}")
        if declared.access_log
        else None,
        "clientCertificateId": declared.certificate and ground.certificate(declared.certificate),
        "createdDate": ground.iso(declared.deployed + 90, *here),
        "lastUpdatedDate": ground.iso(declared.updated, *here),
        "defaultRouteSettings": present(settings),
        "routeSettings": {key: dict(value) for key, value in declared.routes.items()},
        "stageVariables": dict(declared.variables),
        "lastDeploymentStatusMessage": declared.failure or DEPLOYED.format(deployment_id)
        if declared.auto_deploy
        else None,
        "tags": dict(declared.tags),
    }
    ground.add("/v2/apis/{}/stages", parents, item)


def add_web_link(ground: Ground, declared: WebVpcLink) -> None:
    """Add a link of HTTP APIs into subnets."""
    item = {
        "vpcLinkId": ground.id("v2vpclinks", declared.name),
        "name": declared.name,
        "subnetIds": list(declared.subnets),
        "securityGroupIds": list(declared.groups),
        "createdDate": ground.iso(declared.created, "v2vpclinks", declared.name),
        "vpcLinkStatus": declared.status,
        "vpcLinkStatusMessage": declared.message,
        "tags": dict(declared.tags),
    }
    ground.add("/v2/vpclinks", (), item)


def product_arn(ground: Ground, name: str, owner: str | None = None) -> str:
    """Return the ARN of a portal product of this account or of another one."""
    path = f"/portalproducts/{ground.id('portalproducts', name, length=10)}"
    region = ground.where[1]
    return f"arn:aws:apigateway:{region}:{owner or ground.where[0]}:{path}"


def add_product(ground: Ground, declared: PortalProduct) -> None:
    """Add a product of portals."""
    arn = product_arn(ground, declared.name, declared.owner)
    item = {
        "portalProductId": arn.rpartition("/")[2],
        "portalProductArn": arn,
        "displayName": declared.name,
        "description": declared.description,
        "lastModified": ground.iso(declared.modified, "portalproducts", declared.name),
        "tags": dict(declared.tags),
        "_owner": declared.owner and "OTHER_ACCOUNTS",
    }
    ground.add("/v2/portalproducts", (), item)


def add_portal(ground: Ground, declared: Portal) -> None:
    """Add a portal for developers."""
    path = ("portals", declared.name)
    portal_id = ground.id(*path, length=10)
    region = ground.where[1]
    pool = {
        "appClientId": ground.id(*path, "client", length=26),
        "userPoolArn": ground.arn("cognito-idp", f"userpool/{region}_developers"),
        "userPoolDomain": "https://developers.auth.example.com",
    }
    own = {"certificateArn": ground.arn("acm", f"certificate/{ground.uuid(*path)}")}
    failure = {"exception": "PublishFailed", "message": declared.failure}
    preview = f"https://preview.{portal_id}.portal.{region}.on.aws"
    item: dict[str, Any] = {
        "portalId": portal_id,
        "portalArn": ground.arn("apigateway", f"/portals/{portal_id}"),
        "portalContent": {"displayName": declared.name, "description": declared.description or ""},
        "authorization": {"cognitoConfig": pool} if declared.needs_sign_in else {"none": {}},
        "endpointConfiguration": {
            "portalDefaultDomainName": f"{portal_id}.portal.{region}.on.aws",
            "portalDomainHostedZoneId": "Z0123456789EXAMPLE",
            **({"domainName": declared.domain, **own} if declared.domain else {}),
        },
        "includedPortalProductArns": [product_arn(ground, name) for name in declared.products],
        "lastModified": ground.iso(declared.modified, *path),
        "lastPublished": None
        if declared.published is None
        else ground.iso(declared.published, *path),
        "lastPublishedDescription": declared.description if declared.published else None,
        "publishStatus": declared.status,
        "statusException": failure if declared.failure else None,
        "preview": {"previewStatus": "PREVIEW_READY", "previewUrl": preview}
        if declared.has_preview
        else None,
        "rumAppMonitorName": declared.monitor,
        "tags": dict(declared.tags),
    }
    ground.add("/v2/portals", (), item)
