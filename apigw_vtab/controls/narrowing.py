"""Keeps the findings for which an SQL condition is true, for --where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import apsw
import apsw.ext

from apigw_vtab.controls.findings import REQUIRED, Finding
from apigw_vtab.controls.verdicts import is_identity
from apigw_vtab.errors import UsageError, did_you_mean
from apigw_vtab.sqlite.authorizer import CONDITION
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.errors import column_hint
from apigw_vtab.sqlite.tokens import bare, quoted, tokens
from apigw_vtab.tables.registry import TABLES
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.tables.views import shipped_views

OWN = ("control", "severity", *REQUIRED)
ONE_CONDITION = "--where takes one condition, such as: region = 'eu-west-1'"


class Matched(NamedTuple):
    """Findings that a condition keeps, and those among them of which it may not be true."""

    kept: list[Finding]
    undecided: list[Finding]


def matching(connection: Connection, findings: Sequence[Finding], where: str) -> Matched:
    """Return the findings for which a condition over their columns is true.

    The columns are those of a report as CSV; subqueries can read every table, such as the tags of
    rest_apis. What could not be read, and a control that failed, stay in any case: nothing tells
    whether the condition is true of it. Raises UsageError for a condition that is not valid.
    """
    if not where.strip():
        raise UsageError(ONE_CONDITION)
    extras = dict.fromkeys(name for one in findings for name in one.more if name not in OWN)
    columns = (*OWN, *extras)
    rows = ([*_own(one), *(one.more.get(name) for name in extras)] for one in findings)
    mark = connection.executor.log.mark()
    try:
        kept = places_where(connection, columns, rows, where)
    except (apsw.InterruptError, apsw.ThreadingViolationError):
        raise
    except apsw.Error as error:
        raise UsageError(f"--where {where!r}: {_in_words(error, where, columns)}") from None
    undecided = _undecided(connection, mark, findings, where)
    ids = {id(one) for one in undecided}
    return Matched(
        [
            one
            for place, one in enumerate(findings)
            if place in kept or id(one) in ids or _stays(one)
        ],
        undecided,
    )


def _stays(one: Finding) -> bool:
    return one.is_unread or one.is_failure


def _undecided(
    connection: Connection, mark: int, findings: Sequence[Finding], where: str
) -> list[Finding]:
    """Return the findings of which nothing tells whether a condition is true.

    A condition may compare any places, so a row that could not be read since `mark` may decide
    about each of them.
    """
    needs_ids = "account_id" in _words_in(where)
    missed = [one for one in connection.executor.log.missed(mark) if not one.is_left_out]
    if any(needs_ids or not is_identity(one) for one in missed):
        return [one for one in findings if not _stays(one)]
    # Of an account whose id is not known, findings have none.
    return [one for one in findings if needs_ids and one.region and not one.account_id]


# What SQLite says about a condition, and what to say instead; {0} is what it names.
_WORDS: Mapping[str, str] = {
    r"no such table: (\S+)": "there is no table {0}.{near} To list them: apigw-vtab tables",
    r"no such column: (\S+)": "there is no column {0}.{near} The columns of a finding are: "
    "{columns}.",
    r"no such function: (\S+)": "there is no function {0}.",
    r"misuse of .* (\S+)": "{0} is about several rows, and this condition is about one finding: "
    "write it in a subquery, such as: region in (select region from rest_apis group by region "
    "having count(*) > 9)",
    r"unrecognized token: .*()": f"a quote that is opened has to be closed. {ONE_CONDITION}",
}


def _in_words(error: apsw.Error, where: str, columns: Sequence[str]) -> str:
    """Return what is wrong with a condition, and what to do."""
    message = str(error)
    if isinstance(error, apsw.BindingsError):
        return f"write the value instead of a parameter. {ONE_CONDITION}"
    for form, words in _WORDS.items():
        if found := re.fullmatch(form, message, re.DOTALL):
            of_tables = [table.name for table in TABLES] + [view.name for view in shipped_views()]
            near = did_you_mean(found[1], of_tables if "table" in form else columns)
            if not near and "column" in form and "select" in _words_in(where):
                # A subquery has the columns of its tables, too.
                near = column_hint(found[1].rpartition(".")[2])
            return words.format(found[1], near=near, columns=", ".join(columns))
    return f"this is not a condition in SQL ({message}). {ONE_CONDITION}"


def _words_in(sql: str) -> set[str]:
    return {bare(token.text) for token in tokens(sql)}


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
        with connection.only_reading(CONDITION):
            return frozenset(place for (place,) in connection.execute(sql))
    finally:
        connection.execute("drop table temp.findings")
