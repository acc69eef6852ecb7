"""Each write that a table declares: from SQL to the operations sent, and to the rows afterwards.

The rows are those of a plain table of SQLite, on which the same UPDATE ran.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import apsw
import pytest

from apigw_vtab import WriteFailed
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.tables.registry import TABLES
from apigw_vtab.tables.tagging import tagging_of
from apigw_vtab.writes.sequence import settable
from tests.conftest import Connect, rows
from tests.control_plane import Fault, Plane, ServedEstate, access_key, serve
from tests.writes.conftest import READS
from tests.writes.write_cases import CASES, WriteCase

ESTATE = ServedEstate.numbered(rest_apis=2, stages=1, certificates=1, modelled=3)
REGION = ESTATE.regions[0]
BY_NAME = {table.name: table for table in TABLES}
RESOURCE = {
    *("apiId", "stageName", "routeId", "restApiId", "resourceId", "httpMethod"),
    *("domainName", "domainNameId", "usagePlanId", "resourceArn"),
}
TAGGED = [table.name for table in TABLES if tagging_of(table)]


@pytest.fixture
def plane(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    """A control plane with three resources of each kind."""
    with serve(ESTATE) as plane:
        monkeypatch.setenv("AWS_ENDPOINT_URL", plane.url)
        monkeypatch.delenv("AWS_PROFILE")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(ESTATE.accounts[0]))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        yield plane


@pytest.fixture
def connection(plane: Plane, connect: Connect) -> Connection:
    return connect(regions=[REGION], allow_writes=True, max_rps=1e6)


@pytest.fixture
def known(connection: Connection) -> dict[str, str]:
    """The ids of resources that a change can name."""
    ids = {
        "api": "select min(api_id) from v2_apis",
        "rest_api": "select min(rest_api_id) from rest_apis",
        "authorizer": "select min(authorizer_id) from v2_authorizers where api_id = '{api}'",
        "rest_authorizer": "select min(authorizer_id) from authorizers"
        " where rest_api_id = '{rest_api}'",
        "validator": "select min(request_validator_id) from request_validators"
        " where rest_api_id = '{rest_api}'",
        "plan": "select min(usage_plan_id) from usage_plans",
    }
    found: dict[str, str] = {}
    for name, sql in ids.items():
        ((found[name],),) = rows(connection, sql.format_map(found))
    return found


def copied(connection: Connection, table: str) -> apsw.Connection:
    """A plain table with the rows of one of AWS's."""
    plain = apsw.Connection(":memory:")
    names = [column.name for column in BY_NAME[table].columns if not column.hidden]
    plain.execute(f"create table {table} ({', '.join(names)})")
    marks = ", ".join("?" * len(names))
    found = rows(connection, f"select * from {table}")
    plain.executemany(f"insert into {table} values ({marks})", found)
    return plain


def compared(connection: apsw.Connection, table: str) -> list[Any]:
    """The rows as far as an UPDATE can change them; JSON as values, and what is empty as NULL."""
    declared = BY_NAME[table]
    columns = (*declared.key, *settable(declared))
    kinds = {one.name: one.kind for one in declared.columns}
    documents = [kinds[name] in ("map", "structure", "list") for name in columns]
    order = ", ".join(declared.key) or "1"
    found = connection.execute(f"select {', '.join(columns)} from {table} order by {order}")
    return [
        tuple(
            (json.loads(value) if is_document and value else value) or None
            for value, is_document in zip(row, documents, strict=True)
        )
        for row in found
    ]


