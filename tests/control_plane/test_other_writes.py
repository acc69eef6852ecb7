"""The control plane's writes to what it generates: version 2, methods, domain names, tags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.control_plane import Plane, ServedEstate, access_key, serve
from tests.control_plane.clients import ACCOUNT, REGION, client, first_api

ESTATE = ServedEstate.numbered(rest_apis=1, stages=1, certificates=1, modelled=3)


@pytest.fixture(scope="module")
def plane() -> Iterator[Plane]:
    with serve(ESTATE) as plane:
        yield plane


@pytest.fixture
def v2(plane: Plane) -> Any:
    keys = {"aws_access_key_id": access_key(ACCOUNT), "aws_secret_access_key": "secret"}
    return boto3.client("apigatewayv2", region_name=REGION, endpoint_url=plane.url, **keys)


@pytest.fixture
def api(v2: Any) -> str:
    return str(v2.get_apis()["Items"][0]["ApiId"])


def update(v2: Any, api: str, **members: Any) -> Any:
    """UpdateStage of version 2; what GetStages tells afterwards."""
    v2.update_stage(ApiId=api, StageName="v1", **members)
    (stage,) = (one for one in v2.get_stages(ApiId=api)["Items"] if one["StageName"] == "v1")
    return stage


def test_a_stage_keeps_what_an_update_leaves_out(v2: Any, api: str) -> None:
    update(v2, api, StageVariables={"a": "1", "b": "2"}, Description="before")
    stage = update(v2, api, StageVariables={"a": ""}, AccessLogSettings={"Format": "f"})
    assert stage["StageVariables"]["b"] == "2"
    assert "a" not in stage["StageVariables"]
    assert set(stage["AccessLogSettings"]) == {"Format", "DestinationArn"}
    assert stage["Description"] == "before"


def test_an_empty_description_changes_nothing(v2: Any, api: str) -> None:
    update(v2, api, Description="before")
    assert update(v2, api, Description="")["Description"] == "before"


def test_an_empty_certificate_detaches_it(v2: Any, api: str) -> None:
    assert "ClientCertificateId" not in update(v2, api, ClientCertificateId="")


def test_settings_of_routes_and_logs_go_by_operations_of_their_own(v2: Any, api: str) -> None:
    level = {"LoggingLevel": "INFO"}
    update(v2, api, RouteSettings={"GET /a": level, "GET /b": level})
    v2.delete_route_settings(ApiId=api, StageName="v1", RouteKey="GET /a")
    v2.delete_access_log_settings(ApiId=api, StageName="v1")
    stage = update(v2, api)
    assert "GET /a" not in stage["RouteSettings"]
    assert stage["RouteSettings"]["GET /b"] == level
    assert "AccessLogSettings" not in stage


def refused(code: str, words: str, call: Any, **parameters: Any) -> None:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error: Any = caught.value.response["Error"]
    assert (error["Code"], words in str(caught.value.response)) == (code, True)


def test_a_stage_with_auto_deploy_takes_no_deployment(v2: Any, api: str) -> None:
    members = {"AutoDeploy": True, "DeploymentId": "x"}
    refused(
        "BadRequestException", "AutoDeploy", v2.update_stage, ApiId=api, StageName="v1", **members
    )


def test_a_routes_authorizer_comes_with_its_type(v2: Any, api: str) -> None:
    route = v2.get_routes(ApiId=api)["Items"][0]["RouteId"]
    known = v2.get_authorizers(ApiId=api)["Items"][0]["AuthorizerId"]
    at = {"ApiId": api, "RouteId": route}
    refused("BadRequestException", "type is invalid", v2.update_route, **at, AuthorizerId=known)
    refused(
        "BadRequestException",
        "valid authorizer",
        v2.update_route,
        **at,
        AuthorizationType="JWT",
        AuthorizerId="nosuch",
    )
    made = v2.update_route(**at, AuthorizationType="JWT", AuthorizerId=known)
    assert made["AuthorizerId"] == known
    assert "AuthorizerId" not in v2.update_route(**at, AuthorizationType="NONE")


def test_a_method_ignores_an_authorizer_beside_another_type(plane: Plane) -> None:
    gateway, rest_api = client(plane), first_api(plane)
    resources = gateway.get_resources(restApiId=rest_api, embed=["methods"])["items"]
    resource = next(one["id"] for one in resources if "GET" in one.get("resourceMethods", {}))
    at = {"restApiId": rest_api, "resourceId": resource, "httpMethod": "GET"}

    def patched(**values: str) -> Any:
        patch = [{"op": "replace", "path": f"/{n}", "value": v} for n, v in values.items()]
        return gateway.update_method(**at, patchOperations=patch)

    patched(authorizationType="NONE")
    assert "authorizerId" not in patched(authorizerId="abc123")
    with pytest.raises(ClientError, match="valid authorizer"):
        patched(authorizationType="CUSTOM")
    with pytest.raises(ClientError, match="Invalid Request Validator"):
        patched(requestValidatorId="nosuch")
    assert gateway.get_method(**at)["authorizationType"] == "NONE"


@pytest.mark.parametrize("key", ["aws:x", "AWS:x"])
def test_a_tag_of_aws_is_refused(plane: Plane, v2: Any, api: str, key: str) -> None:
    arn = f"arn:aws:apigateway:{REGION}::/apis/{api}"
    refused("BadRequestException", "aws:", v2.tag_resource, ResourceArn=arn, Tags={key: "y"})
    refused("BadRequestException", "aws:", v2.untag_resource, ResourceArn=arn, TagKeys=[key])


def test_an_arn_that_is_nowhere_is_not_found(plane: Plane) -> None:
    arn = f"arn:aws:apigateway:{REGION}::/restapis/nosuch0000"
    refused(
        "NotFoundException", "ARN", client(plane).tag_resource, resourceArn=arn, tags={"a": "b"}
    )
