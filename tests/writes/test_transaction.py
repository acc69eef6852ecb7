"""Writes: what SQL changes in AWS, when it is sent, and what is told when it breaks half-way."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from apsw import SQLError

from apigw_vtab import UsageError, WriteFailed, WriteRefused
from apigw_vtab.sqlite.connection import Connection
from tests.conftest import Connect, rows
from tests.control_plane import Estate, Fault, Plane, access_key, serve

SIZE = Estate.numbered(regions=2, rest_apis=10, stages=2, certificates=2)
ACCOUNT, (HOME, OTHER) = SIZE.accounts[0], SIZE.regions
READS = ("Get", "Describe")


@pytest.fixture
def plane(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    """A control plane that a test may change: 20 stages in each of two regions."""
    with serve(SIZE) as plane:
        monkeypatch.setenv("AWS_ENDPOINT_URL", plane.url)
        monkeypatch.delenv("AWS_PROFILE")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(ACCOUNT))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        yield plane


@pytest.fixture
def connection(plane: Plane, connect: Connect) -> Connection:
    """A connection that may write, and has read the stages of one region."""
    connection = connect(regions=[HOME, OTHER], allow_writes=True)
    rows(connection, "select stage_name from stages where region = ?", (HOME,))
    plane.reset()
    return connection


def written(plane: Plane) -> Counter[str]:
    """How many calls of each operation were no reads."""
    return Counter(call.operation for call in plane.calls if not call.operation.startswith(READS))


def describe(connection: Connection, text: str) -> None:
    """Describe all stages of one region."""
    connection.execute("update stages set description = ? where region = ?", (text, HOME))


def described(connection: Connection, text: str) -> int:
    ((count,),) = rows(connection, "select count(*) from stages where description = ?", (text,))
    assert isinstance(count, int)
    return count


def test_a_new_certificate_is_returned_as_aws_made_it(plane: Plane, connection: Connection) -> None:
    ((region, certificate, pem, tags),) = rows(
        connection,
        "insert into client_certificates (region, description, tags)"
        """ values (?, 'mine; returning', '{"team": "a"}')"""
        " returning region, client_certificate_id,"
        " substr(pem_encoded_certificate, 1, 10) as pem, tags -- all of it;",
        (HOME,),
    )
    assert (region, pem, tags) == (HOME, "-----BEGIN", '{"team":"a"}')
    assert [call.operation for call in plane.calls] == ["GenerateClientCertificate"]
    assert rows(
        connection,
        "select description from client_certificates where client_certificate_id = ?",
        (certificate,),
    ) == [("mine; returning",)]


def test_several_new_rows_are_returned(plane: Plane, connection: Connection) -> None:
    found = rows(
        connection,
        "with wanted(region) as (values (:a), (:b))"
        " insert into client_certificates (region, description)"
        " select region, 'x' from wanted returning client_certificate_id, region || '!'",
        {"a": HOME, "b": OTHER},
    )
    assert [region for _, region in found] == [f"{HOME}!", f"{OTHER}!"]
    assert len({certificate for certificate, _ in found}) == 2


def test_an_insert_with_returning_stands_by_itself(connection: Connection) -> None:
    sql = "insert into client_certificates (region) values ('x') returning 1; select 2"
    with pytest.raises(UsageError, match="by itself"):
        connection.execute(sql)


def test_a_certificate_is_described_and_deleted(plane: Plane, connection: Connection) -> None:
    connection.execute(
        "insert into client_certificates (region, description) values (?, 'old')", (HOME,)
    )
    connection.execute(
        "update client_certificates set description = 'new' where description = 'old'"
    )
    connection.execute("delete from client_certificates where description = 'new'")
    assert list(written(plane)) == [
        "GenerateClientCertificate",
        "UpdateClientCertificate",
        "DeleteClientCertificate",
    ]
    assert not rows(
        connection, "select 1 from client_certificates where description in ('old', 'new')"
    )


def test_a_stage_is_attached_and_detached(plane: Plane, connection: Connection) -> None:
    ((certificate,),) = rows(
        connection,
        "insert into client_certificates (region) values (?) returning client_certificate_id",
        (HOME,),
    )
    connection.execute(
        "update stages set client_certificate_id = ? where region = ?", (certificate, HOME)
    )
    of_it = "select count(*) from stages where client_certificate_id = ?"
    assert rows(connection, of_it, (certificate,)) == [(20,)]
    connection.execute("update stages set client_certificate_id = null where region = ?", (HOME,))
    assert rows(connection, of_it, (certificate,)) == [(0,)]


def test_several_columns_are_one_call(plane: Plane, connection: Connection) -> None:
    connection.execute(
        "update stages set description = 'both', tracing_enabled = not tracing_enabled"
        " where region = ?",
        (HOME,),
    )
    assert written(plane) == {"UpdateStage": 20}


def test_several_statements_of_a_transaction_are_one_call_a_row(
    plane: Plane, connection: Connection
) -> None:
    connection.execute("begin")
    for column in ("description", "documentation_version"):
        connection.execute(f"update stages set {column} = '7' where region = ?", (HOME,))
    connection.execute("commit")
    assert written(plane) == {"UpdateStage": 20}
    assert described(connection, "7") == 20


def test_a_deployment_is_made_and_read(plane: Plane, connection: Connection) -> None:
    ((api,),) = rows(
        connection, "select rest_api_id from rest_apis where region = ? limit 1", (HOME,)
    )
    ((made,),) = rows(
        connection,
        "insert into deployments (region, rest_api_id, stage_name, description)"
        " values (?, ?, 'prod', 'mine') returning deployment_id",
        (HOME, api),
    )
    assert written(plane) == {"CreateDeployment": 1}
    assert rows(
        connection,
        "select d.description from stages join deployments d"
        " using (account_id, region, rest_api_id, deployment_id)"
        " where deployment_id = ? and region = ?",
        (made, HOME),
    ) == [("mine",)]


def test_nothing_is_sent_for_what_is_the_same(plane: Plane, connection: Connection) -> None:
    describe(connection, "same")
    plane.reset()
    describe(connection, "same")
    assert not written(plane)


def test_a_write_is_decided_on_what_aws_says_now(
    plane: Plane, connection: Connection, connect: Connect
) -> None:
    other = connect(regions=HOME, allow_writes=True)
    describe(other, "theirs")
    connection.execute(
        "update stages set description = 'mine' where region = ? and description <> 'theirs'",
        (HOME,),
    )
    assert described(connection, "theirs") == 20


def test_rollback_sends_nothing(plane: Plane, connection: Connection) -> None:
    connection.execute("begin")
    describe(connection, "never")
    connection.execute("rollback")
    assert not written(plane)
    assert described(connection, "never") == 0


def test_a_savepoint_takes_back_what_came_after_it(plane: Plane, connection: Connection) -> None:
    connection.execute("begin")
    describe(connection, "kept")
    connection.execute("savepoint here")
    describe(connection, "dropped")
    connection.execute("insert into client_certificates (region) values (?)", (HOME,))
    connection.execute("rollback to here")
    connection.execute("commit")
    assert written(plane) == {"UpdateStage": 20}
    assert described(connection, "kept") == 20


def test_a_statement_that_fails_leaves_the_others_of_its_transaction(
    plane: Plane, connection: Connection
) -> None:
    connection.execute("begin")
    connection.execute("update stages set description = 'x' where region = ?", (HOME,))
    with pytest.raises(UsageError, match="is 0 or 1"):
        connection.execute("update stages set tracing_enabled = 'maybe' where region = ?", (HOME,))
    connection.execute("commit")
    assert written(plane) == {"UpdateStage": 20}


def test_bad_sql_leaves_the_changes_of_its_transaction(
    plane: Plane, connection: Connection
) -> None:
    connection.execute("begin")
    describe(connection, "x")
    for sql in ("selec 1", "update stages set nothing = 1", "select 1 from nowhere"):
        with pytest.raises(SQLError):
            connection.execute(sql)
    connection.execute("commit")
    assert written(plane) == {"UpdateStage": 20}


def test_a_transaction_reads_its_own_changes(plane: Plane, connection: Connection) -> None:
    connection.execute("begin")
    describe(connection, "mine")
    assert described(connection, "mine") == 20
    connection.execute("delete from client_certificates where region = ?", (HOME,))
    ((made,),) = rows(
        connection,
        "insert into client_certificates (region, description) values (?, 'new')"
        " returning client_certificate_id",
        (HOME,),
    )
    assert rows(
        connection,
        "select client_certificate_id, description from client_certificates where region = ?",
        (HOME,),
    ) == [(made, "new")]
    assert rows(
        connection,
        "select description from client_certificates where client_certificate_id = ?"
        " and region = ?",
        (made, HOME),
    ) == [("new",)]
    assert not written(plane)
    assert not [call for call in plane.calls if "$" in str(call.params)]
    connection.execute("rollback")
    assert described(connection, "mine") == 0


def test_what_is_made_in_a_transaction_can_be_used_in_it(
    plane: Plane, connection: Connection
) -> None:
    connection.execute("begin")
    connection.execute(
        "insert into client_certificates (region, description) values (?, 'new')", (HOME,)
    )
    connection.execute(
        "update stages set client_certificate_id = made.client_certificate_id"
        " from client_certificates made where made.description = 'new'"
        " and made.region = stages.region"
    )
    connection.execute("commit")
    assert written(plane) == {"GenerateClientCertificate": 1, "UpdateStage": 20}
    assert rows(
        connection,
        "select count(*) from stages join client_certificates c"
        " using (account_id, region, client_certificate_id) where c.description = 'new'",
    ) == [(20,)]


def test_a_change_that_fails_is_told_with_those_before_and_after(
    plane: Plane, connection: Connection
) -> None:
    plane.faults = [Fault("denied", operation="UpdateStage", after=10)]
    connection.execute("begin")
    describe(connection, "half")
    with pytest.raises(WriteFailed) as raised:
        connection.execute("commit")
    lines = str(raised.value).splitlines()
    assert lines[0] == "10 made, 1 failed, 9 not tried."
    starts = Counter(line.split(":")[0].strip() for line in lines[1:-1])
    assert starts == {"made": 10, "failed": 1, "not tried": 9}
    named = {line.split(": ")[1] for line in lines[1:-1]}
    assert len(named) == 20
    (failed,) = (line for line in lines if "  failed" in line)
    assert "Allow apigateway:PATCH to this identity." in failed
    assert written(plane) == {"UpdateStage": 11}
    assert not connection.in_transaction
    plane.faults = []
    plane.reset()
    describe(connection, "half")
    assert written(plane) == {"UpdateStage": 10}


def test_a_lane_that_fails_leaves_the_others(plane: Plane, connection: Connection) -> None:
    plane.faults = [Fault("denied", region=HOME, operation="UpdateStage")]
    with pytest.raises(WriteFailed, match=r"20 made, 1 failed, 19 not tried\."):
        connection.execute("update stages set description = 'x'")


def test_a_stage_that_vanishes_before_the_write_is_told(
    plane: Plane, connection: Connection
) -> None:
    ((api,),) = rows(
        connection, "select rest_api_id from rest_apis where region = ? limit 1", (HOME,)
    )
    connection.execute("begin")
    connection.execute("update stages set description = 'x' where rest_api_id = ?", (api,))
    plane.faults = [Fault("vanished", path=f"/restapis/{api}/*")]
    with pytest.raises(WriteFailed, match="NotFoundException"):
        connection.execute("commit")


def test_a_limit_reached_is_told_and_not_waited_for(plane: Plane, connection: Connection) -> None:
    many = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 60)"
    with pytest.raises(WriteFailed) as raised:
        connection.execute(
            f"{many} insert into client_certificates (region) select ? from n", (HOME,)
        )
    assert str(raised.value).startswith("58 made, 1 failed, 1 not tried.")
    assert "a quota of the account is used up (LimitExceededException)" in str(raised.value)
    assert written(plane) == {"GenerateClientCertificate": 59}


def test_a_throttled_write_is_sent_again(plane: Plane, connection: Connection) -> None:
    plane.faults = [Fault("throttle", operation="GenerateClientCertificate", times=2)]
    connection.execute("insert into client_certificates (region) values (?)", (HOME,))
    assert written(plane) == {"GenerateClientCertificate": 3}


@pytest.mark.parametrize("kind", ["reset", "cut-off"])
def test_what_may_have_been_done_is_not_sent_twice(
    plane: Plane, connection: Connection, kind: str
) -> None:
    plane.faults = [Fault(kind, operation="GenerateClientCertificate", times=1)]
    with pytest.raises(WriteFailed, match=r"1 unknown\.") as raised:
        connection.execute("insert into client_certificates (region) values (?)", (HOME,))
    assert "look before you run it again" in str(raised.value)
    assert written(plane) == {"GenerateClientCertificate": 1}


def test_what_does_the_same_twice_is_sent_again(plane: Plane, connection: Connection) -> None:
    plane.faults = [Fault("reset", operation="UpdateStage", times=1)]
    describe(connection, "again")
    assert described(connection, "again") == 20


def test_the_record_has_every_write(plane: Plane, connection: Connection) -> None:
    describe(connection, "x")
    sql = "select count(*), min(status) from api_calls where operation = 'UpdateStage'"
    assert rows(connection, sql) == [(20, "ok")]


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("delete from stages", "DELETE FROM stages is not possible"),
        ("update stages set web_acl_arn = 'x'", "web_acl_arn of stages cannot be changed"),
        ("update stages set region = 'x'", "region of stages cannot be changed"),
        ("update rest_apis set name = 'x'", "UPDATE client_certificates SET description"),
        ("insert into api_calls (region) values ('x')", "is not possible"),
        ("insert into client_certificates (description) values ('x')", "needs a region"),
        ("insert into client_certificates (region) values ('mars-1')", "Nothing is read from"),
        ("insert into deployments (region) values ('eu-west-1')", "needs rest_api_id"),
        (
            "insert into client_certificates (region, pem_encoded_certificate)"
            " values ('eu-west-1', 'x')",
            "is not yours to give",
        ),
        (
            "insert into client_certificates (region, tags) values ('eu-west-1', 'x')",
            "tags is a JSON object",
        ),
        (
            "insert into client_certificates (rowid, region) values (1, 'eu-west-1')",
            "has no rowid to give",
        ),
    ],
)
def test_what_cannot_be_written_is_an_error_before_any_call(
    plane: Plane, connection: Connection, sql: str, complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        connection.execute(sql)
    assert not plane.calls


def test_of_several_accounts_a_new_row_names_its_own(plane: Plane, connect: Connect) -> None:
    estate = Estate.numbered(accounts=2, regions=1, rest_apis=1)
    with serve(estate) as both, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", both.url)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.delenv(name)
        connection = connect(profiles=["first", "second"], regions=HOME, allow_writes=True)
        with pytest.raises(UsageError, match="needs an account_id"):
            connection.execute("insert into client_certificates (region) values (?)", (HOME,))
        connection.execute(
            "insert into client_certificates (account_id, region) values (?, ?)",
            (estate.accounts[1], HOME),
        )
        (call,) = (call for call in both.calls if call.operation.startswith("Generate"))
        assert call.account == estate.accounts[1]


STATEMENTS = [
    "insert into {} (region) values ('eu-west-1')",
    "insert or replace into {} (region) values ('eu-west-1')",
    "insert or ignore into {} (region) values ('eu-west-1')",
    "replace into {} (region) values ('eu-west-1')",
    "insert into {} (region) select region from stages",
    "insert into {} (region) values ('eu-west-1') returning region",
    "insert into {} (region) values ('eu-west-1') on conflict do nothing",
    "insert into {} default values",
    "with x as (select 'eu-west-1' as region) insert into {} (region) select region from x",
    "update {} set description = 'x'",
    "update {} set description = 'x' from notes",
    "update or replace {} set description = 'x'",
    "with x as (select 1) update {} set description = 'x' where 1 in x",
    "delete from {}",
    "delete from temp.{} where region = 'eu-west-1'",
    "insert into notes values ('eu-west-1')",
    "create virtual table main.mine using {}; update mine set description = 'x'",
    "begin; update {} set description = 'x'; commit",
    "savepoint s; delete from {}; release s",
]


@pytest.mark.parametrize("table", ["client_certificates", "stages", "deployments", "rest_apis"])
@pytest.mark.parametrize("sql", STATEMENTS)
def test_without_leave_no_sql_writes(plane: Plane, connect: Connect, table: str, sql: str) -> None:
    connection = connect(regions=HOME, cache_ttl=0)
    connection.execute("create table notes (region)")
    connection.execute("insert into notes values ('eu-west-1')")
    trigger = (
        f"create temp trigger note after insert on notes"
        f" begin delete from {table} where region = new.region; end"
    )
    connection.execute(trigger)
    with pytest.raises(Exception) as raised:
        list(connection.execute(sql.format(table)))
    if "on conflict" not in sql:
        assert isinstance(raised.value, WriteRefused)
        assert "allow_writes" in str(raised.value)
    assert not written(plane)


def test_a_table_that_a_database_file_declares_is_never_written(
    plane: Plane, connection: Connection
) -> None:
    connection.execute("create virtual table main.mine using stages")
    with pytest.raises(WriteRefused, match=r"temp\.stages"):
        connection.execute("update mine set description = 'x'")
    assert not written(plane)


def test_the_journal_has_each_change_before_and_after(
    plane: Plane, tmp_path: Path, connect: Connect
) -> None:
    from click.testing import CliRunner

    from apigw_vtab.cli.main import main

    path = tmp_path / "journal.jsonl"
    sql = f"update stages set description = 'x' where region = '{HOME}' and stage_name = 'prod'"
    words = ["query", sql, "--region", HOME, "--allow-writes", "--yes", "--journal", str(path)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.stderr
    assert "Made: 10 UpdateStage." in result.stderr
    entries: list[dict[str, Any]] = [json.loads(line) for line in path.read_text().splitlines()]
    assert Counter(entry["event"] for entry in entries) == {"sending": 10, "made": 10}
    assert [entry["event"] for entry in entries[:2]] == ["sending", "made"]
    assert entries[0]["new"] == {"description": "x"}
    assert entries[0]["old"].keys() == {"description"}
    assert entries[0]["account_id"] == ACCOUNT
    assert path.stat().st_mode & 0o777 == 0o600
