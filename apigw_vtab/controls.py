"""Runs controls: saved queries whose rows say of each resource whether it is as it should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import apsw
import apsw.ext

from apigw_vtab.errors import CallFailed, UsageError
from apigw_vtab.saved_queries import SavedQuery
from apigw_vtab.schema import SqlValue
from apigw_vtab.vtab import Connection

ALARM, OK, INFO, SKIP, ERROR = "alarm", "ok", "info", "skip", "error"
Row = tuple[SqlValue, ...]
STATUSES = (ERROR, ALARM, INFO, SKIP, OK)
REQUIRED = ("resource", "status", "reason", "account_id", "region")


@dataclass(frozen=True)
class Outcome:
    """What one control found: a row for each resource, and one for each lane it could not read."""

    control: SavedQuery
    columns: tuple[str, ...]
    rows: list[Row]

    @property
    def counts(self) -> Counter[str]:
        """How many rows have each status."""
        return Counter(str(row[1]) for row in self.rows)


def choose(connection: Connection, queries: Iterable[SavedQuery]) -> list[SavedQuery]:
    """Give those of the saved queries that are controls, as their columns tell.

    Nothing is read from AWS. Raises apsw.SQLError for bad SQL.
    """
    return [query for query in queries if _described(connection, query)[0][:5] == REQUIRED]


def _described(connection: Connection, query: SavedQuery) -> tuple[tuple[str, ...], str | None]:
    """Give a query's columns, and the table that its first column comes from, if from one."""
    info = apsw.ext.query_info(connection, query.sql)
    columns = tuple(name for name, *_ in info.description)
    return columns, info.description_full[0][3] if info.description_full else None


def bindings(
    queries: Sequence[SavedQuery], given: Mapping[str, SqlValue]
) -> list[dict[str, SqlValue]]:
    """Give each query its parameters: the given ones over its own defaults.

    Raises UsageError for a parameter that none of the queries has.
    """
    known = {name for query in queries for name in query.parameters}
    for name in given:
        if name not in known:
            raise UsageError(
                f"No parameter {name!r} here. "
                + (f"There is: {', '.join(sorted(known))}." if known else "There is none at all.")
            )
    return [{**query.parameters, **given} for query in queries]


def run(
    connection: Connection, controls: Sequence[SavedQuery], given: Mapping[str, SqlValue]
) -> Iterator[Outcome]:
    """Run controls over one reading of AWS: every answer, and every failure, is shared by all."""
    with connection.calls.as_one_statement():
        for control, values in zip(controls, bindings(controls, given), strict=True):
            yield _run_one(connection, control, values)


def _run_one(
    connection: Connection, control: SavedQuery, values: Mapping[str, SqlValue]
) -> Outcome:
    ledger = connection.calls.ledger
    mark = ledger.mark()
    columns, subject = _described(connection, control)
    rows = list(connection.execute(control.sql, dict(values)))
    failures = _distinct(ledger.failures(mark))
    if failures:
        own = connection.source.operations(subject)
        others = [failure for failure in failures if failure.operation not in own]
        ids = connection.calls.account_ids
        rows = [_decided(row, others, ids) for row in rows]
        rows += [_unread(failure, ids, len(columns)) for failure in failures]
    return Outcome(control, columns, rows)


def _distinct(failures: Iterable[CallFailed]) -> list[CallFailed]:
    """Give one failure for each lane, operation and code."""
    return list({(f.profile, f.region, f.operation, f.code): f for f in failures}.values())


def _decided(row: Row, failures: Sequence[CallFailed], ids: Mapping[str, str]) -> Row:
    """Give a row as it is, or as an error where it rests on a table that could not be read.

    A failure of the table that the resource comes from means rows that are missing; one of any
    other table means rows that may be wrong.
    """
    resource, _, _, account_id, region, *more = row
    for failure in failures:
        if failure.region == region and ids.get(failure.profile, account_id) == account_id:
            reason = f"Not decided, because this could not be read: {failure}"
            return (resource, ERROR, reason, account_id, region, *more)
    return row


def _unread(failure: CallFailed, ids: Mapping[str, str], width: int) -> Row:
    account_id = ids.get(failure.profile)
    resource = f"{account_id or failure.profile}/{failure.region}"
    blank = (None,) * (width - len(REQUIRED))
    return (resource, ERROR, str(failure), account_id, failure.region, *blank)
