"""The table usage_plans."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Patch, Table, Write
from apigw_vtab.tables.v1.reads import every, get

# What UpdateUsagePlan can patch, but for a plan's stages; "Patch operations" in the API reference:
# https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
USAGE_PLAN_PATCHES = {
    "name": Patch("/name"),
    "description": Patch("/description", erasable=True),
    "throttle": Patch(
        "/throttle",
        {"rateLimit": "rateLimit", "burstLimit": "burstLimit"},
        least={"rateLimit": 0, "burstLimit": 0},
    ),
    "quota": Patch(
        "/quota",
        {"limit": "limit", "offset": "offset", "period": "period"},
        least={"limit": 0, "offset": 0},
    ),
}

USAGE_PLANS = Table(
    "usage_plans",
    "The usage plans: who may call which stages how often.",
    shape="UsagePlan",
    key=("usage_plan_id",),
    arn="arn:{partition}:apigateway:{region}::/usageplans/{usage_plan_id}",
    reads=(get("GetUsagePlan", "usagePlanId"), every("GetUsagePlans", most=300)),
    # Its quota: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    update=Write(
        "apigateway",
        "UpdateUsagePlan",
        {"usagePlanId": "usage_plan_id"},
        patches=USAGE_PLAN_PATCHES,
        repeatable=True,
        seconds_each=20.0,
        account_wide=True,
    ),
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
