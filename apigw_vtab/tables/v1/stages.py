"""The tables: one short declaration each, nothing else.

The paging and the quotas are API Gateway's own:
https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
"""

from __future__ import annotations

from apigw_vtab.tables.declaration import PROFILE, Column, Fetch, Page, Patch, Scope, Table, Write

PAGES = Page("limit", "position", 500)

# STS and EC2 answer these in every account; they also tell which lanes there are (estate.py).
IDENTITY = Fetch("sts", "GetCallerIdentity", names="Account")
ENABLED_REGIONS = Fetch(
    "ec2",
    "DescribeRegions",
    items="Regions",
    constants={"AllRegions": True},
    most=50,
    names="RegionName",
)

# What UpdateStage can patch, and where; "Patch operations" of the API reference:
# https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
METHOD_SETTINGS = {
    "metricsEnabled": "metrics/enabled",
    "loggingLevel": "logging/loglevel",
    "dataTraceEnabled": "logging/dataTrace",
    "throttlingBurstLimit": "throttling/burstLimit",
    "throttlingRateLimit": "throttling/rateLimit",
    "cachingEnabled": "caching/enabled",
    "cacheTtlInSeconds": "caching/ttlInSeconds",
    "cacheDataEncrypted": "caching/dataEncrypted",
    "requireAuthorizationForCacheControl": "caching/requireAuthorizationForCacheControl",
    "unauthorizedCacheControlHeaderStrategy": "caching/unauthorizedCacheControlHeaderStrategy",
}
STAGE_PATCHES = {
    "client_certificate_id": Patch("/clientCertificateId"),
    "description": Patch("/description"),
    "deployment_id": Patch("/deploymentId"),
    "documentation_version": Patch("/documentationVersion"),
    "tracing_enabled": Patch("/tracingEnabled"),
    "cache_cluster_enabled": Patch("/cacheClusterEnabled"),
    "cache_cluster_size": Patch("/cacheClusterSize"),
    "variables": Patch("/variables/{key}"),
    "method_settings": Patch("/{key}", METHOD_SETTINGS),
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
    ),
}

REST_APIS = Table(
    "rest_apis",
    "The REST APIs of each account and region.",
    service="apigateway",
    shape="RestApi",
    key=("rest_api_id",),
    renames={"id": "rest_api_id"},
    arn="arn:{partition}:apigateway:{region}::/restapis/{rest_api_id}",
    fetches=(
        Fetch("apigateway", "GetRestApi", {"restApiId": "rest_api_id"}),
        Fetch("apigateway", "GetRestApis", items="items", page=PAGES, most=1320),
    ),
)

STAGES = Table(
    "stages",
    "The stages of each REST API: what is deployed, and how it is protected and observed.",
    service="apigateway",
    shape="Stage",
    key=("rest_api_id", "stage_name"),
    arn="arn:{partition}:apigateway:{region}::/restapis/{rest_api_id}/stages/{stage_name}",
    fetches=(
        Fetch("apigateway", "GetStage", {"restApiId": "rest_api_id", "stageName": "stage_name"}),
        Fetch("apigateway", "GetStages", {"restApiId": "rest_api_id"}, items="item", most=10),
    ),
    update=Write(
        "apigateway",
        "UpdateStage",
        {"restApiId": "rest_api_id", "stageName": "stage_name"},
        patches=STAGE_PATCHES,
        repeatable=True,
    ),
)

DEPLOYMENTS = Table(
    "deployments",
    "The deployments of each REST API; a stage serves the one that its deployment_id names.",
    service="apigateway",
    shape="Deployment",
    key=("rest_api_id", "deployment_id"),
    renames={"id": "deployment_id"},
    arn="arn:{partition}:apigateway:{region}::/restapis/{rest_api_id}/deployments/{deployment_id}",
    fetches=(
        Fetch(
            "apigateway",
            "GetDeployment",
            {"restApiId": "rest_api_id", "deploymentId": "deployment_id"},
        ),
        Fetch(
            "apigateway",
            "GetDeployments",
            {"restApiId": "rest_api_id"},
            items="items",
            page=PAGES,
            most=PAGES.size,
        ),
    ),
    extra=(
        Column(
            "stage_name",
            "TEXT",
            "For INSERT alone: the stage to deploy to. NULL when read.",
            hidden=True,
        ),
    ),
    insert=Write(
        "apigateway",
        "CreateDeployment",
        {"restApiId": "rest_api_id", "stageName": "stage_name", "description": "description"},
        seconds_each=5.0,
        touches=("stages",),
    ),
)

