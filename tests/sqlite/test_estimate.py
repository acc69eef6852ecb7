"""`.explain` for chains of parents: the calls that it tells are those that are then made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from apigw_vtab.sqlite.estimate import explain
from tests.conftest import Connect, operations, rows
from tests.control_plane import Plane, ServedEstate, serve

ESTATE = ServedEstate.numbered(regions=2, rest_apis=2, stages=2, modelled=3)


@pytest.fixture(scope="module")
def modelled() -> Iterator[Plane]:
    with serve(ESTATE) as plane:
        yield plane


@pytest.mark.parametrize(
    ("sql", "found_out"),
    [
        ("select * from rest_apis", {"GetRestApis"}),
        ("select * from methods", {"GetRestApis"}),
        ("select * from v2_routes", {"GetApis"}),
        ("select * from v2_route_responses", {"GetApis", "GetRoutes"}),
        ("select * from base_path_mappings", {"GetDomainNames"}),
        ("select * from usage_plan_stages", {"GetUsagePlans"}),
        (
            "select * from v2_routes left join v2_route_responses using (region, api_id, route_id)",
            {"GetApis", "GetRoutes"},
        ),
        (
            "select * from resources r join methods m on m.region = r.region"
            " and m.rest_api_id = r.rest_api_id and m.resource_id = r.resource_id",
            {"GetRestApis"},
        ),
        ("select api_summary from deployments", {"GetRestApis", "GetDeployments"}),
    ],
)
def test_the_calls_that_are_told_are_those_that_are_made(
    modelled: Plane, connect: Connect, sql: str, found_out: set[str]
) -> None:
    modelled.reset()
    connection = connect(endpoint_url=modelled.url, regions=ESTATE.regions, max_rps=1e6)
    explanation = explain(connection, sql, {})
    told = Counter[str]()
    for (operation, _, _), calls in explanation.calls.items():
        told[operation] += calls
    assert set(explanation.made) - {"GetCallerIdentity"} == found_out
    modelled.reset()
    rows(connection, sql)
    made = operations(modelled)
    del made["GetCallerIdentity"]
    assert told == made
    assert list(explanation.open_ended) == []
