"""The table v2_apis."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v2.reads import NOT_OFFERED, every, get

V2_APIS = Table(
    "v2_apis",
    "The HTTP and WebSocket APIs of each account and region.",
    shape="Api",
    key=("api_id",),
    arn="arn:{partition}:apigateway:{region}::/apis/{api_id}",
    reads=(get("GetApi", "ApiId"), every("GetApis", most=600, none_here=NOT_OFFERED)),
)
