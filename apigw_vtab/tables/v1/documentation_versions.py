"""The table documentation_versions."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import every, get
from apigw_vtab.tables.v1.rest_apis import REST_APIS

DOCUMENTATION_VERSIONS = Table(
    "documentation_versions",
    "The published versions of the documentation of each REST API.",
    shape="DocumentationVersion",
    parent=REST_APIS,
    key=("rest_api_id", "documentation_version"),
    arn=REST_APIS.arn + "/documentation/versions/{documentation_version}",
    reads=(
        get("GetDocumentationVersion", "restApiId", "documentationVersion"),
        every("GetDocumentationVersions", "restApiId"),
    ),
)
