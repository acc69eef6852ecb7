"""The table usage_plan_keys."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import every, get
from apigw_vtab.tables.v1.usage_plans import USAGE_PLANS

# AWS sends it without being asked.
SECRETS = {"value": "value"}

USAGE_PLAN_KEYS = Table(
    "usage_plan_keys",
    "The API keys of each usage plan.",
    shape="UsagePlanKey",
    parent=USAGE_PLANS,
    key=("usage_plan_id", "api_key_id"),
    arn=USAGE_PLANS.arn + "/keys/{api_key_id}",
    reads=(
        get("GetUsagePlanKey", "usagePlanId", renamed={"keyId": "api_key_id"}, secrets=SECRETS),
        every("GetUsagePlanKeys", "usagePlanId", secrets=SECRETS),
    ),
    examples={
        "How many keys each plan has": """
            select p.region, p.name as usage_plan, count(k.api_key_id) as keys
            from usage_plans as p
            left join usage_plan_keys as k using (account_id, region, usage_plan_id)
            group by p.account_id, p.region, p.usage_plan_id
        """,
        "Keys of a plan that have been turned off": """
            select k.region, k.usage_plan_id, k.api_key_id, a.name
            from usage_plan_keys as k
            join api_keys as a using (account_id, region, api_key_id)
            where not a.enabled
        """,
    },
)
