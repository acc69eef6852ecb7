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
)
