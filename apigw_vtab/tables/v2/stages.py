"""The table v2_stages."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Member, Table, Write
from apigw_vtab.tables.v2.apis import V2_APIS
from apigw_vtab.tables.v2.reads import every, get

STAGE = {"ApiId": "api_id", "StageName": "stage_name"}
SERVICE = "apigatewayv2"

# UpdateStage keeps what it is not sent, and two of its members have operations that erase them:
# https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html
# A variable and a certificate go as an empty text; an empty description leaves the old one, as
# https://github.com/go-to-k/cdkd/pull/1163 and https://github.com/go-to-k/cdkd/pull/1577 measured.
LEAST = {"ThrottlingBurstLimit": 0, "ThrottlingRateLimit": 0}
STAGE_MEMBERS = {
    "access_log_settings": Member(
        erased_by=Write(SERVICE, "DeleteAccessLogSettings", STAGE, repeatable=True)
    ),
    "auto_deploy": Member(),
    "client_certificate_id": Member(empty=""),
    "default_route_settings": Member(least=LEAST),
    "deployment_id": Member(),
    "description": Member(),
    "route_settings": Member(
        erased_by=Write(SERVICE, "DeleteRouteSettings", STAGE, repeatable=True),
        entry="RouteKey",
        least=LEAST,
    ),
    "stage_variables": Member(empty=""),
}

V2_STAGES = Table(
    "v2_stages",
    "The stages of each HTTP and WebSocket API.",
    shape="Stage",
    parent=V2_APIS,
    key=("api_id", "stage_name"),
    arn=V2_APIS.arn + "/stages/{stage_name}",
    reads=(get("GetStage", "ApiId", "StageName"), every("GetStages", "ApiId", most=10)),
    update=Write(SERVICE, "UpdateStage", STAGE, members=STAGE_MEMBERS, repeatable=True),
    examples={
        "Stages without an access log": """
            select a.region, a.name as api, s.stage_name
            from v2_stages as s
            join v2_apis as a using (account_id, region, api_id)
            where s.access_log_settings ->> 'DestinationArn' is null
        """,
        "Stages without a throttle of their own": """
            select region, api_id, stage_name
            from v2_stages
            where default_route_settings ->> 'ThrottlingRateLimit' is null
        """,
        "Secrets in stage variables, which everybody who may read the stage can read": """
            select s.region, s.api_id, s.stage_name, v.key, secret_kind(v.key, v.value) as kind
            from v2_stages as s, json_each(s.stage_variables) as v
            where secret_kind(v.key, v.value) is not null
        """,
    },
)
