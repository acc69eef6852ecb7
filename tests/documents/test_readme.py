"""The README is true: its queries run, its policy is what is needed, its commands exist."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import apigw_vtab
from apigw_vtab.aws.reach.roles import ASSUME_ROLE
from apigw_vtab.cli.main import main
from apigw_vtab.sandbox import process
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.tables.account import ACCOUNTS_OF_PARENT, EVERY_ACCOUNT, ROOTS, UNITS_OF_PARENT
from apigw_vtab.tables.declaration import Table, Write
from apigw_vtab.tables.registry import TABLES
from apigw_vtab.tables.services import iam_action
from apigw_vtab.tables.tagging import tagging_of

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    """The code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def sandbox() -> Connection:
    connection = apigw_vtab.connect(sandbox=True)
    # One of the queries asks for the calls so far, and may be the first to run.
    assert list(connection.execute("select name from rest_apis"))
    return connection


WRITES = re.findall(r"<!-- writes -->\n```sql\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
QUERIES = [sql for sql in blocks("sql") if sql not in WRITES]


@pytest.mark.parametrize("sql", QUERIES)
def test_each_query_worth_stealing_finds_something_in_the_sandbox(
    sandbox: Connection, sql: str
) -> None:
    assert list(sandbox.execute(sql))


def test_there_are_five_queries() -> None:
    assert len(QUERIES) == 5


def test_the_rule_is_kept_after_the_sql_that_fixes_it() -> None:
    (script,) = WRITES
    words = ["--sandbox", "--profile", "sandbox-production", "--region", "eu-west-1"]
    try:
        result = CliRunner().invoke(main, ["query", script, *words, "--allow-writes", "--yes"])
        assert "BEGIN CERTIFICATE" in result.stdout
        assert CliRunner().invoke(main, ["check", "AG-006", *words]).exit_code == 0
    finally:
        # What was pinned must not stay pinned for other tests.
        process._running.clear()


@pytest.mark.parametrize("code", blocks("python"))
def test_each_library_example_runs(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(code, {})
    assert capsys.readouterr().out


def test_each_command_line_is_understood() -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    ours = [shlex.split(line, comments=True) for line in lines if line.startswith("apigw-vtab")]
    assert len(ours) == 21
    for words in ours:
        command, *rest = words[1:] or ["shell"]
        parsed = main.commands[command].make_context(command, list(rest))
        assert not parsed.args


def test_the_sandbox_command_finds_the_stages_in_alarm() -> None:
    line, _ = (line for block in blocks("sh") for line in block.splitlines() if "--sandbox" in line)
    words = shlex.split(line.rpartition("apigw-vtab")[2])
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "No client certificate is attached." in result.stdout


def test_the_sandbox_has_an_organization_to_read() -> None:
    *_, line = (line for block in blocks("sh") for line in block.splitlines() if "ou_path" in line)
    words = shlex.split(line.rpartition("apigw-vtab")[2])
    result = CliRunner().invoke(main, [*words, "--output", "csv"])
    assert "444455556666,shop-staging,Root/workloads/staging" in result.stdout
    assert "shop-pilot (777788889999), SUSPENDED" in result.stderr


def test_each_action_that_reaching_accounts_needs_is_named() -> None:
    lists = (EVERY_ACCOUNT, ACCOUNTS_OF_PARENT, UNITS_OF_PARENT, ROOTS)
    for read in (*lists, ASSUME_ROLE):
        assert f"`{iam_action(read.service, read.name)}`" in README


def test_the_policy_allows_each_operation_that_the_tables_make_and_no_other() -> None:
    (policy,) = map(json.loads, blocks("json"))
    actions = [statement["Action"] for statement in policy["Statement"]]
    allowed = {one for some in actions for one in ([some] if isinstance(some, str) else some)}
    needed = {
        iam_action(read.service, read.name)
        for table in TABLES
        for read in table.reads
        # GetCallerIdentity needs no permission.
        if read.service != "sts"
    }
    assert allowed == needed


def writes_of(table: Table) -> Iterator[Write]:
    """Every operation that changes a table, also those behind an UPDATE."""
    update, tagging = table.update, tagging_of(table)
    yield from filter(None, (table.insert, update, table.delete))
    if update:
        yield from (one.erased_by for one in update.members.values() if one.erased_by)
    if tagging:
        yield from (tagging.add, tagging.remove)


def test_the_actions_of_writes_are_those_that_the_tables_declare() -> None:
    (sentence,) = re.findall(r"In addition to reading, this needs (.*?);", README, re.DOTALL)
    needed = {iam_action(one.service, one.name) for table in TABLES for one in writes_of(table)}
    assert {f"apigateway:{one}" for one in re.findall("[A-Z]{3,}", sentence)} == needed


def test_what_can_be_set_is_what_the_tables_declare() -> None:
    (table,) = re.findall(r"<!-- settable -->\n(.*?)\n\n", README, re.DOTALL)
    # Between the heading and the line about tags.
    names = [re.findall("`(.*?)`", row) for row in table.splitlines()[2:-1]]
    told = {name: tuple(columns) for name, *columns in names}
    assert told == {
        one.name: (*one.update.patches, *one.update.members) for one in TABLES if one.update
    }
    inserts, deletes = re.findall(r"INSERT INTO (.*?) and DELETE FROM (.*?),", README, re.DOTALL)[0]
    assert set(re.findall("`(.*?)`", inserts)) == {one.name for one in TABLES if one.insert}
    assert set(re.findall("`(.*?)`", deletes)) == {one.name for one in TABLES if one.delete}


def test_each_table_is_described() -> None:
    for table in TABLES:
        assert f"[`{table.name}`](docs/tables/{table.name}.md)" in README


def test_each_page_that_it_points_to_is_there() -> None:
    pages = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert {"ARCHITECTURE.md", "CONTRIBUTING.md"} <= set(pages)
    assert [page for page in pages if not (ROOT / page).exists()] == []


def test_each_promise_is_on_the_page_of_reliability(request: pytest.FixtureRequest) -> None:
    page = (ROOT / "docs/reliability.md").read_text()
    marks = [item.get_closest_marker("promise") for item in request.session.items]
    promises = {mark.args[0] for mark in marks if mark}
    assert [one for one in promises if f"| {one} |" not in page] == []
