"""Cells made from the JSON itself are the same as those made by botocore's parser."""

from __future__ import annotations

from collections.abc import Callable

import boto3
import pytest

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.client_certificates import CLIENT_CERTIFICATES
from apigw_vtab.tables.v1.rest_apis import REST_APIS
from apigw_vtab.tables.v1.stages import STAGES
from apigw_vtab.tables.values import Item
from tests.conftest import Connect
from tests.control_plane import Plane, access_key


@pytest.mark.parametrize("table", [REST_APIS, STAGES, CLIENT_CERTIFICATES], ids=lambda t: t.name)
def test_the_cells_are_those_of_botocores_answer(
    plane: Plane, connect: Connect, table: Table
) -> None:
    region = plane.estate.regions[0]
    client = boto3.client(
        "apigateway",
        region_name=region,
        endpoint_url=plane.url,
        aws_access_key_id=access_key(plane.estate.accounts[0]),
        aws_secret_access_key="secret",
    )
    readers: dict[str, Callable[[], list[Item]]] = {
        "rest_apis": lambda: client.get_rest_apis(limit=500)["items"],
        "stages": lambda: [
            stage
            for api in client.get_rest_apis(limit=500)["items"]
            for stage in client.get_stages(restApiId=api["id"])["item"]
        ],
        "client_certificates": lambda: client.get_client_certificates(limit=500)["items"],
    }
    parsed = readers[table.name]()
    assert parsed
    members = [column for column in table.columns if column.origin.value == "member"]
    names = ", ".join(column.name for column in members)
    ours = list(connect(regions=region).execute(f"select {names} from {table.name}"))
    expected = zip(*(column.cells(parsed) for column in members), strict=True)
    assert ours == list(expected)
