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
)
