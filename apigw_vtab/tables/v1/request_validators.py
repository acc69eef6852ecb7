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
    examples={
        "Validators that check nothing": """
            select region, rest_api_id, request_validator_id, name
            from request_validators
            where not validate_request_body
              and not validate_request_parameters
        """,
        "How many methods use each validator": """
            select v.region, v.rest_api_id, v.name, count(m.http_method) as methods
            from request_validators as v
            left join methods as m using (account_id, region, rest_api_id, request_validator_id)
            group by v.account_id, v.region, v.rest_api_id, v.request_validator_id
            order by methods
        """,
    },
)
