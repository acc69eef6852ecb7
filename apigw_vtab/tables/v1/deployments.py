"""The table deployments."""

from __future__ import annotations

from apigw_vtab.tables.columns import Column
from apigw_vtab.tables.declaration import Table, Write
from apigw_vtab.tables.v1.reads import every, get
from apigw_vtab.tables.v1.rest_apis import REST_APIS

# Only GetDeployment tells what a deployment holds, and only if asked to.
SUMMARY = {"api_summary": {"embed": ("apisummary",)}}
STAGE_NAME = Column(
    "stage_name", "TEXT", "Only for INSERT: the stage to deploy to. NULL when read.", hidden=True
)

DEPLOYMENTS = Table(
    "deployments",
    "The deployments of each REST API; a stage serves the one that its deployment_id names.",
    shape="Deployment",
    parent=REST_APIS,
    key=("rest_api_id", "deployment_id"),
    arn=REST_APIS.arn + "/deployments/{deployment_id}",
    reads=(
        get("GetDeployment", "restApiId", "deploymentId", asks=SUMMARY),
        every("GetDeployments", "restApiId"),
    ),
    extra=(STAGE_NAME,),
    insert=Write(
        "apigateway",
        "CreateDeployment",
        {"restApiId": "rest_api_id", "stageName": "stage_name", "description": "description"},
        seconds_each=5.0,
        touches={"stages": ("rest_api_id", "stage_name")},
    ),
    examples={
        "Methods that are open to everybody in what is deployed, whatever was changed since": """
            select s.region, s.rest_api_id, s.stage_name, p.key as path, m.key as http_method
            from stages as s
            join deployments as d using (account_id, region, rest_api_id, deployment_id),
              json_each(d.api_summary) as p,
              json_each(p.value) as m
            where m.value ->> 'authorizationType' = 'NONE'
              and not coalesce(m.value ->> 'apiKeyRequired', 0)
              and m.key <> 'OPTIONS'
        """,
        "APIs by how many deployments they keep that no stage serves": """
            select d.account_id, d.region, d.rest_api_id, count(*) as unused
            from deployments as d
            left join stages as s using (account_id, region, rest_api_id, deployment_id)
            where s.stage_name is null
            group by d.account_id, d.region, d.rest_api_id
            order by unused desc
        """,
    },
)
