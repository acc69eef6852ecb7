"""The table integrations."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import get
from apigw_vtab.tables.v1.resources import RESOURCES

INTEGRATIONS = Table(
    "integrations",
    "What each method of a REST API calls.",
    shape="Integration",
    outer=RESOURCES,
    inside="resourceMethods.{http_method}.methodIntegration",
    carried=("path",),
    key=("rest_api_id", "resource_id", "http_method"),
    arn=RESOURCES.arn + "/methods/{http_method}/integration",
    renames={"httpMethod": "integration_http_method"},
    reads=(get("GetIntegration", "restApiId", "resourceId", "httpMethod"),),
)
