"""What AWS refuses to store, where botocore's model alone does not tell it.

AWS's words are quoted where somebody reported them: hashicorp/terraform-provider-aws#13801
(execution logs), #17497 (authorizers), #47552 (access mode), aws/aws-cdk#33977 (CloudWatch role),
aws-controllers-k8s/apigatewayv2-controller#15 (automatic deployments).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.apigateway.exceptions import BadRequestException
from moto.core.utils import get_service_model

from apigw_vtab.sandbox.documents.store import Item, Store
from apigw_vtab.sandbox.errors import DocumentNotFound, UnknownRoute
from apigw_vtab.sandbox.rest_api_patches import check_security

Check = Callable[[Store, Sequence[str], Item, Mapping[str, Any]], None]

# A line of an access log has to say which request it is about ("Set up CloudWatch logging" in the
# Developer Guide).
REQUEST_ID = re.compile(r"\$context\.(requestId|extendedRequestId)\b")
ROLE = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+")
# Which authorizers serve a type of authorization: version 1's, then version 2's.
V1_AUTHORIZERS = {
    "CUSTOM": ("TOKEN", "REQUEST"),
    "COGNITO_USER_POOLS": ("COGNITO_USER_POOLS",),
    "JWT": ("JWT",),
}
V2_AUTHORIZERS = {"CUSTOM": ("REQUEST",), "JWT": ("JWT",)}
NEEDS = {
    "JWT": "JWT requires a valid JWT authorizer.",
    "CUSTOM": "CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.",
    "COGNITO_USER_POOLS": "CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.",
}
NO_ROLE = "CloudWatch Logs role ARN must be set in account settings to enable logging"
EXECUTION_LOGS = ("loggingLevel", "dataTraceEnabled")


def check_access_log(settings: Mapping[str, str] | None) -> None:
    """Raise BadRequestException for an access log without a request id or a log group."""
    if settings is None:
        return
    if not REQUEST_ID.search(settings.get("format", "")):
        raise BadRequestException(
            "Access Log format must be provided and contain $context.requestId"
        )
    destination = settings.get("destinationArn", "")
    if not destination or destination.endswith(":*"):
        raise BadRequestException(f"Invalid ARN specified for access logging: {destination}")


def check_authorizer(kind: str, authorizer: Mapping[str, Any] | None, version: int) -> None:
    """Raise BadRequestException where a type of authorization has no authorizer that serves it."""
    serving = (V1_AUTHORIZERS if version == 1 else V2_AUTHORIZERS).get(kind)
    member = "type" if version == 1 else "authorizerType"
    if serving and (authorizer or {}).get(member) not in serving:
        message = (
            f"Invalid authorizer ID specified. Setting the authorization type to {NEEDS[kind]}"
        )
        raise BadRequestException(message)


def check_account(role: str | None) -> None:
    """Raise BadRequestException for a CloudWatch role that is no role."""
    if role and not ROLE.fullmatch(role):
        raise BadRequestException(
            "The role ARN does not have required permissions configured. Please grant trust "
            "permission for API Gateway and add the required role policy."
        )


def _stage(store: Store, parents: Sequence[str], stage: Item, changes: Mapping[str, Any]) -> None:
    api = store.web_api(parents[0])
    is_web_socket = api["protocolType"] == "WEBSOCKET"
    settings = [stage.get("defaultRouteSettings", {}), *stage.get("routeSettings", {}).values()]
    logs = any(name in one for one in settings for name in EXECUTION_LOGS)
    if logs and not is_web_socket:
        raise BadRequestException("Execution logs are not supported on protocolType HTTP")
    check_access_log(stage.get("accessLogSettings"))
    is_logged = "accessLogSettings" in changes or any(
        one.get("loggingLevel") in ("ERROR", "INFO") for one in settings
    )
    if is_web_socket and changes and is_logged and "cloudwatchRoleArn" not in store.account:
        raise BadRequestException(NO_ROLE)
    certificate = changes.get("clientCertificateId")
    if certificate and not is_web_socket:
        raise BadRequestException("Client certificates are not supported on protocolType HTTP")
    if certificate:
        store.check_certificate(certificate)
    _deployment(store, parents, stage, changes)
    known = {one["routeKey"] for one in store.at(f"/v2/apis/{parents[0]}/routes")}
    for route in changes.get("routeSettings") or ():
        if route not in known:
            raise UnknownRoute(route)


def _deployment(
    store: Store, parents: Sequence[str], stage: Item, changes: Mapping[str, Any]
) -> None:
    deployment = changes.get("deploymentId")
    if deployment and stage.get("autoDeploy"):
        raise BadRequestException(
            f"Deployment ID cannot be set on stage {stage['stageName']} with auto deploy enabled"
        )
    path = f"/v2/apis/{parents[0]}/deployments"
    made = {one["deploymentId"] for one in store.at(path)}
    if deployment and deployment not in made:
        raise BadRequestException("Invalid deployment identifier specified")


def _route(store: Store, parents: Sequence[str], route: Item, changes: Mapping[str, Any]) -> None:
    (api_id,) = parents
    api = store.web_api(api_id)
    if changes.get("apiKeyRequired") and api["protocolType"] == "HTTP":
        raise BadRequestException("ApiKeyRequired is not currently supported for HTTP APIs")
    authorizers = store.at(f"/v2/apis/{api_id}/authorizers")
    asked = route.get("authorizerId")
    found = next((one for one in authorizers if one["authorizerId"] == asked), None)
    check_authorizer(route.get("authorizationType", "NONE"), found, version=2)
    integrations = store.at(f"/v2/apis/{api_id}/integrations")
    known = {f"integrations/{one['integrationId']}" for one in integrations}
    if changes.get("target", next(iter(known), None)) not in (*known, None):
        raise DocumentNotFound("/v2/apis/{}/integrations")


def _domain_name(
    store: Store, parents: Sequence[str], domain: Item, changes: Mapping[str, Any]
) -> None:
    members = get_service_model("apigateway").shape_for("DomainName").members
    policy, mode = domain.get("securityPolicy", "TLS_1_2"), domain.get("endpointAccessMode")
    if "endpointAccessMode" in changes and domain.get("mutualTlsAuthentication"):
        raise BadRequestException("/endpointAccessMode Invalid request input")
    if {"securityPolicy", "endpointAccessMode"} & set(changes):
        check_security(
            policy,
            mode,
            domain["endpointConfiguration"]["types"],
            {name: members[name].enum for name in ("securityPolicy", "endpointAccessMode")},
        )


CHECKS: Mapping[str, Check] = {
    "/v2/apis/{}/stages": _stage,
    "/v2/apis/{}/routes": _route,
    "/domainnames": _domain_name,
}
