"""The stages of HTTP and WebSocket APIs; those of WebSocket APIs present client certificates."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Read, Table
from apigw_vtab.tables.v2.apis import V2_APIS
from apigw_vtab.tables.v2.paging import PAGES

V2_STAGES = Table(
    "v2_stages",
    "The stages of each HTTP and WebSocket API.",
    service="apigatewayv2",
    shape="Stage",
    key=("api_id", "stage_name"),
    parent=V2_APIS,
    reads=(
        Read("apigatewayv2", "GetStages", {"ApiId": "api_id"}, items="Items", page=PAGES, most=10),
    ),
)
