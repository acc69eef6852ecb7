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
    examples={
        "How a backend's answers become messages": """
            select a.name as api, i.integration_uri, r.integration_response_key, response_templates
            from v2_integration_responses as r
            join v2_integrations as i using (account_id, region, api_id, integration_id)
            join v2_apis as a using (account_id, region, api_id)
        """,
        "Integrations that treat every answer alike": """
            select region, api_id, integration_id
            from v2_integration_responses
            group by account_id, region, api_id, integration_id
            having max(integration_response_key <> '$default') = 0
        """,
    },
)
