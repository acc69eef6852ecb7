"""Every table has rows in the sandbox, and what tells them apart is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore import xform_name

import apigw_vtab
from apigw_vtab.sandbox import process
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.tables.declaration import Read, Table
from apigw_vtab.tables.registry import TABLES
from tests.conftest import rows
from tests.sandbox.clients import reach

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
# Those over our own work have rows of their own.
OF_AWS = [table for table in TABLES if table.name not in ("api_calls", "scan_errors")]
# Where a row is: one account and region is enough for the rarer ones.
PLACE = ("account_id", "region", "rest_api_id", "api_id", "integration_id")
# What has one value, or none, since AWS itself knows no other, or has no use for it in this shop.
ONE_VALUE = {
    "account_settings": {"throttle_settings", "features", "api_key_version"},
    "authorizers": {"jwt_configuration"},
    "domain_name_access_associations": {"access_association_source_type"},
    "integration_responses": {"content_handling", "response_parameters", "response_templates"},
    "integrations": {"integration_target", "response_transfer_mode"},
    "models": {"content_type"},
    "regions": {"geography"},
    "rest_apis": {"api_status", "api_status_message"},
    "usage_plan_keys": {"type"},
    "v2_apis": {"api_key_selection_expression"},
    "v2_authorizers": {"identity_validation_expression"},
    "v2_domain_names": {"api_mapping_selection_expression"},
    "v2_integrations": {"content_handling_strategy"},
    "v2_models": {"content_type"},
    "v2_routing_rules": {"domain_name_id"},
    "v2_route_responses": {"route_response_key"},
    "v2_vpc_links": {"vpc_link_version"},
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Connection]:
    """The seeded sandbox, in the regions where it has anything."""
    connection = apigw_vtab.connect(sandbox=True, regions=REGIONS, max_rps=10_000)
    yield connection
    connection.close()


@pytest.mark.parametrize("table", OF_AWS, ids=lambda table: table.name)
def test_a_table_has_rows_and_each_column_has_different_values(
    sandbox: Connection, table: Table
) -> None:
    names = [row[1] for row in rows(sandbox, f"pragma table_info({table.name})")]
    found = rows(sandbox, f"select * from {table.name}")
    assert len(found) > 1
    same = {name for name, *values in zip(names, *found, strict=True) if len(set(values)) == 1}
    # ACM and WAF are here for what API Gateway names of them.
    if table.service in ("apigateway", "apigatewayv2"):
        assert same - set(PLACE) == ONE_VALUE.get(table.name, set())


@pytest.mark.parametrize(
    "table", [t for t in OF_AWS if any(read.is_get for read in t.reads)], ids=lambda t: t.name
)
def test_a_row_is_found_by_its_whole_key(sandbox: Connection, table: Table) -> None:
    names = [row[1] for row in rows(sandbox, f"pragma table_info({table.name})")]
    wanted = rows(sandbox, f"select * from {table.name}")[-1]
    key = ["account_id", "region", *table.key]
    where = " and ".join(f"{name} = ?" for name in key)
    values = [wanted[names.index(name)] for name in key]
    found = sandbox.execute(f"select * from {table.name} where {where}", values).fetchall()
    assert found == [wanted]


PAGED = [
    (table, read)
    for table in OF_AWS
    for read in table.reads
    if read.page and read.items and not table.outer
]


@pytest.mark.parametrize(("table", "read"), PAGED, ids=[read.name for _, read in PAGED])
def test_a_list_in_pages_of_one_is_the_whole_list(
    sandbox: Connection, table: Table, read: Read
) -> None:
    columns = ", ".join(("account_id", "region", *read.needs))
    account, region, *needs = rows(sandbox, f"select {columns} from {table.name}")[0]
    running = process.start()
    profile = next(one for one in running.profiles if one.account_id == account)
    call = getattr(
        reach(running.endpoint_url, read.service, profile, region), xform_name(read.name)
    )
    given = dict(zip(read.needs, needs, strict=True))
    known = {name: given[column] for name, column in read.parameters.items() if given.get(column)}
    assert read.page and read.items
    whole = call(**known, **read.sent)[read.items]
    one: dict[str, Any] = {read.page.size_member: "1" if read.page.as_text else 1}
    alone: list[Any] = []
    while len(alone) < len(whole):
        answer = call(**known, **read.sent, **one)
        alone += answer[read.items]
        assert (read.page.token_member in answer) == (len(alone) < len(whole))
        one[read.page.token_member] = answer.get(read.page.token_member)
    assert alone == whole
