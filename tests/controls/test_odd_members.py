"""What AWS's answers become in a table where a member is missing, empty or of a wrong type.

test_odd_rows.py judges controls by rows that are made this way, without asking a server for each.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import apigw_vtab
from apigw_vtab.tables.columns import Origin
from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.client_certificates import CLIENT_CERTIFICATES
from apigw_vtab.tables.v1.rest_apis import REST_APIS
from apigw_vtab.tables.v1.stages import STAGES
from apigw_vtab.tables.values import plain
from tests.controls.odd_members import (
    ACCOUNT,
    API,
    CERTIFICATE_ITEM,
    REST_API,
    STAGE_ITEM,
    Item,
    variants,
)
from tests.promises.hostile_endpoint import Route, endpoint, routing

IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    f"<GetCallerIdentityResult><Account>{ACCOUNT}</Account></GetCallerIdentityResult>"
    "</GetCallerIdentityResponse>"
)
# The member that is a row's own, and the path that answers with all of them.
LISTED: Mapping[Table, tuple[str, str, Item]] = {
    REST_APIS: ("id", "/restapis", REST_API),
    STAGES: ("stageName", f"/restapis/{API}/stages", STAGE_ITEM),
    CLIENT_CERTIFICATES: ("clientCertificateId", "/clientcertificates", CERTIFICATE_ITEM),
}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Read a table of an AWS that has these items of it; the rows by key."""
    monkeypatch.setenv("AWS_PROFILE", "first")

    def rows(table: Table, items: list[Item]) -> dict[str, dict[str, Any]]:
        routes: dict[str, Route] = {
            "/": (200, IDENTITY.encode()),
            "/restapis": (200, json.dumps({"item": [REST_API]}).encode()),
            LISTED[table][1]: (200, json.dumps({"item": items}).encode()),
        }
        with endpoint(routing(routes)) as url:
            connection = apigw_vtab.connect(
                regions="us-east-1", endpoint_url=url, on_error="warn", max_rps=1000
            )
            cursor = connection.execute(f"select * from {table.name}")
            names = [name for name, *_ in cursor.get_description()]
            found = [dict(zip(names, row, strict=True)) for row in cursor]
            connection.close()
        return {str(row[table.key[-1]]): row for row in found}

    yield rows


@pytest.mark.parametrize("table", LISTED, ids=lambda table: table.name)
def test_a_row_has_what_aws_sent_however_odd(read: Any, table: Table) -> None:
    key, _, good = LISTED[table]
    items = {f"odd{n}": item | {key: f"odd{n}"} for n, (_, _, item) in enumerate(variants(good))}
    found = read(table, [*items.values()])
    assert found.keys() == items.keys()
    members = [one for one in table.columns if one.origin is Origin.MEMBER and not one.hidden]
    for name, item in items.items():
        for column in members:
            sent = item.get(column.member or column.name)
            assert found[name][column.name] == (column.convert or plain)(sent), (column.name, sent)
