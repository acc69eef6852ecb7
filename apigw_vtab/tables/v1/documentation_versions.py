"""The table documentation_versions."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import every, get
from apigw_vtab.tables.v1.rest_apis import REST_APIS

DOCUMENTATION_VERSIONS = Table(
    "documentation_versions",
    "The published versions of the documentation of each REST API.",
    shape="DocumentationVersion",
    parent=REST_APIS,
    key=("rest_api_id", "documentation_version"),
    arn=REST_APIS.arn + "/documentation/versions/{documentation_version}",
    reads=(
        get("GetDocumentationVersion", "restApiId", "documentationVersion"),
        every("GetDocumentationVersions", "restApiId"),
    ),
    examples={
        "The newest version of each API's documentation": """
            select region, rest_api_id, documentation_version, max(created_date) as published
            from documentation_versions
            group by account_id, region, rest_api_id
        """,
        "Stages that name a version of the documentation that is gone": """
            select s.region, s.rest_api_id, s.stage_name, s.documentation_version
            from stages as s
            left join documentation_versions as v
              using (account_id, region, rest_api_id, documentation_version)
            where s.documentation_version is not null
              and v.created_date is null
        """,
    },
)
