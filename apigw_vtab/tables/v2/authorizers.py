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
    examples={
        "Who issues the tokens that let callers in": """
            select
              region,
              api_id,
              name,
              jwt_configuration ->> 'Issuer' as issuer,
              jwt_configuration ->> 'Audience' as audience
            from v2_authorizers
            where authorizer_type = 'JWT'
        """,
        "Authorizers that no route uses": """
            select a.region, a.api_id, a.authorizer_id, a.name
            from v2_authorizers as a
            left join v2_routes as r using (account_id, region, api_id, authorizer_id)
            where r.route_id is null
        """,
    },
)
