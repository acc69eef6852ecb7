"""What the sandbox keeps as documents, over real HTTP: lists, and changes of both versions."""

from __future__ import annotations

from typing import Any

import pytest

from apigw_vtab.sandbox.server import SandboxServer
from tests.sandbox.clients import STRANGER, a_stage, an_api, patch, reach, refusal

BAD = (400, "BadRequestException")
MISSING = (404, "NotFoundException")
LOG = {
    "DestinationArn": "arn:aws:logs:us-east-1:123456789012:log-group:access",
    "Format": "$context.requestId",
}


@pytest.fixture(name="v2")
def v2_fixture(server: SandboxServer) -> Any:
    """Version 2's client of the same sandbox."""
    return reach(server.endpoint_url, "apigatewayv2")


def http_api(v2: Any, protocol: str = "HTTP", **stage: Any) -> str:
    """An API of version 2 with a stage called live."""
    selection = {"RouteSelectionExpression": "$request.body.action"}
    more = selection if protocol == "WEBSOCKET" else {}
    api_id: str = v2.create_api(Name="shop", ProtocolType=protocol, **more)["ApiId"]
    v2.create_stage(ApiId=api_id, StageName="live", **stage)
    return api_id


# Lists


def test_a_list_of_version_2_comes_in_pages_of_25(v2: Any) -> None:
    made = {v2.create_api(Name=f"api {n}", ProtocolType="HTTP")["ApiId"] for n in range(30)}
    first = v2.get_apis()
    second = v2.get_apis(NextToken=first["NextToken"])
    assert (len(first["Items"]), len(second["Items"])) == (25, 5)
    assert {one["ApiId"] for one in first["Items"] + second["Items"]} == made
    assert "NextToken" not in second


@pytest.mark.parametrize(("name", "value"), [("MaxResults", "0"), ("NextToken", "nonsense")])
def test_a_page_of_version_2_that_is_none_is_refused(v2: Any, name: str, value: str) -> None:
    assert refusal(v2.get_apis, **{name: value}) == BAD


def test_what_belongs_to_an_unknown_api_is_not_found(v2: Any, gateway: Any) -> None:
    assert refusal(v2.get_routes, ApiId="none") == MISSING
    assert refusal(gateway.get_authorizers, restApiId="none") == MISSING


def test_the_value_of_an_api_key_is_told_only_when_it_is_asked_for(gateway: Any) -> None:
    made = gateway.create_api_key(name="partner", enabled=True)
    assert len(made["value"]) == 40
    assert "value" not in gateway.get_api_keys()["items"][0]
    (told,) = gateway.get_api_keys(includeValues=True)["items"]
    assert told["value"] == gateway.get_api_key(apiKey=made["id"], includeValue=True)["value"]


def test_a_rest_api_has_all_responses_of_its_own_whether_they_are_set_or_not(gateway: Any) -> None:
    api_id = an_api(gateway)
    gateway.put_gateway_response(restApiId=api_id, responseType="UNAUTHORIZED", statusCode="403")
    items = gateway.get_gateway_responses(restApiId=api_id, limit=500)["items"]
    own = [one["responseType"] for one in items if not one["defaultResponse"]]
    assert (len(items), own) == (21, ["UNAUTHORIZED"])


def test_what_belongs_to_a_rest_api_goes_with_it(gateway: Any, server: SandboxServer) -> None:
    api_id = an_api(gateway)
    gateway.create_request_validator(restApiId=api_id, validateRequestBody=True)
    gateway.delete_rest_api(restApiId=api_id)
    assert server.backends[STRANGER.account_id, "us-east-1"].documents.stored == {}


def test_a_usage_plan_takes_limits_that_it_had_not_and_loses_them_again(gateway: Any) -> None:
    plan = {"usagePlanId": gateway.create_usage_plan(name="partners")["id"]}
    limits = patch("/throttle/rateLimit", "5.5") + patch("/quota/limit", "9")
    shown = gateway.update_usage_plan(**plan, patchOperations=limits)
    assert (shown["throttle"], shown["quota"]) == ({"rateLimit": 5.5}, {"limit": 9})
    removed = [{"op": "remove", "path": path} for path in ("/throttle", "/quota")]
    gateway.update_usage_plan(**plan, patchOperations=removed)
    assert not {"throttle", "quota"} & set(gateway.get_usage_plan(**plan))


# Custom domain names


