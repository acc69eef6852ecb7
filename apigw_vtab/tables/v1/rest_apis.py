"""The table rest_apis."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Read, Table
from apigw_vtab.tables.v1.paging import PAGES

REST_APIS = Table(
    "rest_apis",
    "The REST APIs of each account and region.",
    service="apigateway",
    shape="RestApi",
    key=("rest_api_id",),
    renames={"id": "rest_api_id"},
    arn="arn:{partition}:apigateway:{region}::/restapis/{rest_api_id}",
    reads=(
        Read("apigateway", "GetRestApi", {"restApiId": "rest_api_id"}),
        Read("apigateway", "GetRestApis", items="items", page=PAGES, most=1320),
    ),
)
