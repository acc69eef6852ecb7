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
)
