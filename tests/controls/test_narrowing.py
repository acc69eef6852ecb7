"""Findings for which an SQL condition is true."""

from __future__ import annotations

import pytest

from apigw_vtab.controls.findings import Finding
from apigw_vtab.controls.narrowing import matching
from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.connection import Connection
from tests.conftest import Connect
from tests.control_plane import Fault, Plane
from tests.output.reports.test_formats import CONTROL


@pytest.fixture
def connection(plane: Plane, connect: Connect) -> Connection:
    return connect(regions="eu-west-1")


FOUND = (
    Finding(CONTROL, "arn:a", "alarm", "Bad.", "1", "eu-west-1", {"rest_api": "shop", "n": 2}),
    Finding(CONTROL, "arn:b", "ok", "Good.", "1", "us-east-1", {"rest_api": 'a "b"', "n": 10}),
    Finding(CONTROL, "1/eu-west-2", "error", "Denied.", "1", "eu-west-2", is_unread=True),
)
UNREAD = "1/eu-west-2"


@pytest.mark.parametrize(
    ("where", "resources"),
    [
        ("region like 'eu-%'", {"arn:a"}),
        ("status = 'ok' or n < 5", {"arn:a", "arn:b"}),
        ("rest_api = 'a \"b\"'", {"arn:b"}),
        ("control = 'no such'", set()),
        ("true -- and no more", {"arn:a", "arn:b"}),
        ("null", set()),
    ],
)
def test_those_stay_of_which_it_is_true_and_what_was_not_read(
    connection: Connection, where: str, resources: set[str]
) -> None:
    found = matching(connection, FOUND, where)
    assert {one.resource for one in found.kept} == {*resources, UNREAD}
    assert found.undecided == []


def test_a_control_that_failed_stays(connection: Connection) -> None:
    failed = Finding(CONTROL, "stage-owner", "error", "The control failed: no such table: x.")
    assert matching(connection, [failed], "region = 'eu-west-1'").kept == [failed]


@pytest.mark.parametrize(
    "where", ["region in (select region from usage_plans)", "not exists (select 1 from api_keys)"]
)
def test_what_rests_on_a_table_that_could_not_be_read_stays_and_is_undecided(
    plane: Plane, connect: Connect, where: str
) -> None:
    plane.faults = [Fault("denied", operation=one) for one in ("GetUsagePlans", "GetApiKeys")]
    connection = connect(regions="eu-west-1", on_error="warn")
    found = matching(connection, FOUND, where)
    assert found.kept == list(FOUND)
    assert [one.resource for one in found.undecided] == ["arn:a", "arn:b"]


def test_what_the_control_could_not_read_either_leaves_a_condition_undecided(
    plane: Plane, connect: Connect
) -> None:
    plane.faults = [Fault("denied", operation="GetUsagePlans")]
    connection = connect(regions="eu-west-1", on_error="warn")
    where = "region in (select region from usage_plans)"
    with connection.executor.as_one_statement():
        matching(connection, FOUND, where)
        assert matching(connection, FOUND, where).undecided


def test_a_condition_on_the_account_is_undecided_where_its_id_is_not_known(
    connection: Connection,
) -> None:
    nameless = Finding(CONTROL, "arn:c", "alarm", "Bad.", "", "eu-west-1")
    assert matching(connection, [nameless], "account_id = '1'") == ([nameless], [nameless])
    assert matching(connection, [nameless], "region = 'x'") == ([], [])


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("regio = 'x'", "no column regio. Did you mean region"),
        ("nope = 1", "no column nope. The columns of a finding are: control, severity, resource"),
        ("1 in (select s.createdate from stages s)", "Did you mean created_date"),
        ("1 in (select s.vpc_link_id from stages s)", "these have it: vpc_links, v2_vpc_links."),
        ("(select value from api_keys) is null", "Leave that out of the condition."),
        ("load_extension('x')", "LOAD_EXTENSION is not allowed. Leave that out of the condition."),
        ("", "takes one condition"),
        ("1) or (delete from finding", "takes one condition"),
        ("exists (select 1 from sqlite_master)) union select 1 where (1", "takes one condition"),
        ("1); delete from rest_apis where (1", "takes one condition"),
        ("region = :x", "write the value instead of a parameter"),
        ("region like ?", "write the value instead of a parameter"),
        ("region in (select region from rest_api)", "no table rest_api. Did you mean rest_apis"),
        ("exists (select 1 from stages where stage_nam = 'x')", "Did you mean stage_name"),
        ("count(*) > 1", "count() is about several rows"),
        ("row_number() over () = 1", "row_number() is about several rows"),
        ("region = 'x';", "not a condition in SQL"),
        ("(region = 'x'", "not a condition in SQL"),
        ("region = 'x", "a quote that is opened has to be closed"),
        ("nonsense(region)", "there is no function nonsense"),
    ],
)
def test_a_condition_that_is_not_valid_says_what_there_is(
    connection: Connection, where: str, words: str
) -> None:
    with pytest.raises(UsageError) as raised:
        matching(connection, FOUND, where)
    assert words in str(raised.value)
