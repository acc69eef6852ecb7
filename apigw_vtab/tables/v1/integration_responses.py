"""The table integration_responses."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import get
from apigw_vtab.tables.v1.resources import RESOURCES

INTEGRATION_RESPONSES = Table(
    "integration_responses",
    "How what a backend answers becomes the response of a method.",
    shape="IntegrationResponse",
    outer=RESOURCES,
    inside="resourceMethods.{http_method}.methodIntegration.integrationResponses.{status_code}",
    carried=("path",),
    key=("rest_api_id", "resource_id", "http_method", "status_code"),
    arn=RESOURCES.arn + "/methods/{http_method}/integration/responses/{status_code}",
    reads=(get("GetIntegrationResponse", "restApiId", "resourceId", "httpMethod", "statusCode"),),
    examples={
        "Methods that let any website read their answers": """
            select r.region, r.rest_api_id, r.http_method, r.path, header.value as origin
            from integration_responses as r, json_each(r.response_parameters) as header
            where header.key like '%.Access-Control-Allow-Origin'
              and header.value like '%*%'
              and r.http_method <> 'OPTIONS'
        """,
        "Methods that answer the same, whatever their backend says": """
            select region, rest_api_id, http_method, path, min(status_code) as status_code
            from integration_responses
            group by account_id, region, rest_api_id, resource_id, http_method
            having count(*) = 1
              and max(selection_pattern) is null
        """,
    },
)
