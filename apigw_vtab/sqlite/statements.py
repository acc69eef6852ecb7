"""Statements one by one: what the first of them is, before it runs.

`apsw.ext.query_info` says more, and takes 15 ms to import.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import apsw


class FirstStatement(NamedTuple):
    """The first statement of some SQL, and what follows it.

    `columns` are the names of its columns, none if it returns no rows. `parameters` are the names
    of its parameters, without the colon; one that has only a number is None.
    """

    sql: str
    columns: tuple[str, ...]
    parameters: Sequence[str | None]
    rest: str


def first_statement(connection: apsw.Connection, sql: str) -> FirstStatement:
    """Return the first statement of some SQL, without running it. Raises apsw.Error."""
    found = [FirstStatement("", (), (), "")]

    def look(cursor: apsw.Cursor, first: str, _bindings: object) -> bool:
        columns = tuple(column[0] for column in cursor.get_description())
        found.append(FirstStatement(first, columns, cursor.bindings_names, sql[len(first) :]))
        return False

    cursor = connection.cursor()
    cursor.exec_trace = look
    try:
        # SQLite takes a parameter without a value for NULL, and nothing is run.
        cursor.execute(sql, apsw._null_bindings, can_cache=False)  # type: ignore[attr-defined]
    except apsw.ExecTraceAbort:
        pass
    finally:
        cursor.exec_trace = None
    return found[-1]


def each_statement(connection: apsw.Connection, sql: str) -> Iterator[FirstStatement]:
    """Yield statements, each looked at when its turn comes: it may need what one before it made.

    Raises apsw.Error.
    """
    while sql.strip():
        first = first_statement(connection, sql)
        sql = first.rest
        yield first
