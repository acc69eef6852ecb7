"""The views over the tables: they cost the calls of their tables, and no database hides them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import apsw
import pytest

from apigw_vtab.errors import UsageError
from apigw_vtab.tables.views import shipped_views
from tests.conftest import ACCOUNT, REGIONS, Connect, operations, rows
from tests.control_plane import Plane

ALL, FIRST = len(REGIONS), REGIONS[0]
APIS = 4
NAMES = [view.name for view in shipped_views()]
HERE = f"account_id = '{ACCOUNT}' and region = '{FIRST}'"
# What the rows of each view cost, in one account and region that the statement names.
COSTS = {
    "stage_certificates": {"GetRestApis": 1, "GetStages": APIS, "GetClientCertificates": 1},
    "stage_method_settings": {"GetRestApis": 1, "GetStages": APIS},
}
OF_V2 = {"v2_called_routes": "GetRoutes", "v2_stage_route_settings": "GetStages"}


@pytest.mark.parametrize("name", NAMES)
def test_a_view_is_described_and_begins_with_account_and_region(
    connect: Connect, name: str
) -> None:
    described = {view.name: view.description for view in shipped_views()}
    assert described[name].endswith(".")
    columns = [one[1] for one in rows(connect(), f"pragma table_info({name})")]
    assert columns[:2] == ["account_id", "region"]


@pytest.mark.parametrize("name", NAMES)
def test_a_connection_with_views_makes_no_call_and_lists_them(
    plane: Plane, connect: Connect, name: str
) -> None:
    listed = "select type from sqlite_temp_schema where name = ?"
    assert rows(connect(), listed, (name,)) == [("view",)]
    assert not plane.calls


def test_each_view_has_its_costs_here() -> None:
    assert {*COSTS, *OF_V2} == set(NAMES)


@pytest.mark.parametrize("name", COSTS)
def test_account_and_region_narrow_the_calls_of_a_view(
    plane: Plane, connect: Connect, name: str
) -> None:
    rows(connect(), f"select * from {name} where {HERE}")
    made = operations(plane)
    made.pop("GetCallerIdentity", None)
    assert made == COSTS[name]


@pytest.mark.parametrize("name", OF_V2)
def test_a_region_narrows_the_calls_of_a_view_of_version_2(connect: Connect, name: str) -> None:
    connection = connect(sandbox=True, profiles="sandbox-production")
    where = "where region = 'us-east-1'"
    assert rows(connection, f"select * from {name} {where}")
    (apis,) = rows(connection, f"select count(*) from v2_apis {where}")[0]
    made = Counter(one for (one,) in rows(connection, "select operation from api_calls"))
    made.pop("GetCallerIdentity", None)
    assert made == {"GetApis": 1, OF_V2[name]: apis}


def test_an_id_narrows_the_calls_of_a_view_to_one(plane: Plane, connect: Connect) -> None:
    connection = connect(regions=FIRST)
    (api, *_) = rows(connection, "select rest_api_id from rest_apis limit 1")[0]
    plane.reset()
    found = rows(
        connection,
        f"select * from stage_method_settings where region = '{FIRST}' and rest_api_id = ?",
        (api,),
    )
    assert found
    assert operations(plane) == {"GetCallerIdentity": 1, "GetStages": 1}


@pytest.mark.parametrize("verb", ["drop view", "drop view temp."])
def test_a_view_of_ours_is_not_dropped(connect: Connect, verb: str) -> None:
    words = f"{verb} {NAMES[0]}".replace("temp. ", "temp.")
    with pytest.raises(UsageError, match=f"The view {NAMES[0]} is one that controls read"):
        connect().execute(words)


def test_a_table_of_a_database_that_a_view_hides_is_told(
    plane: Plane, connect: Connect, tmp_path: Path
) -> None:
    path = tmp_path / "mine.db"
    apsw.Connection(str(path)).execute(f"create table {NAMES[0]} (a)")
    log = connect(db=str(path)).executor.log
    assert any(f"main.{NAMES[0]}" in one for one in log.new_warnings())
