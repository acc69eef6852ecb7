"""The table v2_apis."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Member, Table, Write
from apigw_vtab.tables.v2.reads import NOT_OFFERED, every, get

API = {"ApiId": "api_id"}
SERVICE = "apigatewayv2"
# When callers notice a change of an API, or of a part of it.
AFTER_DEPLOYMENT = "a deployment of the API, which only stages with auto_deploy get by themselves"

V2_APIS = Table(
    "v2_apis",
    "The HTTP and WebSocket APIs of each account and region.",
    shape="Api",
    key=("api_id",),
    arn="arn:{partition}:apigateway:{region}::/apis/{api_id}",
    reads=(get("GetApi", "ApiId"), every("GetApis", most=600, none_here=NOT_OFFERED)),
    # https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html and, for what a
    # deployment is of, https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-publish.html
    update=Write(
        SERVICE,
        "UpdateApi",
        API,
        members={
            "cors_configuration": Member(
                erased_by=Write(SERVICE, "DeleteCorsConfiguration", API, repeatable=True)
            )
        },
        repeatable=True,
        live_after=AFTER_DEPLOYMENT,
    ),
    examples={
        "APIs that any website may call with its visitors' cookies": """
            select a.region, a.name, o.value as origin
            from v2_apis as a, json_each(a.cors_configuration, '$.AllowOrigins') as o
            where o.value like '%*%'
              and a.cors_configuration ->> 'AllowCredentials'
        """,
        "How many APIs of each kind, and how many of them at AWS's own address": """
            select
              account_id,
              region,
              protocol_type,
              count(*) as apis,
              sum(not coalesce(disable_execute_api_endpoint, 0)) as at_the_default_endpoint
            from v2_apis
            group by account_id, region, protocol_type
        """,
    },
)
