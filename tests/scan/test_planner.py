"""The planner: constraints in, plan out; values in, keys out. Without SQLite and AWS."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from apigw_vtab.scan.plan import EQUAL, GLOB, LIKE, ONE_OF
from apigw_vtab.scan.planner import plan
from apigw_vtab.tables.account import ACCOUNTS, REGIONS
from apigw_vtab.tables.declaration import Page, Read, Table
from apigw_vtab.tables.local import API_CALLS, SCAN_ERRORS
from apigw_vtab.tables.v1.client_certificates import CLIENT_CERTIFICATES
from apigw_vtab.tables.v1.rest_apis import REST_APIS
from apigw_vtab.tables.v1.stages import STAGES
from tests.scan.planner_terms import (
    ONE_ACCOUNT,
    ONE_API,
    ONE_REGION,
    ONE_STAGE,
    Term,
    bound,
    equal,
    joined,
    keys,
    limit,
    offset,
    one_of,
    operation,
    planned,
    term,
)

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("module", ["scan.planner", "tables.declaration", "tables.v1.stages"])
def test_it_is_imported_without_sqlite_and_aws(module: str) -> None:
    code = (
        f"import sys, apigw_vtab.{module}; "
        "print(*sorted({'apsw', 'boto3', 'botocore'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == ""


# What pins a column


@pytest.mark.parametrize("column", ["account_id", "region", "rest_api_id", "stage_name"])
def test_a_key_column_is_pinned_by_equality(column: str) -> None:
    assert keys(STAGES, equal(column, "x")).pinned == {column: ("x",)}


def test_a_key_column_is_pinned_by_the_value_of_another_table() -> None:
    assert keys(STAGES, joined("rest_api_id", "a1")).pinned == {"rest_api_id": ("a1",)}


def test_in_pins_its_values_in_a_fixed_order() -> None:
    regions = one_of("region", "us-east-1", "ap-south-1", "eu-west-1")
    assert keys(STAGES, regions).pinned == {"region": ("ap-south-1", "eu-west-1", "us-east-1")}


def test_two_terms_pin_what_both_allow() -> None:
    terms = one_of("rest_api_id", "a1", "a2", "a3"), one_of("rest_api_id", "a3", "a2", "a4")
    assert keys(STAGES, *terms).pinned == {"rest_api_id": ("a2", "a3")}


def test_terms_that_exclude_each_other_give_no_scan() -> None:
    assert bound(STAGES, ONE_API, equal("rest_api_id", "a2")) is None


@pytest.mark.parametrize(
    "no_row_matches",
    [
        equal("rest_api_id", None),
        joined("rest_api_id", None),
        one_of("rest_api_id"),
        one_of("rest_api_id", None),
        term("region", "<", None),
        term("region", LIKE, None),
        term("region", GLOB, None),
    ],
)
def test_null_gives_no_scan(no_row_matches: Term) -> None:
    assert bound(STAGES, no_row_matches) is None


def test_null_among_other_values_of_in_counts_for_nothing() -> None:
    assert keys(STAGES, one_of("rest_api_id", "a1", None)).pinned == {"rest_api_id": ("a1",)}


# What narrows nothing, so that SQLite must check it


@pytest.mark.parametrize(
    "number",
    [
        equal("rest_api_id", 12),
        equal("rest_api_id", 1.5),
        joined("rest_api_id", 12),
        one_of("rest_api_id", "a1", 12),
        term("rest_api_id", "<", 12),
        term("rest_api_id", LIKE, 12),
    ],
)
def test_a_number_narrows_nothing_because_affinity_is_sqlites(number: Term) -> None:
    found = keys(STAGES, number)
    assert (found.pinned, found.tests) == ({}, {})


def test_a_blob_narrows_nothing() -> None:
    found = keys(STAGES, equal("rest_api_id", b"a1"), term("region", "<", b"x"))
    assert (found.pinned, found.tests) == ({}, {})


@pytest.mark.parametrize("operator", [EQUAL, ONE_OF, "<", ">="])
def test_a_collation_other_than_binary_narrows_nothing(operator: str) -> None:
    value = frozenset({"EU-WEST-1"}) if operator == ONE_OF else "EU-WEST-1"
    assert planned(STAGES, term("region", operator, value, text=False)).uses == ()


def test_a_term_that_sqlite_cannot_give_yet_is_not_used() -> None:
    assert planned(STAGES, term("rest_api_id", EQUAL, "a1", usable=False)).uses == ()


@pytest.mark.parametrize("column", ["description", "arn", "tags", ""])
def test_a_column_that_aws_takes_no_value_of_is_not_used(column: str) -> None:
    assert planned(STAGES, equal(column, "x")).uses == ()


def test_an_operator_that_is_not_understood_is_not_used() -> None:
    assert planned(STAGES, term("rest_api_id", "", "a1")).uses == ()


@pytest.mark.parametrize("table", [API_CALLS, SCAN_ERRORS])
def test_the_connections_own_tables_are_read_whole(table: Table) -> None:
    assert planned(table, ONE_REGION, ONE_ACCOUNT).uses == ()
    assert keys(table, ONE_REGION).read is None


def test_the_regions_of_one_account_can_be_asked_for_but_not_one_of_them() -> None:
    assert [use.column for use in planned(REGIONS, ONE_REGION, ONE_ACCOUNT).uses] == ["account_id"]


def test_a_profile_narrows_nothing() -> None:
    assert planned(ACCOUNTS, equal("profile", "default")).uses == ()


# Which call returns the rows


class Resource(NamedTuple):
    """A table, the key of its rows, and the operations for one of them and for all."""

    table: Table
    key: tuple[str, ...]
    get: str
    listing: str


RESOURCES = (
    Resource(REST_APIS, ("rest_api_id",), "GetRestApi", "GetRestApis"),
    Resource(STAGES, ("rest_api_id", "stage_name"), "GetStage", "GetStages"),
    Resource(
        CLIENT_CERTIFICATES,
        ("client_certificate_id",),
        "GetClientCertificate",
        "GetClientCertificates",
    ),
)
each_resource = pytest.mark.parametrize("one", RESOURCES, ids=lambda one: one.table.name)


@each_resource
def test_a_table_without_terms_is_listed(one: Resource) -> None:
    assert operation(one.table) == one.listing


@each_resource
def test_a_whole_key_of_literals_is_asked_for_alone(one: Resource) -> None:
    assert operation(one.table, *(equal(column, "x") for column in one.key)) == one.get


@each_resource
def test_a_look_up_for_each_row_of_a_join_is_made_in_the_list(one: Resource) -> None:
    assert operation(one.table, *(joined(column, "x") for column in one.key)) == one.listing


@each_resource
def test_a_key_that_turns_out_to_be_a_number_is_looked_up_in_the_list(one: Resource) -> None:
    assert operation(one.table, *(equal(column, 12) for column in one.key)) == one.listing


def test_a_key_of_which_one_part_comes_from_a_join_is_looked_up_in_the_list() -> None:
    assert operation(STAGES, joined("rest_api_id", "a1"), ONE_STAGE) == "GetStages"


@pytest.mark.parametrize("term_of_api", [ONE_API, joined("rest_api_id", "a1")])
def test_the_stages_of_one_api_are_listed_for_it_alone(term_of_api: Term) -> None:
    found = keys(STAGES, term_of_api)
    assert found.read is STAGES.reads[-1]
    assert found.pinned["rest_api_id"] == ("a1",)


def test_a_stage_name_alone_is_sought_in_every_api() -> None:
    found = keys(STAGES, ONE_STAGE)
    assert found.read is STAGES.reads[-1]
    assert "rest_api_id" not in found.pinned


def paged(pages: int) -> Table:
    """REST APIs that take this many pages in a full lane."""
    by_key = Read("apigateway", "Get", {"restApiId": "rest_api_id"})
    listed = Read(
        "apigateway", "List", items="items", page=Page("limit", "position", 10), most=10 * pages
    )
    return Table("made_up", "", key=("rest_api_id",), reads=(by_key, listed))


@pytest.mark.parametrize("pages", [1, 3, 7])
def test_in_asks_one_by_one_only_while_a_full_list_takes_as_many_calls(pages: int) -> None:
    some = [f"a{number}" for number in range(pages + 1)]
    assert operation(paged(pages), one_of("rest_api_id", *some[:pages])) == "Get"
    assert operation(paged(pages), one_of("rest_api_id", *some)) == "List"


@pytest.mark.parametrize(
    ("apis", "stages", "expected"),
    [(1, 1, "GetStage"), (1, 2, "GetStages"), (3, 1, "GetStage"), (3, 2, "GetStages")],
)
def test_several_stages_of_an_api_are_listed_and_one_is_asked_for(
    apis: int, stages: int, expected: str
) -> None:
    ids = one_of("rest_api_id", *(f"a{number}" for number in range(apis)))
    names = one_of("stage_name", *(f"s{number}" for number in range(stages)))
    assert operation(STAGES, ids, names) == expected


def test_a_last_page_that_is_not_full_is_a_call_too() -> None:
    assert Read("", "", page=Page("limit", "position", 500), most=1001).most_calls == 3


# LIMIT


def test_limit_and_offset_are_the_rows_that_are_read_at_most() -> None:
    assert keys(REST_APIS, limit(10), offset(5)).limit == 15


@pytest.mark.parametrize(("rows", "expected"), [(0, 0), (-1, math.inf), (None, math.inf)])
def test_a_negative_limit_is_none(rows: int | None, expected: float) -> None:
    assert keys(REST_APIS, limit(rows)).limit == expected


def test_a_negative_offset_is_zero() -> None:
    assert keys(REST_APIS, limit(10), offset(-5)).limit == 10


def test_without_limit_all_rows_may_be_read() -> None:
    assert keys(REST_APIS, ONE_REGION).limit == math.inf


def test_rows_that_sqlite_sorts_are_all_read() -> None:
    assert keys(REST_APIS, limit(10), ordered=True).limit == math.inf


def test_rows_of_which_some_will_be_left_out_by_another_table_are_all_read() -> None:
    terms = limit(10), term("rest_api_id", EQUAL, "a1", usable=False)
    assert keys(REST_APIS, *terms).limit == math.inf


def test_who_asks_for_the_limit_takes_every_term() -> None:
    terms = equal("name", "shop"), ONE_REGION, limit(10)
    assert [use.position for use in planned(REST_APIS, *terms).uses] == [0, 1, 2]
    found = keys(REST_APIS, *terms)
    assert (found.pinned, found.limit) == ({"region": ("eu-west-1",)}, 10)


# What a plan is called, and when two are the same


@pytest.mark.parametrize(
    ("table", "terms", "expected"),
    [
        (REST_APIS, (), "GetRestApis()"),
        (STAGES, (ONE_API, ONE_STAGE), "GetStage(rest_api_id = ?, stage_name = ?)"),
        (STAGES, (one_of("rest_api_id", "a1"),), "GetStages(rest_api_id in ?)"),
        (STAGES, (term("region", LIKE, "eu-%"),), "GetStages(region like ?)"),
        (REST_APIS, (equal("name", "shop"), ONE_REGION, limit(1)), "GetRestApis(region = ?)"),
        (API_CALLS, (), "api_calls()"),
    ],
)
def test_a_plan_names_its_operation_and_the_columns_it_uses(
    table: Table, terms: tuple[Term, ...], expected: str
) -> None:
    assert str(planned(table, *terms)) == expected


def test_the_same_question_gives_the_same_plan() -> None:
    first, second = planned(STAGES, ONE_API, ONE_STAGE), planned(STAGES, ONE_API, ONE_STAGE)
    assert first == second
    assert hash(first) == hash(second)


def test_a_plan_tells_which_columns_the_statement_reads() -> None:
    assert plan(STAGES, (), ["arn", "tags", "arn"]).columns == {"arn", "tags"}
