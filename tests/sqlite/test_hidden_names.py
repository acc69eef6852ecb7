"""A table or view must not take the place of a function in what queries read."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import apsw
import pytest
from click.testing import CliRunner

import apigw_vtab
from apigw_vtab.cli.main import main
from apigw_vtab.errors import UsageError
from tests.conftest import REGIONS, Connect, rows
from tests.control_plane import Plane

FIRST = REGIONS[0]
HIDING = {
    "json_each": "create virtual table json_each using fts5(key, value)",
    "JSON_Tree": "create table JSON_Tree (key, value)",
    "json_tree": "create view json_tree as select 1 as key, 2 as value",
    "pragma_function_list": "create table pragma_function_list (name)",
    "pragma_module_list": "create view pragma_module_list as select 'x' as name",
}


@pytest.mark.parametrize("name", HIDING)
@pytest.mark.parametrize("words", [["check"], ["query", "select 1"], ["shell"]])
def test_a_database_in_which_a_function_is_hidden_is_refused(
    plane: Plane, tmp_path: Path, name: str, words: list[str]
) -> None:
    path = tmp_path / "mine.db"
    apsw.Connection(str(path)).execute(HIDING[name])
    result = CliRunner().invoke(main, [*words, "--region", FIRST, "--db", str(path)])
    assert result.exit_code == 2
    assert re.search(rf"mine\.db has a (table|view) named {name}, which queries", result.stderr)
    assert not plane.calls


@pytest.mark.parametrize("place", ["", "temp.", "other."])
def test_a_table_made_later_hides_no_function_from_a_control(
    plane: Plane, connect: Connect, place: str
) -> None:
    connection = connect(regions=FIRST)
    connection.execute("attach ':memory:' as other")
    connection.execute(f"create table {place}json_each (key, value)")
    with pytest.raises(UsageError, match="named json_each"):
        connection.refuse_hidden_names()


@pytest.mark.parametrize("command", [".check AG-006", ".run AG-006"])
def test_the_shell_refuses_to_run_a_control_on_it(plane: Plane, command: str) -> None:
    script = f"create table json_each (key, value);\n{command}\n"
    result = CliRunner().invoke(main, ["shell", "--region", FIRST], input=script)
    assert (result.exit_code, "named json_each" in result.stderr) == (2, True)


@pytest.mark.parametrize("name", ["stages", "rest_apis", "secret_kind", "policy_anyone"])
def test_a_view_with_the_name_of_ours_changes_nothing(
    plane: Plane, tmp_path: Path, connect: Connect, name: str
) -> None:
    path = tmp_path / "mine.db"
    apsw.Connection(str(path)).execute(f"create view {name} as select 1 as account_id")
    connection = connect(regions=FIRST, db=str(path))
    assert rows(connection, "select count(*) from stages") == [(12,)]
    assert rows(connection, "select secret_kind('password', 'hunter2') is null") == [(0,)]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A database that had a table `models` and a view `Stages` before we did."""
    file = tmp_path / "own.db"
    with closing(apsw.Connection(str(file))) as connection:
        connection.execute(
            "create table models(a); create table others(a); create view Stages as select 1"
        )
    return file


def test_a_table_of_ones_own_that_ours_hides_is_told_once(own: Path) -> None:
    with closing(apigw_vtab.connect(str(own), regions="eu-west-1")) as connection:
        told = connection.executor.log.new_warnings()
        assert [one.partition(" of ")[0] for one in told] == ["Table models", "View Stages"]
        assert told[0].endswith("Write main.models.")
        assert connection.executor.log.new_warnings() == []


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        (["query", "select a from main.models"], ""),
        (["query", "select a from models"], ""),
        (["query", "insert into models values (1)"], ""),
        (["check", "AG-006"], ""),
        (["shell"], "select count(*) from stages;\nselect a from models;\nselect a from others;\n"),
    ],
)
def test_each_command_tells_it_once_whether_or_not_its_statement_runs(
    plane: Plane, own: Path, words: list[str], typed: str
) -> None:
    result = CliRunner().invoke(main, [*words, "--region", FIRST, "--db", str(own)], input=typed)
    assert result.stderr.count("Write main.models.") == 1
    assert result.stderr.count("Write main.Stages.") == 1
    assert result.stderr.startswith("apigw-vtab: Table models of ")
