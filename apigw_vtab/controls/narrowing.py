"""Keeps the findings for which an SQL condition is true, for --where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import apsw
import apsw.ext

from apigw_vtab.controls.findings import REQUIRED, Finding
from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.errors import explain_error
from apigw_vtab.sqlite.tokens import quoted, tokens
from apigw_vtab.tables.values import SqlValue

OWN = ("control", "severity", *REQUIRED)
ONE_CONDITION = "--where takes one condition, such as: region = 'eu-west-1'"


def matching(connection: Connection, findings: Sequence[Finding], where: str) -> list[Finding]:
    """Return the findings for which a condition over their columns is true.

    The columns are those of a report as CSV; subqueries can read every table, such as the tags of
    rest_apis. What could not be read stays in any case: nothing tells whether the condition is true
    of it. Raises UsageError for a condition that is not valid.
    """
    if not where.strip():
        raise UsageError(ONE_CONDITION)
    extras = dict.fromkeys(name for one in findings for name in one.more if name not in OWN)
    columns = (*OWN, *extras)
    rows = ([*_own(one), *(one.more.get(name) for name in extras)] for one in findings)
    try:
        kept = places_where(connection, columns, rows, where)
    except (apsw.InterruptError, apsw.ThreadingViolationError):
        raise
    except apsw.Error as error:
        raise UsageError(
            f"--where {where!r}: {explain_error(error)} The columns are: {', '.join(columns)}."
        ) from None
    return [one for place, one in enumerate(findings) if place in kept or one.is_unread]


def _own(one: Finding) -> tuple[str, ...]:
    """Return what the columns have that every finding has."""
    control = one.control
    said = (one.resource, one.status, one.reason, one.account_id, one.region)
    return (control.name, control.severity, *said)


def places_where(
    connection: Connection,
    columns: Sequence[str],
    rows: Iterable[Sequence[SqlValue]],
    where: str,
) -> frozenset[SqlValue]:
    """Return the places, from 0, of the rows for which a condition over their columns is true.

    Raises UsageError for more than one condition, and apsw.Error for one that is not valid.
    """
    number = "number of the finding"
    while number in columns:
        number += "_"
    sql = f"select {quoted(number)} from temp.findings where ({where}\n)"
    connection.execute(f"create temp table findings ({', '.join(map(quoted, (number, *columns)))})")
    try:
        marks = ", ".join("?" * (len(columns) + 1))
        numbered = ((place, *row) for place, row in enumerate(rows))
        connection.executemany(f"insert into temp.findings values ({marks})", numbered)
        is_closed_early = any(token.depth < 0 for token in tokens(where))
        if is_closed_early or apsw.ext.query_info(connection, sql).query_remaining:
            raise UsageError(ONE_CONDITION)
        with connection.only_reading("--where"):
            return frozenset(place for (place,) in connection.execute(sql))
    finally:
        connection.execute("drop table temp.findings")
