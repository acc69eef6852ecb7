"""The table v2_routes."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Member, Needs, Table, Write
from apigw_vtab.tables.v2.apis import AFTER_DEPLOYMENT, V2_APIS
from apigw_vtab.tables.v2.reads import every, get

V2_ROUTES = Table(
    "v2_routes",
    "The routes of each HTTP and WebSocket API: who may call them, and what they lead to.",
    shape="Route",
    parent=V2_APIS,
    key=("api_id", "route_id"),
    arn=V2_APIS.arn + "/routes/{route_id}",
    reads=(get("GetRoute", "ApiId", "RouteId"), every("GetRoutes", "ApiId", most=300)),
    # https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes-routeid.html
    update=Write(
        "apigatewayv2",
        "UpdateRoute",
        {"ApiId": "api_id", "RouteId": "route_id"},
        members={
            "authorization_type": Member(),
            "authorizer_id": Member(empty=""),
            "authorization_scopes": Member(empty=()),
            "api_key_required": Member(),
        },
        # Another authorizer alone is refused:
        # https://github.com/hashicorp/terraform-provider-aws/pull/35821
        needs=Needs("authorization_type", ("CUSTOM", "JWT"), "authorizer_id", goes_along=True),
        repeatable=True,
        live_after=AFTER_DEPLOYMENT,
    ),
    examples={
        "Routes that anybody can call": """
            select a.region, a.name as api, a.protocol_type, r.route_key
            from v2_routes as r
            join v2_apis as a using (account_id, region, api_id)
            where coalesce(r.authorization_type, 'NONE') = 'NONE'
              and not coalesce(r.api_key_required, 0)
              and r.route_key not like 'OPTIONS %'
              -- Of a WebSocket API, only $connect can be authorized.
              and (a.protocol_type = 'HTTP' or r.route_key = '$connect')
        """,
        "Routes that take every request that no other route takes": """
            select a.region, a.name as api, r.route_key, r.authorization_type, r.target
            from v2_routes as r
            join v2_apis as a using (account_id, region, api_id)
            where r.route_key = '$default'
        """,
        "What each route calls": """
            select r.region, r.api_id, r.route_key, i.integration_type, i.integration_uri
            from v2_routes as r
            left join v2_integrations as i
              on i.account_id = r.account_id
              and i.region = r.region
              and i.api_id = r.api_id
              and r.target = 'integrations/' || i.integration_id
        """,
    },
)
