"""What a plan says to SQLite's own planner: which way is cheaper, and that a key finds one row.

Only the order of the costs is fixed here: the figures themselves mean nothing.
"""

from __future__ import annotations

import pytest

from apigw_vtab.scan.plan import GLOB, LIKE
from apigw_vtab.tables.account import ACCOUNTS, REGIONS
from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.local import API_CALLS, SCAN_ERRORS
from apigw_vtab.tables.registry import TABLES
from apigw_vtab.tables.v1.client_certificates import CLIENT_CERTIFICATES
from apigw_vtab.tables.v1.methods import METHODS
from apigw_vtab.tables.v1.resources import RESOURCES
from apigw_vtab.tables.v1.rest_apis import REST_APIS
from apigw_vtab.tables.v1.stages import STAGES
from tests.scan.planner_terms import (
    ONE_ACCOUNT,
    ONE_API,
    ONE_REGION,
    ONE_STAGE,
    Term,
    equal,
    joined,
    one_of,
    planned,
    term,
)

Terms = tuple[Term, ...]
SOME_APIS = one_of("rest_api_id", "a1", "a2")
SOME_REGIONS = one_of("region", "eu-west-1", "us-east-1")
ONE_CERTIFICATE = equal("client_certificate_id", "c1")


@pytest.mark.parametrize(
    ("table", "cheaper", "dearer"),
    [
        pytest.param(REST_APIS, (ONE_API,), (), id="one API than all"),
        pytest.param(REST_APIS, (ONE_API,), (SOME_APIS,), id="one API than some"),
        pytest.param(REST_APIS, (ONE_REGION,), (), id="one region than all"),
        pytest.param(REST_APIS, (ONE_REGION,), (SOME_REGIONS,), id="one region than some"),
        pytest.param(REST_APIS, (SOME_REGIONS,), (), id="some regions than all"),
        pytest.param(
            REST_APIS, (ONE_REGION,), (term("region", LIKE, "eu-%"),), id="a region than a pattern"
        ),
        pytest.param(REST_APIS, (term("region", GLOB, "eu-*"),), (), id="a pattern than all"),
        pytest.param(REST_APIS, (term("region", ">", "us"),), (), id="a part than all regions"),
        pytest.param(
            REST_APIS, (ONE_API, ONE_REGION), (ONE_REGION,), id="a Get than a list in its region"
        ),
        pytest.param(
            REST_APIS, (ONE_API, ONE_REGION), (ONE_API,), id="a Get in one region than in all"
        ),
        pytest.param(
            CLIENT_CERTIFICATES, (ONE_CERTIFICATE,), (), id="one client certificate than all"
        ),
        pytest.param(STAGES, (ONE_API, ONE_STAGE), (ONE_API,), id="a stage than all of its API"),
        pytest.param(STAGES, (ONE_API,), (), id="stages of one API than all"),
        pytest.param(STAGES, (ONE_API,), (SOME_APIS,), id="stages of one API than of some"),
        pytest.param(STAGES, (SOME_APIS,), (), id="stages of some APIs than all"),
        pytest.param(
            STAGES, (ONE_API, ONE_REGION), (ONE_API,), id="stages of an API in one region"
        ),
        pytest.param(
            STAGES, (term("rest_api_id", LIKE, "a%"),), (), id="stages of APIs by a pattern"
        ),
        pytest.param(
            REST_APIS,
            (joined("rest_api_id", "a1"),),
            (),
            id="a look-up in a list that is in memory than the list",
        ),
        pytest.param(
            STAGES, (joined("rest_api_id", "a1"),), (), id="the stages of a row's API than all"
        ),
        pytest.param(
            STAGES,
            (ONE_API, ONE_REGION),
            (joined("rest_api_id", "a1"), ONE_REGION),
            id="one API's stages once than for each row",
        ),
    ],
)
def test_it_is_cheaper_to_read(table: Table, cheaper: Terms, dearer: Terms) -> None:
    assert planned(table, *cheaper).cost < planned(table, *dearer).cost


def test_all_stages_cost_more_than_all_apis_whose_lists_they_need_besides() -> None:
    assert planned(STAGES).cost > planned(REST_APIS).cost


def test_a_key_that_comes_row_by_row_is_asked_for_where_its_list_says_that_it_lives() -> None:
    by_row = planned(STAGES, joined("rest_api_id", "a1"))
    assert by_row.cost < planned(STAGES, ONE_API).cost


def test_a_join_reads_all_stages_at_once_rather_than_for_one_api_after_the_other() -> None:
    shared = joined("account_id", "1"), joined("region", "r"), joined("rest_api_id", "a")
    stages, apis = planned(STAGES), planned(REST_APIS)
    stages_first = stages.cost + stages.rows * planned(REST_APIS, *shared).cost
    apis_first = apis.cost + apis.rows * planned(STAGES, *shared).cost
    assert stages_first < apis_first


@pytest.mark.parametrize("table", [API_CALLS, SCAN_ERRORS])
def test_the_connections_own_tables_cost_next_to_nothing(table: Table) -> None:
    assert planned(table).cost < planned(REST_APIS, ONE_API, ONE_REGION).cost


@pytest.mark.parametrize("table", [REGIONS, ACCOUNTS])
def test_an_account_is_asked_once_and_not_in_each_region(table: Table) -> None:
    assert planned(table).cost < planned(REST_APIS).cost


def test_a_term_that_narrows_nothing_changes_no_cost() -> None:
    assert planned(STAGES, equal("description", "x")).cost == planned(STAGES).cost


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_plan_expects_a_row_at_least_and_costs_something(table: Table) -> None:
    found = planned(table, ONE_ACCOUNT, ONE_REGION)
    assert found.rows >= 1
    assert found.cost > 0


def test_fewer_rows_are_expected_of_a_get_than_of_a_list() -> None:
    assert planned(REST_APIS, ONE_API, ONE_REGION).rows == 1
    assert planned(REST_APIS, ONE_REGION).rows > 1


def test_a_list_with_a_tighter_quota_of_its_own_is_dearer() -> None:
    assert planned(RESOURCES, ONE_API, ONE_REGION).cost > planned(STAGES, ONE_API, ONE_REGION).cost


def test_one_method_is_expected_of_its_whole_key_and_many_of_an_api() -> None:
    key = [joined(name, "x") for name in METHODS.key]
    assert planned(METHODS, ONE_REGION, *key).rows == 1
    assert planned(METHODS, ONE_REGION, ONE_API).rows > 1
