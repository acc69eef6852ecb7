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
)
