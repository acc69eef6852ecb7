"""A new table is a declaration and nothing else: here is one that the package does not have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apigw_vtab.aws.estate import Estate
from apigw_vtab.aws.local_executor import LocalExecutor
from apigw_vtab.aws.reach.profiles import open_accounts
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.context import ConnectionContext
from apigw_vtab.tables.declaration import Read, Table
from apigw_vtab.tables.registry import TABLES
from apigw_vtab.tables.v1.paging import PAGES
from apigw_vtab.tables.v1.rest_apis import REST_APIS
from tests.conftest import REGIONS, operations, rows
from tests.control_plane import Plane

DEPLOYMENTS = Table(
    "deployments_to_be",
    "The deployments of each REST API.",
    service="apigateway",
    shape="Deployment",
    parent=REST_APIS,
    key=("rest_api_id", "deployment_id"),
    renames={"id": "deployment_id"},
    arn="arn:{partition}:apigateway:{region}::/restapis/{rest_api_id}/deployments/{deployment_id}",
    reads=(
        Read(
            "apigateway",
            "GetDeployment",
            {"restApiId": "rest_api_id", "deploymentId": "deployment_id"},
        ),
        Read(
            "apigateway",
            "GetDeployments",
            {"restApiId": "rest_api_id"},
            items="items",
            page=PAGES,
            most=500,
        ),
    ),
)


@pytest.fixture
def connection(plane: Plane) -> Iterator[Connection]:
    executor = LocalExecutor()
    estate = Estate(open_accounts(["first"], plane.url), REGIONS[:1], executor)
    context = ConnectionContext(estate, executor, raises=True, tables=(*TABLES, DEPLOYMENTS))
    opened = Connection(":memory:", context)
    yield opened
    opened.close()


def test_it_has_the_columns_of_the_model(connection: Connection) -> None:
    found = rows(connection, "select name from pragma_table_info('deployments_to_be')")
    names = [name for (name,) in found]
    assert names[:4] == ["account_id", "region", "rest_api_id", "deployment_id"]
    assert {"created_date", "api_summary", "arn"} <= set(names)


def test_it_is_read_through_its_parent(plane: Plane, connection: Connection) -> None:
    sql = "select name, deployment_id from deployments_to_be join rest_apis using (rest_api_id)"
    assert len(rows(connection, sql)) >= 4
    assert operations(plane) == {"GetRestApis": 1, "GetDeployments": 4}
