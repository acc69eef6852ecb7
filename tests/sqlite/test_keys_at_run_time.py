"""Keys that are known only while a statement runs: the lists read by then say where they live."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import Connect, operations, rows
from tests.control_plane import Plane, ServedEstate, serve

ESTATE = ServedEstate.numbered(regions=4, rest_apis=20, stages=3)
REGION = ESTATE.regions[2]
PROD = "select rest_api_id from rest_apis where name like 'prod-%'"
ONE = f"select rest_api_id from rest_apis where region = '{REGION}' limit 1"


@pytest.fixture(scope="module")
def large_plane() -> Iterator[Plane]:
    with serve(ESTATE) as plane:
        yield plane


@pytest.mark.parametrize(
    ("sql", "stages", "lists", "children"),
    [
        (f"select stage_name from stages where rest_api_id = ({ONE})", 3, 4, 1),
        (
            f"select stage_name from stages where region = '{REGION}' and rest_api_id = ({ONE})",
            *(3, 1, 1),
        ),
        (f"select stage_name from stages where rest_api_id in ({PROD})", 24, 4, 8),
        (
            "select s.stage_name from rest_apis a join stages s using (rest_api_id)"
            " where a.name like 'prod-%'",
            *(24, 4, 8),
        ),
        (
            "select s.stage_name from stages s join rest_apis a using (rest_api_id)"
            " where a.name like 'prod-%'",
            *(24, 4, 8),
        ),
        (
            "select s.stage_name from rest_apis a left join stages s using (rest_api_id)"
            " where a.name like 'prod-%'",
            *(24, 4, 8),
        ),
    ],
)
def test_only_where_an_api_lives_it_is_asked_for_its_stages(
    large_plane: Plane,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    sql: str,
    stages: int,
    lists: int,
    children: int,
) -> None:
    large_plane.reset()
    monkeypatch.setenv("AWS_ENDPOINT_URL", large_plane.url)
    assert len(rows(connect(regions=ESTATE.regions), sql)) == stages
    assert operations(large_plane) == {"GetRestApis": lists, "GetStages": children}
