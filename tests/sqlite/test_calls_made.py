"""Not one call too many: the calls made by statements, counted by the control plane."""

from __future__ import annotations

import pytest

from tests.conftest import REGIONS, Connect, operations, rows
from tests.control_plane import Plane

ALL, FIRST, SECOND = len(REGIONS), REGIONS[0], REGIONS[1]
APIS = 4
NO_CERTIFICATE = """
    select s.region, a.name, s.stage_name
    from stages s join rest_apis a using (account_id, region, rest_api_id)
    left join client_certificates c using (account_id, region, client_certificate_id)
    where c.client_certificate_id is null
"""


@pytest.fixture
def api(plane: Plane, connect: Connect) -> str:
    """The id of a REST API in the first region."""
    found = rows(connect(regions=FIRST), "select rest_api_id from rest_apis limit 1 offset 1")
    plane.reset()
    return str(found[0][0])


@pytest.fixture
def certificate(plane: Plane, connect: Connect) -> str:
    """The id of a client certificate in the first region."""
    sql = "select client_certificate_id from client_certificates limit 1"
    found = rows(connect(regions=FIRST), sql)
    plane.reset()
    return str(found[0][0])


def test_a_flat_scan_of_stages_lists_the_apis_and_asks_each_for_its_stages(
    plane: Plane, connect: Connect
) -> None:
    found = rows(connect(), "select stage_name from stages")
    assert len(found) == ALL * APIS * 3
    assert operations(plane) == {
        "DescribeRegions": 1,
        "GetRestApis": ALL,
        "GetStages": ALL * APIS,
    }


def test_the_audit_join_makes_one_plus_n_plus_one_calls_a_region(
    plane: Plane, connect: Connect
) -> None:
    assert rows(connect(regions=REGIONS), NO_CERTIFICATE)
    assert operations(plane) == {
        "GetCallerIdentity": 1,
        "GetRestApis": ALL,
        "GetStages": ALL * APIS,
        "GetClientCertificates": ALL,
    }


def test_a_complete_key_is_one_call(plane: Plane, connect: Connect, api: str) -> None:
    connection = connect()
    where = f"where region = '{FIRST}' and rest_api_id = '{api}'"
    names = rows(connection, f"select stage_name from stages {where}")
    plane.reset()
    found = rows(
        connect(), f"select stage_name from stages {where} and stage_name = ?", (names[0][0],)
    )
    assert found == names[:1]
    assert operations(plane) == {"GetStages": 1}
    plane.reset()
    literal = f"select stage_name from stages {where} and stage_name = '{names[0][0]}'"
    assert rows(connect(), literal) == names[:1]
    assert operations(plane) == {"GetStage": 1}


def test_one_rest_api_is_one_call(plane: Plane, connect: Connect, api: str) -> None:
    sql = f"select name from rest_apis where region = '{FIRST}' and rest_api_id = '{api}'"
    assert len(rows(connect(), sql)) == 1
    assert operations(plane) == {"GetRestApi": 1}


def test_one_client_certificate_is_one_call(
    plane: Plane, connect: Connect, certificate: str
) -> None:
    sql = (
        "select description from client_certificates"
        f" where region = '{FIRST}' and client_certificate_id = '{certificate}'"
    )
    assert len(rows(connect(), sql)) == 1
    assert operations(plane) == {"GetClientCertificate": 1}


def test_a_key_that_aws_does_not_know_is_no_row_and_no_error(
    plane: Plane, connect: Connect
) -> None:
    sql = f"select name from rest_apis where region = '{FIRST}' and rest_api_id = 'nothing000'"
    assert rows(connect(), sql) == []
    assert operations(plane) == {"GetRestApi": 1}


@pytest.mark.parametrize(
    "terms",
    [
        f"region in ('{FIRST}', '{SECOND}')",
        f"region = '{FIRST}' or region = '{SECOND}'",
    ],
)
def test_two_regions_are_two_calls(plane: Plane, connect: Connect, terms: str) -> None:
    connection = connect()
    assert rows(connection, f"select count(*) from rest_apis where {terms}") == [(2 * APIS,)]
    assert operations(plane) == {"GetRestApis": 2}


def test_a_region_pattern_in_sql_asks_only_the_regions_that_match(
    plane: Plane, connect: Connect
) -> None:
    connection = connect()
    wanted = rows(connection, "select count(*) from rest_apis where region like 'EU-%'")
    assert wanted == [(APIS * sum(region.startswith("eu-") for region in REGIONS),)]
    assert operations(plane) == {
        "DescribeRegions": 1,
        "GetRestApis": sum(region.startswith("eu-") for region in REGIONS),
    }


def test_a_region_that_does_not_exist_is_no_row(plane: Plane, connect: Connect) -> None:
    assert rows(connect(), "select name from rest_apis where region = 'nowhere'") == []
    assert operations(plane) == {"DescribeRegions": 1}


def test_two_stages_of_one_api_are_the_list_of_its_stages(
    plane: Plane, connect: Connect, api: str
) -> None:
    names = ("prod", "dev")
    sql = (
        f"select stage_name from stages where region = '{FIRST}' and rest_api_id = '{api}'"
        f" and stage_name in {names}"
    )
    assert sorted(rows(connect(), sql)) == [("dev",), ("prod",)]
    assert operations(plane) == {"GetStages": 1}


