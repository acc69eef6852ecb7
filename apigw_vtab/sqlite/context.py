"""What the tables of a connection read from and write to, without SQLite's callbacks."""

from __future__ import annotations

import contextlib
import sys
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import apsw

from apigw_vtab.aws.call import Call
from apigw_vtab.aws.estate import Estate
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.local_executor import LocalExecutor
from apigw_vtab.scan.batch import Batch
from apigw_vtab.scan.plan import Plan
from apigw_vtab.scan.readahead import Leader
from apigw_vtab.sqlite.named_secrets import NamedSecrets
from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.registry import TABLES
from apigw_vtab.tables.services import service_of
from apigw_vtab.writes.policy import WritePolicy
from apigw_vtab.writes.readings import Touched
from apigw_vtab.writes.transaction import Transaction

# More statements than apsw keeps prepared.
MOST_PREPARED = 512


class ConnectionContext:
    """What the tables of a connection read from, and what happens if a call gets no answer.

    Separate from the connection, so that nothing that SQLite holds refers back to it.
    """

    # Kept here: at exit, the names of a module may be gone.
    _is_finalizing = staticmethod(sys.is_finalizing)

    def __init__(
        self,
        estate: Estate,
        executor: LocalExecutor,
        *,
        raises: bool,
        tables: Sequence[Table] = TABLES,
        policy: WritePolicy | None = None,
    ) -> None:
        self.estate = estate
        self.executor = executor
        self.transaction = Transaction(estate, executor, tables, policy or WritePolicy())
        # Where SQLite found the rows that it is about to change, by table and rowid.
        self.rows: dict[tuple[str, int], tuple[Batch, int]] = {}
        self.raises = raises
        # Whether answers are compressed once a scan of all rows has gone through a thousand.
        self.compresses = False
        # What the statement touches that SQLite prepared last, and those that apsw keeps prepared.
        self.prepared = Touched()
        self.secrets = NamedSecrets(executor.log)
        self._prepared_before: dict[str, Touched] = {}
        self._running: set[int] = set()
        # The statements in which the user did without an account and region.
        self._denied_in: weakref.WeakKeyDictionary[CallFailed, int] = weakref.WeakKeyDictionary()
        # The columns that SQLite will read of each table, as it said while it planned statements.
        self.columns_used: dict[str, set[str]] = {}
        # The plans that were made for each table, by their number.
        self.plans: dict[str, list[Plan]] = {}
        self.tables = {table.name: table for table in tables}
        # The open cursors of each table.
        self.cursors: dict[str, list[Leader]] = {table.name: [] for table in tables}

    @property
    def is_abandoned(self) -> bool:
        """Whether a thread may never come back that holds a lock: at exit, and after a fork."""
        return self._is_finalizing() or self.executor.is_elsewhere

    @contextlib.contextmanager
    def compressing(self) -> Iterator[None]:
        """Compress many answers while the block runs: it comes back to few of them."""
        self.compresses = True
        try:
            yield
        finally:
            self.compresses = False

    def move_to(self, estate: Estate) -> None:
        """Read from, and write to, other lanes from now on."""
        self.estate = self.transaction.estate = estate

    def operations(self, table: str | None) -> frozenset[tuple[str, str]]:
        """Return the services and operations that a table's own rows come from.

        None if it is unknown. The two versions of API Gateway have operations of the same name.
        """
        reads = self.tables[table].reads if table in self.tables else ()
        return frozenset((read.service, read.name) for read in reads)

    def failed(self, call: Call, failure: CallFailed) -> None:
        """Record a call that got no answer. Raises its failure with on_error="raise"."""
        log = self.executor.log
        left_out = self.estate.leaves_out(failure)
        log.unread(call, failure, left_out=left_out)
        if failure.is_regional and not left_out:
            log.read(call.lane)
        if failure.is_left_out:
            self._denied_in[failure] = self.executor.statement
        elif self.raises:
            raise failure

    def answered(self, call: Call) -> None:
        """Note that the answer of a call was read, so that its account and region is not left out.

        With on_error="raise", raises what this statement was denied there.
        """
        if service_of(call.operation.service).is_regional:
            denied = self.executor.log.read(call.lane)
            for failure in denied if self.raises else ():
                if self._denied_in.get(failure) == self.executor.statement:
                    raise failure

    def traced(self, event: dict[str, Any]) -> None:
        """Record a statement's beginning and end, as sqlite3_trace_v2 reports them."""
        # What a trigger runs is known by its statement's id: its text, a comment, could as well
        # belong to a statement that begins with one.
        if self.is_abandoned:
            return
        number = event["id"]
        if event["code"] == apsw.SQLITE_TRACE_PROFILE:
            if number not in self._running:
                # SQLite reports that an EXPLAIN ends, but not that it begins.
                return
            self._running.remove(number)
            self.transaction.readings.statement_ended(number)
            self.estate.executor.statement_ended()
        elif number not in self._running:
            self._running.add(number)
            connection: apsw.Connection = event["connection"]
            touched = self._touched_by(event["sql"])
            schemas = {schema for schema, _ in touched.writes | touched.drops} - {"temp"}
            files = list(filter(None, map(connection.db_filename, schemas)))
            self.secrets.statement_began(touched, files)
            self.transaction.readings.statement_began(
                number, touched, files, in_transaction=connection.in_transaction
            )
            self.estate.executor.statement_began()
            self.transaction.statement_began()

    def _touched_by(self, sql: str) -> Touched:
        """Return what a statement touches, also one that was prepared before."""
        touched, self.prepared = self.prepared, Touched()
        if touched == Touched():
            return self._prepared_before.get(sql, touched)
        while len(self._prepared_before) >= MOST_PREPARED:
            del self._prepared_before[next(iter(self._prepared_before))]
        self._prepared_before[sql] = touched
        return touched