def sent(plane: Plane) -> list[tuple[str, dict[str, Any]]]:
    """The operations that write, with their parameters but for those that name the resource."""
    return [
        (call.operation, {k: v for k, v in call.params.items() if k not in RESOURCE})
        for call in plane.calls
        if not call.operation.startswith((*READS, "List"))
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.table}: {case.sets[:40]}")
def test_an_update_is_these_operations_and_leaves_these_rows(
    plane: Plane, connection: Connection, connect: Connect, known: dict[str, str], case: WriteCase
) -> None:
    plain = copied(connection, case.table)
    sql = f"update {case.table} set {case.sets} where {case.where}".format_map(known)
    plane.reset()
    connection.execute(sql)
    plain.execute(sql)
    expected = json.loads(json.dumps(case.sent))
    for name, value in known.items():
        expected = json.loads(json.dumps(expected).replace(f"{{{name}}}", value))
    assert sent(plane) == [tuple(one) for one in expected]
    after = compared(connect(regions=[REGION]), case.table)
    assert after == compared(plain, case.table)
    # The connection that wrote has kept no row from before.
    assert compared(connection, case.table) == after
    plane.reset()
    connection.execute(sql)
    assert sent(plane) == []


FIRST_OF_EACH = {case.table: case for case in reversed(CASES)}.values()


@pytest.mark.parametrize("case", FIRST_OF_EACH, ids=lambda case: case.table)
def test_a_planned_change_is_seen_before_commit(
    plane: Plane, connection: Connection, known: dict[str, str], case: WriteCase
) -> None:
    plain = copied(connection, case.table)
    sql = f"update {case.table} set {case.sets} where {case.where}".format_map(known)
    plain.execute(sql)
    connection.execute(f"begin; {sql}")
    assert compared(connection, case.table) == compared(plain, case.table)
    connection.execute("rollback")
    assert sent(plane) == []


@pytest.mark.parametrize("table", TAGGED)
def test_tags_become_the_difference_of_old_and_new(
    plane: Plane, connection: Connection, connect: Connect, table: str
) -> None:
    v2 = "V2" if BY_NAME[table].service == "apigatewayv2" else ""
    ((rowid, arn),) = rows(connection, f"select rowid, arn from {table} limit 1")
    connection.execute(
        f'update {table} set tags = \'{{"a": "1", "b": "2"}}\' where rowid = {rowid}'
    )
    plane.reset()
    sets = "json_set(json_remove(tags, '$.a'), '$.b', '3', '$.c', '')"
    connection.execute(f"update {table} set tags = {sets} where rowid = {rowid}")
    assert sent(plane) == [
        (f"TagResource{v2}", {"tags": {"b": "3", "c": ""}}),
        (f"UntagResource{v2}", {"tagKeys": "a"}),
    ]
    assert {c.params["resourceArn"] for c in plane.calls if "agResource" in c.operation} == {arn}
    fresh = connect(regions=[REGION])
    ((tags,),) = rows(fresh, f"select tags from {table} where arn = ?", (arn,))
    assert json.loads(tags) == {"b": "3", "c": ""}


def test_every_column_that_can_be_set_is_tried() -> None:
    tried = {
        (case.table, name.split(" = ")[0].strip())
        for case in CASES
        for name in case.sets.split(",")
    }
    for table in TABLES:
        if table.update and table.update.members:
            assert {(table.name, name) for name in table.update.members} <= tried


def test_a_method_that_fails_leaves_the_other_of_its_path(
    plane: Plane, connection: Connection
) -> None:
    plane.faults = [Fault("denied", operation="UpdateMethod", path="*/methods/GET")]
    with pytest.raises(WriteFailed, match=r"2 made, 2 failed\."):
        connection.execute(
            "update methods set api_key_required = 1 where http_method in ('GET', 'POST')"
        )


def test_a_cors_configuration_goes_by_an_operation_of_its_own(
    plane: Plane, connection: Connection, connect: Connect
) -> None:
    connection.execute("update v2_apis set cors_configuration = '{\"MaxAge\": 5}'")
    plane.reset()
    connection.execute("update v2_apis set cors_configuration = null")
    assert sent(plane) == [("DeleteCorsConfiguration", {})] * 3
    fresh = connect(regions=[REGION])
    assert rows(fresh, "select distinct cors_configuration from v2_apis") == [(None,)]
