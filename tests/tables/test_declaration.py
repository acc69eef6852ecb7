"""Tables and columns: what botocore's model says is a column, and what AWS sends is a cell."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import apsw
import botocore.session
import pytest
from botocore import xform_name
from botocore.model import DenormalizedStructureBuilder, Shape

from apigw_vtab.scan.plan import EQUAL, Constraint
from apigw_vtab.scan.planner import narrowing_columns, plan
from apigw_vtab.tables.columns import Column, Origin, column_of
from apigw_vtab.tables.declaration import Page, Read, Table
from apigw_vtab.tables.local import API_CALLS, SCAN_ERRORS
from apigw_vtab.tables.model import plain_text
from apigw_vtab.tables.registry import TABLES
from apigw_vtab.tables.v1.client_certificates import CLIENT_CERTIFICATES
from apigw_vtab.tables.v1.rest_apis import REST_APIS
from apigw_vtab.tables.v1.stages import STAGES
from apigw_vtab.tables.values import Item, SqlValue

ROOT = Path(__file__).parents[2]
RESOURCES = (REST_APIS, STAGES, CLIENT_CERTIFICATES)
# What the model of 2026 has; a newer one may have more.
KNOWN = {
    REST_APIS: """rest_api_id name description created_date version warnings binary_media_types
        minimum_compression_size api_key_source endpoint_configuration policy tags
        disable_execute_api_endpoint root_resource_id security_policy endpoint_access_mode
        api_status api_status_message""",
    STAGES: """stage_name deployment_id client_certificate_id description cache_cluster_enabled
        cache_cluster_size cache_cluster_status method_settings variables documentation_version
        access_log_settings canary_settings tracing_enabled web_acl_arn tags created_date
        last_updated_date""",
    CLIENT_CERTIFICATES: """client_certificate_id description pem_encoded_certificate created_date
        expiration_date tags""",
}
# A table that nobody has thought of yet: it takes a declaration and nothing else.
DEPLOYMENTS = Table(
    "deployments",
    "The deployments of each REST API.",
    service="apigateway",
    shape="Deployment",
    key=("rest_api_id", "deployment_id"),
    renames={"id": "deployment_id"},
    arn="arn:{partition}:apigateway:{region}::/restapis/{rest_api_id}/deployments/{deployment_id}",
    reads=(
        Read(
            "apigateway",
            "GetDeployment",
            {"restApiId": "rest_api_id", "deploymentId": "deployment_id"},
        ),
        Read(
            "apigateway",
            "GetDeployments",
            {"restApiId": "rest_api_id"},
            items="items",
            page=Page("limit", "position", 500),
            most=1000,
        ),
    ),
)


def names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def column(table: Table, name: str) -> Column:
    return table.columns[table.index[name]]


def members(table: Table) -> list[str]:
    """The members of a table's shape, from botocore itself."""
    model = botocore.session.get_session().get_service_model(table.service)
    return list(model.shape_for(table.shape).members)


each_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
each_resource = pytest.mark.parametrize("table", RESOURCES, ids=lambda table: table.name)


# Columns


@each_resource
def test_every_member_of_the_shape_is_a_column(table: Table) -> None:
    expected = {
        table.renames.get(member) or xform_name(member): member for member in members(table)
    }
    found = {one.name: one.member for one in table.columns if one.origin is Origin.MEMBER}
    assert found == expected


@each_resource
def test_the_columns_that_the_model_has_today_are_there(table: Table) -> None:
    assert set(KNOWN[table].split()) <= set(names(table))


@each_resource
def test_beside_the_members_there_are_account_region_and_arn(table: Table) -> None:
    others = {one.name for one in table.columns if one.origin is not Origin.MEMBER}
    parent = {"rest_api_id"} if table is STAGES else set()
    assert others == {"account_id", "region", "arn"} | parent


@each_table
def test_every_table_begins_with_account_region_and_its_key(table: Table) -> None:
    assert names(table)[: 2 + len(table.key)] == ["account_id", "region", *table.key]


@each_table
def test_no_two_columns_have_one_name(table: Table) -> None:
    assert len(set(names(table))) == len(names(table))


@each_table
def test_no_column_is_called_id(table: Table) -> None:
    assert "id" not in names(table)


@each_table
def test_every_column_that_is_ours_is_described(table: Table) -> None:
    # The model leaves out a word on some of its own.
    assert all(one.description for one in table.columns if one.origin is not Origin.MEMBER)


