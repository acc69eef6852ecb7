"""What could not be read, and which of a control's verdicts rest on it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from apigw_vtab.aws.estate import id_or_stand_in
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.controls.packed import PackedRows
from apigw_vtab.controls.row_by_row import is_row_by_row
from apigw_vtab.controls.verdicts import decided, is_identity
from apigw_vtab.errors import ApigwVtabError
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.tokens import quoted
from apigw_vtab.writes.transaction import LANE_COLUMNS


def decided_rows(
    connection: Connection,
    sql: str,
    subject: str | None,
    rows: PackedRows,
    failures: Sequence[CallFailed],
) -> PackedRows:
    """Return a control's rows, each an error if it rests on what could not be read.

    `subject` is the table that its resources come from, if that is known. What is missing of it
    decides nothing about a row that rests on no other row of it.
    """
    own = connection.context.operations(subject)
    mine: list[CallFailed] = []
    others: list[CallFailed] = []
    for one in failures:
        if (one.service, one.operation) in own:
            mine.append(one)
        elif not is_identity(one):
            # Who an account is decides nothing about what it holds.
            others.append(one)
    if mine and not _is_row_by_row(connection, sql, subject):
        others += mine
    if not others:
        return rows
    ids, lanes = connection.executor.log.account_ids, connection.executor.lanes
    places = {(id_or_stand_in(lane.account.label, ids), lane.region) for lane in lanes}
    return PackedRows(decided(rows, others, ids, frozenset(places)))


def identify(connection: Connection, failures: Sequence[CallFailed]) -> None:
    """Learn the ids of accounts of which something was not read, where AWS tells them.

    A control without a row there has not asked who they are, and a report names them.
    """
    estate = connection.context.estate
    labels = {one.label for one in failures if not one.unreached and not one.is_account_wide}
    labels -= connection.executor.log.account_ids.keys()
    accounts = [one for one in estate.profiles if one.label in labels]
    estate.identify(accounts)
    for account in accounts:
        with contextlib.suppress(ApigwVtabError):
            estate.account_id(account)


def _is_row_by_row(connection: Connection, sql: str, subject: str | None) -> bool:
    table = connection.context.tables[subject or ""]
    key = (*LANE_COLUMNS, *table.key)
    return is_row_by_row(sql, table.name, key, dict(_views(connection)))


def _views(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield the views that a statement may name, ours and the user's, and their SELECTs."""
    for _, schema, _ in connection.execute("pragma database_list").fetchall():
        sql = f"select name, sql from {quoted(str(schema))}.sqlite_schema where type = 'view'"
        for name, text in connection.execute(sql).fetchall():
            yield str(name).lower(), str(text)
