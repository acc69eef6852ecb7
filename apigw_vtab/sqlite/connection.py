"""The connection: an SQLite database with an estate's tables in its `temp` schema."""

from __future__ import annotations

import atexit
import contextlib
import functools
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import apsw

from apigw_vtab.aws.local_executor import LocalExecutor
from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.authorizer import (
    OnlyReader,
    allow_reads,
    allow_rehearsal,
    allow_writes,
    control_reader,
)
from apigw_vtab.sqlite.context import ConnectionContext
from apigw_vtab.sqlite.functions import add_functions, add_views
from apigw_vtab.sqlite.hidden_names import names_that_ours_hide, refuse_hidden_names
from apigw_vtab.sqlite.module import Module
from apigw_vtab.sqlite.returning import StatementCursor
from apigw_vtab.tables.views import shipped_views
from apigw_vtab.writes.changes import Change

# Instructions of SQLite, a few milliseconds of them.
STEPS_BETWEEN_SIGNALS = 100_000
# Seconds that a statement in another thread has to notice that its connection was closed.
LEAVING = 1.0
# From this version of its modules on, SQLite tells tables about savepoints.
MODULE_WITH_SAVEPOINTS = 2


class Connection(apsw.Connection):
    """An SQLite connection in whose `temp` schema an estate's tables live."""

    def __init__(self, db: str, context: ConnectionContext) -> None:
        super().__init__(db)
        if (encoding := self.pragma("encoding")) != "UTF-8":
            super().close()
            raise UsageError(
                f"The text in {db} is {encoding}, which sorts differently from AWS's: "
                f"copy it first, with sqlite3 {db} .dump | sqlite3 NEW"
            )
        self.context = context
        self.executor = context.executor
        # At exit, all that are left are closed together.
        _OPEN.add(self.executor)
        weakref.finalize(self, _close_elsewhere, self.executor).atexit = False
        for table in context.tables.values():
            self.create_module(
                table.name,
                cast(Any, Module(context, table)),
                use_bestindex_object=True,
                use_no_change=True,
                iVersion=MODULE_WITH_SAVEPOINTS,
                # A write that is not possible is refused with a reason and what to do.
                read_only=False,
            )
        self._declare(context.tables)
        self.refuse_hidden_names()
        add_functions(self)
        add_views(self)
        views = (view.name for view in shipped_views())
        for hidden in names_that_ours_hide(self, {*context.tables, *views}):
            self.executor.log.warn(hidden)
        self.cursor_factory = functools.partial(StatementCursor, context)
        self._allow_writes = functools.partial(allow_writes, context)
        self.authorizer = self._allow_writes
        events = apsw.SQLITE_TRACE_STMT | apsw.SQLITE_TRACE_PROFILE
        self.trace_v2(events, context.traced, id="apigw-vtab")
        # Python notices Ctrl-C only when Python code runs, so let some run while SQLite is busy.
        self.set_progress_handler(_go_on, STEPS_BETWEEN_SIGNALS, id="apigw-vtab")

    def close(self, force: bool = False) -> None:
        """Close the connection and end its threads; a statement in another thread fails.

        Raises apsw.ThreadingViolationError if that statement does not end.
        """
        self.executor.close()
        until = time.monotonic() + LEAVING
        while True:
            try:
                super().close(force)
                break
            except apsw.ThreadingViolationError:
                if time.monotonic() > until:
                    raise
            time.sleep(0.01)
        self.context.estate.close()
        self.context.transaction.close()

    @contextlib.contextmanager
    def only_reading(self, by: str | OnlyReader) -> Iterator[None]:
        """Let the control of a name only read while the block runs: others may have written it."""
        reader = control_reader(by) if isinstance(by, str) else by
        self.authorizer = functools.partial(allow_reads, self.context, reader)
        try:
            yield
        finally:
            self.authorizer = self._allow_writes

    @contextlib.contextmanager
    def rehearsal(self, name: str) -> Iterator[Callable[[], list[Change]]]:
        """Let the remedy of the control `name` change AWS's tables; then take all of it back.

        Yields a function that returns what was changed so far. Nothing is sent, and nothing is
        read that is known already.
        """
        transaction = self.context.transaction
        before = transaction.changes.lengths()
        with transaction.rehearsing():
            self.execute("savepoint rehearsal")
            reader = control_reader(name)
            self.authorizer = functools.partial(allow_rehearsal, self.context, reader)
            try:
                yield lambda: transaction.changes.since(before)
            finally:
                self.authorizer = self._allow_writes
                self.execute("rollback to rehearsal")
                self.execute("release rehearsal")

    def refuse_hidden_names(self) -> None:
        """Raise UsageError if a table or view hides a function that queries read."""
        refuse_hidden_names(self, self.context.tables)

    def _declare(self, names: Iterable[str]) -> None:
        """Put the tables into the temp schema without connecting to them.

        CREATE VIRTUAL TABLE would read every service model now; an entry in the schema is
        connected to when a statement first names it.
        """
        self.pragma("writable_schema", True)
        for name in names:
            self.execute(
                "insert into sqlite_temp_schema(type, name, tbl_name, rootpage, sql)"
                " values('table', ?1, ?1, 0, ?2)",
                (name, f"CREATE VIRTUAL TABLE {name} USING {name}"),
            )
        # "reset" also reads the schema again: https://sqlite.org/pragma.html#pragma_writable_schema
        self.execute("pragma writable_schema = reset")


# Those that may have threads. One that is frozen at exit keeps its locks, and SQLite's last words
# to a cursor would wait for them for ever.
_OPEN: weakref.WeakSet[LocalExecutor] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for executor in list(_OPEN):
        executor.close()


def _go_on() -> bool:
    return False


def _close_elsewhere(executor: LocalExecutor) -> None:
    """Close the executor of a connection that was dropped, on a thread of its own.

    The garbage collector runs wherever it likes, perhaps inside one of the executor's locks.
    """
    closing = threading.Thread(target=executor.close, name="apigw-vtab closing", daemon=True)
    closing.start()
