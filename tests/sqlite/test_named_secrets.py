"""A secret that a statement names goes where the user sent it, for the user alone."""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from click.testing import CliRunner, Result

from apigw_vtab.aws.secrets_in_use import masked
from apigw_vtab.cli.main import main
from tests.conftest import Connect, operations, rows
from tests.control_plane import Fault, Plane, ServedEstate, access_key, serve

VALUE = "select value from api_keys"
PRIVATE, OPEN = 0o600, 0o644
ESTATE = ServedEstate.numbered(rest_apis=1, modelled=2)
(REGION,) = ESTATE.regions


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Plane]:
    """An AWS with API keys, and an empty folder to work in."""
    with serve(ESTATE) as plane:
        monkeypatch.setenv("AWS_ENDPOINT_URL", plane.url)
        monkeypatch.delenv("AWS_PROFILE")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(ESTATE.accounts[0]))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not to be shown")
        monkeypatch.setenv("AWS_REGION", REGION)
        monkeypatch.chdir(tmp_path)
        yield plane


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, [*words, "--region", REGION], input=typed)


def mode(name: str) -> int:
    return stat.S_IMODE(Path(name).stat().st_mode)


@pytest.mark.parametrize(
    ("sql", "expected"), [(VALUE, PRIVATE), ("select name from api_keys", OPEN)]
)
def test_an_export_is_for_the_user_alone_if_a_secret_is_named(
    keys: Plane, sql: str, expected: int
) -> None:
    Path("old.csv").touch(OPEN)
    result = run("query", sql, "--export", "new.csv", "--export", "old.csv")
    assert (mode("new.csv"), mode("old.csv")) == (expected, expected)
    assert ("only you can read it (mode 0600)" in result.stderr) == (expected == PRIVATE)
    assert ("secret-" in Path("new.csv").read_text()) == (expected == PRIVATE)


@pytest.mark.parametrize("command", [".output rows.csv", ".once rows.csv"])
def test_a_file_of_the_shell_is_for_the_user_alone(keys: Plane, command: str) -> None:
    result = run("shell", typed=f".mode csv\n{command}\n{VALUE};\n")
    assert mode("rows.csv") == PRIVATE
    assert "secret-" in Path("rows.csv").read_text()
    assert result.stderr.count("rows.csv may hold api_keys.value") == 1


def test_a_database_is_for_the_user_alone_and_so_is_its_dump(keys: Plane) -> None:
    Path("old.db").touch(OPEN)
    for name in ("new.db", "old.db"):
        run("query", f"create table kept as {VALUE}", "--db", name)
        assert mode(name) == PRIVATE
    typed = f"create table kept as {VALUE};\n.output dump.sql\n.dump\n"
    assert "may hold api_keys.value" in run("shell", "--db", "third.db", typed=typed).stderr
    assert "secret-" in Path("dump.sql").read_text()
    assert mode("dump.sql") == PRIVATE


def test_what_was_copied_before_is_a_secret_still(keys: Plane) -> None:
    sql = f"create temp table kept as {VALUE}; select * from kept"
    run("query", sql, "--export", "rows.csv")
    assert mode("rows.csv") == PRIVATE


def test_a_database_without_a_secret_keeps_its_mode(keys: Plane) -> None:
    Path("my.db").touch(OPEN)
    result = run("query", "create table kept as select name from api_keys", "--db", "my.db")
    assert mode("my.db") == OPEN
    assert "mode 0600" not in result.stderr


def test_no_report_holds_a_secret(keys: Plane) -> None:
    Path("own").mkdir()
    columns = "arn as resource, 'alarm' as status, value as reason, account_id, region"
    Path("own/keys.sql").write_text(f"-- title: Keys\n\nselect {columns} from api_keys\n")
    result = run("check", "keys", "--queries", "own", "--export", "report.json")
    assert result.exit_code != 0
    assert "reads the secret api_keys.value, which no report may hold" in result.output
    found = Path("report.json").read_text() if Path("report.json").exists() else ""
    assert "secret-" not in found + result.output
    assert "secret-" in run("query", "keys", "--queries", "own").stdout


def test_no_error_and_no_debug_output_shows_a_value_that_was_read(
    keys: Plane, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    connection = connect(regions=REGION)
    (value, *_) = (value for (value,) in rows(connection, VALUE))
    assert str(value) not in masked(f"apsw.Error near {value}")
    with pytest.raises(apsw.SQLError):
        connection.execute("select nope from api_keys")
    ledger = str(rows(connection, "select * from api_calls"))
    assert str(value) not in ledger + caplog.text


NAMED = (
    "select count(*) from usage_plan_keys a join usage_plan_keys b using (arn) where {}.value > ''"
)


@pytest.mark.parametrize("place", ["a", "b"])
def test_one_call_serves_all_places_of_a_statement(
    keys: Plane, connect: Connect, place: str
) -> None:
    connection = connect(regions=REGION)
    (plans,) = rows(connection, "select count(*) from usage_plans")[0]
    assert rows(connection, NAMED.format(place)) > [(0,)]
    # None of them is made twice.
    assert operations(keys)["GetUsagePlanKeys"] == plans


def test_what_has_its_secrets_serves_who_does_not_name_them(keys: Plane, connect: Connect) -> None:
    connection = connect(regions=REGION)
    rows(connection, "select value from usage_plan_keys")
    keys.reset()
    assert rows(connection, "select arn from usage_plan_keys")
    assert operations(keys) == {}
    table = connection.context.tables["usage_plan_keys"]
    kept = {
        call.named: str(answer.items)
        for call, answer in connection.executor.answered(table.reads[-1])
    }
    assert "secret-" in kept["value",]
    assert "secret-" not in kept[()]


def test_what_no_statement_named_is_asked_for_again(keys: Plane, connect: Connect) -> None:
    connection = connect(regions=REGION)
    rows(connection, "select * from usage_plan_keys")
    keys.reset()
    assert all(
        "secret-" in str(value)
        for (value,) in rows(connection, "select value from usage_plan_keys")
    )
    assert operations(keys)["GetUsagePlanKeys"] > 0


def test_the_shell_knows_what_a_statement_reads(keys: Plane) -> None:
    # It describes each statement first, and runs what was prepared then.
    keys.faults = [Fault("denied", operation="GetRestApis")]
    typed = (
        "create temp table read as select arn from rest_apis;\nbegin;\n"
        f"insert into client_certificates (region, description) select '{REGION}', count(*)"
        " from read;\ncommit;\n"
    )
    result = run("shell", "--allow-writes", "--yes", typed=typed)
    assert "GetRestApis" in result.stderr
    assert "GenerateClientCertificate" not in operations(keys)
