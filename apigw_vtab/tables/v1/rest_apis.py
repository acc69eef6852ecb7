"""The table rest_apis."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Needs, Patch, Table, Write
from apigw_vtab.tables.v1.reads import every, get

# What UpdateRestApi can patch, and where; "Patch operations" in the API reference:
# https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
REST_API_PATCHES = {
    "security_policy": Patch("/securityPolicy"),
    "endpoint_access_mode": Patch("/endpointAccessMode"),
    "minimum_compression_size": Patch("/minimumCompressionSize"),
    "disable_execute_api_endpoint": Patch("/disableExecuteApiEndpoint"),
}

# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies.html
ENHANCED = Needs("security_policy", ("SecurityPolicy_*",), "endpoint_access_mode")

REST_APIS = Table(
    "rest_apis",
    "The REST APIs of each account and region.",
    shape="RestApi",
    key=("rest_api_id",),
    arn="arn:{partition}:apigateway:{region}::/restapis/{rest_api_id}",
    reads=(get("GetRestApi", "restApiId"), every("GetRestApis", most=1320)),
    # It has no quota of its own: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    # Its updates require a deployment, that of a security policy too:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/updating-api.html
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-update.html
    update=Write(
        "apigateway",
        "UpdateRestApi",
        {"restApiId": "rest_api_id"},
        patches=REST_API_PATCHES,
        needs=ENHANCED,
        repeatable=True,
        live_after="a deployment of the REST API, which publishes all of its working copy",
    ),
    examples={
        "APIs whose resource policy lets a stranger in": """
            select
              region,
              name,
              policy_anyone(policy, execute_api_arn(arn, account_id)) ->> 'why' as why
            from rest_apis
            where policy_anyone(policy, execute_api_arn(arn, account_id)) ->> 'status' = 'alarm'
        """,
        "APIs that can be called past their custom domain name": """
            select a.region, a.name, group_concat(distinct m.domain_name) as domain_names
            from rest_apis as a
            join base_path_mappings as m using (account_id, region, rest_api_id)
            where not coalesce(a.disable_execute_api_endpoint, 0)
            group by a.account_id, a.region, a.rest_api_id
        """,
        "Who owns which APIs, as far as they are tagged": """
            select coalesce(tags ->> 'team', '(nobody)') as team, count(*) as apis
            from rest_apis
            group by team
            order by apis desc
        """,
    },
)