def test_stages_of_apis_that_match_a_pattern_ask_only_those(
    plane: Plane, connect: Connect, api: str
) -> None:
    sql = f"select count(*) from stages where region = '{FIRST}' and rest_api_id like '{api}%'"
    assert rows(connect(), sql) == [(3,)]
    assert operations(plane) == {"GetRestApis": 1, "GetStages": 1}


def test_a_null_key_makes_no_call(plane: Plane, connect: Connect) -> None:
    where = f"where region = '{FIRST}' and client_certificate_id = null"
    sql = f"select * from client_certificates {where}"
    assert rows(connect(), sql) == []
    assert operations(plane) == {}


def test_account_id_costs_a_call_only_where_it_is_read(plane: Plane, connect: Connect) -> None:
    connection = connect(regions=FIRST)
    rows(connection, "select name from rest_apis")
    assert operations(plane) == {"GetRestApis": 1}
    rows(connection, "select account_id from rest_apis")
    assert operations(plane) == {"GetRestApis": 1, "GetCallerIdentity": 1}


def test_where_no_region_is_read_no_account_is_asked_for_its_id(
    plane: Plane, connect: Connect
) -> None:
    connection = connect(regions=FIRST)
    sql = f"select account_id, name from rest_apis where region = '{SECOND}'"
    assert rows(connection, sql) == []
    # Its threads have sent what they were given.
    connection.close()
    assert operations(plane) == {}


def test_the_same_statement_again_makes_no_call(plane: Plane, connect: Connect) -> None:
    connection = connect()
    first = rows(connection, "select * from stages")
    plane.reset()
    assert rows(connection, "select * from stages") == first
    assert operations(plane) == {}


def test_without_a_cache_the_next_statement_asks_again(plane: Plane, connect: Connect) -> None:
    connection = connect(regions=FIRST, cache_ttl=0)
    rows(connection, "select name from rest_apis")
    plane.reset()
    rows(connection, "select name from rest_apis")
    assert operations(plane) == {"GetRestApis": 1}


def test_without_a_cache_a_join_still_makes_each_call_once(plane: Plane, connect: Connect) -> None:
    rows(connect(regions=FIRST, cache_ttl=0), NO_CERTIFICATE)
    assert operations(plane) == {
        "GetCallerIdentity": 1,
        "GetRestApis": 1,
        "GetStages": APIS,
        "GetClientCertificates": 1,
    }


def test_a_self_join_makes_each_call_once(plane: Plane, connect: Connect) -> None:
    sql = "select count(*) from rest_apis a join rest_apis b on a.name = b.name"
    rows(connect(regions=FIRST), sql)
    assert operations(plane) == {"GetRestApis": 1}


@pytest.mark.parametrize(
    "sql",
    [
        "select a.name, s.stage_name from rest_apis a left join stages s"
        " using (account_id, region, rest_api_id)",
        "select a.name from rest_apis a where exists (select 1 from stages s"
        " where (s.account_id, s.region, s.rest_api_id)"
        " = (a.account_id, a.region, a.rest_api_id))",
        "select (select count(*) from stages s where s.region = a.region"
        " and s.account_id = a.account_id and s.rest_api_id = a.rest_api_id) from rest_apis a",
        "select stage_name from rest_apis join stages using (account_id, region, rest_api_id)",
    ],
)
def test_every_kind_of_join_makes_the_calls_of_the_flat_scan(
    plane: Plane, connect: Connect, sql: str
) -> None:
    assert rows(connect(regions=FIRST), sql)
    assert operations(plane) == {"GetCallerIdentity": 1, "GetRestApis": 1, "GetStages": APIS}


def test_a_limit_ends_the_scan_early(plane: Plane, connect: Connect) -> None:
    assert len(rows(connect(), "select * from stages limit 1")) == 1
    assert operations(plane)["GetStages"] <= APIS


def test_two_accounts_are_told_apart_by_one_sts_call_each(plane: Plane, connect: Connect) -> None:
    connection = connect(profiles=["first", "second"], regions=FIRST)
    assert rows(connection, "select count(*) from rest_apis") == [(2 * APIS,)]
    assert operations(plane) == {"GetCallerIdentity": 2, "GetRestApis": 2}


def test_an_account_in_sql_asks_only_that_account(plane: Plane, connect: Connect) -> None:
    connection = connect(profiles=["first", "second"], regions=FIRST)
    ((account,),) = rows(connection, "select account_id from accounts where profile = 'second'")
    plane.reset()
    sql = "select distinct account_id from rest_apis where account_id = ?"
    assert rows(connection, sql, (account,)) == [(account,)]
    assert operations(plane) == {"GetRestApis": 1}


def test_reading_our_own_work_makes_no_call(plane: Plane, connect: Connect) -> None:
    connection = connect()
    assert rows(connection, "select * from api_calls, scan_errors") == []
    assert operations(plane) == {}


def test_opening_a_connection_makes_no_call(plane: Plane, connect: Connect) -> None:
    connect()
    assert operations(plane) == {}


@pytest.mark.parametrize("table", ["rest_apis", "stages", "client_certificates"])
def test_in_a_subquery_without_rows_is_no_row_and_no_call(
    plane: Plane, connect: Connect, table: str
) -> None:
    sql = f"select * from {table} where region in (select 'x' where 0)"
    assert rows(connect(), sql) == []
    assert operations(plane) == {}


def test_a_region_that_is_not_wanted_is_not_read(plane: Plane, connect: Connect) -> None:
    connection = connect(regions=REGIONS)
    rows(connection, "select count(*) from rest_apis where region <> ?", (REGIONS[0],))
    assert operations(plane) == {"GetRestApis": 2}
