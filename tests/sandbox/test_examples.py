"""The examples of the tables run in the sandbox, with rows or without."""

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


def test_each_example_runs_and_many_find_something(sandbox: Connection) -> None:
    found = {
        (table.name, title): len(rows(sandbox, sql))
        for table in TABLES
        for title, sql in table.queries.items()
    }
    assert rows(sandbox, "select * from scan_errors") == []
    assert found["methods", "Methods that anybody can call"] > 0
    assert sum(map(bool, found.values())) >= 15
