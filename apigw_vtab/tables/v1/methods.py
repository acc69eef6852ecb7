"""The table methods."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import get
from apigw_vtab.tables.v1.resources import RESOURCES

METHODS = Table(
    "methods",
    "The methods of each resource: who may call them, and what is checked.",
    shape="Method",
    outer=RESOURCES,
    inside="resourceMethods.{http_method}",
    carried=("path",),
    key=("rest_api_id", "resource_id", "http_method"),
    arn=RESOURCES.arn + "/methods/{http_method}",
    reads=(get("GetMethod", "restApiId", "resourceId", "httpMethod"),),
    examples={
        "Methods that anybody can call": """
            select a.region, a.name as rest_api, m.http_method, m.path
            from methods as m
            join rest_apis as a using (account_id, region, rest_api_id)
            where m.authorization_type = 'NONE'
              and not coalesce(m.api_key_required, 0)
              and m.http_method <> 'OPTIONS'
        """,
        "Methods that ask for nothing but an API key, which is no proof of who calls": """
            select region, rest_api_id, http_method, path
            from methods
            where authorization_type = 'NONE'
              and api_key_required
        """,
        "Methods that take a body and do not check it": """
            select m.region, m.rest_api_id, m.http_method, m.path
            from methods as m
            left join request_validators as v
              using (account_id, region, rest_api_id, request_validator_id)
            where m.http_method in ('ANY', 'PATCH', 'POST', 'PUT')
              and not coalesce(v.validate_request_body, 0)
        """,
    },
)
