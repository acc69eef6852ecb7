"""`.explain` for chains of parents: the calls that it tells are those that are then made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apigw_vtab.sqlite.estimate import explain, explain_all
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


MANY = ServedEstate.numbered(accounts=30, regions=17, rest_apis=2, stages=1)


@pytest.fixture
def many(connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A connection to thirty accounts in 17 regions, and the control plane that counts."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with serve(MANY) as plane:
        options = {"organization": True, "assume_role": "audit", "endpoint_url": plane.url}
        yield plane, lambda **more: connect(**{**options, "max_rps": 1e6, **more})


def test_of_many_accounts_only_their_list_and_the_regions_of_one_are_read(many: Any) -> None:
    plane, reach = many
    found = explain(reach(), "select * from stages", {})
    assert operations(plane) == {"GetCallerIdentity": 1, "ListAccounts": 2, "DescribeRegions": 1}
    told = {(one.operation, one.accounts, one.regions, one.calls) for one in found.by_operation()}
    assert told == {
        ("GetRestApis", 30, 17, 510),
        ("DescribeRegions", 30, 1, 30),
        ("AssumeRole", 29, 1, 29),
    }
    assert [(one.name, told.parent) for one, told in found.open_ended.items()] == [
        ("GetStages", "rest_apis")
    ]
    assert found.with_rows(2).total == found.total + 2 * 510


def test_what_two_rows_a_list_would_cost_is_what_they_cost(many: Any) -> None:
    plane, reach = many
    connection = reach(regions=MANY.regions[:4])
    told = explain(connection, "select * from stages", {}).with_rows(2)
    rows(connection, "select * from stages")
    made = operations(plane)
    lists = made["GetCallerIdentity"] + made["ListAccounts"]
    assert told.total == made.total() - lists


def test_many_statements_are_run_over_one_account_that_stands_for_all(many: Any) -> None:
    plane, reach = many
    sql = [f"select {one} from rest_apis join stages using (rest_api_id)" for one in range(9)]
    found = explain_all(reach(regions=MANY.regions), [(one, {}) for one in sql])
    assert (found.alike, found.roles, found.total) == (30, 29, 510 + 29)
    assert operations(plane) == {"GetCallerIdentity": 1, "ListAccounts": 2}


def test_a_sample_is_read_and_all_accounts_are_told(many: Any) -> None:
    plane, reach = many
    connection = reach(regions=MANY.regions[:2], sample=3)
    found = explain_all(connection, [("select * from stages", {})], is_kept=False)
    assert operations(plane)["GetRestApis"] == 6
    # Lists and stages, and a role in two of the three.
    assert (found.total, found.of_all_accounts[0]) == (6 + 12 + 2, 200)


def test_few_rows_of_many_accounts_are_told_as_those_of_few(many: Any) -> None:
    plane, reach = many
    account = MANY.accounts[7]
    sql = f"select * from stages where account_id = '{account}' and region = 'eu-west-1'"
    found = explain(reach(), sql, {})
    assert found.calls == {("GetStages", f"shop-0007 ({account})", "eu-west-1"): 2}
    assert operations(plane)["AssumeRole"] == 1
