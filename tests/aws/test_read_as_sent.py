"""Cells made from the JSON itself are those that botocore's parser would have led to."""

from __future__ import annotations

import boto3
import pytest

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.model import is_read_as_sent
from apigw_vtab.tables.v1.client_certificates import CLIENT_CERTIFICATES
from apigw_vtab.tables.v1.rest_apis import REST_APIS
from apigw_vtab.tables.v1.stages import STAGES
from apigw_vtab.tables.values import timestamp
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
    parsed = {
        "rest_apis": lambda: client.get_rest_apis(limit=500)["items"],
        "stages": lambda: [
            stage
            for api in client.get_rest_apis(limit=500)["items"]
            for stage in client.get_stages(restApiId=api["id"])["item"]
        ],
        "client_certificates": lambda: client.get_client_certificates(limit=500)["items"],
    }[table.name]()
    assert parsed
    members = [column for column in table.columns if column.origin.value == "member"]
    names = ", ".join(column.name for column in members)
    ours = list(connect(regions=region).execute(f"select {names} from {table.name}"))
    expected = zip(*(column.cells(parsed) for column in members), strict=True)
    assert ours == list(expected)


@pytest.mark.parametrize(
    ("service", "operation", "as_sent"),
    [
        ("apigateway", "GetStages", True),
        ("apigateway", "GetDeployments", True),
        ("apigateway", "GetExport", False),  # a blob
        ("apigatewayv2", "GetApis", False),  # members with other names
    ],
)
def test_what_botocore_would_translate_is_left_to_it(
    service: str, operation: str, as_sent: bool
) -> None:
    assert is_read_as_sent(service, operation) is as_sent


@pytest.mark.parametrize(
    ("sent", "cell"),
    [
        (1577836800, "2020-01-01 00:00:00"),
        (1577836800.9, "2020-01-01 00:00:00"),
        ("2020-01-01T02:00:00+02:00", "2020-01-01 00:00:00"),
        ("2020-01-01T00:00:00Z", "2020-01-01 00:00:00"),
        ("soon", "soon"),
        (1e300, 1e300),
        (None, None),
    ],
)
def test_a_time_is_utc_text_however_it_was_sent(sent: object, cell: object) -> None:
    assert timestamp(sent) == cell