@each_table
def test_every_description_is_one_line_without_markup(table: Table) -> None:
    for one in table.columns:
        assert re.search(r"\n|<p>|<code>|&[a-z]+;", one.description) is None


@each_table
def test_every_column_has_a_type_of_sqlites(table: Table) -> None:
    assert {one.type for one in table.columns} <= {"TEXT", "INTEGER", "REAL", "BLOB"}


@each_table
def test_the_index_gives_the_position_of_each_column(table: Table) -> None:
    assert [table.columns[table.index[name]].name for name in names(table)] == names(table)


@pytest.mark.parametrize("table", [API_CALLS, SCAN_ERRORS], ids=lambda table: table.name)
def test_a_table_of_the_connection_has_the_columns_of_its_declaration(table: Table) -> None:
    assert table.columns == table.extra


def test_the_id_of_a_rest_api_is_called_the_same_everywhere() -> None:
    assert column(REST_APIS, "rest_api_id").member == "id"
    assert column(STAGES, "rest_api_id").origin is Origin.PARAMETER


def test_the_documentation_comes_from_the_model() -> None:
    assert "API" in column(REST_APIS, "name").description
    assert column(REST_APIS, "name").description.endswith(".")


def test_documentation_loses_its_markup() -> None:
    html = "<p>The <code>id</code> of R&amp;D's\n  <b>API</b> .</p>"
    assert plain_text(html) == "The id of R&D's API."


def test_columns_are_read_without_boto3_and_sqlite() -> None:
    code = (
        "import sys; from apigw_vtab.tables.v1.stages import STAGES; STAGES.columns; "
        "print(*sorted({'apsw', 'boto3'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == ""


# A new table is a declaration


def test_a_new_table_has_its_columns_by_its_declaration_alone() -> None:
    found = names(DEPLOYMENTS)
    assert found[:4] == ["account_id", "region", "rest_api_id", "deployment_id"]
    assert found[-1] == "arn"
    assert set(found) == {
        *("account_id", "region", "rest_api_id", "deployment_id", "arn"),
        *(xform_name(member) for member in members(DEPLOYMENTS) if member != "id"),
    }


def test_a_new_table_is_planned_by_its_declaration_alone() -> None:
    assert narrowing_columns(DEPLOYMENTS) == {
        "account_id",
        "region",
        "rest_api_id",
        "deployment_id",
    }
    key = [Constraint(name, EQUAL, value="x") for name in DEPLOYMENTS.key]
    assert plan(DEPLOYMENTS, key, ()).reads == DEPLOYMENTS.reads


def test_a_new_table_gives_its_cells_by_its_declaration_alone() -> None:
    items: list[Item] = [
        {"id": "d1", "createdDate": datetime(2026, 1, 2, tzinfo=timezone.utc)},
        {"id": "d2"},
    ]
    assert column(DEPLOYMENTS, "deployment_id").cells(items) == ["d1", "d2"]
    assert column(DEPLOYMENTS, "created_date").cells(items) == ["2026-01-02 00:00:00", None]


# Cells


SCALARS = ("string", "integer", "long", "float", "double", "boolean", "timestamp", "blob")
CONTAINERS: dict[str, dict[str, Any]] = {
    "structure": {"type": "structure", "members": {"name": {"type": "string"}}},
    "list": {"type": "list", "member": {"type": "string"}},
    "map": {"type": "map", "key": {"type": "string"}, "value": {"type": "string"}},
}
KINDS = (*SCALARS, *CONTAINERS)


def shape(kind: str) -> Shape:
    member = CONTAINERS.get(kind) or {"type": kind}
    built = DenormalizedStructureBuilder().with_members({"member": member}).build_model()
    return built.members["member"]


def cell(kind: str, value: Any) -> SqlValue:
    """What a member of a kind becomes when AWS sends this value."""
    (made,) = column_of("name", "member", shape(kind)).cells([{"member": value}])
    return made


def held(value: SqlValue) -> SqlValue:
    """What SQLite gives back of a value. Raises what apsw raises if it can hold no such thing."""
    return apsw.Connection(":memory:").execute("select ?", (value,)).get  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        *(("string", "TEXT"), ("timestamp", "TEXT"), ("structure", "TEXT")),
        *(("list", "TEXT"), ("map", "TEXT"), ("boolean", "INTEGER"), ("integer", "INTEGER")),
        *(("long", "INTEGER"), ("float", "REAL"), ("double", "REAL"), ("blob", "BLOB")),
    ],
)
def test_the_type_of_a_column_is_that_of_its_values(kind: str, expected: str) -> None:
    assert column_of("name", "member", shape(kind)).type == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [("string", "Каталог 商品"), ("string", ""), ("integer", 0), ("double", 0.5), ("blob", b"\0a")],
)
def test_a_scalar_is_itself(kind: str, value: SqlValue) -> None:
    assert cell(kind, value) == value


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_absent_or_null_is_null(kind: str) -> None:
    made = column_of("name", "member", shape(kind)).cells([{}, {"member": None}, {"other": 1}])
    assert made == [None, None, None]


