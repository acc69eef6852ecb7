"""Statements over copies of tables: the same rows in the same order, or none at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from apigw_vtab.aws.answered import NotAnswered
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.copies import Copies, Row
from tests.conftest import REGIONS, Connect
from tests.control_plane import Fault, Plane

NAMES = {"account_id", "region", "rest_api_id", "stage_name"}
READS = {"stages": NAMES, "rest_apis": {"account_id", "region", "rest_api_id", "name"}}
JOIN = """
select name, stage_name, region
from stages join rest_apis using (account_id, region, rest_api_id)
"""
Over = Callable[..., list[Row] | None]


@pytest.fixture
def connection(plane: Plane, connect: Connect) -> Connection:
    return connect(regions=REGIONS, on_error="warn")


@pytest.fixture
def over(connection: Connection) -> Iterator[Over]:
    """Run a SELECT over copies, after the calls for all stages were made."""
    connection.execute("begin")
    copies = Copies(connection, READS)

    def run(sql: str, columns: dict[str, set[str]] = READS) -> list[Row] | None:
        found = copies.answer("it", sql, {}, columns)
        return None if found is None else list(found)

    yield run
    copies.close()


@pytest.fixture
def is_read(connection: Connection) -> None:
    connection.execute("select * from stages").fetchall()


@pytest.mark.usefixtures("is_read")
@pytest.mark.parametrize(
    "sql", [JOIN, "select count(*), region from stages group by region", "select * from stages"]
)
def test_rows_are_those_of_the_connection_in_their_order(
    connection: Connection, over: Over, sql: str
) -> None:
    sql = sql.replace("*", "stage_name") if sql.startswith("select *") else sql
    assert over(sql) == connection.execute(sql).fetchall()


@pytest.mark.usefixtures("is_read")
def test_not_one_call_is_made(plane: Plane, over: Over) -> None:
    plane.reset()
    assert over(JOIN)
    assert not plane.calls


def test_a_table_that_was_not_read_is_not_copied(over: Over) -> None:
    assert over(JOIN) is None


def test_a_table_of_which_a_part_could_not_be_read_is_not_copied(
    plane: Plane, connection: Connection, over: Over
) -> None:
    plane.faults = [Fault("denied", region=REGIONS[1])]
    connection.execute("select * from stages").fetchall()
    assert over(JOIN) is None


@pytest.mark.usefixtures("is_read")
def test_a_column_that_was_not_copied_ends_the_statement(over: Over) -> None:
    with pytest.raises(NotAnswered):
        over("select description from stages")


@pytest.mark.usefixtures("is_read")
def test_rows_that_an_index_would_bring_in_another_order_are_not_taken(over: Over) -> None:
    by_api = "select stage_name from rest_apis join stages using (account_id, region, rest_api_id)"
    assert over(by_api) is None


@pytest.mark.usefixtures("is_read")
@pytest.mark.parametrize("setting", ["case_sensitive_like", "reverse_unordered_selects"])
def test_settings_that_change_answers_keep_a_statement_where_it_is(
    connection: Connection, over: Over, setting: str
) -> None:
    connection.execute(f"pragma {setting} = on")
    assert over(JOIN) is None


@pytest.mark.usefixtures("is_read")
@pytest.mark.parametrize(
    "term",
    [
        "rowid",
        "stages.oid",
        '"_ROWID_"',
        "last_insert_rowid()",
        "(select sqlite_version())",
        "(select count(*) from pragma_table_info('stages'))",
    ],
)
def test_what_is_not_about_rows_keeps_a_statement_where_it_is(over: Over, term: str) -> None:
    assert over(f"select stage_name, {term} from stages") is None
