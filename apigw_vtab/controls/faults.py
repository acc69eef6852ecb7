"""What keeps a control from running, and where in its file that is."""

from __future__ import annotations

import apsw
import apsw.ext

from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.errors import explain_error
from apigw_vtab.sqlite.tokens import tokens

SEVERAL = "It has more than one statement."


def place_of(error: Exception, query: SavedQuery) -> str:
    """Return the file of a query and, where SQLite tells it, the line of an error in it."""
    where = query.path or query.name
    offset = getattr(error, "error_offset", -1)
    if offset is None or offset < 0:
        return where
    return f"{where}, line {query.sql.encode()[:offset].count(10) + 1}"


def fault_of(error: Exception, control: SavedQuery) -> str:
    """Return what is wrong with a control, and where."""
    if control.fault:
        return control.fault
    words = str(error) if isinstance(error, UsageError) else explain_error(error)
    return f"{place_of(error, control)}: {words}"


def why_it_fails(connection: Connection, control: SavedQuery) -> str | None:
    """Return what keeps a control from running, and where, or None if nothing does."""
    try:
        if control.fault:
            raise UsageError(control.fault)
        with connection.only_reading(control.name):
            described(connection, control)
        if has_more_statements(connection, control):
            raise UsageError(SEVERAL)
    except (apsw.Error, UsageError) as error:
        return fault_of(error, control)
    return None


def described(connection: Connection, query: SavedQuery) -> tuple[tuple[str, ...], str | None]:
    """Return a query's columns, and the table that its first column comes from, if any."""
    info = apsw.ext.query_info(connection, query.sql)
    columns = tuple(name for name, *_ in info.description)
    return columns, info.description_full[0][3] if info.description_full else None


def has_more_statements(connection: Connection, control: SavedQuery) -> bool:
    """Return whether a control has more than one statement, and so no single verdict."""
    rest = apsw.ext.query_info(connection, control.sql).query_remaining
    return any(tokens(rest or ""))
