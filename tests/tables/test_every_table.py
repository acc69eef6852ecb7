"""Every table over a control plane that answers from the model: its rows, keys and calls."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore import xform_name

from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.tables.columns import Origin
from apigw_vtab.tables.declaration import Read, Scope, Table
from apigw_vtab.tables.registry import TABLES
from tests.conftest import Connect, operations, rows
from tests.control_plane import Plane, ServedEstate, access_key, serve

REGIONS, APIS, EACH = 2, 2, 3
ESTATE = ServedEstate.numbered(
    regions=REGIONS, rest_apis=APIS, stages=2, certificates=2, modelled=EACH
)
LANE_TABLES = [table for table in TABLES if table.scope is Scope.LANE]
each_table = pytest.mark.parametrize("table", LANE_TABLES, ids=lambda table: table.name)
# What AWS's own errors are about, and not rows: a parent that is not ours, or an edge domain.
REFUSED = ("AccessDeniedException", "BadRequestException")


@pytest.fixture(scope="module")
def modelled() -> Iterator[Plane]:
    with serve(ESTATE) as plane:
        yield plane


@pytest.fixture
def connection(modelled: Plane, connect: Connect) -> Connection:
    modelled.reset()
    return connect(endpoint_url=modelled.url, regions=ESTATE.regions, max_rps=1e6)


class Boto3:
    """What boto3 itself lists, page by page and parent by parent."""

    def __init__(self, url: str, region: str) -> None:
        self._region = region
        self._clients = {
            service: boto3.client(
                service,
                region_name=region,
                endpoint_url=url,
                aws_access_key_id=access_key(ESTATE.accounts[0]),
                aws_secret_access_key="secret",
            )
            for service in ("apigateway", "apigatewayv2", "acm", "wafv2")
        }

    def rows(self, table: Table) -> Iterator[dict[str, Any]]:
        """Each row: its members by column, and what the call was made with."""
        owner, read = table.outer or table, table.reads[-1]
        parents = self.rows(owner.parent) if owner.parent else iter([{}])
        for parent in parents:
            for values in self._asked(read, parent):
                for item in self._items(read, values):
                    outer = values | self._members(owner, item)
                    if table.lacking[read]:
                        # A list that tells less than the operation for a single resource.
                        (single,) = self._items(table.reads[0], self._members(table, item))
                        yield self._members(table, single)
                        continue
                    if table.outer is None:
                        yield outer
                        continue
                    for inner, keys in _inside(item, table.path):
                        kept = {k: outer[k] for k in (*owner.key, *table.carried)}
                        yield kept | keys | self._members(table, inner) | keys

    def _asked(self, read: Read, parent: dict[str, Any]) -> Iterator[dict[str, Any]]:
        given = {name: parent.get(name) for name in read.needs}
        for name, choices in read.choices.items():
            yield from ({**given, name: choice} for choice in choices)
        if not read.choices:
            yield given

    def _items(self, read: Read, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
        client = self._clients[read.service]
        sent = {name: values[column] for name, column in read.parameters.items()}
        sent = {name: value for name, value in sent.items() if value is not None}
        token: dict[str, Any] = {}
        while True:
            try:
                answer = getattr(client, xform_name(read.name))(**sent, **read.sent, **token)
            except client.exceptions.ClientError as error:
                assert error.response["Error"]["Code"] in REFUSED
                return
            if read.items is None:
                yield answer[read.item] if read.item else answer
                return
            yield from answer[read.items]
            token = {}
            if read.page and (more := answer.get(read.page.token_member)):
                token = {read.page.token_member: more}
            if not token:
                return

    @staticmethod
    def _members(table: Table, item: dict[str, Any]) -> dict[str, Any]:
        return {
            one.name: item.get(one.member)
            for one in table.columns
            if one.origin is Origin.MEMBER and not one.hidden
        }


def _inside(item: Any, path: tuple[str, ...]) -> Iterator[tuple[Any, dict[str, str]]]:
    if not path:
        yield item, {}
    elif item is not None and path[0] == "*":
        for one in item:
            yield from _inside(one, path[1:])
    elif item is not None and path[0].startswith("{"):
        for key, one in item.items():
            for found, keys in _inside(one, path[1:]):
                yield found, {path[0].strip("{}"): key} | keys
    elif item is not None and item.get(path[0]) is not None:
        yield from _inside(item[path[0]], path[1:])


@each_table
def test_the_rows_are_what_boto3_lists(
    modelled: Plane, connection: Connection, table: Table
) -> None:
    expected: Counter[str] = Counter()
    shown = [one for one in table.columns if one.origin is not Origin.LANE and not one.hidden]
    shown = [one for one in shown if one.name != "arn"]
    for region in ESTATE.regions:
        for row in Boto3(modelled.url, region).rows(table):
            cells = [one.converted([row.get(one.name)])[0] for one in shown]
            expected[json.dumps([region, *cells])] += 1
    names = ", ".join(["region", *(one.name for one in shown)])
    found = Counter(
        json.dumps(row) for row in rows(connection, f"select {names} from {table.name}")
    )
    assert found == expected
    assert found


@each_table
def test_no_two_rows_have_one_key_and_each_has_its_arn(
    connection: Connection, table: Table
) -> None:
    key = ", ".join(("account_id", "region", *table.key))
    found = rows(connection, f"select rowid, {key} from {table.name}")
    assert len({row[1:] for row in found}) == len({row[0] for row in found}) == len(found) > 0
    if "arn" in table.index and not table.arn.startswith("{"):
        arns = [arn for (arn,) in rows(connection, f"select arn from {table.name}")]
        assert all(arn.startswith("arn:aws:apigateway:") for arn in arns)


@each_table
def test_each_call_is_made_once_and_none_that_is_not_needed(
    modelled: Plane, connection: Connection, table: Table
) -> None:
    assert rows(connection, f"select count(*) from {table.name}") > [(0,)]
    chain = [table, *table.ancestors]
    assert len(operations(modelled)) == len(chain)


@each_table
def test_a_row_is_found_by_its_whole_key(
    modelled: Plane, connection: Connection, table: Table
) -> None:
    names = ("region", *table.key)
    keys = rows(connection, f"select {', '.join(names)} from {table.name}")
    for key in keys[:3]:
        modelled.reset()
        connection.executor.forget()
        terms = dict(zip(names, key, strict=True)).items()
        where = " and ".join(
            f"{name} is null" if value is None else f"{name} = '{value}'" for name, value in terms
        )
        sql = f"select {', '.join(names)} from {table.name} where {where}"
        assert rows(connection, sql) == [key]
        if table.reads[0].is_get:
            assert len(modelled.calls) == 1, modelled.calls


@pytest.mark.parametrize(
    ("sql", "calls"),
    [
        (
            "select count(*) from resources join methods using (region, rest_api_id, resource_id)"
            " join integrations using (region, rest_api_id, resource_id, http_method)",
            {"GetRestApis": REGIONS, "GetResources": REGIONS * APIS},
        ),
        (
            "select count(*) from v2_apis join v2_routes using (region, api_id)"
            " left join v2_integrations i using (region, api_id)",
            {"GetApis": 2, "GetRoutes": 6, "GetIntegrations": 6},
        ),
        (
            "select count(*) from v2_routes join v2_route_responses using (api_id, route_id)",
            {"GetApis": 2, "GetRoutes": 6, "GetRouteResponses": 18},
        ),
        (
            "select count(*) from domain_names join base_path_mappings using (region, domain_name)",
            {"GetDomainNames": 4, "GetBasePathMappings": 12},
        ),
    ],
)
def test_a_join_makes_the_calls_of_the_flat_scans(
    modelled: Plane, connection: Connection, sql: str, calls: dict[str, int]
) -> None:
    assert rows(connection, sql) > [(0,)]
    assert operations(modelled) == calls


def test_a_value_of_an_api_key_is_asked_for_only_where_it_is_named(
    modelled: Plane, connection: Connection
) -> None:
    assert "value" not in [
        column for column, *_ in connection.execute("select * from api_keys").getdescription()
    ]
    rows(connection, "select * from api_keys")
    assert all("includeValues" not in call.params for call in modelled.calls)
    values = [value for (value,) in rows(connection, "select value from api_keys")]
    assert all(value.startswith("secret-") for value in values)


def test_a_value_that_comes_unasked_is_dropped_unless_it_is_named(
    modelled: Plane, connection: Connection
) -> None:
    rows(connection, "select * from usage_plan_keys")
    answers = [one for call, one in connection.executor.answered(_list("usage_plan_keys"))]
    assert answers
    assert "secret-" not in str([answer.items for answer in answers])
    values = [value for (value,) in rows(connection, "select value from usage_plan_keys")]
    assert values
    assert all(value.startswith("secret-") for value in values)


def test_what_a_deployment_holds_is_asked_for_only_where_it_is_named(
    modelled: Plane, connection: Connection
) -> None:
    rows(connection, "select * from deployments")
    assert "GetDeployment" not in operations(modelled)
    modelled.reset()
    found = rows(connection, "select deployment_id, api_summary from deployments")
    assert len(found) == operations(modelled)["GetDeployment"] == REGIONS * APIS
    assert all("apiKeyRequired" in summary for _, summary in found)


def test_only_the_lists_that_are_chosen_are_read(modelled: Plane, connection: Connection) -> None:
    sql = "select distinct resource_owner from domain_names where resource_owner = 'OTHER_ACCOUNTS'"
    assert rows(connection, sql) == [("OTHER_ACCOUNTS",)]
    assert operations(modelled) == {"GetDomainNames": REGIONS}


def _list(name: str) -> Read:
    return next(table for table in TABLES if table.name == name).reads[-1]
