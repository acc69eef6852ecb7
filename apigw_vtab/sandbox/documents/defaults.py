"""What AWS adds to a new document, and what it does by itself after a change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from apigw_vtab.sandbox.documents.kinds import API_KEY_LENGTH, GATEWAY_RESPONSES, KINDS
from apigw_vtab.sandbox.documents.store import Item, Store, date
from apigw_vtab.sandbox.wire import REST_API_ID_LENGTH, SHORT_ID_LENGTH, new_id, present

# A change below these of an API is deployed at once where a stage says so.
DEPLOYED_BY_ITSELF = ("/authorizers", "/integrations", "/routes")
DEFAULT_TEMPLATE = {"application/json": '{"message":$context.error.messageString}'}


def completed(store: Store, template: str, parents: Sequence[str], item: Item) -> Item:
    """Return a new item with what AWS adds to it."""
    kind = KINDS[template]
    version = 2 if template.startswith("/v2/") else 1
    dates = dict.fromkeys(kind.dates, date(version))
    item = {**kind.given, **dates, **item, **ADDED.get(template, _nothing)(store, item)}
    if kind.arn:
        member, path = kind.arn
        keys = (*parents, item[kind.key])
        where = f"{store.region}:{store.account_id}"
        item[member] = f"arn:aws:apigateway:{where}:{path.replace('{}', '%s') % keys}"
    return present(item, but=tuple(kind.given))


def _nothing(store: Store, item: Item) -> Item:
    return {}


def _api_key(store: Store, item: Item) -> Item:
    stages = [f"{one['restApiId']}/{one['stageName']}" for one in item.get("stageKeys", ())]
    return {"value": item.get("value") or new_id(API_KEY_LENGTH), "stageKeys": stages}


def _usage_plan_key(store: Store, item: Item) -> Item:
    keys = store.at("/apikeys")
    key = next((one for one in keys if one["id"] == item["id"]), {})
    return {"value": key.get("value"), "name": key.get("name")}


def _model(store: Store, item: Item) -> Item:
    return {"id": new_id(SHORT_ID_LENGTH)}


def _authorizer(store: Store, item: Item) -> Item:
    kind = "cognito_user_pools" if item.get("type") == "COGNITO_USER_POOLS" else "custom"
    return {"authType": item.get("authType", kind)}


def _domain_name(store: Store, item: Item) -> Item:
    region = store.region
    endpoint = item.get("endpointConfiguration") or {"types": ["EDGE"]}
    (kind,) = endpoint["types"]
    prefix = f"d-{new_id(REST_API_ID_LENGTH)}"
    target = {
        "EDGE": {"distributionDomainName": f"{prefix}.cloudfront.net"},
        "REGIONAL": {"regionalDomainName": f"{prefix}.execute-api.{region}.amazonaws.com"},
        "PRIVATE": {"domainNameId": new_id(SHORT_ID_LENGTH)},
    }[kind]
    default = "TLS_1_0" if kind == "EDGE" else "TLS_1_2"
    return {
        **target,
        "endpointConfiguration": {"ipAddressType": "ipv4", **endpoint},
        "domainNameStatus": "AVAILABLE",
        "securityPolicy": item.get("securityPolicy", default),
        "routingMode": item.get("routingMode", "BASE_PATH_MAPPING_ONLY"),
    }


def _v2_domain_name(store: Store, item: Item) -> Item:
    region = store.region
    (given,) = item["domainNameConfigurations"]
    prefix = f"d-{new_id(REST_API_ID_LENGTH)}"
    configuration = {
        "apiGatewayDomainName": f"{prefix}.execute-api.{region}.amazonaws.com",
        "domainNameStatus": "AVAILABLE",
        "endpointType": "REGIONAL",
        "ipAddressType": "ipv4",
        "securityPolicy": "TLS_1_2",
        **given,
    }
    return {"domainNameConfigurations": [configuration], "routingMode": "API_MAPPING_ONLY"}


def _association(store: Store, item: Item) -> Item:
    name = item["domainNameArn"].rpartition("/")[2]
    path = f"/domainnameaccessassociations/domainname/{name}/vpcesource"
    where = f"arn:aws:apigateway:{store.region}:{store.account_id}"
    source = item["accessAssociationSource"]
    return {"domainNameAccessAssociationArn": f"{where}:{path}/{source}"}


def _v2_api(store: Store, item: Item) -> Item:
    protocol = "wss" if item["protocolType"] == "WEBSOCKET" else "https"
    region = store.region
    host = f"{item['apiId']}.execute-api.{region}.amazonaws.com"
    return {"apiEndpoint": f"{protocol}://{host}"}


ADDED: dict[str, Any] = {
    "/apikeys": _api_key,
    "/usageplans/{}/keys": _usage_plan_key,
    "/restapis/{}/models": _model,
    "/restapis/{}/authorizers": _authorizer,
    "/domainnames": _domain_name,
    "/v2/domainnames": _v2_domain_name,
    "/domainnameaccessassociations": _association,
    "/v2/apis": _v2_api,
}


def gateway_responses(changed: Iterable[Item]) -> list[Item]:
    """Return all responses that a REST API gives by itself: those that were set, and AWS's own."""
    own = {one["responseType"]: {**one, "defaultResponse": False} for one in changed}
    return [
        own.get(kind)
        or present(
            {
                "responseType": kind,
                "statusCode": status,
                "responseTemplates": DEFAULT_TEMPLATE,
                "responseParameters": {},
                "defaultResponse": True,
            },
            but=("responseParameters",),
        )
        for kind, status in GATEWAY_RESPONSES.items()
    ]


def redeployed(store: Store, template: str, parents: Sequence[str]) -> None:
    """Deploy an API anew to its stages that deploy by themselves, after a change of it."""
    path = template.removeprefix("/v2/apis/{}")
    if path == template or not path.startswith(DEPLOYED_BY_ITSELF):
        return
    api_id = parents[0]
    for stage in store.at(f"/v2/apis/{api_id}/stages"):
        if stage.get("autoDeploy"):
            deploy(store, api_id, stage)


def deploy(store: Store, api_id: str, stage: Item) -> None:
    """Deploy an API to a stage that deploys by itself."""
    made = completed(
        store,
        "/v2/apis/{}/deployments",
        (api_id,),
        {
            "deploymentId": new_id(SHORT_ID_LENGTH),
            "autoDeployed": True,
            "description": "Automatic deployment triggered by changes to the Api configuration",
        },
    )
    store.add("/v2/apis/{}/deployments", (api_id,), made)
    stage["deploymentId"] = made["deploymentId"]
    stage["lastDeploymentStatusMessage"] = (
        f"Successfully deployed stage with deployment ID '{made['deploymentId']}'"
    )


def auto_deployed(
    store: Store, template: str, parents: Sequence[str], before: Item, after: Item
) -> Item:
    """Return an item after an update; a stage that deploys by itself from now on is deployed to."""
    starts = after.get("autoDeploy") and not before.get("autoDeploy")
    if template == "/v2/apis/{}/stages" and starts:
        deploy(store, parents[0], after)
    return after
