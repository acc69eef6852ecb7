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
    examples={
        "Plans without a throttle": """
            select account_id, region, name
            from usage_plans
            where throttle is null
        """,
        "What each plan grants": """
            select
              region,
              name,
              throttle ->> 'rateLimit' as requests_per_second,
              throttle ->> 'burstLimit' as burst,
              quota ->> 'limit' as requests,
              lower(quota ->> 'period') as in_each
            from usage_plans
            order by requests_per_second desc
        """,
    },
)