CLIENT_CERTIFICATES = Table(
    "client_certificates",
    "The client certificates that stages present to their backends.",
    service="apigateway",
    shape="ClientCertificate",
    key=("client_certificate_id",),
    arn="arn:{partition}:apigateway:{region}::/clientcertificates/{client_certificate_id}",
    fetches=(
        Fetch(
            "apigateway",
            "GetClientCertificate",
            {"clientCertificateId": "client_certificate_id"},
        ),
        Fetch("apigateway", "GetClientCertificates", items="items", page=PAGES, most=60),
    ),
    insert=Write(
        "apigateway",
        "GenerateClientCertificate",
        {"description": "description", "tags": "tags"},
    ),
    update=Write(
        "apigateway",
        "UpdateClientCertificate",
        {"clientCertificateId": "client_certificate_id"},
        patches={"description": Patch("/description")},
        repeatable=True,
    ),
    delete=Write(
        "apigateway",
        "DeleteClientCertificate",
        {"clientCertificateId": "client_certificate_id"},
        repeatable=True,
    ),
)

REGIONS = Table(
    "regions",
    "The regions of each account, with whether they are enabled (opt_in_status).",
    scope=Scope.ACCOUNT,
    service="ec2",
    shape="Region",
    renames={"RegionName": "region"},
    fetches=(ENABLED_REGIONS,),
)

ACCOUNTS = Table(
    "accounts",
    "The accounts that are read, each with the identity that reads it.",
    scope=Scope.ACCOUNT,
    service="sts",
    shape="GetCallerIdentityResponse",
    renames={"Account": "account_id"},
    fetches=(IDENTITY,),
    extra=(PROFILE,),
)

_LANE_OF_CALL = (
    Column("account_id", "TEXT", "The account, where it is known by now."),
    Column("region", "TEXT", "The region that was asked."),
    Column("profile", "TEXT", "The AWS profile that was used."),
    Column("service", "TEXT", "The AWS service: apigateway, sts or ec2."),
    Column("operation", "TEXT", "The AWS operation, such as GetStages."),
    Column("parameters", "TEXT", "The parameters of the call, as JSON."),
)

API_CALLS = Table(
    "api_calls",
    "The AWS calls that this connection has made, the oldest first.",
    scope=Scope.CONNECTION,
    extra=(
        *_LANE_OF_CALL,
        Column("status", "TEXT", "'ok', or the error code of the last attempt."),
        Column("started_at", "TEXT", "When the first attempt was sent, UTC."),
        Column("milliseconds", "REAL", "From the first attempt to the last answer."),
        Column("attempts", "INTEGER", "How often the call was sent."),
        Column("rows", "INTEGER", "How many items the answer held."),
    ),
)

SCAN_ERRORS = Table(
    "scan_errors",
    "The calls that gave no answer: what is missing from the rows that were read.",
    scope=Scope.CONNECTION,
    extra=(
        *_LANE_OF_CALL,
        Column("code", "TEXT", "AWS's error code, or botocore's where AWS gave no answer."),
        Column("message", "TEXT", "What AWS or botocore said."),
        Column("advice", "TEXT", "What to do next."),
        Column("failed_at", "TEXT", "When it was last tried, UTC."),
    ),
)

TABLES = (
    REST_APIS,
    STAGES,
    DEPLOYMENTS,
    CLIENT_CERTIFICATES,
    REGIONS,
    ACCOUNTS,
    API_CALLS,
    SCAN_ERRORS,
)
