"""API Gateway's writes to what is only generated: version 2's stages and routes, methods, tags.

What an update keeps, and how a member goes, is as https://github.com/go-to-k/cdkd/pull/1577 and
https://github.com/go-to-k/cdkd/pull/1163 measured it on AWS, and what UpdateMethod refuses as
LocalStack's validated tests have it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from . import reads, resources
from .lanes import Item
from .modelled import collections, items_of, modelled_operations, path_of
from .refusals import bad_request
from .settings import Ask
from .tagging import tag_resource, untag_resource
from .wire import AwsError
from .writes import invalid_patch, patch_operations

NO_AUTHORIZER = (
    "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or "
    "COGNITO_USER_POOLS requires a valid authorizer."
)
ROLE = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/.+")
METHOD_PATHS = ("/authorizationType", "/authorizerId", "/apiKeyRequired", "/requestValidatorId")
ACCOUNT = next(handler for _, path, _, handler in modelled_operations() if path == "/account")
DOMAIN_PATHS = ("/securityPolicy", "/endpointAccessMode")
PLAN_PATHS: Mapping[str, Callable[[str], object]] = {
    **dict.fromkeys(("/name", "/description", "/quota/period"), str),
    **dict.fromkeys(("/throttle/burstLimit", "/quota/limit", "/quota/offset"), int),
    "/throttle/rateLimit": float,
}


def update_v2_stage(ask: Ask) -> Item:
    """UpdateStage of version 2: maps and structures are merged, and an empty text removes."""
    path, stage = _v2_stage(ask)
    auto_deploy = ask.params.get("autoDeploy", stage.get("autoDeploy"))
    if auto_deploy and "deploymentId" in ask.params:
        raise bad_request("Deployment ID cannot be set on this stage because AutoDeploy is enabled")
    for name, value in _body(ask, "apiId", "stageName").items():
        if name == "routeSettings":
            entries = dict(stage.get(name, {}))
            for key, entry in value.items():
                entries[key] = {**entries.get(key, {}), **entry}
            stage[name] = entries
        elif name == "stageVariables":
            stage[name] = _merged(stage.get(name, {}), value)
        elif isinstance(value, dict):
            stage[name] = {**stage.get(name, {}), **value}
        elif value == "" and name == "clientCertificateId":
            stage.pop(name, None)
        elif value != "":
            # An empty description leaves the old one.
            stage[name] = value
    ask.lane.changed[path] = stage
    return stage


def delete_access_log_settings(ask: Ask) -> Item:
    """DeleteAccessLogSettings."""
    path, stage = _v2_stage(ask)
    stage.pop("accessLogSettings", None)
    ask.lane.changed[path] = stage
    return {}


def delete_route_settings(ask: Ask) -> Item:
    """DeleteRouteSettings: of one route."""
    path, stage = _v2_stage(ask)
    settings = dict(stage.get("routeSettings", {}))
    if settings.pop(ask.params["routeKey"], None) is None:
        message = f"Unable to find Route by key {ask.params['routeKey']} within the RouteSettings"
        raise AwsError(404, "NotFoundException", message)
    ask.lane.changed[path] = {**stage, "routeSettings": settings}
    return {}


def update_route(ask: Ask) -> Item:
    """UpdateRoute: an authorizer goes with its type, in the same call."""
    collection = collections()["/v2/apis/{}/routes"]
    parents = [ask.params["apiId"]]
    route = _item(items_of(ask, collection, parents), "routeId", ask.params["routeId"])
    body = _body(ask, "apiId", "routeId")
    if body.get("authorizerId") and "authorizationType" not in body:
        raise bad_request("Unable to update route. Authorizer type is invalid or null.")
    route |= body
    kind = route.get("authorizationType", "NONE")
    if not body.keys() & {"authorizationType", "authorizerId"}:
        pass
    elif kind in ("CUSTOM", "JWT"):
        known = items_of(ask, collections()["/v2/apis/{}/authorizers"], parents)
        if route.get("authorizerId") not in [one["authorizerId"] for one in known]:
            raise bad_request(NO_AUTHORIZER)
    else:
        route.pop("authorizerId", None)
    if body.get("authorizationScopes") and kind != "JWT":
        raise bad_request(
            "Invalid Route authorization type specified. Authorization Scopes are only valid for "
            "COGNITO_USER_POOLS and JWT authorization types"
        )
    ask.lane.changed[path_of(collection, parents, route)] = route
    return route


def update_api(ask: Ask) -> Item:
    """UpdateApi: what is not sent stays."""
    path, api = _v2_api(ask)
    ask.lane.changed[path] = {**api, **_body(ask, "apiId")}
    return ask.lane.changed[path]


def delete_cors_configuration(ask: Ask) -> Item:
    """DeleteCorsConfiguration."""
    path, api = _v2_api(ask)
    api.pop("corsConfiguration", None)
    ask.lane.changed[path] = api
    return {}


def update_method(ask: Ask) -> Item:
    """UpdateMethod: an authorizer goes with its type, and is ignored beside another."""
    api, resource, verb = (ask.params[name] for name in ("restApiId", "resourceId", "httpMethod"))
    listed = resources.get_resources(_with_methods(ask))["item"]
    found = _item(listed, "id", resource).get("resourceMethods", {}).get(verb)
    if found is None:
        raise AwsError(404, "NotFoundException", "Invalid Method identifier specified")
    method = dict(found)
    patches = _replaced(ask, METHOD_PATHS)
    kind = patches.get("/authorizationType", method.get("authorizationType"))
    method["authorizationType"] = kind
    authorizer = patches.get("/authorizerId", "")
    if not {"/authorizationType", "/authorizerId"} & patches.keys():
        pass
    elif kind not in ("CUSTOM", "COGNITO_USER_POOLS"):
        method.pop("authorizerId", None)
    elif authorizer in _ids(ask, "authorizers"):
        method["authorizerId"] = authorizer
    else:
        raise bad_request(NO_AUTHORIZER)
    if "/apiKeyRequired" in patches:
        method["apiKeyRequired"] = patches["/apiKeyRequired"] == "true"
    validator = patches.get("/requestValidatorId")
    if validator == "":
        method.pop("requestValidatorId", None)
    elif validator is not None:
        if validator not in _ids(ask, "requestvalidators"):
            raise bad_request("Invalid Request Validator identifier specified")
        method["requestValidatorId"] = validator
    ask.lane.changed[f"/restapis/{api}/resources/{resource}/methods/{verb}"] = method
    return method


def update_domain_name(ask: Ask) -> Item:
    """UpdateDomainName: an enhanced security policy needs an endpoint access mode."""
    collection = collections()["/domainnames"]
    name, private_id = ask.params["domainName"], ask.params.get("domainNameId")
    known = [one for one in items_of(ask, collection, ()) if one.get("domainNameId") == private_id]
    domain = _item(known, "domainName", name)
    domain |= {path[1:]: value for path, value in _replaced(ask, DOMAIN_PATHS).items()}
    policy = domain.get("securityPolicy", "")
    if policy.startswith("SecurityPolicy_") and not domain.get("endpointAccessMode"):
        raise bad_request("endpointAccessMode must be set for security policy " + policy)
    ask.lane.changed[path_of(collection, (), domain)] = domain
    return domain


def update_account(ask: Ask) -> Item:
    """UpdateAccount: the role that API Gateway writes logs with."""
    account = dict(ACCOUNT(ask))
    for path, value in _replaced(ask, ("/cloudwatchRoleArn",)).items():
        if value and not ROLE.fullmatch(value):
            raise bad_request("The role ARN does not have required permissions configured.")
        account[path[1:]] = value
        if not value:
            del account[path[1:]]
    ask.lane.changed["/account"] = account
    return account


def update_usage_plan(ask: Ask) -> Item:
    """UpdateUsagePlan: a limit may be replaced where there was none, and all of them removed."""
    collection = collections()["/usageplans"]
    plan = _item(items_of(ask, collection, ()), "id", ask.params["usagePlanId"])
    for operation in patch_operations(ask):
        path, value = str(operation.get("path")), operation.get("value", "")
        member, _, inner = path[1:].partition("/")
        if operation.get("op") == "remove" and path in ("/throttle", "/quota"):
            plan.pop(member, None)
        elif operation.get("op") != "replace" or path not in PLAN_PATHS:
            raise invalid_patch(operation, tuple(PLAN_PATHS))
        else:
            limits = {**plan.get(member, {}), inner: PLAN_PATHS[path](value)} if inner else value
            plan[member] = limits
    ask.lane.changed[path_of(collection, (), plan)] = plan
    return plan


def _ids(ask: Ask, kind: str) -> list[str]:
    items = items_of(ask, collections()[f"/restapis/{{}}/{kind}"], [ask.params["restApiId"]])
    return [one["id"] for one in items]


def _with_methods(ask: Ask) -> Ask:
    params = {**ask.params, "embed": "methods", "limit": "500"}
    return replace(ask, call=replace(ask.call, params=params))


def _v2_api(ask: Ask) -> tuple[str, Item]:
    collection = collections()["/v2/apis"]
    api = _item(items_of(ask, collection, ()), "apiId", ask.params["apiId"])
    return path_of(collection, (), api), api


def _v2_stage(ask: Ask) -> tuple[str, Item]:
    name = ask.params["stageName"]
    stage = _item(reads.get_v2_stages(ask)["items"], "stageName", name)
    return f"/v2/apis/{ask.params['apiId']}/stages/{name}", stage


def _item(items: Sequence[Item], member: str, key: str) -> Item:
    """A copy of the item with a key. Raises AwsError where there is none."""
    for item in items:
        if item[member] == key:
            return dict(item)
    raise AwsError(404, "NotFoundException", f"Invalid identifier specified: {key}")


def _body(ask: Ask, *path: str) -> Item:
    return {name: value for name, value in ask.params.items() if name not in path}


def _merged(before: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in {**before, **new}.items() if value != ""}


def _replaced(ask: Ask, paths: Sequence[str]) -> dict[str, str]:
    """The values that patch operations put at some paths; each may only be replaced."""
    found = {}
    for operation in patch_operations(ask):
        if operation.get("path") not in paths or operation.get("op") != "replace":
            raise invalid_patch(operation, paths)
        found[operation["path"]] = operation.get("value", "")
    return found


STAGE = "/v2/apis/{apiId}/stages/{stageName}"
METHOD = "/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}"
#: Method, path, name, handler and status of each.
OTHER_WRITES = (
    ("PATCH", STAGE, "UpdateStageV2", update_v2_stage, 200),
    (
        "DELETE",
        f"{STAGE}/accesslogsettings",
        "DeleteAccessLogSettings",
        delete_access_log_settings,
        204,
    ),
    (
        "DELETE",
        f"{STAGE}/routesettings/{{routeKey}}",
        "DeleteRouteSettings",
        delete_route_settings,
        204,
    ),
    ("PATCH", "/v2/apis/{apiId}", "UpdateApi", update_api, 200),
    (
        "DELETE",
        "/v2/apis/{apiId}/cors",
        "DeleteCorsConfiguration",
        delete_cors_configuration,
        204,
    ),
    ("PATCH", "/v2/apis/{apiId}/routes/{routeId}", "UpdateRoute", update_route, 200),
    ("PATCH", METHOD, "UpdateMethod", update_method, 200),
    ("PATCH", "/domainnames/{domainName}", "UpdateDomainName", update_domain_name, 200),
    ("PATCH", "/account", "UpdateAccount", update_account, 200),
    ("PATCH", "/usageplans/{usagePlanId}", "UpdateUsagePlan", update_usage_plan, 200),
    ("PUT", "/tags/{resourceArn}", "TagResource", tag_resource, 204),
    ("DELETE", "/tags/{resourceArn}", "UntagResource", untag_resource, 204),
    ("POST", "/v2/tags/{resourceArn}", "TagResourceV2", tag_resource, 201),
    ("DELETE", "/v2/tags/{resourceArn}", "UntagResourceV2", untag_resource, 204),
)
