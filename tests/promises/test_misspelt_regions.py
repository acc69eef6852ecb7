"""A misspelt region is an error with a hint, and a new one is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from click.testing import CliRunner

from apigw_vtab.cli.main import main
from tests.promises.refused_profiles import (
    BASE,
    BLOCKED,
    REGIONS,
    Run,
)
from tests.promises.refusing_endpoint import Refusal, refusing, refusing_endpoint


@pytest.fixture(autouse=True)
def of_these(profiles: None) -> None:
    """Use these profiles."""


# Misspelt regions


@pytest.mark.parametrize(
    ("region", "hint"),
    [("nz-nort-1", "nz-north-1"), ("us-esat-1", "us-east-1"), ("eu-centrall-1", "eu-central-1")],
)
@pytest.mark.parametrize("command", ["check AG-006", "query", "remediate AG-006 --dry-run"])
def test_a_misspelt_region_is_refused_after_one_look(
    run: Run, region: str, hint: str, command: str
) -> None:
    words = command.split()
    sql = ["select count(*) from rest_apis"] if words == ["query"] else []
    where = ("--profile", "good", "--region", f"us-east-1,{region}")
    result, endpoint = run([], *words, *sql, *where)
    assert result.exit_code == 2
    assert f"There is no region {region} for profile good. Did you mean {hint}" in result.stderr
    assert [call.split()[3] for call in endpoint.calls] == ["DescribeRegions"]


def test_a_region_that_is_new_to_botocore_is_read(run: Run) -> None:
    where = ("--profile", "good", "--region", "nz-north-1", "--output", "csv")
    result, endpoint = run([], "query", "select region from rest_apis", *where)
    assert (result.exit_code, result.stdout.split()) == (0, ["region", "nz-north-1"])
    assert Counter(call.split()[3] for call in endpoint.calls)["DescribeRegions"] == 1


@pytest.mark.parametrize(
    "rules",
    [
        refusing(".* ec2 .*", 403, "UnauthorizedOperation", "not authorized"),
        refusing(".* ec2 .*", 403, "AuthFailure", "not known"),
        [Refusal(".* ec2 .*", 403, BLOCKED)],
    ],
    ids=["denied", "not known", "a proxy"],
)
def test_a_new_region_that_cannot_be_looked_up(run: Run, rules: Sequence[Refusal]) -> None:
    where = ("--profile", "good", "--region", "nz-north-1", "--output", "csv")
    result, _ = run(rules, "query", "select region from rest_apis", *where)
    assert result.exit_code == 2
    assert "Region nz-north-1 is not known here, and could not be looked up." in result.stderr
    assert "Did you mean" in result.stderr
    with refusing_endpoint(rules, REGIONS) as endpoint:
        there = ("--endpoint-url", endpoint.url)
        result = CliRunner().invoke(main, ["query", "select region from rest_apis", *where, *there])
    assert (result.exit_code, result.stdout.split()) == (0, ["region", "nz-north-1"])
    assert "Reading it at the endpoint that you gave" in result.stderr


def test_a_new_region_of_one_account_is_left_out_of_the_other(run: Run) -> None:
    one_has_it = "<item><regionName>us-east-1</regionName></item>"
    xml = (
        '<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
        f"<regionInfo>{one_has_it}</regionInfo></DescribeRegionsResponse>"
    )
    rules = [Refusal(f"{BASE} ec2 .*", 200, xml)]
    where = ("--profile", "good", "--profile", "nowhere", "--region", "nz-north-1,us-east-1")
    sql = "select account_id, region from rest_apis"
    result, _ = run(rules, "query", sql, *where, "--output", "csv")
    assert result.exit_code == 0
    assert result.stdout.split()[1:] == [
        "111111111111,nz-north-1",
        "111111111111,us-east-1",
        "444444444444,us-east-1",
    ]
    assert "Region nz-north-1 is not enabled for profile nowhere: left out." in result.stderr


@pytest.mark.parametrize("region", ["nz-north-1", "us-gov-west-1", "eu-wst-1"])
def test_the_sandbox_knows_its_own_regions(region: str) -> None:
    result = CliRunner().invoke(main, ["check", "AG-006", "--sandbox", "--region", region])
    assert result.exit_code == 2
    assert f"There is no region {region}" in result.stderr
    assert "Did you mean" in result.stderr


def test_a_region_that_the_sandbox_has_not_enabled_is_left_out() -> None:
    words = ("check", "AG-006", "--sandbox", "--region", "mx-central-1,eu-west-1")
    result = CliRunner().invoke(main, [*words])
    assert "2 of 2 regions read" in result.stdout
    assert "Region mx-central-1 is not enabled for profile sandbox-staging" in result.stderr
