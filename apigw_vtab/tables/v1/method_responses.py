"""The table method_responses."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import get
from apigw_vtab.tables.v1.resources import RESOURCES

METHOD_RESPONSES = Table(
    "method_responses",
    "The responses that each method of a REST API can give.",
    shape="MethodResponse",
    outer=RESOURCES,
    inside="resourceMethods.{http_method}.methodResponses.{status_code}",
    carried=("path",),
    key=("rest_api_id", "resource_id", "http_method", "status_code"),
    arn=RESOURCES.arn + "/methods/{http_method}/responses/{status_code}",
    reads=(get("GetMethodResponse", "restApiId", "resourceId", "httpMethod", "statusCode"),),
)
