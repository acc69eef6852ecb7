"""The table v2_stages."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v2.apis import V2_APIS
from apigw_vtab.tables.v2.reads import every, get

V2_STAGES = Table(
    "v2_stages",
    "The stages of each HTTP and WebSocket API.",
    shape="Stage",
    parent=V2_APIS,
    key=("api_id", "stage_name"),
    arn=V2_APIS.arn + "/stages/{stage_name}",
    reads=(get("GetStage", "ApiId", "StageName"), every("GetStages", "ApiId", most=10)),
)
