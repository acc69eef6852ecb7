"""Tables of AWS copied into tables of SQLite's own, for what reads the same rows again and again.

SQLite asks a virtual table for each cell, which costs ten times what its own tables cost. So once
the answers are here, the columns that are wanted are copied into a database of its own, on disk
where it is large, and a statement may run there. It makes no call, and its rows are those that it
would have on the connection, in the same order: SQLite has to plan the same loops over the copies.
Whatever is not so plain runs where it always did.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, cast

import apsw

from apigw_vtab.aws.answered import AnsweredExecutor, NotAnswered
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.guest import guest_estate
from apigw_vtab.aws.local_executor import LocalExecutor
from apigw_vtab.errors import ApigwVtabError
from apigw_vtab.scan.batch import Batch
from apigw_vtab.scan.whole_lists import gone_through, whole_scan
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.context import ConnectionContext
from apigw_vtab.sqlite.tokens import bare, tokens
from apigw_vtab.tables.columns import Column
from apigw_vtab.tables.declaration import Scope, Table
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes.transaction import LANE_COLUMNS

Row = tuple[SqlValue, ...]
# An account's id and a region.
Place = tuple[SqlValue, ...]

# How often a table is tried of which something was not read.
MOST_TRIES = 2
# The types of the values that a column of this type keeps as they are:
# https://sqlite.org/datatype3.html#type_affinity
_KEPT = {
    "TEXT": frozenset((str, type(None))),
    "INTEGER": frozenset((int, type(None))),
    "REAL": frozenset((float, type(None))),
    "BLOB": frozenset((bytes, str, int, float, type(None))),
}
# What speaks of the table or of the connection itself, and not of its rows.
_OF_ITSELF = re.compile(
    r"(last_insert_)?rowid|oid|_rowid_|(total_)?changes|(pragma|sqlite)_\w+", re.IGNORECASE
)
# Lines of EXPLAIN QUERY PLAN.
_VIRTUAL = re.compile(r"SCAN (\S+) VIRTUAL TABLE (\w+)\(.*\)( LEFT-JOIN)?")
_SCAN = re.compile(r"SCAN (\S+)( LEFT-JOIN)?")
_SEARCH = re.compile(
    r"SEARCH (\S+) USING AUTOMATIC (?:PARTIAL )?COVERING INDEX \((.+)\)( LEFT-JOIN)?"
)


class TableCopy(NamedTuple):
    """The columns that were copied, and the first and last rowid of each account and region."""

    columns: frozenset[str]
    places: Mapping[Place, tuple[int, int]]


class Copies:
    """Copies of tables, each made when a statement first reads it.

    `columns` are those to copy, by the table's name.
    """

    def __init__(self, connection: Connection, columns: Mapping[str, Collection[str]]) -> None:
        self._connection = connection
        self._columns = columns
        self._copies: dict[str, TableCopy | None] = {}
        self._tries: Counter[str] = Counter()

    @functools.cached_property
    def _beside(self) -> Connection:
        """The connection that has the copies."""
        return _beside(self._connection)

    def close(self) -> None:
        """Remove the copies."""
        if "_beside" in vars(self):
            # Not its estate, whose accounts are in use.
            apsw.Connection.close(self._beside, True)

    def answer(
        self, name: str, sql: str, values: Mapping[str, SqlValue], reads: Mapping[str, set[str]]
    ) -> Iterator[Row] | None:
        """Return the rows of a SELECT, or None if it has to run on the connection itself.

        `name` is the control's, and `reads` are the columns that it reads of each table. Iterating
        may raise what says so later: apsw.Error or ApigwVtabError.
        """
        tables = [self._connection.context.tables[one] for one in reads]
        if any(one.scope is Scope.CONNECTION for one in tables) or any(
            _OF_ITSELF.fullmatch(bare(token.text)) for token in tokens(sql)
        ):
            return None
        copied = [table for table in reads if self.copy_of(table, reads[table])]
        if not copied:
            return None
        ours, theirs = (
            self._loops(one, name, sql, values) for one in (self._connection, self._beside)
        )
        if not _are_alike(ours, theirs, [one for one in tables if one.name in copied]):
            return None
        return self._rows(self._beside, name, sql, values)

    def copy_of(self, name: str, columns: Collection[str]) -> TableCopy | None:
        """Return the copy of a table, made now if it can be; None without these columns."""
        if self._copies.get(name) is None and self._tries[name] < MOST_TRIES:
            self._tries[name] += 1
            self._copies[name] = self._made(self._connection.context.tables[name])
        copy = self._copies[name]
        return copy if copy and copy.columns.issuperset(columns) else None

    def rows_at(self, name: str, place: Place, columns: Sequence[str]) -> Iterator[Row]:
        """Return some columns of all rows of an account and region, of a table that was copied."""
        copy = self._copies[name]
        assert copy is not None
        told = ", ".join(f'"{one}"' for one in columns)
        sql = f"select {told} from {name} where rowid between ? and ?"
        return self._beside.execute(sql, copy.places.get(place, (1, 0)))

    @staticmethod
    def _rows(
        beside: Connection, name: str, sql: str, values: Mapping[str, SqlValue]
    ) -> Iterator[Row]:
        with beside.only_reading(name), beside.context.estate.going_by_profile():
            yield from beside.execute(sql, dict(values))

    @staticmethod
    def _loops(
        connection: Connection, name: str, sql: str, values: Mapping[str, SqlValue]
    ) -> list[str]:
        """Return how SQLite would go through the tables; nothing where it cannot."""
        try:
            with connection.only_reading(name):
                rows = connection.execute(f"explain query plan {sql}", dict(values))
                told = [str(detail) for _, _, _, detail in rows]
        except (apsw.Error, ApigwVtabError):
            return []
        return [
            re.sub(r"VIRTUAL TABLE INDEX \d+:", "VIRTUAL TABLE ", line)
            for line in told
            # It only says earlier that a row will not be found.
            if not line.startswith("BLOOM FILTER")
        ]

    def _made(self, table: Table) -> TableCopy | None:
        """Copy a table, if all of it was read, and every value is of its column's type."""
        if table.scope is not Scope.LANE or table.name not in self._columns:
            return None
        beside = self._beside
        names = [column.name for column in table.columns if not column.hidden]
        wanted = {*LANE_COLUMNS, *table.key, *self._columns[table.name]}
        columns = [name for name in names if name in wanted]
        if _settings(self._connection) != _settings(beside):
            return None
        try:
            with beside, beside.context.estate.going_by_profile():
                beside.authorizer = None
                self._replace(table, columns)
                places = self._fill(table, columns)
            beside.create_scalar_function("not_copied", _not_copied, 1, deterministic=True)
        except (ApigwVtabError, apsw.Error):
            return None
        return TableCopy(frozenset(columns), places)

    def _replace(self, table: Table, columns: Collection[str]) -> None:
        """Put an empty table of SQLite's own in the place of a virtual one."""
        beside = self._beside
        told = ", ".join(_declared(c, c.name in columns) for c in table.columns if not c.hidden)
        # SQLite also asks for such a column, and drops it, when a row is inserted.
        beside.create_scalar_function("not_copied", _nothing, 1, deterministic=True)
        beside.execute(f"drop table temp.{table.name}")
        beside.execute(f"create table temp.{table.name} ({told})")

    def _fill(self, table: Table, columns: Sequence[str]) -> Mapping[Place, tuple[int, int]]:
        """Fill a copy with the rows of the answers; return where those of each place are."""
        beside, answered = self._beside, self._connection.context.answered
        scan = whole_scan(table, columns, beside.context.estate, _fail, answered)
        numbers = [table.index[name] for name in columns]
        at = [columns.index(name) for name in LANE_COLUMNS]
        told = ", ".join(f'"{one}"' for one in columns)
        marks = ", ".join("?" * len(columns))
        sql = f"insert into temp.{table.name} ({told}) values ({marks})"
        places: dict[Place, tuple[int, int]] = {}
        last = 0
        with contextlib.closing(gone_through(scan)) as batches:
            for batch in batches:
                rows = _rows_of(table, batch, numbers)
                beside.executemany(sql, rows)
                if rows:
                    place = tuple(rows[0][one] for one in at)
                    places[place] = (places.get(place, (last + 1, 0))[0], last + len(rows))
                last += len(rows)
        return places


