"""The table integrations."""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import get
from apigw_vtab.tables.v1.resources import RESOURCES

INTEGRATIONS = Table(
    "integrations",
    "What each method of a REST API calls.",
    shape="Integration",
    outer=RESOURCES,
    inside="resourceMethods.{http_method}.methodIntegration",
    carried=("path",),
    key=("rest_api_id", "resource_id", "http_method"),
    arn=RESOURCES.arn + "/methods/{http_method}/integration",
    renames={"httpMethod": "integration_http_method"},
    reads=(get("GetIntegration", "restApiId", "resourceId", "httpMethod"),),
    examples={
        "Backends that are called without TLS": """
            select region, rest_api_id, http_method, path, uri
            from integrations
            where type in ('HTTP', 'HTTP_PROXY')
              and uri like 'http://%'
        """,
        "Backends whose certificate is not checked": """
            select region, rest_api_id, http_method, path, uri
            from integrations
            where tls_config ->> 'insecureSkipVerification'
        """,
        "The methods that call each Lambda function": """
            select
              region,
              replace(substr(uri, instr(uri, ':function:') + 10), '/invocations', '') as name,
              count(*) as methods,
              group_concat(http_method || ' ' || path, ', ') as which
            from integrations
            where uri like '%:function:%'
            group by account_id, region, name
            order by methods desc
        """,
    },
)
