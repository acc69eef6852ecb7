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
)
