"""The table methods."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import get
from apigw_vtab.tables.v1.resources import RESOURCES

METHODS = Table(
    "methods",
    "The methods of each resource: who may call them, and what is checked.",
    shape="Method",
    outer=RESOURCES,
    inside="resourceMethods.{http_method}",
    carried=("path",),
    key=("rest_api_id", "resource_id", "http_method"),
    arn=RESOURCES.arn + "/methods/{http_method}",
    reads=(get("GetMethod", "restApiId", "resourceId", "httpMethod"),),
)
