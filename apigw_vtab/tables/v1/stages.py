"""The table stages.

Its quota is API Gateway's own:
https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
"""

from __future__ import annotations

from apigw_vtab.tables.declaration import Patch, Read, Table, Write
from apigw_vtab.tables.v1.method_settings import LEAST_SETTINGS, METHOD_SETTINGS
from apigw_vtab.tables.v1.reads import get
from apigw_vtab.tables.v1.rest_apis import REST_APIS

# What UpdateStage can patch, and where; "Patch operations" in the API reference:
# https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
STAGE_PATCHES = {
    "client_certificate_id": Patch("/clientCertificateId", erasable=True),
    "description": Patch("/description", erasable=True),
    "deployment_id": Patch("/deploymentId"),
    "documentation_version": Patch("/documentationVersion", erasable=True),
    "tracing_enabled": Patch("/tracingEnabled"),
    "cache_cluster_enabled": Patch("/cacheClusterEnabled"),
    "cache_cluster_size": Patch("/cacheClusterSize"),
    "variables": Patch("/variables/{key}"),
    "method_settings": Patch("/{key}", METHOD_SETTINGS, least=LEAST_SETTINGS),
    "access_log_settings": Patch(
        "/accessLogSettings", {"destinationArn": "destinationArn", "format": "format"}
    ),
    "canary_settings": Patch(
        "/canarySettings",
        {
            "percentTraffic": "percentTraffic",
            "deploymentId": "deploymentId",
            "useStageCache": "useStageCache",
            "stageVariableOverrides": "stageVariableOverrides/{key}",
        },
        least={"percentTraffic": 0},
    ),
}

STAGES = Table(
    "stages",
    "The stages of each REST API: what is deployed, and how it is protected and observed.",
    shape="Stage",
    parent=REST_APIS,
    key=("rest_api_id", "stage_name"),
    arn="arn:{partition}:apigateway:{region}::/restapis/{rest_api_id}/stages/{stage_name}",
    reads=(
        get("GetStage", "restApiId", "stageName"),
        Read("apigateway", "GetStages", {"restApiId": "rest_api_id"}, items="item", most=10),
    ),
    update=Write(
        "apigateway",
        "UpdateStage",
        {"restApiId": "rest_api_id", "stageName": "stage_name"},
        patches=STAGE_PATCHES,
        repeatable=True,
    ),
    examples={
        "Stages that neither a web ACL nor an access log watches": """
            select a.region, a.name as rest_api, s.stage_name
            from stages as s
            join rest_apis as a using (account_id, region, rest_api_id)
            where s.web_acl_arn is null
              and s.access_log_settings ->> 'destinationArn' is null
        """,
        "Secrets in stage variables, which everybody who may read the stage can read": """
            select s.region, s.rest_api_id, s.stage_name, v.key, secret_kind(v.key, v.value) as kind
            from stages as s, json_each(s.variables) as v
            where secret_kind(v.key, v.value) is not null
        """,
        "Stages that log whole requests and responses, whatever is in them": """
            select s.region, s.rest_api_id, s.stage_name, m.key as method
            from stages as s, json_each(s.method_settings) as m
            where m.value ->> 'dataTraceEnabled'
        """,
    },
)
