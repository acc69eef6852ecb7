"""A region that AWS has opened and botocore does not know yet is read like any other."""

from __future__ import annotations

import pytest

from apigw_vtab.aws.regions import partition_by_name
from tests.conftest import ACCOUNT, Connect, rows
from tests.control_plane import ServedEstate, serve

NEW = "nz-north-1"


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        (NEW, "aws"),
        ("cn-south-9", "aws-cn"),
        ("us-gov-north-1", "aws-us-gov"),
        ("us-isof-west-7", "aws-iso-f"),
    ],
)
def test_the_partition_follows_from_the_code(region: str, partition: str) -> None:
    assert partition_by_name(region) == partition


def test_its_rows_have_their_arns(monkeypatch: pytest.MonkeyPatch, connect: Connect) -> None:
    lane = {"rest_apis": [{"id": "abcde12345", "name": "orders"}], "client_certificates": []}
    with serve(ServedEstate.declared({(ACCOUNT, NEW): lane})) as plane:
        monkeypatch.setenv("AWS_ENDPOINT_URL", plane.url)
        found = rows(connect(), "select region, arn from rest_apis")
    assert found == [(NEW, f"arn:aws:apigateway:{NEW}::/restapis/abcde12345")]
