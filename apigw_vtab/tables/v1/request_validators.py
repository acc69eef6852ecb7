"""The table request_validators."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import every, get
from apigw_vtab.tables.v1.rest_apis import REST_APIS

REQUEST_VALIDATORS = Table(
    "request_validators",
    "What each REST API can check before it calls a backend.",
    shape="RequestValidator",
    parent=REST_APIS,
    key=("rest_api_id", "request_validator_id"),
    arn=REST_APIS.arn + "/requestvalidators/{request_validator_id}",
    reads=(
        get("GetRequestValidator", "restApiId", "requestValidatorId"),
        every("GetRequestValidators", "restApiId"),
    ),
)
