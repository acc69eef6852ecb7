"""API Gateway's writes for client certificates, stages and deployments.

"Patch Operations" in the API reference says which paths a resource can be patched at, and that
each value is text. A certificate is detached by replacing `/clientCertificateId` with nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from copy import deepcopy
from hashlib import shake_128
from typing import Any

from .lanes import YEAR, Item, pem
from .reads import certificate_of, place_of, stage_of
from .refusals import bad_request, no_certificate
from .settings import Ask
from .wire import AwsError

#: "Client certificates per account per Region".
CERTIFICATE_LIMIT = 60

#: Paths that `replace` is allowed at, and what the text becomes.
STAGE_PATHS: Mapping[str, type] = {
    "/deploymentId": str,
    "/description": str,
    "/cacheClusterEnabled": bool,
    "/cacheClusterSize": str,
    "/clientCertificateId": str,
    "/accessLogSettings/destinationArn": str,
    "/accessLogSettings/format": str,
    "/canarySettings/percentTraffic": float,
    "/canarySettings/deploymentId": str,
    "/canarySettings/useStageCache": bool,
    "/documentationVersion": str,
    "/tracingEnabled": bool,
}
OVERRIDES = "canarySettings/stageVariableOverrides"
#: What the first patch of a method fills in: nine members, without loggingLevel.
FIRST_PATCH: Item = {
    "metricsEnabled": False,
    "dataTraceEnabled": False,
    "throttlingBurstLimit": 5_000,
    "throttlingRateLimit": 10_000.0,
    "cachingEnabled": False,
    "cacheTtlInSeconds": 300,
    "cacheDataEncrypted": False,
    "requireAuthorizationForCacheControl": True,
    "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
}
#: A line of an access log has to say which request it is about.
REQUEST_ID = re.compile(r"\$context\.(requestId|extendedRequestId)\b")
#: Only ACM knows which of its certificates exist.
ACM = re.compile(r"arn:[a-z-]+:acm:[a-z0-9-]+:\d{12}:certificate/[\w-]+")
REST_API_PATHS: Mapping[str, type] = {
    "/disableExecuteApiEndpoint": bool,
    "/endpointAccessMode": str,
    "/minimumCompressionSize": int,
    "/securityPolicy": str,
}
CERTIFICATE_PATHS: Mapping[str, type] = {"/description": str}
REMOVABLE_PATHS = frozenset({"/accessLogSettings", "/canarySettings"})
#: What may follow `/{resource path}/{HTTP method}/`: the member of MethodSetting, and its type.
METHOD_SETTINGS: Mapping[str, tuple[str, type]] = {
    "metrics/enabled": ("metricsEnabled", bool),
    "logging/loglevel": ("loggingLevel", str),
    "logging/dataTrace": ("dataTraceEnabled", bool),
    "throttling/burstLimit": ("throttlingBurstLimit", int),
    "throttling/rateLimit": ("throttlingRateLimit", float),
    "caching/enabled": ("cachingEnabled", bool),
    "caching/ttlInSeconds": ("cacheTtlInSeconds", int),
    "caching/dataEncrypted": ("cacheDataEncrypted", bool),
    "caching/requireAuthorizationForCacheControl": ("requireAuthorizationForCacheControl", bool),
    "caching/unauthorizedCacheControlHeaderStrategy": (
        "unauthorizedCacheControlHeaderStrategy",
        str,
    ),
}


def generate_client_certificate(ask: Ask) -> Item:
    """GenerateClientCertificate."""
    if len(ask.lane.certificates()) >= CERTIFICATE_LIMIT:
        raise AwsError(
            429,
            "LimitExceededException",
            "Maximum number of client certificates for this account has been reached. "
            "Please contact AWS if you need additional client certificates.",
        )
    created = int(time.time())
    certificate_id = _new_id(ask)
    certificate: Item = {
        "clientCertificateId": certificate_id,
        "pemEncodedCertificate": pem(certificate_id),
        "createdDate": created,
        "expirationDate": created + YEAR,
    }
    certificate |= {
        name: ask.params[name] for name in ("description", "tags") if name in ask.params
    }
    ask.lane.write_certificate(certificate)
    return certificate


def update_client_certificate(ask: Ask) -> Item:
    """UpdateClientCertificate: its description is all that can be patched."""
    certificate = dict(certificate_of(ask))
    for operation in patch_operations(ask):
        path = operation.get("path", "")
        if path not in CERTIFICATE_PATHS or operation.get("op") != "replace":
            raise invalid_patch(operation, CERTIFICATE_PATHS)
        certificate[path[1:]] = operation.get("value", "")
    ask.lane.write_certificate(certificate)
    return certificate


def delete_client_certificate(ask: Ask) -> Item:
    """DeleteClientCertificate: not while a stage has it, unless the settings say so.

    AWS does not document which is true.
    """
    certificate_id = certificate_of(ask)["clientCertificateId"]
    if not ask.settings.deletes_attached_certificates and ask.lane.uses(certificate_id):
        message = f"Client certificate {certificate_id} is in use by a stage"
        raise bad_request(message)
    ask.lane.delete_certificate(certificate_id)
    return {}


def update_rest_api(ask: Ask) -> Item:
    """UpdateRestApi: all of its patch operations, or none of them.

    A newer security policy needs an endpoint access mode.
    """
    place = place_of(ask)
    rest_api = dict(ask.lane.rest_api(place))
    for operation in patch_operations(ask):
        path = operation.get("path", "")
        if path not in REST_API_PATHS or operation.get("op") != "replace":
            raise invalid_patch(operation, REST_API_PATHS)
        rest_api[path[1:]] = _typed(operation, REST_API_PATHS[path])
    policy = rest_api.get("securityPolicy") or ""
    if policy.startswith("SecurityPolicy_") and not rest_api.get("endpointAccessMode"):
        raise bad_request("endpointAccessMode must be set for security policy " + policy)
    ask.lane.write_rest_api(place, rest_api)
    return rest_api


def update_stage(ask: Ask) -> Item:
    """UpdateStage: all of its patch operations, or none of them."""
    stage = deepcopy(stage_of(ask))
    place = place_of(ask)
    for operation in patch_operations(ask):
        _patch_stage(stage, operation)
    _check_access_log(stage)
    _check_references(ask, stage)
    stage["lastUpdatedDate"] = int(time.time())
    ask.lane.write_stage(place, stage)
    return stage


def create_deployment(ask: Ask) -> Item:
    """CreateDeployment: the named stage, created if it does not exist, gets the new deployment.

    With canary settings, the stage's canary gets it.
    """
    place = place_of(ask)
    _check_methods(ask.lane.resources(place))
    now = int(time.time())
    deployment: Item = {"id": _new_id(ask), "createdDate": now}
    if "description" in ask.params:
        deployment["description"] = ask.params["description"]
    stage_name = ask.params.get("stageName")
    if stage_name:
        ask.lane.write_stage(place, _deployed(ask, place, stage_name, deployment["id"], now))
    ask.lane.write_deployment(place, deployment)
    return deployment


def _check_methods(resources: list[Item]) -> None:
    methods = [one for item in resources for one in item.get("resourceMethods", {}).values()]
    if not methods:
        raise bad_request("The REST API doesn't contain any methods")
    if not all(method.get("methodIntegration") for method in methods):
        raise bad_request("No integration defined for method")


def _check_access_log(stage: Item) -> None:
    settings = stage.get("accessLogSettings")
    if settings is None:
        return
    if not REQUEST_ID.search(settings.get("format", "")):
        message = "Access Log format must be provided and contain $context.requestId"
        raise bad_request(message)
    destination = settings.get("destinationArn", "")
    if not destination or destination.endswith(":*"):
        message = f"Invalid ARN specified for access logging: {destination}"
        raise bad_request(message)


def _check_references(ask: Ask, stage: Item) -> None:
    before = stage_of(ask)
    if not stage.get("clientCertificateId", "-"):
        del stage["clientCertificateId"]
    certificate_id = stage.get("clientCertificateId")
    # A certificate that was dangling before may stay dangling.
    changed = certificate_id != before.get("clientCertificateId")
    known = certificate_id in ask.lane.certificates() or ACM.fullmatch(certificate_id or "")
    if changed and certificate_id and not known:
        # AWS does not document with which code it refuses this.
        if ask.settings.unknown_certificate_is_not_found:
            raise no_certificate()
        raise bad_request("Invalid client certificate identifier specified")
    deployment_id = stage.get("deploymentId")
    deployments = [item["id"] for item in ask.lane.deployments(place_of(ask))]
    if deployment_id != before.get("deploymentId") and deployment_id not in deployments:
        raise bad_request("Invalid deployment identifier specified")


def _deployed(ask: Ask, place: int, stage_name: str, deployment_id: str, now: int) -> Item:
    changes = {"deploymentId": deployment_id, "lastUpdatedDate": now}
    canary = ask.params.get("canarySettings")
    for stage in ask.lane.stages(place):
        if stage.get("stageName") != stage_name:
            continue
        if canary:
            settings = {**canary, "deploymentId": deployment_id}
            return {**stage, "canarySettings": settings, "lastUpdatedDate": now}
        if stage.get("canarySettings"):
            message = f"Stage {stage_name} has an active canary: canarySettings must be provided"
            raise bad_request(message)
        return {**stage, **changes}
    fresh: Item = {
        "stageName": stage_name,
        "cacheClusterEnabled": False,
        "cacheClusterStatus": "NOT_AVAILABLE",
        "methodSettings": {},
        "tracingEnabled": False,
        "createdDate": now,
    }
    return {**fresh, **changes}


def _new_id(ask: Ask) -> str:
    return shake_128(ask.request_id.encode()).hexdigest(3)


def patch_operations(ask: Ask) -> list[dict[str, str]]:
    """The patch operations of a call. Raises AwsError for anything else."""
    operations = ask.params.get("patchOperations", [])
    if not isinstance(operations, list) or not all(isinstance(item, dict) for item in operations):
        raise bad_request("Invalid patch operations specified")
    return operations


def _patch_stage(stage: Item, operation: dict[str, str]) -> None:
    path = operation.get("path", "")
    op = operation.get("op")
    parent, _, name = path.removeprefix("/").rpartition("/")
    method, *setting = path.removeprefix("/").rsplit("/", 2)
    member, member_type = METHOD_SETTINGS.get("/".join(setting), ("", str))
    if op == "replace" and path in STAGE_PATHS:
        target = _members(stage, parent) if parent else stage
        target[name] = _typed(operation, STAGE_PATHS[path])
    elif op == "replace" and member:
        settings = _members(stage, "methodSettings").setdefault(method, dict(FIRST_PATCH))
        settings[member] = _typed(operation, member_type)
    elif op == "replace" and parent == OVERRIDES:
        overrides = _members(_members(stage, "canarySettings"), "stageVariableOverrides")
        overrides[name] = operation.get("value", "")
    elif op == "remove" and parent == OVERRIDES:
        canary = stage.get("canarySettings") or {}
        (canary.get("stageVariableOverrides") or {}).pop(name, None)
    elif op == "replace" and parent == "variables":
        _members(stage, "variables")[name] = operation.get("value", "")
    elif op == "remove" and parent == "variables":
        (stage.get("variables") or {}).pop(name, None)
    elif op == "remove" and path in REMOVABLE_PATHS:
        stage.pop(name, None)
    elif op == "remove" and path[1:] in (stage.get("methodSettings") or {}):
        del stage["methodSettings"][path[1:]]
    else:
        raise invalid_patch(operation, STAGE_PATHS)


def _members(item: Item, name: str) -> Item:
    """Return the structure of that name in an item, made where there is none or it is null."""
    found = item.get(name)
    if not isinstance(found, dict):
        found = item[name] = {}
    return found


def _typed(operation: dict[str, str], wanted: type) -> Any:
    text = operation.get("value", "")
    if wanted is bool and text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        if wanted is not bool:
            return wanted(text)
    except ValueError:
        pass
    message = f"Invalid value for {operation.get('path')}: {text!r}"
    raise bad_request(message)


def invalid_patch(operation: dict[str, str], paths: Iterable[str]) -> AwsError:
    """The refusal of an operation at another path, or of another kind."""
    message = (
        f"Invalid patch path '{operation.get('path')}' specified for op "
        f"'{operation.get('op')}'. Must be one of: [{', '.join(paths)}]"
    )
    return bad_request(message)
