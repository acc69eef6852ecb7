"""The resources of REST APIs with their methods: the working copy that a deployment publishes.

They are not among the tables of a connection yet. GetResources has a quota of its own, 5 calls in
2 seconds: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
"""

from __future__ import annotations

from apigw_vtab.tables.declaration import Read, Table
from apigw_vtab.tables.v1.paging import PAGES
from apigw_vtab.tables.v1.rest_apis import REST_APIS

RESOURCES = Table(
    "resources",
    "The resources of each REST API, with their methods.",
    service="apigateway",
    shape="Resource",
    parent=REST_APIS,
    key=("rest_api_id", "resource_id"),
    renames={"id": "resource_id"},
    reads=(
        Read(
            "apigateway",
            "GetResources",
            {"restApiId": "rest_api_id"},
            items="items",
            constants={"embed": ("methods",)},
            page=PAGES,
            most=300,
            seconds_each=0.4,
            at_once=5,
        ),
    ),
)
