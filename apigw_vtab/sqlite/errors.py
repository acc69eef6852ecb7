"""What SQLite's errors mean, with the nearest name for an unknown table or column."""

from __future__ import annotations

import re

from apigw_vtab.errors import did_you_mean
from apigw_vtab.tables.registry import TABLES

_NOT_IN_MAIN = re.compile(r"no such table: main\.(\S+)")
# Tables that are named as those which have a column.
MOST_NAMED = 5
_UNKNOWN = re.compile(r"no such (table|column): (?:\w+\.)?(\S+)")


def explain_error(error: Exception) -> str:
    """Return SQLite's message, and what might have been meant."""
    message = str(error)
    found = _UNKNOWN.search(message)
    if not found:
        return f"{message}." if message else type(error).__name__
    kind, name = found.groups()
    tables = [table.name for table in TABLES]
    if (in_main := _NOT_IN_MAIN.search(message)) and in_main[1].lower() in tables:
        # https://sqlite.org/lang_createview.html: a view sees the tables of its own schema only.
        return (
            f"{message}. The tables of AWS are in the schema temp: write {in_main[1]} without "
            "main, and make a view or a trigger over them with create temp view or create temp "
            "trigger."
        )
    if kind == "table":
        hint = did_you_mean(name, tables) or f" The tables are: {', '.join(tables)}."
    else:
        hint = column_hint(name) or " To list columns: apigw-vtab tables TABLE"
    return f"{message}.{hint}"


def column_hint(name: str) -> str:
    """Return the tables that have an unknown column, or the nearest columns; empty without any."""
    own = [table.name for table in TABLES if name.lower() in table.index]
    if own:
        more = f" and {len(own) - MOST_NAMED} more" if len(own) > MOST_NAMED else ""
        return f" Of the tables, these have it: {', '.join(own[:MOST_NAMED])}{more}."
    return did_you_mean(name, {column: None for table in TABLES for column in table.index})
