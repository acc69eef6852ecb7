"""What may not be written is refused before any call is made."""

from __future__ import annotations

import pytest

from apigw_vtab import UsageError, WriteRefused
from apigw_vtab.sqlite.connection import Connection
from tests.conftest import Connect
from tests.control_plane import Plane, ServedEstate, serve
from tests.writes.conftest import HOME, written


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("delete from stages", "DELETE FROM stages is not possible"),
        ("update stages set web_acl_arn = 'x'", "web_acl_arn of stages cannot be changed"),
        ("update stages set region = 'x'", "region of stages cannot be changed"),
        ("update rest_apis set name = 'x'", "UPDATE rest_apis SET security_policy"),
        (
            "update regions set opt_in_status = 'x'",
            "can be written to: account_settings, api_keys, client_certificates, ",
        ),
        ("insert into api_calls (region) values ('x')", "is not possible"),
        ("insert into client_certificates (description) values ('x')", "needs a region"),
        ("insert into client_certificates (region) values ('mars-1')", "Nothing is read from"),
        ("insert into deployments (region) values ('eu-west-1')", "needs rest_api_id"),
        (
            "insert into client_certificates (region, pem_encoded_certificate)"
            " values ('eu-west-1', 'x')",
            "cannot be set in a new row",
        ),
        (
            "insert into client_certificates (region, tags) values ('eu-west-1', 'x')",
            "tags must be a JSON object",
        ),
        (
            "insert into client_certificates (rowid, region) values (1, 'eu-west-1')",
            "cannot be set: leave it out",
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
    estate = ServedEstate.numbered(accounts=2, regions=1, rest_apis=1)
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
