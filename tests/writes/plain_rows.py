"""A plain table of SQLite beside one of AWS's: the same UPDATE has to give the same rows."""

from __future__ import annotations

import json
from typing import Any

import apsw

from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.tables.registry import TABLES
from apigw_vtab.writes.sequence import settable
from tests.conftest import rows

BY_NAME = {table.name: table for table in TABLES}


def copied(connection: Connection, table: str) -> apsw.Connection:
    """A plain table with the rows of one of AWS's."""
    plain = apsw.Connection(":memory:")
    names = [column.name for column in BY_NAME[table].columns if not column.hidden]
    plain.execute(f"create table {table} ({', '.join(names)})")
    marks = ", ".join("?" * len(names))
    found = rows(connection, f"select * from {table}")
    plain.executemany(f"insert into {table} values ({marks})", found)
    return plain


def compared(connection: apsw.Connection, table: str) -> list[Any]:
    """The rows as far as an UPDATE can change them; JSON as values, and what is empty as NULL."""
    declared = BY_NAME[table]
    columns = (*declared.key, *settable(declared))
    kinds = {one.name: one.kind for one in declared.columns}
    documents = [kinds[name] in ("map", "structure", "list") for name in columns]
    order = ", ".join(declared.key) or "1"
    found = connection.execute(f"select {', '.join(columns)} from {table} order by {order}")
    return [
        tuple(
            (json.loads(value) if is_document and value else value) or None
            for value, is_document in zip(row, documents, strict=True)
        )
        for row in found
    ]
