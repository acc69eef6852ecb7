"""The table v2_stages."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v2.apis import V2_APIS
from apigw_vtab.tables.v2.reads import every, get

V2_STAGES = Table(
    "v2_stages",
    "The stages of each HTTP and WebSocket API.",
    shape="Stage",
    parent=V2_APIS,
    key=("api_id", "stage_name"),
    arn=V2_APIS.arn + "/stages/{stage_name}",
    reads=(get("GetStage", "ApiId", "StageName"), every("GetStages", "ApiId", most=10)),
    examples={
        "Stages without an access log": """
            select a.region, a.name as api, s.stage_name
            from v2_stages as s
            join v2_apis as a using (account_id, region, api_id)
            where s.access_log_settings ->> 'DestinationArn' is null
        """,
        "Stages without a throttle of their own": """
            select region, api_id, stage_name
            from v2_stages
            where default_route_settings ->> 'ThrottlingRateLimit' is null
        """,
        "Secrets in stage variables, which everybody who may read the stage can read": """
            select s.region, s.api_id, s.stage_name, v.key, secret_kind(v.key, v.value) as kind
            from v2_stages as s, json_each(s.stage_variables) as v
            where secret_kind(v.key, v.value) is not null
        """,
    },
)
