"""Every table can be read in the sandbox, with rows or without."""

from __future__ import annotations

import apigw_vtab
from apigw_vtab.tables.registry import TABLES
from tests.conftest import rows


def test_no_table_fails_in_the_sandbox() -> None:
    connection = apigw_vtab.connect(sandbox=True, regions=["eu-west-1"], on_error="warn")
    for table in TABLES:
        rows(connection, f"select * from {table.name}")
    assert rows(connection, "select * from scan_errors") == []
    connection.close()
