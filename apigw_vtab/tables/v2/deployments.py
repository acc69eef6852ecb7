"""The table v2_deployments."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v2.apis import V2_APIS
from apigw_vtab.tables.v2.reads import every, get

V2_DEPLOYMENTS = Table(
    "v2_deployments",
    "The deployments of each HTTP and WebSocket API.",
    shape="Deployment",
    parent=V2_APIS,
    key=("api_id", "deployment_id"),
    arn=V2_APIS.arn + "/deployments/{deployment_id}",
    reads=(get("GetDeployment", "ApiId", "DeploymentId"), every("GetDeployments", "ApiId")),
    examples={
        "Deployments that failed": """
            select region, api_id, deployment_id, created_date, deployment_status_message
            from v2_deployments
            where deployment_status = 'FAILED'
            order by created_date desc
        """,
        "When what each stage serves was deployed": """
            select s.region, s.api_id, s.stage_name, d.created_date, d.auto_deployed
            from v2_stages as s
            join v2_deployments as d using (account_id, region, api_id, deployment_id)
            order by d.created_date
        """,
    },
)
