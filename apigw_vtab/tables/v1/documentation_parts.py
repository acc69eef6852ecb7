"""The table documentation_parts."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import every, get
from apigw_vtab.tables.v1.rest_apis import REST_APIS

DOCUMENTATION_PARTS = Table(
    "documentation_parts",
    "The documentation of each REST API, part by part.",
    shape="DocumentationPart",
    parent=REST_APIS,
    key=("rest_api_id", "documentation_part_id"),
    arn=REST_APIS.arn + "/documentation/parts/{documentation_part_id}",
    reads=(
        get("GetDocumentationPart", "restApiId", "documentationPartId"),
        every("GetDocumentationParts", "restApiId", most=2_000),
    ),
)
