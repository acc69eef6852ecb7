"""Which lanes there are: profiles, regions, patterns, and what to do when AWS does not say."""

from __future__ import annotations

from pathlib import Path

import pytest

from apigw_vtab import CallFailed, UsageError
from tests.conftest import ACCOUNT, OTHER_ACCOUNT, REGIONS, Connect, operations, rows
from tests.control_plane import Fault, Plane

FIRST = REGIONS[0]
BY_REGION = "select region, count(*) from rest_apis group by region order by region"


def test_every_enabled_region_is_read_by_default(plane: Plane, connect: Connect) -> None:
    assert [region for region, _ in rows(connect(), BY_REGION)] == sorted(REGIONS)


def test_a_literal_region_costs_no_describe_regions(plane: Plane, connect: Connect) -> None:
    rows(connect(regions=FIRST), BY_REGION)
    assert operations(plane) == {"GetRestApis": 1}


def test_a_pattern_is_matched_against_the_enabled_regions(plane: Plane, connect: Connect) -> None:
    found = rows(connect(regions=["us-*", "eu-west-?"]), BY_REGION)
    assert [region for region, _ in found] == sorted(REGIONS)
    assert operations(plane)["DescribeRegions"] == 1


def test_regions_can_be_parted_by_commas(plane: Plane, connect: Connect) -> None:
    found = rows(connect(regions=f"{REGIONS[0]}, {REGIONS[1]}"), BY_REGION)
    assert [region for region, _ in found] == sorted(REGIONS[:2])


def test_a_pattern_that_matches_nothing_is_an_error(plane: Plane, connect: Connect) -> None:
    with pytest.raises(UsageError, match=r"No region of profile first matches mars-\*.*eu-west-1"):
        rows(connect(regions="mars-*"), BY_REGION)


def test_a_wrong_region_code_suggests_the_nearest(connect: Connect) -> None:
    with pytest.raises(
        UsageError, match=r"'eu-wst1' is not a region code\. Did you mean eu-west-1"
    ):
        connect(regions="eu-wst1")


def test_a_region_that_is_not_enabled_is_left_out(plane: Plane, connect: Connect) -> None:
    connection = connect(regions=["af-south-1", FIRST])
    assert [region for region, _ in rows(connection, BY_REGION)] == [FIRST]
    log = connection.executor.log
    assert log.new_warnings() == ["Region af-south-1 is not enabled for profile first: left out."]
    assert log.failures() == []


def test_sql_about_a_region_that_is_not_enabled_gives_no_rows(
    plane: Plane, connect: Connect
) -> None:
    assert rows(connect(), "select name from rest_apis where region = 'af-south-1'") == []


def test_without_describe_regions_botocores_own_list_is_read_with_one_warning(
    plane: Plane, connect: Connect
) -> None:
    plane.faults = [Fault("denied", operation="DescribeRegions")]
    # Of these, only the last one may be off in an account.
    connection = connect(regions=["eu-west-1", "us-east-?", "af-*"])
    assert [region for region, _ in rows(connection, BY_REGION)] == sorted(REGIONS)
    rows(connection, "select count(*) from stages")
    (warning,) = connection.executor.log.new_warnings()
    assert "UnauthorizedOperation" in warning
    assert "ec2:DescribeRegions" in warning


def test_wrong_keys_are_an_error_in_every_region(plane: Plane, connect: Connect) -> None:
    plane.faults = [Fault("disabled")]
    with pytest.raises(CallFailed, match="AWS does not know these credentials"):
        rows(connect(regions=FIRST), BY_REGION)


def test_several_profiles_give_the_union(plane: Plane, connect: Connect) -> None:
    connection = connect(profiles=["first", "second"])
    found = rows(connection, "select distinct account_id from stages order by 1")
    assert found == sorted([(ACCOUNT,), (OTHER_ACCOUNT,)])


def test_two_profiles_of_one_account_do_not_double_its_rows(
    plane: Plane, connect: Connect, aws_configuration: Path
) -> None:
    text = aws_configuration.read_text()
    aws_configuration.write_text(text + text.split("[profile second]")[0].replace("first", "again"))
    connection = connect(profiles=["first", "again"], regions=FIRST)
    assert rows(connection, "select count(*), count(distinct arn) from rest_apis") == [(4, 4)]


def test_an_unknown_profile_suggests_the_nearest(connect: Connect) -> None:
    with pytest.raises(
        UsageError, match=r"No profile 'frist'.*Did you mean first\?.*first, second"
    ):
        connect(profiles="frist")


def test_rows_come_by_profile_then_region_then_in_the_order_of_aws(
    plane: Plane, connect: Connect
) -> None:
    sql = "select account_id, region from stages"
    found = rows(connect(profiles=["second", "first"]), sql)
    lanes = list(dict.fromkeys(found))
    assert lanes == [(a, r) for a in (OTHER_ACCOUNT, ACCOUNT) for r in sorted(REGIONS)]
    plane.latency = 0.002
    assert rows(connect(profiles=["second", "first"]), sql) == found
    plane.latency = 0.0


def test_an_arn_names_the_partition_and_the_region(plane: Plane, connect: Connect) -> None:
    sql = "select arn, region, rest_api_id, stage_name from stages limit 1"
    ((arn, region, api, stage),) = rows(connect(), sql)
    assert arn == f"arn:aws:apigateway:{region}::/restapis/{api}/stages/{stage}"
