"""The table v2_integrations."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v2.apis import V2_APIS
from apigw_vtab.tables.v2.reads import every, get

V2_INTEGRATIONS = Table(
    "v2_integrations",
    "What the routes of each HTTP and WebSocket API call.",
    shape="Integration",
    parent=V2_APIS,
    key=("api_id", "integration_id"),
    arn=V2_APIS.arn + "/integrations/{integration_id}",
    reads=(
        get("GetIntegration", "ApiId", "IntegrationId"),
        every("GetIntegrations", "ApiId", most=300),
    ),
)
