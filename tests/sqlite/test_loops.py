"""Which loops over our tables SQLite plans for a statement, and whether each one always runs."""

from __future__ import annotations

import pytest

from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.loops import loops_of
from tests.conftest import REGIONS, Connect
from tests.control_plane import Plane


@pytest.fixture
def connection(plane: Plane, connect: Connect) -> Connection:
    return connect(regions=REGIONS[0], on_error="warn")


def told(connection: Connection, sql: str) -> list[tuple[str, bool]] | None:
    found = loops_of(connection, sql, {})
    return None if found is None else [(one.plan.table.name, one.always) for one in found]


def test_only_the_first_loop_of_a_join_always_runs(connection: Connection) -> None:
    sql = "select name from stages join rest_apis using (account_id, region, rest_api_id)"
    assert told(connection, sql) == [("stages", True), ("rest_apis", False)]


def test_each_part_of_a_union_always_runs(connection: Connection) -> None:
    sql = "select arn from stages union all select arn from rest_apis"
    assert told(connection, sql) == [("stages", True), ("rest_apis", True)]


def test_what_a_correlated_subquery_reads_may_not_be_read(connection: Connection) -> None:
    sql = "select (select count(*) from stages s where s.region = a.region) from rest_apis a"
    assert told(connection, sql) == [("rest_apis", True), ("stages", False)]


def test_a_table_by_another_name_is_known_by_its_plan(connection: Connection) -> None:
    assert told(connection, "select certificate.arn from client_certificates as certificate") == [
        ("client_certificates", True)
    ]


def test_nothing_is_read(plane: Plane, connection: Connection) -> None:
    told(connection, "select * from stages")
    assert not plane.calls


def test_a_statement_that_is_only_explained_is_not_one_that_ends(connection: Connection) -> None:
    with connection.executor.as_one_statement():
        before = connection.executor.statement
        told(connection, "select * from stages")
        connection.execute("select 1").fetchall()
        assert connection.executor.statement == before
