"""What SQLite's errors mean to a user."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from apigw_vtab.cli.main import main
from tests.conftest import REGIONS
from tests.control_plane import Plane

AS_VIEW = "as select region, count(*) as n from stages group by region"


def query(sql: str, *words: str) -> Result:
    return CliRunner().invoke(main, ["query", sql, "--region", REGIONS[0], *words])


@pytest.mark.parametrize(
    "sql",
    [
        f"create view per_region {AS_VIEW}; select * from per_region",
        f"create view if not exists main.v {AS_VIEW}; select n from v",
        f"create view inner_view {AS_VIEW}; create view v as select * from inner_view;"
        " select * from v",
        "create table t (a); create trigger count_them after insert on t begin"
        " insert into t select count(*) from STAGES; end; insert into t values (1)",
        "select * from main.stages",
    ],
)
def test_what_main_cannot_see_is_refused_with_the_way_that_works(plane: Plane, sql: str) -> None:
    result = query(sql)
    assert result.exit_code == 1
    assert "create temp view" in result.stderr
    assert plane.calls == []


@pytest.mark.parametrize(
    "sql",
    [
        f"create temp view per_region {AS_VIEW}; select n from per_region",
        f"create temporary view v {AS_VIEW}; create temp view w as select * from v;"
        " select n from w",
        "create temp table t (n); create temp table go (a);"
        " create temp trigger count_them after insert on go begin"
        " insert into t select count(*) from stages; end;"
        " insert into go values (1); select n from t",
    ],
)
def test_a_temporary_view_or_trigger_reads_the_tables(plane: Plane, sql: str) -> None:
    result = query(sql, "--output", "csv")
    assert (result.exit_code, result.stdout.split()) == (0, ["n", "12"])


def test_a_view_that_a_file_keeps_says_so_when_it_is_read(plane: Plane, tmp_path: Path) -> None:
    db = ("--db", f"{tmp_path}/kept.db")
    assert query(f"create view v {AS_VIEW}", *db).exit_code == 0
    assert "create temp view" in query("select * from v", *db).stderr


def test_an_unknown_table_of_main_has_the_nearest_name(plane: Plane) -> None:
    assert "Did you mean stages" in query("select * from main.stagez").stderr


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("vpc_link_id", ": vpc_link_id. Of the tables, these have it: vpc_links, v2_vpc_links."),
        ("s.VPC_LINK_ID", "these have it: vpc_links, v2_vpc_links."),
        ("s.api_id", " and "),
        ("stage_nam", "Did you mean stage_name"),
    ],
)
def test_a_column_that_another_table_has_is_said_to_be_there(
    plane: Plane, column: str, words: str
) -> None:
    assert words in query(f"select {column} from stages s").stderr
