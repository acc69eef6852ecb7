"""The table v2_routes."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v2.apis import V2_APIS
from apigw_vtab.tables.v2.reads import every, get

V2_ROUTES = Table(
    "v2_routes",
    "The routes of each HTTP and WebSocket API: who may call them, and what they lead to.",
    shape="Route",
    parent=V2_APIS,
    key=("api_id", "route_id"),
    arn=V2_APIS.arn + "/routes/{route_id}",
    reads=(get("GetRoute", "ApiId", "RouteId"), every("GetRoutes", "ApiId", most=300)),
)
