"""Keeps the findings for which an SQL condition is true, for --where."""

from __future__ import annotations

from collections.abc import Sequence

import apsw
import apsw.ext

from apigw_vtab.controls.findings import REQUIRED, Finding
from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.errors import explain_error
from apigw_vtab.sqlite.tokens import quoted, tokens

OWN = ("control", "severity", *REQUIRED)
_TABLE = "temp.findings"


def matching(connection: Connection, findings: Sequence[Finding], where: str) -> list[Finding]:
    """Return the findings for which a condition over their columns is true.

    The columns are those of a report as CSV; subqueries can read every table, such as the tags of
    rest_apis. What could not be read stays in any case: nothing tells whether the condition is true
    of it. Raises UsageError for a condition that is not valid.
    """
    extras = dict.fromkeys(name for one in findings for name in one.more if name not in OWN)
    number = "number of the finding"
    while number in extras:
        number += "_"
    columns = (number, *OWN, *extras)
    connection.execute(f"create {_TABLE.replace('.', ' table ')} ({_names(columns)})")
    try:
        marks = ", ".join("?" * len(columns))
        rows = ((place, *_cells(one, extras)) for place, one in enumerate(findings))
        connection.executemany(f"insert into {_TABLE} values ({marks})", rows)
        kept = _true_of(connection, f"select {_names([number])} from {_TABLE}", where, columns[1:])
    finally:
        connection.execute(f"drop table {_TABLE}")
    return [one for place, one in enumerate(findings) if place in kept or one.is_unread]


def _cells(one: Finding, extras: Sequence[str] | dict[str, None]) -> list[object]:
    """Return what the columns have of a finding."""
    own = (one.control.name, one.control.severity, one.resource, one.status, one.reason)
    return [*own, one.account_id, one.region, *(one.more.get(name) for name in extras)]


def _names(columns: Sequence[str]) -> str:
    return ", ".join(map(quoted, columns))


def _true_of(
    connection: Connection, select: str, where: str, columns: Sequence[str]
) -> frozenset[object]:
    """Return the numbers of the findings for which a condition is true."""
    sql = f"{select} where ({where}\n)"
    if not where.strip() or any(token.depth < 0 for token in tokens(where)):
        raise UsageError("--where takes one condition, such as: region = 'eu-west-1'")
    try:
        if apsw.ext.query_info(connection, sql).query_remaining:
            raise UsageError("--where takes one condition, such as: region = 'eu-west-1'")
        with connection.only_reading("--where"):
            return frozenset(number for (number,) in connection.execute(sql))
    except (apsw.InterruptError, apsw.ThreadingViolationError):
        raise
    except apsw.Error as error:
        words = explain_error(error)
        raise UsageError(
            f"--where {where!r}: {words} The columns are: {', '.join(columns)}."
        ) from None
