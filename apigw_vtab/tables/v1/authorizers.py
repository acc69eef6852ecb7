"""The table authorizers."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import every, get
from apigw_vtab.tables.v1.rest_apis import REST_APIS

AUTHORIZERS = Table(
    "authorizers",
    "The authorizers of each REST API: who decides about its callers.",
    shape="Authorizer",
    parent=REST_APIS,
    key=("rest_api_id", "authorizer_id"),
    arn=REST_APIS.arn + "/authorizers/{authorizer_id}",
    reads=(
        get("GetAuthorizer", "restApiId", "authorizerId"),
        every("GetAuthorizers", "restApiId", most=10),
    ),
)
