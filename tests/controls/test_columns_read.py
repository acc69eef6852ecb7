"""Which columns a control reads, and which tables are worth a copy."""

from __future__ import annotations

import pytest

from apigw_vtab.controls.columns_read import columns_read, worth_copying
from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.controls.saved_query import read_query
from apigw_vtab.sqlite.connection import Connection
from tests.conftest import REGIONS, Connect
from tests.control_plane import Plane


@pytest.fixture
def connection(plane: Plane, connect: Connect) -> Connection:
    return connect(regions=REGIONS[0], on_error="warn")


def test_columns_of_a_join_count_in_both_tables(connection: Connection) -> None:
    sql = "select stage_name from stages join rest_apis using (account_id, region, rest_api_id)"
    shared = {"account_id", "region", "rest_api_id"}
    read = columns_read(connection, read_query("it", sql))
    assert read == {"stages": {*shared, "stage_name"}, "rest_apis": shared}


@pytest.mark.parametrize("sql", ["select", "select arn from stages; select 1", "attach 'x' as x"])
def test_nothing_counts_as_read_of_what_is_no_single_select(
    connection: Connection, sql: str
) -> None:
    assert columns_read(connection, read_query("it", sql)) == {}


def test_a_table_that_two_controls_read_is_worth_a_copy(connection: Connection) -> None:
    controls = find_queries(["stage-xray-tracing", "stage-waf-web-acl"], all_queries())
    reads = [columns_read(connection, one) for one in controls]
    copied = worth_copying(controls, reads)
    assert {"tracing_enabled", "web_acl_arn"} <= copied["stages"]
    assert copied.keys() == {"stages", "rest_apis"}


def test_so_is_one_that_a_remedy_changes_with_what_decides_about_it(
    connection: Connection,
) -> None:
    (control,) = find_queries(["stage-access-logging"], all_queries())
    copied = worth_copying([control], [columns_read(connection, control)])
    assert copied.keys() == {"stages"}
    assert "access_log_settings" in copied["stages"]
