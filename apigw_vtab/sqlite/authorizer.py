"""Which statements may run: SQLite asks before it runs one."""

from __future__ import annotations

from typing import NamedTuple

import apsw

from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.context import ConnectionContext
from apigw_vtab.tables.views import shipped_views

WRITES = {
    apsw.SQLITE_INSERT: "INSERT INTO",
    apsw.SQLITE_UPDATE: "UPDATE",
    apsw.SQLITE_DELETE: "DELETE FROM",
}

CREATES = frozenset((apsw.SQLITE_CREATE_TABLE, apsw.SQLITE_CREATE_TEMP_TABLE))
DROPS = frozenset((apsw.SQLITE_DROP_TABLE, apsw.SQLITE_DROP_TEMP_TABLE))

# Everything that a reading statement does: https://sqlite.org/c3ref/c_alter_table.html
READS = frozenset(
    (apsw.SQLITE_SELECT, apsw.SQLITE_READ, apsw.SQLITE_RECURSIVE, apsw.SQLITE_FUNCTION)
)

# Functions that bring in code from elsewhere.
UNSAFE = frozenset(("fts3_tokenizer", "load_extension"))

# Pragmas that describe and change nothing.
DESCRIBING = frozenset(
    (
        *("collation_list", "compile_options", "database_list", "foreign_key_list"),
        *("function_list", "index_info", "index_list", "index_xinfo", "module_list"),
        *("pragma_list", "table_info", "table_list", "table_xinfo"),
    )
)


class OnlyReader(NamedTuple):
    """What may only read: what it is called, and what to do if it reads a secret, or does more."""

    called: str
    of_secrets: str
    of_more: str


CONDITION = OnlyReader("--where", *2 * ("Leave that out of the condition.",))


def control_reader(name: str) -> OnlyReader:
    """Return what a control is called, and what to do if it does more than read."""
    run = f"run: apigw-vtab query {name}"
    return OnlyReader(f"The control {name!r}", f"To see the rows, {run}", f"If you trust it, {run}")


def allow_writes(
    context: ConnectionContext,
    action: int,
    name: str | None,
    column: str | None,
    schema: str | None,
    _: str | None,
) -> int:
    """Refuse an impossible statement before it runs; sqlite3_set_authorizer's callback.

    Raises UsageError or WriteRefused. https://sqlite.org/c3ref/set_authorizer.html
    """
    tables = context.tables
    note_touched(context, action, name, schema)
    if action == apsw.SQLITE_READ and _is_secret(context, name, column, schema):
        context.prepared.secrets.add(f"{name}.{column}")
    if action == apsw.SQLITE_ALTER_TABLE and name == "temp" and column in tables:
        raise UsageError(f"The table {column} belongs to AWS: it cannot be altered.")
    if action == apsw.SQLITE_DROP_VTABLE and name in tables and schema == "temp":
        raise UsageError(f"The table {name} belongs to AWS: it cannot be dropped.")
    if action == apsw.SQLITE_DROP_TEMP_VIEW and name in {one.name for one in shipped_views()}:
        raise UsageError(f"The view {name} is one that controls read: it cannot be dropped.")
    if action == apsw.SQLITE_PRAGMA and (name or "").lower() == "encoding" and column:
        # Our tables exist already; SQLite itself ignores the pragma once there is a table.
        return apsw.SQLITE_IGNORE
    verb = WRITES.get(action)
    table = tables.get(name or "") if verb and schema == "temp" else None
    if verb and table:
        context.transaction.check(table, verb, column)
    return apsw.SQLITE_OK


def _is_secret(
    context: ConnectionContext, name: str | None, column: str | None, schema: str | None
) -> bool:
    """Return whether a column holds what AWS keeps secret: the value of an API key."""
    table = context.tables.get(name or "") if schema == "temp" else None
    return table is not None and column in table.secrets


def note_touched(
    context: ConnectionContext, action: int, name: str | None, schema: str | None
) -> None:
    """Note which of the user's own tables the statement that is prepared reads and writes."""
    table = (schema or "main", (name or "").lower())
    if schema == "temp" and name in context.tables:
        return
    if table[1].startswith("sqlite_"):
        # Every CREATE and DROP writes SQLite's own tables, which hold no rows of anybody's.
        return
    touched = context.prepared
    if action == apsw.SQLITE_READ:
        touched.reads.add(table)
        if schema is None:
            # For `count(*)`, SQLite tells the schema only where the statement does.
            touched.reads.add(("temp", table[1]))
    elif action in WRITES or action in CREATES:
        touched.writes.add(table)
    elif action in DROPS:
        touched.drops.add(table)
    elif action == apsw.SQLITE_ALTER_TABLE:
        touched.renames = True


def allow_rehearsal(
    context: ConnectionContext,
    reader: OnlyReader,
    action: int,
    name: str | None,
    column: str | None,
    schema: str | None,
    _: str | None,
) -> int:
    """Let the remedy of a control read, and change AWS's tables: that is rolled back."""
    verb = WRITES.get(action)
    table = context.tables.get(name or "") if verb and schema == "temp" else None
    if verb and table:
        context.transaction.check(table, verb, column)
        return apsw.SQLITE_OK
    return allow_reads(context, reader, action, name, column, schema)


def allow_reads(
    context: ConnectionContext,
    reader: OnlyReader,
    action: int,
    name: str | None,
    detail: str | None,
    schema: str | None,
    *_: str | None,
) -> int:
    """Refuse all but reading to a control or condition: other files, extensions, settings, writes.

    And secrets, which no report may hold. Raises UsageError.
    """
    if action == apsw.SQLITE_READ and _is_secret(context, name, detail, schema):
        raise UsageError(
            f"{reader.called} reads the secret {name}.{detail}, which no report may hold. "
            f"{reader.of_secrets}"
        )
    dangerous = action == apsw.SQLITE_FUNCTION and (detail or "").lower() in UNSAFE
    describes = action == apsw.SQLITE_PRAGMA and (name or "").lower() in DESCRIBING
    if describes or (action in READS and not dangerous):
        return apsw.SQLITE_OK
    word = str(detail).upper() if dangerous else str(apsw.mapping_authorizer_function[action])
    raise UsageError(
        f"{reader.called} may only read: {word.removeprefix('SQLITE_')} is not allowed. "
        f"{reader.of_more}"
    )
