"""The table v2_authorizers."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v2.apis import V2_APIS
from apigw_vtab.tables.v2.reads import every, get

V2_AUTHORIZERS = Table(
    "v2_authorizers",
    "The authorizers of each HTTP and WebSocket API.",
    shape="Authorizer",
    parent=V2_APIS,
    key=("api_id", "authorizer_id"),
    arn=V2_APIS.arn + "/authorizers/{authorizer_id}",
    reads=(
        get("GetAuthorizer", "ApiId", "AuthorizerId"),
        every("GetAuthorizers", "ApiId", most=10),
    ),
)
