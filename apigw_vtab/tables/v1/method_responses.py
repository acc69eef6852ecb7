"""The table method_responses."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import get
from apigw_vtab.tables.v1.resources import RESOURCES

METHOD_RESPONSES = Table(
    "method_responses",
    "The responses that each method of a REST API can give.",
    shape="MethodResponse",
    outer=RESOURCES,
    inside="resourceMethods.{http_method}.methodResponses.{status_code}",
    carried=("path",),
    key=("rest_api_id", "resource_id", "http_method", "status_code"),
    arn=RESOURCES.arn + "/methods/{http_method}/responses/{status_code}",
    reads=(get("GetMethodResponse", "restApiId", "resourceId", "httpMethod", "statusCode"),),
    examples={
        "Methods that declare no answer for a caller's mistake": """
            select region, rest_api_id, http_method, path, group_concat(status_code) as declared
            from method_responses
            group by account_id, region, rest_api_id, resource_id, http_method
            having max(status_code like '4%') = 0
        """,
        "Which model describes each answer": """
            select r.region, r.rest_api_id, r.http_method, r.path, r.status_code, m.value as model
            from method_responses as r, json_each(r.response_models) as m
        """,
    },
)
