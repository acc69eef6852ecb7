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
)
