"""What follows from an answer: children at any depth, rows inside items, what is not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from apigw_vtab.scan.tree import CallTree
from apigw_vtab.sqlite.connection import Connection
from tests.conftest import REGIONS, Connect, operations, rows
from tests.control_plane import Fault, Plane, ServedEstate, serve
from tests.promises.hostile_endpoint import Route, endpoint, routing

FIRST = REGIONS[0]
ESTATE = ServedEstate.numbered(rest_apis=2, stages=2, modelled=3)
OF_AWS = "x-amzn-RequestId: 1"
NO_JSON = b"<html>Bad Request</html>"


@pytest.fixture(scope="module")
def modelled() -> Iterator[Plane]:
    with serve(ESTATE) as plane:
        yield plane


@pytest.fixture
def connection(modelled: Plane, connect: Connect) -> Connection:
    modelled.faults = []
    modelled.reset()
    return connect(endpoint_url=modelled.url, regions=ESTATE.regions, max_rps=1e6, on_error="warn")


def errors(connection: Connection) -> list[tuple[Any, ...]]:
    return rows(connection, "select operation, code from scan_errors")


def told(
    connect: Connect, routes: dict[str, Route], sql: str, *headers: str
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The rows of a statement against an endpoint with these routes, and what failed."""
    with endpoint(routing({"/": (404, b"{}"), **routes}, *headers)) as url:
        connection = connect(endpoint_url=url, regions=FIRST, on_error="warn", timeout=3)
        return rows(connection, sql), errors(connection)


def answer(**members: object) -> Route:
    return 200, json.dumps(members).encode()


def test_what_cannot_be_asked_for_a_row_is_named_and_takes_nothing_from_the_rest(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = CallTree._children_of_rows

    def break_the_second(*arguments: Any) -> Iterator[Any]:
        children = whole(*arguments)
        yield next(children)
        raise RuntimeError("no more")

    monkeypatch.setattr(CallTree, "_children_of_rows", break_the_second)
    assert rows(connection, "select count(*) from stages") == [(2,)]
    assert errors(connection) == [("GetRestApis", "UnreadableAnswer")]


def test_what_lies_inside_an_item_and_is_not_as_the_model_says_is_named(connect: Connect) -> None:
    good = {"id": "good", "resourceMethods": {"GET": {"httpMethod": "GET"}, "PUT": 7}}
    routes: dict[str, Route] = {
        "/restapis": answer(item=[{"id": "a1"}]),
        "/restapis/a1/resources": answer(item=[good, {"id": "bad", "resourceMethods": ["GET"]}]),
    }
    found, failed = told(connect, routes, "select resource_id, http_method from methods")
    assert found == [("good", "GET")]
    assert failed == [("GetResources", "UnreadableAnswer")]


def test_a_denied_list_takes_nothing_from_other_tables(
    modelled: Plane, connection: Connection
) -> None:
    modelled.faults = [Fault("denied", operation="GetResources")]
    assert rows(connection, "select count(*) from methods") == [(0,)]
    assert errors(connection) == [("GetResources", "AccessDeniedException")] * 2
    for table in ("rest_apis", "authorizers", "v2_routes", "usage_plan_stages"):
        assert rows(connection, f"select count(*) from {table}") > [(0,)]
    assert len(errors(connection)) == 2


def test_a_region_without_version_2_holds_nothing_and_that_is_no_error(connect: Connect) -> None:
    routes: dict[str, Route] = {"/v2": (400, NO_JSON)}
    assert told(connect, routes, "select * from v2_routes", OF_AWS) == ([], [])


def test_a_proxy_that_refuses_version_2_is_named(connect: Connect) -> None:
    routes: dict[str, Route] = {"/v2": (400, NO_JSON)}
    assert told(connect, routes, "select * from v2_routes") == ([], [("GetApis", "400")])


def test_a_refusal_of_version_2_with_a_reason_is_named(connect: Connect) -> None:
    refusal = json.dumps({"__type": "BadRequestException", "message": "no"}).encode()
    assert told(connect, {"/v2": (400, refusal)}, "select * from v2_apis") == (
        [],
        [("GetApis", "BadRequestException")],
    )


def test_a_route_that_cannot_be_listed_without_version_2s_reason_is_named(
    connect: Connect,
) -> None:
    routes: dict[str, Route] = {
        "/v2/apis": answer(items=[{"apiId": "a1"}]),
        "/v2/apis/a1/routes": (400, NO_JSON),
    }
    assert told(connect, routes, "select * from v2_routes", OF_AWS) == (
        [],
        [("GetRoutes", "400")],
    )


@pytest.mark.parametrize(
    ("sql", "count"),
    [
        # 5 domain names of ours with 3 mappings each; the one that is shared refuses.
        ("select * from base_path_mappings", 15),
        # 2 regional domain names; the edge one refuses.
        ("select * from v2_api_mappings", 6),
        ("select * from v2_api_mappings where domain_name = 'edge.example.com'", 0),
        ("select * from base_path_mappings where domain_name = 'shared.internal'", 0),
    ],
)
def test_a_domain_name_that_has_no_mappings_is_no_error(
    connection: Connection, sql: str, count: int
) -> None:
    assert len(rows(connection, sql)) == count
    assert errors(connection) == []


def test_the_refusal_of_a_domain_name_that_has_mappings_is_named(
    modelled: Plane, connection: Connection
) -> None:
    path = "/domainnames/api.example.com/basepathmappings"
    modelled.faults = [Fault("denied", operation="GetBasePathMappings", path=path)]
    assert len(rows(connection, "select * from base_path_mappings")) == 12
    assert errors(connection) == [("GetBasePathMappings", "AccessDeniedException")]


def test_pages_of_texts_are_turned_by_their_tokens(modelled: Plane, connect: Connect) -> None:
    many = ServedEstate.numbered(rest_apis=1, modelled=130)
    with serve(many) as plane:
        connection = connect(endpoint_url=plane.url, regions=many.regions, max_rps=1e6)
        sql = "select count(*), count(distinct routing_rule_id) from v2_routing_rules"
        assert rows(connection, f"{sql} where domain_name = 'api.example.com'") == [(130, 130)]
        assert operations(plane) == {"GetDomainNames": 2, "ListRoutingRules": 2}
