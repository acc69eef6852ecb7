"""The table gateway_responses."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import every, get
from apigw_vtab.tables.v1.rest_apis import REST_APIS

GATEWAY_RESPONSES = Table(
    "gateway_responses",
    "What each REST API answers by itself; AWS's defaults have default_response = 1.",
    shape="GatewayResponse",
    parent=REST_APIS,
    key=("rest_api_id", "response_type"),
    arn=REST_APIS.arn + "/gatewayresponses/{response_type}",
    reads=(
        get("GetGatewayResponse", "restApiId", "responseType"),
        every("GetGatewayResponses", "restApiId", most=21),
    ),
    examples={
        "What was changed from AWS's own answers": """
            select region, rest_api_id, response_type, status_code, response_templates
            from gateway_responses
            where not default_response
        """,
        "Errors that any website may read": """
            select r.region, r.rest_api_id, r.response_type, header.value as origin
            from gateway_responses as r, json_each(r.response_parameters) as header
            where header.key like '%.Access-Control-Allow-Origin'
              and header.value like '%*%'
        """,
    },
)
