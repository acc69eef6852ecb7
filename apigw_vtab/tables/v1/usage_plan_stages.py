"""The table usage_plan_stages."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.usage_plans import USAGE_PLANS

USAGE_PLAN_STAGES = Table(
    "usage_plan_stages",
    "The stages of each usage plan, and how they are throttled there.",
    shape="ApiStage",
    outer=USAGE_PLANS,
    inside="apiStages.*",
    key=("usage_plan_id", "rest_api_id", "stage_name"),
    renames={"apiId": "rest_api_id", "stage": "stage_name"},
    examples={
        "Stages with methods that ask for an API key, in no usage plan: all calls are refused": """
            select distinct s.region, s.rest_api_id, s.stage_name
            from stages as s
            join methods as m using (account_id, region, rest_api_id)
            left join usage_plan_stages as p using (account_id, region, rest_api_id, stage_name)
            where m.api_key_required
              and p.usage_plan_id is null
        """,
        "Methods with a throttle of their own": """
            select
              p.region,
              p.usage_plan_id,
              p.rest_api_id,
              p.stage_name,
              t.key as method,
              t.value ->> 'rateLimit' as requests_per_second
            from usage_plan_stages as p, json_each(p.throttle) as t
        """,
    },
)
