"""The table methods."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Needs, Patch, Table, Write
from apigw_vtab.tables.v1.reads import get
from apigw_vtab.tables.v1.resources import RESOURCES

# What UpdateMethod can patch, and where; "Patch operations" in the API reference:
# https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
# The types are in words only: https://docs.aws.amazon.com/apigateway/latest/api/API_Method.html
METHOD_PATCHES = {
    "authorization_type": Patch(
        "/authorizationType", one_of=("NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS", "JWT")
    ),
    "authorizer_id": Patch("/authorizerId", erasable=True),
    "api_key_required": Patch("/apiKeyRequired"),
    "request_validator_id": Patch("/requestValidatorId", erasable=True),
}

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
    update=Write(
        "apigateway",
        "UpdateMethod",
        {"restApiId": "rest_api_id", "resourceId": "resource_id", "httpMethod": "http_method"},
        patches=METHOD_PATCHES,
        # AWS answers 200 to an authorizer of a method that takes none, and keeps nothing of it.
        needs=Needs(
            "authorization_type",
            ("CUSTOM", "COGNITO_USER_POOLS", "JWT"),
            "authorizer_id",
            goes_along=True,
        ),
        repeatable=True,
        touches={"resources": ("rest_api_id", "resource_id")},
        live_after="a deployment of the REST API, which publishes all of its working copy",
    ),
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
