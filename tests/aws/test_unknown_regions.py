"""A region that AWS has opened and botocore does not know yet is read like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from apigw_vtab import UsageError
from apigw_vtab.aws.named_regions import unknown_regions
from apigw_vtab.aws.reach.profiles import open_accounts
from apigw_vtab.aws.regions import partition_by_name, partition_of_settings
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


@pytest.mark.parametrize(
    ("settings", "partition"),
    [
        ({}, "aws"),
        ({"role_arn": "arn:aws:iam::111122223333:role/a"}, "aws"),
        ({"role_arn": "arn:aws-cn:iam::111122223333:role/a"}, "aws-cn"),
        ({"role_arn": "arn:aws-us-gov:iam::111122223333:role/a"}, "aws-us-gov"),
        ({"role_arn": "nonsense", "sso_region": "cn-northwest-1"}, "aws-cn"),
        ({"sso_region": "us-gov-east-1"}, "aws-us-gov"),
    ],
)
def test_a_profile_without_a_region_tells_its_partition(
    settings: dict[str, str], partition: str
) -> None:
    assert partition_of_settings(settings) == partition


def test_the_settings_of_a_profile_have_those_of_its_sso_session(aws_configuration: Path) -> None:
    aws_configuration.write_text(
        "[profile gov]\nsso_session = corp\nsso_role_name = Audit\n"
        "[sso-session corp]\nsso_region = us-gov-west-1\nsso_start_url = https://corp.example\n"
    )
    (account,) = open_accounts(["gov"], None)
    assert account.settings["sso_role_name"] == "Audit"
    assert (account.is_region_assumed, account.home_region) == (True, "us-gov-west-1")


def test_regions_that_botocore_knows_in_any_partition_are_known() -> None:
    named = ["eu-west-1", "cn-north-1", "us-gov-west-1", "af-south-1", NEW, "eu-wst-1"]
    assert unknown_regions(named, []) == {NEW, "eu-wst-1"}


def test_its_rows_have_their_arns(monkeypatch: pytest.MonkeyPatch, connect: Connect) -> None:
    lane = {"rest_apis": [{"id": "abcde12345", "name": "orders"}], "client_certificates": []}
    with serve(ServedEstate.declared({(ACCOUNT, NEW): lane})) as plane:
        monkeypatch.setenv("AWS_ENDPOINT_URL", plane.url)
        found = rows(connect(), "select region, arn from rest_apis")
    assert found == [(NEW, f"arn:aws:apigateway:{NEW}::/restapis/abcde12345")]


def test_named_regions_that_no_account_has_are_an_error(connect: Connect) -> None:
    # The sandbox takes no region from botocore: all are looked up.
    connection = connect(sandbox=True, regions="af-south-1,eu-south-1")
    with pytest.raises(
        UsageError, match="No region of profile sandbox-production, sandbox-staging"
    ):
        rows(connection, "select name from rest_apis")


def test_a_condition_on_a_region_that_no_account_has_gives_no_rows(connect: Connect) -> None:
    connection = connect(sandbox=True, regions="af-south-1,eu-west-1")
    assert rows(connection, "select name from rest_apis where region = 'af-south-1'") == []
