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
    examples={
        "Keys that are older than a year and still work": """
            select account_id, region, api_key_id, name, date(created_date) as created
            from api_keys
            where enabled
              and created_date < datetime('now', '-1 year')
            order by created_date
        """,
        "Keys that no usage plan knows, so that no stage takes them": """
            select k.account_id, k.region, k.api_key_id, k.name
            from api_keys as k
            left join usage_plan_keys as p using (account_id, region, api_key_id)
            where p.usage_plan_id is null
        """,
    },
)
