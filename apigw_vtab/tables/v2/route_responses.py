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
)
