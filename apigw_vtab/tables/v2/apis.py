"""HTTP and WebSocket APIs: not a table of their own yet, but the parents of their stages."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Read, Table
from apigw_vtab.tables.v2.paging import PAGES

V2_APIS = Table(
    "v2_apis",
    "The HTTP and WebSocket APIs of each account and region.",
    service="apigatewayv2",
    shape="Api",
    key=("api_id",),
    reads=(Read("apigatewayv2", "GetApis", items="Items", page=PAGES, most=600),),
)
