"""The table api_keys."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import every, get

SECRETS = {"value": "value"}
ASKS_ONE, ASKS_ALL = {"value": {"includeValue": True}}, {"value": {"includeValues": True}}

API_KEYS = Table(
    "api_keys",
    "The API keys that usage plans know their callers by.",
    shape="ApiKey",
    key=("api_key_id",),
    arn="arn:{partition}:apigateway:{region}::/apikeys/{api_key_id}",
    reads=(
        get("GetApiKey", renamed={"apiKey": "api_key_id"}, secrets=SECRETS, asks=ASKS_ONE),
        every("GetApiKeys", most=10_000, secrets=SECRETS, asks=ASKS_ALL),
    ),
)
