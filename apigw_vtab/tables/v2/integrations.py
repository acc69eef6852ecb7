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
    examples={
        "Backends that are called without TLS": """
            select region, api_id, integration_method, integration_uri
            from v2_integrations
            where integration_uri like 'http://%'
        """,
        "Integrations that no route leads to": """
            select i.region, i.api_id, i.integration_id, i.integration_uri
            from v2_integrations as i
            left join v2_routes as r
              on r.account_id = i.account_id
              and r.region = i.region
              and r.api_id = i.api_id
              and r.target = 'integrations/' || i.integration_id
            where r.route_id is null
        """,
    },
)