@pytest.mark.parametrize(("value", "expected"), [(True, 1), (False, 0)])
def test_a_boolean_is_0_or_1(value: bool, expected: int) -> None:
    made = cell("boolean", value)
    assert (made, type(made)) == (expected, int)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 11, 23, 9, 5, 7, tzinfo=timezone.utc), "2026-11-23 09:05:07"),
        (datetime(2026, 11, 23, 9, 5, 7), "2026-11-23 09:05:07"),
        (
            datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2))),
            "2025-12-31 22:30:00",
        ),
        (
            datetime(2026, 6, 30, 20, 0, tzinfo=timezone(timedelta(hours=-5, minutes=-30))),
            "2026-07-01 01:30:00",
        ),
        (datetime(2026, 11, 23, 9, 5, 7, 999_999, timezone.utc), "2026-11-23 09:05:07"),
        (datetime(1970, 1, 1, tzinfo=timezone.utc), "1970-01-01 00:00:00"),
        # The zero of Go's clock, which servers that are written in Go send for "never".
        (datetime(1, 1, 1, tzinfo=timezone.utc), "0001-01-01 00:00:00"),
    ],
)
def test_a_time_is_utc_text_as_sqlite_writes_it(moment: datetime, expected: str) -> None:
    assert cell("timestamp", moment) == expected


def test_a_structure_is_json_with_awss_names_in_order() -> None:
    value = {"types": ["REGIONAL"], "ipAddressType": "dualstack", "a": {"zB": 1, "aC": True}}
    assert cell("structure", value) == (
        '{"a":{"aC":true,"zB":1},"ipAddressType":"dualstack","types":["REGIONAL"]}'
    )


def test_equal_maps_give_equal_text_whatever_their_order() -> None:
    assert cell("map", {"b": "1", "a": "2"}) == cell("map", {"a": "2", "b": "1"})


def test_a_list_is_json_in_awss_own_order() -> None:
    assert cell("list", ["b", "a"]) == '["b","a"]'


@pytest.mark.parametrize(("kind", "value"), [("map", {}), ("structure", {}), ("list", [])])
def test_an_empty_container_is_json_and_not_null(kind: str, value: Any) -> None:
    assert cell(kind, value) == json.dumps(value)


def test_json_keeps_letters_of_all_alphabets() -> None:
    assert cell("map", {"команда": "商品"}) == '{"команда":"商品"}'


def test_a_time_inside_json_is_utc_text_too() -> None:
    moment = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert cell("list", [{"since": moment}]) == '[{"since":"2025-12-31 22:30:00"}]'


def test_bytes_inside_json_are_base64() -> None:
    assert cell("structure", {"body": b"\0\xff"}) == '{"body":"AP8="}'


# What AWS should not send, and what an emulator of it may


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "value",
    [
        *({"a": 1}, ["a"], ("a",), {"a"}, "text", 7, 1.5, True, b"a", bytearray(b"a")),
        *(Decimal("1.5"), date(2026, 1, 2), datetime(2026, 1, 2)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_of_another_type_still_is_one_for_sqlite(kind: str, value: Any) -> None:
    made = cell(kind, value)
    assert made is not None
    assert held(made) == made


@pytest.mark.parametrize("kind", ["string", "timestamp", "boolean", "integer"])
def test_a_structure_where_a_scalar_was_expected_is_json(kind: str) -> None:
    assert cell(kind, {"b": [1], "a": "x"}) == '{"a":"x","b":[1]}'


@pytest.mark.parametrize("kind", ["integer", "long"])
def test_a_number_of_more_than_64_bits_still_is_a_value_for_sqlite(kind: str) -> None:
    assert held(cell(kind, 2**64)) is not None


@pytest.mark.parametrize(("kind", "value"), [("string", "a\ud83d"), ("map", {"a": "\ud83d"})])
def test_half_a_character_still_is_a_value_for_sqlite(kind: str, value: Any) -> None:
    assert held(cell(kind, value)) is not None
