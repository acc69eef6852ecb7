"""What the tables of a connection read from, and write to. Knows nothing of how SQLite asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import apsw

from apigw_vtab.aws.call import Call
from apigw_vtab.aws.estate import Estate
from apigw_vtab.aws.failures import CallFailed, UsageError
from apigw_vtab.scan.batch import Batch
from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.stages import TABLES
from apigw_vtab.writes.transaction import Manner, Writing

WRITES = {
    apsw.SQLITE_INSERT: "INSERT INTO",
    apsw.SQLITE_UPDATE: "UPDATE",
    apsw.SQLITE_DELETE: "DELETE FROM",
}

# All that a statement may do which reads: https://sqlite.org/c3ref/c_alter_table.html
READS = frozenset(
    (apsw.SQLITE_SELECT, apsw.SQLITE_READ, apsw.SQLITE_RECURSIVE, apsw.SQLITE_FUNCTION)
)
# Functions that bring in code from elsewhere.
UNSAFE = frozenset(("fts3_tokenizer", "load_extension"))
# Pragmas that describe and change nothing.
DESCRIBING = frozenset(
    (
        *("collation_list", "compile_options", "database_list", "foreign_key_list"),
        *("function_list", "index_info", "index_list", "index_xinfo", "module_list"),
        *("pragma_list", "table_info", "table_list", "table_xinfo"),
    )
)

if TYPE_CHECKING:
    from apigw_vtab.sqlite.module import Cursor


class Source:
    """What the tables of a connection read from, and what is done when something gives no answer.

    Apart from the connection, so that nothing that SQLite holds leads back to it.
    """

    def __init__(
        self,
        estate: Estate,
        *,
        raises: bool,
        tables: Sequence[Table] = TABLES,
        manner: Manner | None = None,
    ) -> None:
        self.estate = estate
        self.writing = Writing(estate, tables, manner or Manner())
        # Where SQLite found the rows that it is about to change, by table and rowid.
        self.rows: dict[tuple[str, int], tuple[Batch, int]] = {}
        self.raises = raises
        self._running: set[int] = set()
        self.tables = {table.name: table for table in tables}
        # The cursors that are open on each table.
        self.cursors: dict[str, list[Cursor]] = {table.name: [] for table in tables}

    def move_to(self, estate: Estate) -> None:
        """Read from, and write to, other lanes from now on."""
        self.estate = self.writing.estate = estate

    def parent(self, column: str) -> Table:
        """Give the table whose rows are identified by a key column."""
        return next(table for table in self.tables.values() if table.key == (column,))

    def operations(self, table: str | None) -> frozenset[str]:
        """Give the AWS operations that a table's own rows come from; none for no such table."""
        fetches = self.tables[table].fetches if table in self.tables else ()
        return frozenset(fetch.operation for fetch in fetches)

    def writing_allows(
        self, action: int, name: str | None, column: str | None, schema: str | None, _: str | None
    ) -> int:
        """Say no to a statement that cannot be, before it runs: sqlite3_set_authorizer asks.

        https://sqlite.org/c3ref/set_authorizer.html
        """
        if action == apsw.SQLITE_ALTER_TABLE and name == "temp" and column in self.tables:
            raise UsageError(f"The table {column} is AWS's: it cannot be altered.")
        if action == apsw.SQLITE_DROP_VTABLE and name in self.tables and schema == "temp":
            raise UsageError(f"The table {name} is AWS's: it cannot be dropped.")
        if action == apsw.SQLITE_PRAGMA and (name or "").lower() == "encoding" and column:
            # Our tables are there already; SQLite itself ignores it from the first table on.
            return apsw.SQLITE_IGNORE
        verb = WRITES.get(action)
        table = self.tables.get(name or "") if verb and schema == "temp" else None
        if verb and table:
            self.writing.check(table, verb, column)
        return apsw.SQLITE_OK

    def reading_allows(
        self, control: str, action: int, name: str | None, detail: str | None, *_: str | None
    ) -> int:
        """Say no to all that a control does but read: other files, extensions, settings, writes."""
        dangerous = action == apsw.SQLITE_FUNCTION and (detail or "").lower() in UNSAFE
        describes = action == apsw.SQLITE_PRAGMA and (name or "").lower() in DESCRIBING
        if describes or (action in READS and not dangerous):
            return apsw.SQLITE_OK
        word = str(detail).upper() if dangerous else str(apsw.mapping_authorizer_function[action])
        raise UsageError(
            f"The control {control!r} may read and do no more: {word.removeprefix('SQLITE_')} is "
            f"not allowed. If you trust it: apigw-vtab query {control}"
        )

    def failed(self, call: Call, failure: CallFailed) -> None:
        """Take down a call that gave no answer, and raise it where that was asked for."""
        self.estate.calls.could_not_read(call, failure)
        if self.raises:
            raise failure

    def traced(self, event: dict[str, Any]) -> None:
        """Take note of a statement's begin and end, as sqlite3_trace_v2 tells them."""
        # What a trigger runs has its statement's id; by its text a trigger is told from nothing
        # else that begins with a comment.
        if event["code"] == apsw.SQLITE_TRACE_PROFILE:
            self._running.discard(event["id"])
            self.estate.calls.statement_ended()
        elif event["id"] not in self._running:
            self._running.add(event["id"])
            self.estate.calls.statement_began()
            self.writing.statement_began()
