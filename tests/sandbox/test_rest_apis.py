"""REST APIs in the sandbox, over real HTTP, as boto3 sees them; and pages of lists."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apigw_vtab.sandbox import process
from tests.sandbox.clients import (
    an_api,
    patch,
    reach,
    refusal,
)

# REST APIs


def test_create_rest_api_takes_what_its_model_has(gateway: Any) -> None:
    given = {
        "name": "orders",
        "description": "Orders",
        "version": "1.2",
        "binaryMediaTypes": ["image/png"],
        "minimumCompressionSize": 0,
        "apiKeySource": "AUTHORIZER",
        "endpointConfiguration": {"types": ["REGIONAL"], "ipAddressType": "dualstack"},
        "tags": {"team": "orders"},
        "disableExecuteApiEndpoint": True,
        "securityPolicy": "SecurityPolicy_TLS13_1_3_2025_09",
        "endpointAccessMode": "STRICT",
    }
    created = gateway.create_rest_api(**given)
    (api,) = gateway.get_rest_apis()["items"]
    assert {name: api[name] for name in given} == given
    assert created["ResponseMetadata"]["HTTPStatusCode"] == 201


def test_update_rest_api_understands_false(gateway: Any) -> None:
    api_id = an_api(gateway, disableExecuteApiEndpoint=True, minimumCompressionSize=10)
    operations = [
        *patch("/disableExecuteApiEndpoint", "false"),
        {"op": "replace", "path": "/minimumCompressionSize"},
    ]
    api = gateway.update_rest_api(restApiId=api_id, patchOperations=operations)
    assert api["disableExecuteApiEndpoint"] is False
    assert "minimumCompressionSize" not in api


def test_a_policy_comes_back_escaped_once_more_as_on_aws(gateway: Any) -> None:
    policy = {"Statement": [{"Effect": "Allow", "Resource": "execute-api:/*"}]}
    api_id = an_api(gateway, policy=json.dumps(policy))
    answered = gateway.get_rest_api(restApiId=api_id)["policy"]
    assert answered.startswith(r"{\"Statement\"") and r"execute-api:\/*" in answered
    assert json.loads(json.loads(f'"{answered}"')) == policy


def test_methods_come_with_the_resources_only_when_they_are_asked_for(gateway: Any) -> None:
    api_id = an_api(gateway)
    (bare,) = gateway.get_resources(restApiId=api_id)["items"]
    (embedded,) = gateway.get_resources(restApiId=api_id, embed=["methods"])["items"]
    assert bare["resourceMethods"] == {"GET": {}}
    assert embedded["resourceMethods"]["GET"]["methodIntegration"]["type"] == "HTTP_PROXY"


def test_a_nested_resource_knows_its_path(gateway: Any) -> None:
    api = gateway.create_rest_api(name="api")
    parent = api["rootResourceId"]
    for part in ("orders", "{orderId}"):
        parent = gateway.create_resource(restApiId=api["id"], parentId=parent, pathPart=part)["id"]
    paths = [r["path"] for r in gateway.get_resources(restApiId=api["id"])["items"]]
    assert paths == ["/", "/orders", "/orders/{orderId}"]


# Pages


def test_a_page_of_rest_apis_holds_25_unless_told_otherwise(gateway: Any) -> None:
    made = [gateway.create_rest_api(name=f"api {n}")["id"] for n in range(30)]
    first = gateway.get_rest_apis()
    second = gateway.get_rest_apis(position=first["position"])
    assert [api["id"] for api in first["items"] + second["items"]] == made
    assert len(first["items"]) == 25


def test_the_last_page_has_no_position(gateway: Any) -> None:
    for n in range(4):
        gateway.create_rest_api(name=f"api {n}")
    first = gateway.get_rest_apis(limit=2)
    assert "position" in first
    assert "position" not in gateway.get_rest_apis(limit=2, position=first["position"])
    assert "position" not in gateway.get_rest_apis(limit=4)


def test_certificates_and_deployments_have_pages_too(gateway: Any) -> None:
    api_id = an_api(gateway)
    for _ in range(3):
        gateway.generate_client_certificate()
        gateway.create_deployment(restApiId=api_id)
    for name, parameters in (
        ("get_client_certificates", {}),
        ("get_deployments", {"restApiId": api_id}),
    ):
        pages = gateway.get_paginator(name).paginate(**parameters, PaginationConfig={"PageSize": 2})
        assert [len(page["items"]) for page in pages] == [2, 1]


@pytest.mark.parametrize("limit", [0, -1, 501])
def test_a_limit_out_of_range_is_refused(gateway: Any, limit: int) -> None:
    bad = (400, "BadRequestException")
    assert refusal(gateway.get_rest_apis, limit=limit) == bad
    assert refusal(gateway.get_client_certificates, limit=limit) == bad


@pytest.mark.parametrize("position", ["not a token", "5", "LTU="])
def test_a_position_that_was_never_given_is_refused(gateway: Any, position: str) -> None:
    assert refusal(gateway.get_rest_apis, position=position) == (400, "BadRequestException")


def test_a_deployment_tells_what_it_published_only_when_it_is_asked(gateway: Any) -> None:
    api_id = gateway.create_rest_api(name="orders")["id"]
    (root,) = gateway.get_resources(restApiId=api_id)["items"]
    where = {"restApiId": api_id, "resourceId": root["id"], "httpMethod": "GET"}
    gateway.put_method(**where, authorizationType="AWS_IAM", apiKeyRequired=True)
    gateway.put_integration(**where, type="MOCK", integrationHttpMethod="GET")
    made = gateway.create_deployment(restApiId=api_id)
    gateway.put_method(**where | {"httpMethod": "POST"}, authorizationType="NONE")
    asked = {"restApiId": api_id, "deploymentId": made["id"]}
    assert "apiSummary" not in gateway.get_deployment(**asked)
    assert gateway.get_deployment(**asked, embed=["apisummary"])["apiSummary"] == {
        "/": {"GET": {"authorizationType": "AWS_IAM", "apiKeyRequired": True}}
    }


def test_web_socket_apis_and_their_stages_can_be_listed() -> None:
    running = process.start()
    staging = next(one for one in running.profiles if one.name == "sandbox-staging")
    version_2 = reach(running.endpoint_url, "apigatewayv2", staging, "eu-west-1")
    (api,) = version_2.get_apis()["Items"]
    assert api["ProtocolType"] == "WEBSOCKET"
    (stage,) = version_2.get_stages(ApiId=api["ApiId"])["Items"]
    assert stage["ClientCertificateId"]
    with pytest.raises(version_2.exceptions.NotFoundException):
        version_2.get_stages(ApiId="none")


# UpdateRestApi


def replaced(**values: str) -> list[dict[str, str]]:
    return [{"op": "replace", "path": f"/{path}", "value": text} for path, text in values.items()]


def test_a_newer_security_policy_comes_with_its_access_mode(gateway: Any) -> None:
    api_id = an_api(gateway, endpointConfiguration={"types": ["REGIONAL"]})
    policy = "SecurityPolicy_TLS13_1_2_2021_06"
    operations = replaced(securityPolicy=policy, endpointAccessMode="BASIC")
    api = gateway.update_rest_api(restApiId=api_id, patchOperations=operations)
    assert (api["securityPolicy"], api["endpointAccessMode"]) == (policy, "BASIC")


@pytest.mark.parametrize(
    "values",
    [
        {"securityPolicy": "SecurityPolicy_TLS13_1_2_2021_06"},
        {"securityPolicy": "SecurityPolicy_TLS12_2018_EDGE", "endpointAccessMode": "BASIC"},
        {"securityPolicy": "TLS_9"},
        {"endpointAccessMode": "LOOSE"},
        {"minimumCompressionSize": "10485761"},
        {"minimumCompressionSize": "-1"},
        {"disableExecuteApiEndpoint": "perhaps"},
    ],
)
def test_what_does_not_go_with_a_rest_api_changes_nothing(
    gateway: Any, values: dict[str, str]
) -> None:
    api_id = an_api(gateway, endpointConfiguration={"types": ["REGIONAL"]})
    before = gateway.get_rest_api(restApiId=api_id)
    operations = [*replaced(description="new"), *replaced(**values)]
    bad = (400, "BadRequestException")
    assert refusal(gateway.update_rest_api, restApiId=api_id, patchOperations=operations) == bad
    after = gateway.get_rest_api(restApiId=api_id)
    assert after.get("description") == before.get("description")
    assert after["securityPolicy"] == before["securityPolicy"]
