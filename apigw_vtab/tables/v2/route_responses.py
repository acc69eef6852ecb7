"""The table v2_route_responses."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v2.reads import every, get
from apigw_vtab.tables.v2.routes import V2_ROUTES

V2_ROUTE_RESPONSES = Table(
    "v2_route_responses",
    "The responses that the routes of each WebSocket API can give.",
    shape="RouteResponse",
    parent=V2_ROUTES,
    key=("api_id", "route_id", "route_response_id"),
    arn=V2_ROUTES.arn + "/routeresponses/{route_response_id}",
    reads=(
        get("GetRouteResponse", "ApiId", "RouteId", "RouteResponseId"),
        every("GetRouteResponses", "ApiId", "RouteId", most=10),
    ),
    examples={
        "The answers that each route can give": """
            select r.region, r.api_id, r.route_key, group_concat(o.route_response_key) as answers
            from v2_routes as r
            join v2_route_responses as o using (account_id, region, api_id, route_id)
            group by r.account_id, r.region, r.api_id, r.route_id
        """,
        "Routes of WebSocket APIs that never answer": """
            select r.region, a.name as api, r.route_key
            from v2_apis as a
            join v2_routes as r using (account_id, region, api_id)
            left join v2_route_responses as o using (account_id, region, api_id, route_id)
            where a.protocol_type = 'WEBSOCKET'
              and o.route_response_id is null
        """,
    },
)