def _declared(column: Column, is_copied: bool) -> str:
    """Return a column's declaration; whoever reads one that is not copied fails."""
    absent = "" if is_copied else f" as (not_copied({LANE_COLUMNS[1]}))"
    return f'"{column.name}" {column.type}{absent}'


def _nothing(*_: SqlValue) -> None:
    return None


def _not_copied(*_: SqlValue) -> None:
    raise NotAnswered


def _settings(connection: Connection) -> tuple[object, object]:
    """Return the settings that change which rows come, or in which order."""
    (is_like,) = connection.execute("select 'a' like 'A'").fetchall()
    return is_like, connection.pragma("reverse_unordered_selects")


def _fail(_call: Call, failure: CallFailed) -> None:
    raise failure


def _rows_of(table: Table, batch: Batch, numbers: Sequence[int]) -> list[Row]:
    """Return the rows of a batch. Raises NotAnswered for a value that SQLite would convert."""
    columns = [batch.cells(number) for number in numbers]
    for number, cells in zip(numbers, columns, strict=True):
        kept = _KEPT.get(table.columns[number].type, frozenset())
        if not kept.issuperset(map(type, cells)):
            raise NotAnswered
    rows = list(zip(*columns, strict=True))
    if isinstance(batch.positions, range) and len(batch.positions) == len(rows):
        return rows
    return [rows[position] for position in batch.positions]


def _beside(connection: Connection) -> Connection:
    """Return a connection that has what this one's calls returned, and makes none."""
    executor = AnsweredExecutor(connection.executor)
    own = guest_estate(connection.context.estate, executor)
    beside = Connection("", ConnectionContext(own, cast(LocalExecutor, executor), raises=True))
    # All that runs there is a part of a statement of the connection's own.
    beside.trace_v2(0, None, id="apigw-vtab")
    return beside


def _are_alike(ours: Sequence[str], theirs: Sequence[str], copied: Sequence[Table]) -> bool:
    """Return whether the same loops run, so that rows come in the same order.

    A copy may be searched by an index that SQLite makes for the statement, if that finds one row:
    several would come in the order of the index.
    """
    return (
        len(ours) == len(theirs)
        and bool(ours)
        and all(
            one == other or _is_same_loop(one, other, copied)
            for one, other in zip(ours, theirs, strict=True)
        )
    )


def _is_same_loop(ours: str, theirs: str, copied: Sequence[Table]) -> bool:
    virtual = _VIRTUAL.fullmatch(ours)
    if virtual is None:
        return False
    name, operation, how = virtual.groups()
    if scan := _SCAN.fullmatch(theirs):
        return scan.groups() == (name, how)
    search = _SEARCH.fullmatch(theirs)
    if search is None or (search[1], search[3]) != (name, how):
        return False
    columns = {term.partition("=")[0] for term in search[2].split(" AND ")}
    # The name may be an alias, but the operation tells which tables it can be.
    able = [table for table in copied if any(one.name == operation for one in table.reads)]
    return all(table.key and columns >= {*LANE_COLUMNS, *table.key} for table in able)