def test_both_versions_show_one_domain_name(gateway: Any, v2: Any) -> None:
    gateway.create_domain_name(
        domainName="api.example.com", endpointConfiguration={"types": ["REGIONAL"]}
    )
    gateway.update_domain_name(
        domainName="api.example.com", patchOperations=patch("/securityPolicy", "TLS_1_0")
    )
    (shown,) = v2.get_domain_name(DomainName="api.example.com")["DomainNameConfigurations"]
    assert (shown["EndpointType"], shown["SecurityPolicy"]) == ("REGIONAL", "TLS_1_0")
    new = [{"EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}]
    v2.update_domain_name(DomainName="api.example.com", DomainNameConfigurations=new)
    assert gateway.get_domain_name(domainName="api.example.com")["securityPolicy"] == "TLS_1_2"


@pytest.mark.parametrize(
    "operations",
    [
        patch("/securityPolicy", "TLS_9"),
        patch("/securityPolicy", "SecurityPolicy_TLS13_1_3_2025_09"),
        patch("/domainName", "other.example.com"),
        patch("/colour", "blue"),
    ],
)
def test_what_does_not_go_with_a_domain_name_changes_nothing(
    gateway: Any, operations: list[dict[str, str]]
) -> None:
    gateway.create_domain_name(
        domainName="api.example.com", endpointConfiguration={"types": ["REGIONAL"]}
    )
    before = gateway.get_domain_name(domainName="api.example.com")
    call = gateway.update_domain_name
    assert refusal(call, domainName="api.example.com", patchOperations=operations) == BAD
    after = gateway.get_domain_name(domainName="api.example.com")
    assert after["securityPolicy"] == before["securityPolicy"]


def test_a_base_path_mapping_is_an_api_mapping_of_version_2(gateway: Any, v2: Any) -> None:
    name = {"domainName": "api.example.com"}
    gateway.create_domain_name(**name, endpointConfiguration={"types": ["REGIONAL"]})
    api_id = an_api(gateway)
    gateway.create_base_path_mapping(**name, basePath="orders", restApiId=api_id, stage="prod")
    (mapping,) = v2.get_api_mappings(DomainName="api.example.com")["Items"]
    assert (mapping["ApiMappingKey"], mapping["ApiId"]) == ("orders", api_id)
    v2.create_api_mapping(
        DomainName="api.example.com", ApiId=api_id, Stage="prod", ApiMappingKey="v1/orders"
    )
    # Version 1 has no path of several words.
    assert [m["basePath"] for m in gateway.get_base_path_mappings(**name)["items"]] == ["orders"]


def test_version_2_manages_no_edge_domain_name(gateway: Any, v2: Any) -> None:
    gateway.create_domain_name(
        domainName="edge.example.com", endpointConfiguration={"types": ["EDGE"]}
    )
    assert v2.get_domain_names()["Items"][0]["DomainName"] == "edge.example.com"
    assert refusal(v2.get_api_mappings, DomainName="edge.example.com") == BAD


# UpdateStage of version 2


def test_a_stage_of_version_2_takes_an_access_log_and_loses_it(v2: Any) -> None:
    stage = {"ApiId": http_api(v2), "StageName": "live"}
    assert v2.update_stage(**stage, AccessLogSettings=LOG)["AccessLogSettings"] == LOG
    v2.delete_access_log_settings(**stage)
    assert "AccessLogSettings" not in v2.get_stage(**stage)


def test_a_stage_of_version_2_takes_throttling_and_metrics(v2: Any) -> None:
    settings = {
        "DetailedMetricsEnabled": True,
        "ThrottlingBurstLimit": 10,
        "ThrottlingRateLimit": 5.5,
    }
    stage = {"ApiId": http_api(v2), "StageName": "live"}
    v2.update_stage(**stage, DefaultRouteSettings=settings)
    assert v2.get_stage(**stage)["DefaultRouteSettings"] == settings


@pytest.mark.parametrize(
    ("protocol", "members", "answer"),
    [
        ("HTTP", {"DefaultRouteSettings": {"LoggingLevel": "ERROR"}}, BAD),
        ("HTTP", {"AccessLogSettings": {**LOG, "Format": "$context.status"}}, BAD),
        ("HTTP", {"AccessLogSettings": {**LOG, "DestinationArn": ""}}, BAD),
        ("HTTP", {"DeploymentId": "nosuch"}, BAD),
        ("HTTP", {"ClientCertificateId": "abc123"}, BAD),
        ("HTTP", {"RouteSettings": {"GET /none": {"ThrottlingBurstLimit": 1}}}, MISSING),
        ("WEBSOCKET", {"DefaultRouteSettings": {"LoggingLevel": "LOUD"}}, BAD),
        # No role for CloudWatch is set in the account.
        ("WEBSOCKET", {"DefaultRouteSettings": {"LoggingLevel": "INFO"}}, BAD),
        ("WEBSOCKET", {"ClientCertificateId": "abc123"}, BAD),
    ],
)
def test_what_aws_refuses_of_a_stage_changes_nothing(
    v2: Any, protocol: str, members: dict[str, Any], answer: tuple[int, str]
) -> None:
    stage = {"ApiId": http_api(v2, protocol), "StageName": "live"}
    before = v2.get_stage(**stage)
    assert refusal(v2.update_stage, **stage, **members) == answer
    after = v2.get_stage(**stage)
    del before["ResponseMetadata"], after["ResponseMetadata"]
    assert after == before


def test_a_stage_that_deploys_by_itself_takes_no_deployment(v2: Any) -> None:
    stage = {"ApiId": http_api(v2), "StageName": "live"}
    first = v2.update_stage(**stage, AutoDeploy=True)["DeploymentId"]
    v2.create_route(ApiId=stage["ApiId"], RouteKey="GET /orders")
    second = v2.get_stage(**stage)["DeploymentId"]
    assert first != second
    assert refusal(v2.update_stage, **stage, DeploymentId=first) == BAD
    deployments = v2.get_deployments(ApiId=stage["ApiId"])["Items"]
    assert {(one["DeploymentId"], one["AutoDeployed"]) for one in deployments} == {
        (first, True),
        (second, True),
    }


# UpdateRoute, UpdateMethod


def test_a_route_takes_iam_or_an_authorizer_that_serves_it(v2: Any) -> None:
    api_id = http_api(v2)
    route = {
        "ApiId": api_id,
        "RouteId": v2.create_route(ApiId=api_id, RouteKey="$default")["RouteId"],
    }
    jwt = v2.create_authorizer(
        ApiId=api_id,
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        Name="pool",
        JwtConfiguration={"Issuer": "https://id.example.com", "Audience": ["shop"]},
    )["AuthorizerId"]
    assert v2.update_route(**route, AuthorizationType="AWS_IAM")["AuthorizationType"] == "AWS_IAM"
    taken = v2.update_route(**route, AuthorizationType="JWT", AuthorizerId=jwt)
    assert (taken["AuthorizationType"], taken["AuthorizerId"]) == ("JWT", jwt)
    assert refusal(v2.update_route, **route, AuthorizationType="CUSTOM") == BAD
    assert refusal(v2.update_route, **route, ApiKeyRequired=True) == BAD
    assert refusal(v2.update_route, **route, Target="integrations/nosuch") == MISSING
    assert v2.get_route(**route)["AuthorizationType"] == "JWT"


def a_method(gateway: Any) -> dict[str, str]:
    api_id = an_api(gateway)
    (root,) = gateway.get_resources(restApiId=api_id)["items"]
    return {"restApiId": api_id, "resourceId": root["id"], "httpMethod": "GET"}


def test_a_method_takes_what_update_method_sets(gateway: Any) -> None:
    method = a_method(gateway)
    validator = gateway.create_request_validator(
        restApiId=method["restApiId"], name="body", validateRequestBody=True
    )["id"]
    operations = [
        *patch("/authorizationType", "AWS_IAM"),
        *patch("/apiKeyRequired", "true"),
        *patch("/requestValidatorId", validator),
        *patch("/requestParameters/method.request.querystring.page", "true"),
    ]
    gateway.update_method(**method, patchOperations=operations)
    told = gateway.get_method(**method)
    assert (told["authorizationType"], told["apiKeyRequired"]) == ("AWS_IAM", True)
    assert told["requestValidatorId"] == validator
    assert told["requestParameters"] == {"method.request.querystring.page": True}
    assert told["methodIntegration"]["type"] == "HTTP_PROXY"


@pytest.mark.parametrize(
    ("path", "value", "answer"),
    [
        ("/authorizationType", "PERHAPS", BAD),
        ("/authorizationType", "CUSTOM", BAD),
        ("/authorizationType", "COGNITO_USER_POOLS", BAD),
        ("/requestValidatorId", "nosuch", MISSING),
        ("/apiKeyRequired", "perhaps", BAD),
        ("/httpMethod", "POST", BAD),
        ("/colour", "blue", BAD),
    ],
)
def test_what_aws_refuses_of_a_method_changes_nothing(
    gateway: Any, path: str, value: str, answer: tuple[int, str]
) -> None:
    method = a_method(gateway)
    operations = [*patch("/operationName", "new"), *patch(path, value)]
    assert refusal(gateway.update_method, **method, patchOperations=operations) == answer
    assert "operationName" not in gateway.get_method(**method)


def test_an_integration_takes_what_update_integration_sets(gateway: Any) -> None:
    method = a_method(gateway)
    operations = [
        *patch("/tlsConfig/insecureSkipVerification", "true"),
        *patch("/timeoutInMillis", "5000"),
    ]
    gateway.update_integration(**method, patchOperations=operations)
    told = gateway.get_integration(**method)
    assert told["tlsConfig"] == {"insecureSkipVerification": True}
    assert (told["timeoutInMillis"], told["uri"]) == (5000, "https://backend.example.com")
    operations = [{"op": "remove", "path": "/tlsConfig/insecureSkipVerification"}]
    gateway.update_integration(**method, patchOperations=operations)
    assert "tlsConfig" not in gateway.get_integration(**method)
    wrong = patch("/type", "MOCK")
    assert refusal(gateway.update_integration, **method, patchOperations=wrong) == BAD


def test_a_usage_plan_takes_a_quota_and_a_throttle(gateway: Any) -> None:
    plan = gateway.create_usage_plan(name="partners")["id"]
    operations = [
        *patch("/quota/limit", "100"),
        *patch("/quota/period", "DAY"),
        *patch("/throttle/rateLimit", "2.5"),
    ]
    gateway.update_usage_plan(usagePlanId=plan, patchOperations=operations)
    told = gateway.get_usage_plan(usagePlanId=plan)
    assert told["quota"] == {"limit": 100, "period": "DAY"}
    assert told["throttle"] == {"rateLimit": 2.5}
    wrong = patch("/quota/period", "YEAR")
    assert refusal(gateway.update_usage_plan, usagePlanId=plan, patchOperations=wrong) == BAD


# The account


def test_the_cloudwatch_role_can_be_set_and_removed(gateway: Any) -> None:
    role = "arn:aws:iam::123456789012:role/api-gateway-logs"
    assert "cloudwatchRoleArn" not in gateway.get_account()
    gateway.update_account(patchOperations=patch("/cloudwatchRoleArn", role))
    assert gateway.get_account()["cloudwatchRoleArn"] == role
    gateway.update_account(patchOperations=patch("/cloudwatchRoleArn", ""))
    assert "cloudwatchRoleArn" not in gateway.get_account()
    wrong = patch("/cloudwatchRoleArn", "arn:aws:iam::123456789012:user/me")
    assert refusal(gateway.update_account, patchOperations=wrong) == BAD


# Tags


def arns(gateway: Any, v2: Any) -> list[str]:
    """The ARN of a resource of each kind that has tags."""
    stage = a_stage(gateway)
    api_id = http_api(v2)
    paths = [
        f"restapis/{stage['restApiId']}",
        f"restapis/{stage['restApiId']}/stages/prod",
        f"apis/{api_id}",
        f"apis/{api_id}/stages/live",
        f"clientcertificates/{gateway.generate_client_certificate()['clientCertificateId']}",
        f"apikeys/{gateway.create_api_key(name='k')['id']}",
        f"usageplans/{gateway.create_usage_plan(name='p')['id']}",
        f"vpclinks/{gateway.create_vpc_link(name='l', targetArns=['arn'])['id']}",
        f"vpclinks/{v2.create_vpc_link(Name='l', SubnetIds=['subnet-1'])['VpcLinkId']}",
    ]
    return [f"arn:aws:apigateway:us-east-1::/{path}" for path in paths]


def test_whatever_has_tags_takes_them_and_loses_them_through_both_versions(
    gateway: Any, v2: Any
) -> None:
    for arn in arns(gateway, v2):
        gateway.tag_resource(resourceArn=arn, tags={"team": "orders", "env": "prod"})
        v2.tag_resource(ResourceArn=arn, Tags={"env": "test"})
        assert v2.get_tags(ResourceArn=arn)["Tags"] == {"team": "orders", "env": "test"}
        v2.untag_resource(ResourceArn=arn, TagKeys=["env"])
        gateway.untag_resource(resourceArn=arn, tagKeys=["nosuch"])
        assert gateway.get_tags(resourceArn=arn)["tags"] == {"team": "orders"}


@pytest.mark.parametrize(
    ("path", "tags", "answer"),
    [
        ("us-east-1::/restapis/none", {"a": "b"}, MISSING),
        ("us-east-1::/restapis/none/methods/x", {"a": "b"}, MISSING),
        ("eu-west-1::/clientcertificates/none", {"a": "b"}, BAD),
        ("us-east-1::/clientcertificates/ID", {"aws:mine": "b"}, BAD),
        ("us-east-1::/clientcertificates/ID", {"k" * 129: "b"}, BAD),
        ("us-east-1::/clientcertificates/ID", {"k": "b" * 257}, BAD),
        ("us-east-1::/clientcertificates/ID", {str(n): "b" for n in range(51)}, BAD),
    ],
)
def test_tags_that_aws_refuses(
    gateway: Any, path: str, tags: dict[str, str], answer: tuple[int, str]
) -> None:
    certificate_id = gateway.generate_client_certificate()["clientCertificateId"]
    arn = f"arn:aws:apigateway:{path.replace('ID', certificate_id)}"
    assert refusal(gateway.tag_resource, resourceArn=arn, tags=tags) == answer
    told = gateway.get_client_certificate(clientCertificateId=certificate_id)
    assert "tags" not in told
