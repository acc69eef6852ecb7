"""What AWS may or may not do: the product comes through either, and says what happened."""

from __future__ import annotations

import pytest

from apigw_vtab import ApigwVtabError
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.writes.uses import Uses
from tests.conftest import rows
from tests.control_plane import Plane
from tests.writes.conftest import HOME, described, written

ATTACHED = (
    "select distinct client_certificate_id from stages where client_certificate_id is not null"
)
CERTIFICATES = "select client_certificate_id from client_certificates where region = ?"


@pytest.fixture
def too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stages get their certificates after their users were read, and before the DELETE."""
    monkeypatch.setattr(Uses, "why_not", lambda *_: "")


@pytest.mark.parametrize("deletes", [True, False])
def test_a_certificate_that_was_attached_just_now(
    plane: Plane, connection: Connection, too_late: None, deletes: bool
) -> None:
    plane.allow(deletes_attached_certificates=deletes)
    connection.execute(
        "insert into client_certificates (region, description) values (?, 'unused')", (HOME,)
    )
    attached = {one for (one,) in rows(connection, f"{ATTACHED} and region = '{HOME}'")}
    there = {one for (one,) in rows(connection, CERTIFICATES, (HOME,))}
    assert attached & there
    delete = f"delete from client_certificates where region = '{HOME}'"
    if deletes:
        connection.execute(delete)
        assert rows(connection, CERTIFICATES, (HOME,)) == []
    else:
        with pytest.raises(ApigwVtabError) as refused:
            connection.execute(delete)
        for one in attached & there:
            assert f"Client certificate {one} is in use by a stage" in str(refused.value)
        # What AWS let go is gone, and the rest is still there.
        left = {one for (one,) in rows(connection, CERTIFICATES, (HOME,))}
        assert left == attached & there
    assert written(plane)["DeleteClientCertificate"] == len(there)


@pytest.mark.parametrize(
    ("is_not_found", "code"), [(True, "NotFoundException"), (False, "BadRequestException")]
)
def test_a_certificate_that_is_gone_cannot_be_attached(
    plane: Plane, connection: Connection, is_not_found: bool, code: str
) -> None:
    plane.allow(unknown_certificate_is_not_found=is_not_found)
    ((api,),) = rows(connection, "select min(rest_api_id) from stages where region = ?", (HOME,))
    connection.execute("begin")
    connection.execute(
        "update stages set client_certificate_id = 'nosuch' where region = ? and rest_api_id = ?",
        (HOME, api),
    )
    connection.execute(
        "update stages set description = 'x' where region = ? and rest_api_id <> ?", (HOME, api)
    )
    with pytest.raises(ApigwVtabError) as refused:
        connection.execute("commit")
    assert code in str(refused.value)
    assert "Invalid client certificate identifier specified" in str(refused.value)
    assert described(connection, "x") == 18
    assert rows(
        connection, "select count(*) from stages where client_certificate_id = 'nosuch'"
    ) == [(0,)]


def test_a_certificate_from_acm_can_be_attached(connection: Connection) -> None:
    arn = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
    connection.execute("update stages set client_certificate_id = ? where region = ?", (arn, HOME))
    assert rows(
        connection,
        "select count(*), min(client_certificate_id) from stages where region = ?",
        (HOME,),
    ) == [(20, arn)]
