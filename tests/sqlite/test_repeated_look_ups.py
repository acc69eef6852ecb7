"""A join looks up a row once and not once for each row that names it."""

from __future__ import annotations

from typing import Any

import pytest

from apigw_vtab.scan.scan import Scan
from tests.conftest import REGIONS, Connect, rows
from tests.control_plane import Fault, Plane

FIRST = REGIONS[0]
JOIN = "select count(a.name) from stages s join rest_apis a using (account_id, region, rest_api_id)"


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables of the scans that are started."""
    started: list[str] = []
    start = Scan.start

    def noted(scan: Any) -> None:
        started.append(scan._table.name)
        start(scan)

    monkeypatch.setattr(Scan, "start", noted)
    return started


def test_an_api_is_looked_up_once_for_all_of_its_stages(
    plane: Plane, connect: Connect, scans: list[str]
) -> None:
    connection = connect(regions=FIRST)
    ((stages,),) = rows(connection, "select count(*) from stages")
    ((apis,),) = rows(connection, "select count(*) from rest_apis")
    scans.clear()
    assert rows(connection, JOIN) == [(stages,)]
    assert scans.count("rest_apis") in (1, apis)
    assert stages > apis


def test_what_could_not_be_read_is_not_kept(
    plane: Plane, connect: Connect, scans: list[str]
) -> None:
    connection = connect(regions=FIRST, on_error="warn", cache_ttl=0)
    plane.faults = [Fault("denied", operation="GetClientCertificates")]
    sql = (
        "select count(c.description) from stages s left join client_certificates c using"
        " (account_id, region, client_certificate_id) where s.client_certificate_id is not null"
    )
    assert rows(connection, sql) == [(0,)]
    assert scans.count("client_certificates") > 5


def test_what_a_transaction_has_changed_is_seen(plane: Plane, connect: Connect) -> None:
    connection = connect(regions=FIRST, allow_writes=True)
    sql = (
        "select distinct a.disable_execute_api_endpoint from stages s"
        " join rest_apis a using (region, rest_api_id)"
    )
    before = rows(connection, sql)
    connection.execute("begin")
    connection.execute("update rest_apis set disable_execute_api_endpoint = 1")
    assert rows(connection, sql) == [(1,)]
    connection.execute("rollback")
    assert rows(connection, sql) == before != [(1,)]
