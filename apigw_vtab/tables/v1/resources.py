"""The table resources.

GetResources has a quota of its own, 5 calls in 2 seconds: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
"""

from __future__ import annotations

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.reads import every, get
from apigw_vtab.tables.v1.rest_apis import REST_APIS

# One answer has the methods, integrations and their responses, too.
WHOLE = {"embed": ("methods",)}

RESOURCES = Table(
    "resources",
    "The resources of each REST API: its paths.",
    shape="Resource",
    parent=REST_APIS,
    key=("rest_api_id", "resource_id"),
    arn=REST_APIS.arn + "/resources/{resource_id}",
    reads=(
        get("GetResource", "restApiId", "resourceId", constants=WHOLE),
        every("GetResources", "restApiId", constants=WHOLE, seconds_each=0.4, at_once=5, most=300),
    ),
    examples={
        "Paths that hand everything below them to a backend": """
            select a.region, a.name as rest_api, r.path
            from resources as r
            join rest_apis as a using (account_id, region, rest_api_id)
            where r.path_part like '{%+}'
        """,
        "Paths without a method, and with nothing below them": """
            select r.region, r.rest_api_id, r.path
            from resources as r
            left join resources as below
              on below.account_id = r.account_id
              and below.region = r.region
              and below.rest_api_id = r.rest_api_id
              and below.parent_id = r.resource_id
            where r.resource_methods is null
              and below.resource_id is null
        """,
    },
)
