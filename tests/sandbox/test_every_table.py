"""Every table can be read in the sandbox, with rows or without, and each example of one runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import apigw_vtab
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.tables.registry import TABLES
from tests.conftest import rows


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Connection]:
    connection = apigw_vtab.connect(sandbox=True, regions=["eu-west-1"], on_error="warn")
    yield connection
    connection.close()


def test_no_table_fails_in_the_sandbox(sandbox: Connection) -> None:
    for table in TABLES:
        rows(sandbox, f"select * from {table.name}")
    assert rows(sandbox, "select * from scan_errors") == []


def test_each_example_runs_in_the_sandbox(sandbox: Connection) -> None:
    found = {
        (table.name, title): len(rows(sandbox, sql))
        for table in TABLES
        for title, sql in table.queries.items()
    }
    assert rows(sandbox, "select * from scan_errors") == []
    assert found["methods", "Methods that anybody can call"] > 0
    assert found["stages", "Stages that log whole requests and responses, whatever is in them"] > 0
    assert sum(map(bool, found.values())) >= 15
