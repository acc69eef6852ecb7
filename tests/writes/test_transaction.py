"""What SQL changes in AWS, when it is sent, and what a transaction sees of its own changes."""

from __future__ import annotations

import pytest
from apsw import SQLError

from apigw_vtab import UsageError
from apigw_vtab.sqlite.connection import Connection
from tests.conftest import Connect, rows
from tests.control_plane import Plane
from tests.writes.conftest import HOME, OTHER, describe, described, written


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
    with pytest.raises(UsageError, match="on its own"):
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
    with pytest.raises(UsageError, match="must be 0 or 1"):
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


def test_a_value_that_goes_and_comes_back_is_sent_both_times(
    plane: Plane, connection: Connection
) -> None:
    ((api, stage),) = rows(
        connection, "select rest_api_id, stage_name from stages where region = ? limit 1", (HOME,)
    )
    one = "where region = :r and rest_api_id = :a and stage_name = :s"
    key = {"r": HOME, "a": api, "s": stage}
    connection.execute(f"update stages set description = 'A' {one}", key)
    plane.reset()
    connection.execute("begin")
    connection.execute(f"update stages set description = 'B' {one}", key)
    connection.execute(
        "insert into deployments (region, rest_api_id, stage_name) values (:r, :a, :s)", key
    )
    connection.execute(f"update stages set description = 'A' {one}", key)
    connection.execute("commit")
    assert written(plane) == {"UpdateStage": 2, "CreateDeployment": 1}
    connection.executor.forget()
    assert rows(connection, f"select description from stages {one}", key) == [("A",)]


def test_a_text_that_looks_like_a_placeholder_is_a_text(
    plane: Plane, connection: Connection
) -> None:
    connection.execute("begin")
    connection.execute(
        "insert into client_certificates (region, description) values (?, '$certificate_1')",
        (HOME,),
    )
    connection.execute(
        "insert into client_certificates (region, description) values (?, '$certificate_2')",
        (HOME,),
    )
    connection.execute("commit")
    made = rows(
        connection,
        "select description from client_certificates where description like '$%' order by 1",
    )
    assert made == [("$certificate_1",), ("$certificate_2",)]


def test_a_failure_after_rollback_to_an_outer_savepoint_is_undone(
    plane: Plane, connection: Connection
) -> None:
    connection.execute("begin")
    connection.execute("savepoint a")
    connection.execute("savepoint b")
    describe(connection, "gone")
    connection.execute("rollback to a")
    with pytest.raises(UsageError):
        connection.execute(
            "insert into client_certificates (region, tags)"
            " select ?, value from (select '{}' as value union all select 'no JSON')",
            (HOME,),
        )
    connection.execute("commit")
    assert written(plane) == {}
