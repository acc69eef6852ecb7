"""A write rests only on what was read whole, and deletes nothing that is in use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from apigw_vtab import WriteFailed, WriteRefused
from apigw_vtab.sqlite.connection import Connection
from tests.conftest import Connect, rows
from tests.control_plane import Fault, Plane, ServedEstate, serve
from tests.writes.conftest import ACCOUNT, HOME, OTHER, written

UNUSED = (
    "delete from client_certificates where (account_id, region, client_certificate_id) not in"
    " (select account_id, region, client_certificate_id from stages"
    "  where client_certificate_id is not null)"
)


@pytest.fixture
def lenient(plane: Plane, connect: Connect) -> Connection:
    """A connection that may write, and goes on where something cannot be read."""
    # As fast as can be: it is refused until it is given up, and waits for no quota.
    return connect(regions=[HOME, OTHER], allow_writes=True, on_error="warn", max_rps=1e6)


@pytest.mark.parametrize("kind", ["denied", "throttle", "internal-error"])
def test_a_region_that_was_not_read_whole_is_not_written_to(
    plane: Plane, lenient: Connection, kind: str
) -> None:
    plane.faults = [Fault(kind, region=HOME, operation="GetStages")]
    with pytest.raises(WriteFailed, match="rests on what could not be read: GetStages"):
        lenient.execute(UNUSED)
    assert {call.region for call in plane.calls if call.operation.startswith("Delete")} <= {OTHER}


def test_what_was_incomplete_counts_since_begin(plane: Plane, lenient: Connection) -> None:
    plane.faults = [Fault("denied", region=HOME, operation="GetStages", times=1)]
    lenient.execute("begin")
    rows(lenient, "select count(*) from stages")
    plane.faults = []
    lenient.execute("update client_certificates set description = 'x'")
    with pytest.raises(WriteFailed, match=r"2 made, 2 refused"):
        lenient.execute("commit")


def test_a_reading_before_begin_does_not_count(plane: Plane, lenient: Connection) -> None:
    plane.faults = [Fault("denied", region=HOME, operation="GetStages")]
    rows(lenient, "select count(*) from stages")
    lenient.execute("update client_certificates set description = 'x'")
    assert written(plane) == {"UpdateClientCertificate": 4}


@pytest.mark.parametrize("again", [False, True])
def test_a_table_that_was_filled_from_it_carries_it_on(
    plane: Plane, lenient: Connection, again: bool
) -> None:
    plane.faults = [Fault("denied", region=HOME, operation="GetStages")]
    lenient.execute("create temp table used as select client_certificate_id as id from stages")
    if again:
        lenient.execute("create temp table copy as select * from used")
    plane.faults = []
    sql = (
        "update client_certificates set description = 'idle' where client_certificate_id"
        f" not in (select id from {'copy' if again else 'used'} where id is not null)"
    )
    with pytest.raises(WriteFailed, match="rests on what could not be read"):
        lenient.execute(sql)
    assert {call.region for call in plane.calls if call.operation.startswith("Upd")} <= {OTHER}


def test_a_table_carries_a_failure_on_once_however_often_it_is_changed(
    plane: Plane, lenient: Connection
) -> None:
    plane.faults = [Fault("denied", region=HOME, operation="GetStages")]
    lenient.execute("create temp table used as select client_certificate_id as id from stages")
    # Were the failures of what it reads added to its own, 64 statements would double them 64 times.
    for _ in range(64):
        lenient.execute("update used set id = id || ''")
    plane.faults = []
    lenient.execute("begin")
    rows(lenient, "select * from used")
    assert len(list(lenient.context.transaction.readings.missing())) == 1
    lenient.execute("rollback")


def test_a_table_that_was_dropped_carries_nothing_on(plane: Plane, lenient: Connection) -> None:
    plane.faults = [Fault("denied", region=HOME, operation="GetStages")]
    lenient.execute("create temp table used as select client_certificate_id as id from stages")
    plane.faults = []
    lenient.execute("drop table used")
    lenient.execute("create temp table used as select client_certificate_id as id from stages")
    lenient.execute(
        "update client_certificates set description = 'x' where 1 in (select 1 from used)"
    )
    assert written(plane) == {"UpdateClientCertificate": 4}


WEB_SOCKET = {
    "rest_apis": [],
    "client_certificates": [
        {"clientCertificateId": "used00", "createdDate": 1, "expirationDate": 2},
        {"clientCertificateId": "idle00", "createdDate": 1, "expirationDate": 2},
    ],
    "web_socket_apis": [
        {
            "apiId": "chatroom1a",
            "name": "chat",
            "stages": [{"stageName": "prod", "clientCertificateId": "used00"}],
        }
    ],
}


@pytest.fixture
def web_sockets(monkeypatch: pytest.MonkeyPatch, plane: Plane) -> Iterator[Plane]:
    with serve(ServedEstate.declared({(ACCOUNT, HOME): WEB_SOCKET})) as served:
        monkeypatch.setenv("AWS_ENDPOINT_URL", served.url)
        yield served


def test_a_certificate_that_only_a_web_socket_stage_uses_is_kept(
    web_sockets: Plane, connect: Connect
) -> None:
    connection = connect(regions=[HOME], allow_writes=True)
    with pytest.raises(WriteFailed, match=r"1 made, 1 refused\.") as raised:
        connection.execute(UNUSED)
    assert "still in use by the WebSocket stage chatroom1a/prod" in str(raised.value)
    assert web_sockets.count("GetApis") == 1
    assert rows(connection, "select client_certificate_id from client_certificates") == [
        ("used00",)
    ]


@pytest.mark.parametrize("operation", ["GetApis", "GetStagesV2"])
def test_nothing_is_deleted_whose_users_cannot_be_read(
    web_sockets: Plane, connect: Connect, operation: str
) -> None:
    web_sockets.faults = [Fault("denied", operation=operation)]
    connection = connect(regions=[HOME], allow_writes=True)
    with pytest.raises(WriteFailed, match="who uses it could not be read"):
        connection.execute(UNUSED)
    assert web_sockets.count("DeleteClientCertificate") == 0


def test_aws_and_a_database_file_are_not_one_transaction(
    plane: Plane, connect: Connect, tmp_path: Path
) -> None:
    connection = connect(db=str(tmp_path / "mine.db"), regions=[HOME], allow_writes=True)
    connection.execute("create table main.notes (text)")
    connection.execute("begin")
    connection.execute("insert into notes values ('x')")
    connection.execute("update client_certificates set description = 'x'")
    with pytest.raises(WriteRefused, match="a transaction of its own"):
        connection.execute("commit")
    assert written(plane) == {}
    assert rows(connection, "select * from notes") == []
    connection.execute("update client_certificates set description = 'x'")
    assert written(plane) == {"UpdateClientCertificate": 2}
