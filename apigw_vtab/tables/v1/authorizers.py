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
    examples={
        "Authorizers that no method uses": """
            select a.region, a.rest_api_id, a.authorizer_id, a.name
            from authorizers as a
            left join methods as m using (account_id, region, rest_api_id, authorizer_id)
            where m.http_method is null
        """,
        "Lambda authorizers whose answers are good for more than five minutes": """
            select region, rest_api_id, name, authorizer_result_ttl_in_seconds as seconds
            from authorizers
            where type in ('TOKEN', 'REQUEST')
              and authorizer_result_ttl_in_seconds > 300
            order by seconds desc
        """,
        "The Cognito user pools that let callers in": """
            select a.region, a.rest_api_id, a.name, pool.value as user_pool
            from authorizers as a, json_each(a.provider_arns) as pool
            where a.type = 'COGNITO_USER_POOLS'
        """,
    },
)
