"""What a statement would cost: its calls by operation and lane, before they are made.

The statement runs with a stand-in for the calls. Lists that decide which calls follow are really
read, and kept in the cache; all other calls are recorded, and answered with nothing.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

import apsw.ext

from apigw_vtab.aws.call import Call
from apigw_vtab.aws.rehearsal import RehearsalExecutor
from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.tokens import tokens
from apigw_vtab.tables.account import ENABLED_REGIONS, IDENTITY
from apigw_vtab.tables.declaration import Read, Table
from apigw_vtab.tables.values import SqlValue

_PLANNED = re.compile(r"VIRTUAL TABLE INDEX \d+:(\w+)\(")


@dataclass(frozen=True)
class Explanation:
    """The calls that a statement will make, as far as they are known before it runs.

    `calls` counts them by operation, profile and region. `made` counts those that were made to
    find out. `open_ended` names operations that will be called for rows that are not known yet.
    `is_cached` says that the cache has some of the answers, `may_end_early` that SQLite may not
    want all rows.
    """

    calls: Counter[tuple[str, str, str]]
    made: Counter[str]
    open_ended: Sequence[str]
    is_cached: bool = False
    may_end_early: bool = False


def explain(connection: Connection, sql: str, bindings: dict[str, SqlValue]) -> Explanation:
    """Return the calls of a statement. Raises UsageError for several, or for one that writes."""
    info = apsw.ext.query_info(connection, sql, bindings, actions=True)
    if (info.query_remaining or "").strip():
        raise UsageError("Give one statement at a time.")
    if not info.is_readonly:
        raise UsageError("The statement writes: .dryrun on shows what it would change.")
    named = {
        (one.table_name or "", one.column_name or "")
        for one in info.actions or ()
        if one.action == apsw.SQLITE_READ
    }
    tables = connection.context.tables.values()
    leading = leading_reads(tables, {table for table, _ in named}, named)
    rehearsal = RehearsalExecutor(connection.executor, functools.partial(_leads, leading))
    before = rehearsal.log.calls_made
    with connection.context.estate.executed_by(rehearsal):
        list(connection.execute(info.first_query, bindings))
        # The statement may not have waited for every answer that its real run needs.
        for future in rehearsal.led.values():
            future.exception()
    for call, future in rehearsal.led.items():
        # The real run will ask again.
        if connection.executor.cache_ttl <= 0 or future.exception():
            rehearsal.planned[call] = None
    calls = Counter(
        (call.operation.name, call.lane.account.label, call.lane.region)
        for call in rehearsal.planned
    )
    plan = connection.execute(f"explain query plan {info.first_query}", bindings)
    operations = [name for row in plan for name in _PLANNED.findall(str(row[3]))]
    known = {operation for operation, _, _ in calls} | {one.name for one in leading}
    cached = {call.operation.name for call in _cached(connection)}
    unknown = [one for one in dict.fromkeys(operations) if one not in known | cached]
    return Explanation(
        calls,
        Counter(one.call.operation.name for one in connection.executor.log.records(before)),
        unknown,
        is_cached=bool(cached & set(operations)),
        may_end_early=_may_end_early(sql),
    )


def leading_reads(
    tables: Iterable[Table], named: Container[str], columns: Container[tuple[str, str]]
) -> frozenset[Read]:
    """Return the lists whose rows are needed to read other tables, or single resources.

    Those that a lane begins with, those that lead to one of the `named` tables, and those of a
    table with one of the `columns` that only a single resource has.
    """
    every = list(tables)
    found = {
        ancestor.reads[-1]
        for table in every
        for ancestor in table.ancestors
        if not ancestor.reads[-1].needs or table.name in named
    }
    for table in every:
        asked = {name for read in table.reads for name in read.asks}
        for last in table.reads[-1:]:
            single = (asked - last.asks.keys()) | table.lacking[last]
            if any((table.name, name) in columns for name in single):
                found.add(last)
    return frozenset(found)


def _leads(leading: frozenset[Read], call: Call) -> bool:
    """Return whether other calls follow from the answer: ids, regions, and lists of parents."""
    return call.operation in (IDENTITY, ENABLED_REGIONS) or call.operation in leading


def _may_end_early(sql: str) -> bool:
    words = Counter(token.text.lower() for token in tokens(sql))
    return words["limit"] > 0 or words["select"] > 1


def _cached(connection: Connection) -> list[Call]:
    reads = {read for table in connection.context.tables.values() for read in table.reads}
    return [call for read in reads for call, _ in connection.executor.answered(read)]
