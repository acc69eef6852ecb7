"""A table is a declaration: its columns follow from botocore's model of its shape."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from apigw_vtab.scan.plan import EQUAL, Constraint
from apigw_vtab.scan.planner import narrowing_columns, plan
from apigw_vtab.tables.columns import Column, Origin
from apigw_vtab.tables.declaration import Page, Read, Table
from apigw_vtab.tables.local import API_CALLS, SCAN_ERRORS
from apigw_vtab.tables.registry import TABLES
from apigw_vtab.tables.v1.client_certificates import CLIENT_CERTIFICATES
from apigw_vtab.tables.v1.rest_apis import REST_APIS
from apigw_vtab.tables.v1.stages import STAGES
from apigw_vtab.tables.values import Item

ROOT = Path(__file__).parents[2]
MOST_LINES = 12
WRITES = ("insert", "update", "delete", "instead", "twins")
RESOURCES = (REST_APIS, STAGES, CLIENT_CERTIFICATES)
# The columns of the 2026 model; a newer one may have more.
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
# A table that the package does not have: it takes a declaration and nothing else.
DEPLOYMENTS = Table(
    "deployments",
    "The deployments of each REST API.",
    service="apigateway",
    shape="Deployment",
    parent=REST_APIS,
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
    named = {"id": "rest_api_id"}
    expected = {named.get(member) or xform_name(member): member for member in members(table)}
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
    # The model does not describe some of its members.
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


# Keys, names and lengths that follow from a declaration


@pytest.mark.parametrize(
    ("key", "member", "name"),
    [
        ("documentation_version", "version", "documentation_version"),
        ("documentation_version", "description", "description"),
        ("version", "version", "version"),
    ],
)
def test_a_member_that_the_key_ends_with_is_the_key(key: str, member: str, name: str) -> None:
    table = Table("t", "", service="apigateway", shape="DocumentationVersion", key=(key,))
    assert {one.member: one.name for one in table.columns}[member] == name


@pytest.mark.parametrize("option", ["asks", "secrets"])
def test_what_is_asked_for_or_secret_is_hidden(option: str) -> None:
    given: dict[str, Any] = {option: {"value": {} if option == "asks" else "value"}}
    read = Read("apigateway", "GetApiKeys", items="items", **given)
    table = Table("t", "", shape="ApiKey", key=("api_key_id",), reads=(read,))
    assert [one.name for one in table.columns if one.hidden] == ["value"]


def declarations() -> Iterator[tuple[Path, ast.Call]]:
    """The declaration of each table, with its file."""
    for path in sorted((ROOT / "apigw_vtab" / "tables").rglob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            call = node.value if isinstance(node, ast.Assign) else None
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "Table":
                yield path, call


def lines(node: ast.expr) -> int:
    """How many lines an expression or the value of an argument takes."""
    return (node.end_lineno or 0) - node.lineno + 1


def test_a_declaration_that_only_reads_aws_is_short_beside_its_examples() -> None:
    lengths = {}
    for path, call in declarations():
        given = {one.arg: one.value for one in call.keywords}
        # What is looked up by an ARN of another service is no list of API Gateway's.
        if ("reads" in given or "outer" in given) and "key_arn" not in given:
            # What only an INSERT takes is a column of no AWS shape.
            besides = ("examples", *WRITES, "extra") if "insert" in given else ("examples", *WRITES)
            others = [given[one] for one in besides if one in given]
            lengths[path.relative_to(ROOT)] = lines(call) - sum(map(lines, others))
    assert {path: length for path, length in lengths.items() if length > MOST_LINES} == {}
    assert len(lengths) > 20
