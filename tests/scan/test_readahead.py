"""Fetching ahead: a join goes as wide as a flat scan, and pays for no row that SQLite drops.

How wide is measured by the control plane: the most calls that it had under way at once.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import Connect, operations, rows
from tests.control_plane import Plane, ServedEstate, serve

REGIONS, APIS = 2, 30
ESTATE = ServedEstate.numbered(regions=REGIONS, rest_apis=APIS, stages=3)
FLAT = {"GetRestApis": REGIONS, "GetStages": REGIONS * APIS}
ON = "s.region = a.region and s.rest_api_id = a.rest_api_id"


@pytest.fixture(scope="module")
def slow_plane() -> Iterator[Plane]:
    with serve(ESTATE, latency=0.05, own_process=True) as plane:
        yield plane


@pytest.fixture
def wide(slow_plane: Plane, monkeypatch: pytest.MonkeyPatch) -> Plane:
    """A control plane that takes 50 ms to answer."""
    slow_plane.reset()
    monkeypatch.setenv("AWS_ENDPOINT_URL", slow_plane.url)
    return slow_plane


@pytest.mark.parametrize(
    "sql",
    [
        "select stage_name from stages",
        f"select a.name, s.stage_name from rest_apis a join stages s on {ON}",
        f"select a.name, s.stage_name from rest_apis a left join stages s on {ON}",
        f"select (select count(*) from stages s where {ON}) from rest_apis a",
        f"select a.name from rest_apis a where exists (select 1 from stages s where {ON})",
        "select a.name, s.stage_name from rest_apis a left join stages s using (rest_api_id)",
        "with kept as materialized (select * from rest_apis)"
        f" select a.name, s.stage_name from kept a left join stages s on {ON}",
    ],
)
def test_every_kind_of_join_has_many_calls_under_way(
    wide: Plane, connect: Connect, sql: str
) -> None:
    assert rows(connect(regions=ESTATE.regions), sql)
    assert {name: n for name, n in operations(wide).items() if name in FLAT} == FLAT
    assert wide.counts.peak >= 10


@pytest.mark.parametrize(
    ("term", "operator"),
    [
        ("a.name = {}", "="),
        ("a.name like {}", "like"),
        ("a.name glob {}", "glob"),
        ("a.name in ({}, 'nothing')", "in"),
    ],
)
def test_only_the_parents_that_sqlite_keeps_are_looked_up(
    wide: Plane, connect: Connect, term: str, operator: str
) -> None:
    connection = connect(regions=ESTATE.regions)
    name = rows(connection, "select name from rest_apis")[7][0]
    connection.executor.forget()
    wide.reset()
    where = term.format(f"'{name}'")
    sql = f"select a.name, s.stage_name from rest_apis a join stages s on {ON} where {where}"
    found = rows(connection, sql)
    kept = rows(connection, f"select count(*) from rest_apis a where {where}")[0][0]
    assert len(found) == 3 * kept
    assert operations(wide) == {"GetRestApis": REGIONS, "GetStages": kept}


def test_a_term_that_no_scan_sees_costs_a_window_at_most(wide: Plane, connect: Connect) -> None:
    connection = connect(regions=ESTATE.regions)
    sql = f"select a.name from rest_apis a left join stages s on {ON} where a.name || '' like '%7'"
    kept = len(set(rows(connection, sql)))
    assert 0 < kept < REGIONS * APIS / 5
    assert operations(wide)["GetStages"] <= kept + 20


def test_one_look_up_is_no_run(wide: Plane, connect: Connect) -> None:
    connection = connect(regions=ESTATE.regions)
    region, api = rows(connection, "select region, rest_api_id from rest_apis")[0]
    wide.reset()
    sql = "select count(*) from stages where region = ? and rest_api_id = ?"
    assert rows(connection, sql, (region, api)) == [(3,)]
    assert operations(wide) == {"GetStages": 1}


def test_what_a_dropped_join_had_not_sent_is_not_sent(wide: Plane, connect: Connect) -> None:
    connection = connect(regions=ESTATE.regions, max_rps=20)
    cursor = connection.execute(
        f"select a.name, s.stage_name from rest_apis a left join stages s on {ON}"
    )
    next(cursor)
    cursor.close()
    connection.close()
    assert operations(wide)["GetStages"] < REGIONS * APIS


CHAINS = ServedEstate.numbered(rest_apis=20, modelled=20)


@pytest.fixture(scope="module")
def slow_chains() -> Iterator[Plane]:
    with serve(CHAINS, latency=0.05, own_process=True) as plane:
        yield plane


@pytest.mark.parametrize(
    ("sql", "calls"),
    [
        (
            "select a.name, r.route_key from v2_apis a left join v2_routes r"
            " on r.region = a.region and r.api_id = a.api_id",
            {"GetApis": 1, "GetRoutes": 20},
        ),
        (
            "select a.name, r.name from rest_apis a left join authorizers r"
            " using (region, rest_api_id)",
            {"GetRestApis": 1, "GetAuthorizers": 20},
        ),
        (
            "select p.name, k.name from usage_plans p left join usage_plan_keys k"
            " using (region, usage_plan_id)",
            {"GetUsagePlans": 1, "GetUsagePlanKeys": 20},
        ),
        (
            "select count(p.arn) from v2_routes r left join v2_route_responses p"
            " using (region, api_id, route_id)",
            {"GetApis": 1, "GetRoutes": 20, "GetRouteResponses": 400},
        ),
    ],
)
def test_every_chain_has_many_calls_under_way(
    slow_chains: Plane, connect: Connect, sql: str, calls: dict[str, int]
) -> None:
    slow_chains.reset()
    connection = connect(endpoint_url=slow_chains.url, regions=CHAINS.regions, max_rps=1e6)
    assert rows(connection, sql)
    assert operations(slow_chains) == calls
    assert slow_chains.counts.peak >= 10
