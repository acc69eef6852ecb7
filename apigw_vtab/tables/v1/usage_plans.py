"""The table usage_plans."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import every, get

USAGE_PLANS = Table(
    "usage_plans",
    "The usage plans: who may call which stages how often.",
    shape="UsagePlan",
    key=("usage_plan_id",),
    arn="arn:{partition}:apigateway:{region}::/usageplans/{usage_plan_id}",
    reads=(get("GetUsagePlan", "usagePlanId"), every("GetUsagePlans", most=300)),
)
