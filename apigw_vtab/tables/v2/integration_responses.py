"""The table v2_integration_responses."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v2.integrations import V2_INTEGRATIONS
from apigw_vtab.tables.v2.reads import every, get

V2_INTEGRATION_RESPONSES = Table(
    "v2_integration_responses",
    "How what a backend answers becomes a message of a WebSocket API.",
    shape="IntegrationResponse",
    parent=V2_INTEGRATIONS,
    key=("api_id", "integration_id", "integration_response_id"),
    arn=V2_INTEGRATIONS.arn + "/integrationresponses/{integration_response_id}",
    reads=(
        get("GetIntegrationResponse", "ApiId", "IntegrationId", "IntegrationResponseId"),
        every("GetIntegrationResponses", "ApiId", "IntegrationId", most=10),
    ),
)
