"""The table rest_apis."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Patch, Table, Write
from apigw_vtab.tables.v1.reads import every, get

# What UpdateRestApi can patch, and where; "Patch operations" in the API reference:
# https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
REST_API_PATCHES = {
    "security_policy": Patch("/securityPolicy"),
    "endpoint_access_mode": Patch("/endpointAccessMode"),
    "minimum_compression_size": Patch("/minimumCompressionSize"),
    "disable_execute_api_endpoint": Patch("/disableExecuteApiEndpoint"),
}

REST_APIS = Table(
    "rest_apis",
    "The REST APIs of each account and region.",
    shape="RestApi",
    key=("rest_api_id",),
    arn="arn:{partition}:apigateway:{region}::/restapis/{rest_api_id}",
    reads=(get("GetRestApi", "restApiId"), every("GetRestApis", most=1320)),
    # It has no quota of its own: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    update=Write(
        "apigateway",
        "UpdateRestApi",
        {"restApiId": "rest_api_id"},
        patches=REST_API_PATCHES,
        repeatable=True,
    ),
)
