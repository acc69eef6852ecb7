"""INSERT ... RETURNING on our tables: the new rows as AWS made them.

SQLite would return the columns as the statement gave them, before anything is sent:
https://sqlite.org/lang_returning.html. So the INSERT runs without its RETURNING clause, whose
columns are then read from the rows that were made.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import apsw

from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.context import ConnectionContext
from apigw_vtab.sqlite.statements import first_statement
from apigw_vtab.sqlite.tokens import bare, tokens
from apigw_vtab.tables.declaration import Table
from apigw_vtab.writes.changes import Change
from apigw_vtab.writes.readings import Touched

_INSERT = ("insert", "replace")


class Clauses(NamedTuple):
    """An INSERT without its RETURNING clause, its table, the clause, and what follows it."""

    insert: str
    table: str
    wanted: str
    more: str


def split(sql: str) -> Clauses | None:
    """Split SQL that begins with an INSERT ... RETURNING; return None for any other SQL."""
    seen: list[str] = []
    outer = [token for token in tokens(sql) if token.depth == 0]
    for token in outer:
        if token.text == ";":
            return None
        if token.text.lower() == "returning" and (table := _target(seen)):
            end = next((t for t in outer if t.text == ";" and t.start > token.start), None)
            wanted = sql[token.end : end.start if end else None]
            return Clauses(sql[: token.start], table, wanted, sql[end.end :].strip() if end else "")
        seen.append(token.text)
    return None


def _target(words: Sequence[str]) -> str | None:
    """Return the table of an INSERT from its words outside parentheses."""
    names = [bare(word) for word in words]
    if not names or names[0] not in (*_INSERT, "with") or "into" not in names:
        return None
    after = names[names.index("into") + 1 :]
    if after[1:2] == ["."]:
        after = after[2:]
    return after[0] if after else None


class StatementCursor(apsw.Cursor):
    """apsw's cursor, except for RETURNING, and for statements that fail half-way."""

    def __init__(self, context: ConnectionContext, connection: apsw.Connection) -> None:
        super().__init__(connection)
        self._context = context

    def execute(self, statements: str, bindings: Any = None, **options: Any) -> apsw.Cursor:
        """Run statements; see apsw.Cursor.execute."""
        self._context.prepared = Touched()
        if self.exec_trace is not None:
            # Who sets a trace only describes the statement, as the shell does. Found in apsw's
            # cache when it runs, it would not be prepared again, and nobody knew what it touches.
            options = {"can_cache": False, **options}
        if "returning" in statements.lower() and self.exec_trace is None:
            clauses = split(statements)
            table = self._context.tables.get(clauses.table) if clauses else None
            if clauses and table and table.insert:
                return self._returning(table, clauses, bindings, options)
        with self._undone_if_it_fails(statements):
            return super().execute(statements, bindings, **options)

    def executemany(self, *arguments: Any, **options: Any) -> apsw.Cursor:
        """Run a statement for each of many bindings; see apsw.Cursor.executemany."""
        self._context.prepared = Touched()
        with self._undone_if_it_fails():
            return super().executemany(*arguments, **options)

    @contextlib.contextmanager
    def _undone_if_it_fails(self, statements: str = "") -> Iterator[None]:
        try:
            yield
        except KeyError as error:
            # apsw raises it for a parameter that the bindings do not have.
            name = error.args[0]
            if not re.search(rf"[:@$]{re.escape(str(name))}\b", statements):
                raise
            raise UsageError(
                f"No value for :{name}. Give one with --param {name}=VALUE, or in the shell with "
                f".parameter set {name} VALUE"
            ) from None
        except BaseException as error:
            in_transaction = self.connection.in_transaction
            # What SQLite itself fails, it has told the tables of.
            if not (in_transaction and isinstance(error, apsw.Error)):
                self._context.transaction.statement_failed(in_transaction=in_transaction)
            raise

    def _returning(
        self,
        table: Table,
        clauses: Clauses,
        bindings: Any,
        options: dict[str, Any],
    ) -> apsw.Cursor:
        transaction = self._context.transaction
        if clauses.more:
            raise UsageError(
                f"Run INSERT INTO {table.name} ... RETURNING on its own: what follows it would "
                "run before its rows are there."
            )
        first, last = _shared_out(self.connection, clauses, bindings)
        transaction.inserted.clear()
        with self._undone_if_it_fails():
            super().execute(clauses.insert, first, **options)
        where = " or ".join(map(_is_row, transaction.inserted)) or "false"
        return super().execute(
            f"select {clauses.wanted}\nfrom {table.name} where {where}", last, **options
        )


def _is_row(change: Change) -> str:
    """Return the SQL term that is true of the row that a change has made."""
    key = {"region": change.lane.region, **change.key}
    return f"({' and '.join(f'{n} = {apsw.format_sql_value(v)}' for n, v in key.items())})"


def _shared_out(connection: apsw.Connection, clauses: Clauses, bindings: Any) -> tuple[Any, Any]:
    """Return the bindings for each of the two statements; named ones go to both."""
    if bindings is None or isinstance(bindings, Mapping):
        return bindings, bindings
    count = len(first_statement(connection, clauses.insert).parameters)
    return tuple(bindings)[:count], tuple(bindings)[count:] or None
