"""Each write that a table declares, as an UPDATE and the operations that it takes."""

from __future__ import annotations

from typing import Any, NamedTuple

API = "api_id = (select min(api_id) from temp.v2_apis)"
STAGE = "api_id = '{api}' and stage_name = 'v1'"
ROUTE = "api_id = '{api}' and authorization_type = 'AWS_IAM'"
METHOD = "rest_api_id = '{rest_api}' and http_method = 'GET'"
DOMAIN = "domain_name = 'api.example.com'"
PLAN = "usage_plan_id = '{plan}'"
ROLE = "arn:aws:iam::111122223333:role/logs"


class WriteCase(NamedTuple):
    """An UPDATE, and each operation that it takes with its parameters but for the resource's."""

    table: str
    sets: str
    where: str
    sent: list[tuple[str, dict[str, Any]]]


def replaced(**values: str) -> dict[str, Any]:
    patches = [{"op": "replace", "path": f"/{name}", "value": v} for name, v in values.items()]
    return {"patchOperations": patches}


CASES = [
    WriteCase("v2_stages", "description = 'x'", STAGE, [("UpdateStageV2", {"description": "x"})]),
    WriteCase("v2_stages", "auto_deploy = 1", STAGE, [("UpdateStageV2", {"autoDeploy": True})]),
    WriteCase(
        "v2_stages",
        "auto_deploy = 0, deployment_id = 'abc123'",
        "api_id = '{api}' and stage_name = '$default'",
        [("UpdateStageV2", {"autoDeploy": False, "deploymentId": "abc123"})],
    ),
    WriteCase(
        "v2_stages",
        "client_certificate_id = null",
        STAGE,
        [("UpdateStageV2", {"clientCertificateId": ""})],
    ),
    WriteCase(
        "v2_stages",
        'access_log_settings = \'{{"DestinationArn": "arn:x", "Format": "$context.requestId"}}\'',
        STAGE,
        [
            (
                "UpdateStageV2",
                {"accessLogSettings": {"destinationArn": "arn:x", "format": "$context.requestId"}},
            )
        ],
    ),
    WriteCase("v2_stages", "access_log_settings = null", STAGE, [("DeleteAccessLogSettings", {})]),
    WriteCase(
        "v2_stages",
        "default_route_settings = json_set(default_route_settings, '$.LoggingLevel', 'OFF')",
        STAGE,
        [
            (
                "UpdateStageV2",
                {
                    "defaultRouteSettings": {
                        "dataTraceEnabled": True,
                        "detailedMetricsEnabled": False,
                        "loggingLevel": "OFF",
                        "throttlingBurstLimit": 612,
                        "throttlingRateLimit": 42.5,
                    }
                },
            )
        ],
    ),
    WriteCase(
        "v2_stages",
        "route_settings = json_object('GET /pets', json_object('ThrottlingBurstLimit', 5))",
        "api_id = '{api}' and stage_name = 'v2'",
        [("UpdateStageV2", {"routeSettings": {"GET /pets": {"throttlingBurstLimit": 5}}})],
    ),
    WriteCase(
        "v2_stages",
        "stage_variables = json_set(json_remove(stage_variables, '$.apiId'), '$.color', 'blue')",
        "api_id = '{api}' and stage_name = 'v2'",
        [("UpdateStageV2", {"stageVariables": {"color": "blue", "apiId": ""}})],
    ),
    WriteCase(
        "v2_stages",
        "description = 'x', access_log_settings = null, tags = '{{\"team\": \"a\"}}'",
        STAGE,
        [
            ("UpdateStageV2", {"description": "x"}),
            ("DeleteAccessLogSettings", {}),
            ("TagResourceV2", {"tags": {"team": "a"}}),
        ],
    ),
    WriteCase(
        "v2_apis",
        'cors_configuration = \'{{"AllowOrigins": ["https://www.example.com"]}}\'',
        "api_id = '{api}'",
        [("UpdateApi", {"corsConfiguration": {"allowOrigins": ["https://www.example.com"]}})],
    ),
    WriteCase(
        "v2_routes",
        "authorization_type = 'JWT', authorizer_id = '{authorizer}',"
        " authorization_scopes = '[\"read\"]'",
        ROUTE,
        [
            (
                "UpdateRoute",
                {
                    "authorizationType": "JWT",
                    "authorizerId": "{authorizer}",
                    "authorizationScopes": ["read"],
                },
            )
        ],
    ),
    WriteCase(
        "v2_routes",
        "authorization_type = 'NONE', authorizer_id = null, authorization_scopes = null",
        ROUTE,
        [
            (
                "UpdateRoute",
                {"authorizationType": "NONE", "authorizerId": "", "authorizationScopes": []},
            )
        ],
    ),
    WriteCase(
        "v2_routes", "api_key_required = 0", ROUTE, [("UpdateRoute", {"apiKeyRequired": False})]
    ),
    WriteCase(
        "methods",
        "authorization_type = 'CUSTOM', authorizer_id = '{rest_authorizer}'",
        METHOD,
        [
            (
                "UpdateMethod",
                replaced(authorizationType="CUSTOM", authorizerId="{rest_authorizer}"),
            )
        ],
    ),
    WriteCase(
        "methods",
        "authorization_type = 'AWS_IAM', authorizer_id = null",
        METHOD,
        [("UpdateMethod", replaced(authorizationType="AWS_IAM", authorizerId=""))],
    ),
    WriteCase(
        "methods",
        "api_key_required = 1, request_validator_id = null",
        METHOD,
        [("UpdateMethod", replaced(apiKeyRequired="true", requestValidatorId=""))],
    ),
    WriteCase(
        "methods",
        "request_validator_id = '{validator}'",
        METHOD,
        [("UpdateMethod", replaced(requestValidatorId="{validator}"))],
    ),
    WriteCase(
        "domain_names",
        "security_policy = 'TLS_1_2'",
        DOMAIN,
        [("UpdateDomainName", replaced(securityPolicy="TLS_1_2"))],
    ),
    WriteCase(
        "domain_names",
        "security_policy = 'SecurityPolicy_TLS13_1_3_2025_09', endpoint_access_mode = 'STRICT'",
        "domain_name_id = 'second'",
        [
            (
                "UpdateDomainName",
                replaced(
                    securityPolicy="SecurityPolicy_TLS13_1_3_2025_09", endpointAccessMode="STRICT"
                ),
            )
        ],
    ),
    WriteCase(
        "account_settings",
        f"cloudwatch_role_arn = '{ROLE}'",
        "true",
        [("UpdateAccount", replaced(cloudwatchRoleArn=ROLE))],
    ),
    WriteCase(
        "account_settings",
        "cloudwatch_role_arn = null",
        "true",
        [("UpdateAccount", replaced(cloudwatchRoleArn=""))],
    ),
    WriteCase(
        "usage_plans",
        "throttle = json_object('rateLimit', 5.5, 'burstLimit', 9)",
        PLAN,
        [
            (
                "UpdateUsagePlan",
                replaced(**{"throttle/rateLimit": "5.5", "throttle/burstLimit": "9"}),
            )
        ],
    ),
    WriteCase(
        "usage_plans",
        "name = 'partners', quota = json_object('limit', 10, 'offset', 0, 'period', 'WEEK')",
        PLAN,
        [
            (
                "UpdateUsagePlan",
                replaced(
                    name="partners",
                    **{"quota/limit": "10", "quota/offset": "0", "quota/period": "WEEK"},
                ),
            )
        ],
    ),
    WriteCase(
        "usage_plans",
        "throttle = null",
        PLAN,
        [("UpdateUsagePlan", {"patchOperations": [{"op": "remove", "path": "/throttle"}]})],
    ),
]
