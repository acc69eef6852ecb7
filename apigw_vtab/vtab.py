"""The tables as SQLite sees them: the only file that speaks xBestIndex and xFilter.

https://sqlite.org/vtab.html and https://rogerbinns.github.io/apsw/vtable.html
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

import apsw

from apigw_vtab import planner
from apigw_vtab.batch import Batch
from apigw_vtab.call import Call
from apigw_vtab.errors import CallFailed
from apigw_vtab.estate import Estate
from apigw_vtab.lanes import Lane
from apigw_vtab.planner import UNKNOWN, Constraint, Keys, Plan
from apigw_vtab.readahead import GUESSED_WINDOW, LED_WINDOW, Key, ListOrder, ReadAhead
from apigw_vtab.scan import Scan
from apigw_vtab.schema import Fetch, Scope, SqlValue, Table
from apigw_vtab.tables import TABLES

# SQLite's own instructions, some milliseconds of them.
STEPS_BETWEEN_SIGNALS = 100_000

OPERATORS: dict[int, str] = {
    apsw.SQLITE_INDEX_CONSTRAINT_EQ: planner.EQUAL,
    apsw.SQLITE_INDEX_CONSTRAINT_LT: "<",
    apsw.SQLITE_INDEX_CONSTRAINT_LE: "<=",
    apsw.SQLITE_INDEX_CONSTRAINT_GT: ">",
    apsw.SQLITE_INDEX_CONSTRAINT_GE: ">=",
    apsw.SQLITE_INDEX_CONSTRAINT_LIKE: planner.LIKE,
    apsw.SQLITE_INDEX_CONSTRAINT_GLOB: planner.GLOB,
    apsw.SQLITE_INDEX_CONSTRAINT_IS: planner.IS,
    apsw.SQLITE_INDEX_CONSTRAINT_ISNULL: planner.IS_NULL,
    apsw.SQLITE_INDEX_CONSTRAINT_ISNOTNULL: planner.IS_NOT_NULL,
    apsw.SQLITE_INDEX_CONSTRAINT_LIMIT: planner.LIMIT,
    apsw.SQLITE_INDEX_CONSTRAINT_OFFSET: planner.OFFSET,
}


class Source:
    """What the tables of a connection read from, and what is done when something gives no answer.

    Apart from the connection, so that nothing that SQLite holds leads back to it.
    """

    def __init__(self, estate: Estate, *, raises: bool, tables: Sequence[Table] = TABLES) -> None:
        self.estate = estate
        self.raises = raises
        self.tables = {table.name: table for table in tables}
        # The cursors that are open on each table.
        self.cursors: dict[str, list[Cursor]] = {table.name: [] for table in tables}

    def parent(self, column: str) -> Table:
        """Give the table whose rows are identified by a key column."""
        return next(table for table in self.tables.values() if table.key == (column,))

    def operations(self, table: str | None) -> frozenset[str]:
        """Give the AWS operations that a table's own rows come from; none for no such table."""
        fetches = self.tables[table].fetches if table in self.tables else ()
        return frozenset(fetch.operation for fetch in fetches)

    def failed(self, call: Call, failure: CallFailed) -> None:
        """Take down a call that gave no answer, and raise it where that was asked for."""
        self.estate.calls.could_not_read(call, failure)
        if self.raises:
            raise failure

    def traced(self, event: dict[str, Any]) -> None:
        """Take note of a statement's begin and end, as sqlite3_trace_v2 tells them."""
        if event["code"] == apsw.SQLITE_TRACE_PROFILE:
            self.estate.calls.statement_ended()
        elif not event["trigger"]:
            self.estate.calls.statement_began()


class Connection(apsw.Connection):
    """An SQLite connection in whose `temp` schema an estate's tables live."""

    def __init__(self, db: str, source: Source) -> None:
        super().__init__(db)
        self.source = source
        self.calls = source.estate.calls
        weakref.finalize(self, self.calls.close)
        for table in source.tables.values():
            self.create_module(
                table.name,
                cast(Any, Module(source, table)),
                use_bestindex_object=True,
                read_only=True,
            )
        self._declare(source.tables)
        events = apsw.SQLITE_TRACE_STMT | apsw.SQLITE_TRACE_PROFILE
        self.trace_v2(events, source.traced, id="apigw-vtab")
        # Python hears of Ctrl-C when some Python runs, also while SQLite is busy by itself.
        self.set_progress_handler(_go_on, STEPS_BETWEEN_SIGNALS, id="apigw-vtab")

    def close(self, force: bool = False) -> None:
        """Close the connection and end its threads."""
        super().close(force)
        self.calls.close()

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


def _go_on() -> bool:
    return False


class Module:
    """SQLite's module of one table."""

    def __init__(self, source: Source, table: Table) -> None:
        self._source = source
        self._table = table

    def Create(  # noqa: N802
        self, _db: apsw.Connection, _module: str, _schema: str, _name: str, *_args: Any
    ) -> tuple[str, VirtualTable]:
        """Declare the table's columns to SQLite."""
        columns = ", ".join(f'"{column.name}" {column.type}' for column in self._table.columns)
        return f"create table x({columns})", VirtualTable(self._source, self._table)

    Connect = Create


class VirtualTable:
    """A table that SQLite is connected to, and the plans that were made for it."""

    def __init__(self, source: Source, table: Table) -> None:
        self.source = source
        self.table = table
        self.plans: list[Plan] = []
        self._numbers: dict[Plan, int] = {}

    def BestIndexObject(self, index: apsw.IndexInfo) -> bool:  # noqa: N802
        """Plan a scan: https://sqlite.org/vtab.html#the_xbestindex_method."""
        constraints = [self._constraint(index, i) for i in range(index.nConstraint)]
        names = [column.name for column in self.table.columns]
        reads = [names[number] for number in index.colUsed if number < len(names)]
        plan = planner.plan(self.table, constraints, reads, ordered=index.nOrderBy > 0)
        for argument, use in enumerate(plan.uses, start=1):
            index.set_aConstraintUsage_argvIndex(use.position, argument)
            if use.operator == planner.ONE_OF and sets_may_be_empty():
                index.set_aConstraintUsage_in(use.position, True)
        index.idxNum = self._number(plan)
        index.idxStr = str(plan)
        index.estimatedCost = plan.cost
        index.estimatedRows = plan.rows
        return True

    def Open(self) -> Cursor:  # noqa: N802
        """Open a cursor."""
        return Cursor(self)

    def Disconnect(self) -> None:  # noqa: N802
        """Nothing is held for a table."""

    Destroy = Disconnect

    def _constraint(self, index: apsw.IndexInfo, i: int) -> Constraint:
        operator = OPERATORS.get(index.get_aConstraint_op(i), "")
        column = index.get_aConstraint_iColumn(i)
        bounds = operator in (planner.LIMIT, planner.OFFSET)
        if operator == planner.EQUAL and index.get_aConstraintUsage_in(i):
            operator = planner.ONE_OF
        try:
            value = index.get_aConstraint_rhs(i)
        except UnicodeDecodeError:
            value = None
        return Constraint(
            "" if bounds or column < 0 else self.table.columns[column].name,
            operator,
            index.get_aConstraint_usable(i),
            UNKNOWN if value is None else value,
            bounds or index.get_aConstraint_collation(i) == "BINARY",
        )

    def _number(self, plan: Plan) -> int:
        if plan not in self._numbers:
            self._numbers[plan] = len(self.plans)
            self.plans.append(plan)
        return self._numbers[plan]


class Cursor:
    """A scan as SQLite walks it: one row at a time, each cell on demand."""

    def __init__(self, table: VirtualTable) -> None:
        self._table = table
        self._scan: Scan | None = None
        self._batches: Iterator[Batch] = iter(())
        self._batch: Batch | None = None
        self._cells: _Cells = _Cells(None)
        self._positions: Iterator[int] = iter(())
        self._position: int | None = None
        self._keys: Keys | None = None
        self._read_aheads: dict[Fetch, ReadAhead] = {}
        self._guess: ReadAhead | None = None

    def Filter(  # noqa: N802
        self, index_number: int, _index_name: str | None, values: tuple[Any, ...] | None
    ) -> None:
        """Start a scan."""
        self._end_scan()
        plan = self._table.plans[index_number]
        keys = planner.bind(plan, values or ())
        if keys is not None:
            self._start(plan, keys)
        self.Next()

    def current_key(self) -> Key | None:
        """Give the lane and the key of the row that SQLite stands on."""
        if self._batch is None or self._position is None:
            return None
        return self._batch.key(self._position)

    def next_keys(self) -> Iterator[Key | None]:
        """Give those of the rows that come next; None where an answer is not there yet."""
        if self._batch is None or self._position is None or self._keys is None or not self._scan:
            return
        keys, to_come = self._keys, self._scan.batches_to_come()
        yield from self._batch.keys_to_come(self._position, keys)
        for batch in to_come:
            if batch is None:
                yield None
            else:
                yield from batch.keys_to_come(-1, keys)

    def read_ahead(self, fetch: Fetch) -> ReadAhead:
        """Give what keeps the calls of a child table's fetch ahead of this cursor."""
        if fetch not in self._read_aheads:
            calls = self._table.source.estate.calls
            self._read_aheads[fetch] = ReadAhead(self, fetch, calls, LED_WINDOW)
        return self._read_aheads[fetch]

    def Next(self) -> None:  # noqa: N802
        """Go to the next row, waiting for its answer if need be."""
        self._position = next(self._positions, None)
        while self._position is None:
            self._batch = next(self._batches, None)
            if self._batch is None:
                return
            self._cells = _Cells(self._batch)
            self._positions = iter(self._batch.positions)
            self._position = next(self._positions, None)

    def Eof(self) -> bool:  # noqa: N802
        """Tell whether there is no row any more."""
        return self._position is None

    def Column(self, number: int) -> SqlValue:  # noqa: N802
        """Give a cell of the row; -1 is the rowid."""
        if number < 0:
            return self.Rowid()
        return self._cells[number][self._position]  # type: ignore[index]

    def Rowid(self) -> int:  # noqa: N802
        """Give the row's number."""
        assert self._batch is not None
        assert self._position is not None
        return self._batch.rowid(self._position)

    def Close(self) -> None:  # noqa: N802
        """End the scan; calls that were not sent yet are taken back."""
        self._end_scan()
        if self._guess is not None:
            self._guess.close()
            self._guess = None

    def _end_scan(self) -> None:
        for ahead in self._read_aheads.values():
            ahead.close()
        self._read_aheads.clear()
        if self._scan is not None:
            self._scan.close()
            self._scan = None
            self._table.source.cursors[self._table.table.name].remove(self)
        self._batches, self._positions = iter(()), iter(())
        self._batch = self._position = None

    def _start(self, plan: Plan, keys: Keys) -> None:
        source = self._table.source
        self._keys = keys
        self._scan = Scan(plan, keys, source.estate, source.parent, source.failed)
        source.cursors[plan.table.name].append(self)
        self._scan.start()
        if "account_id" in plan.reads and plan.table.scope is Scope.LANE:
            source.estate.identify_all()
        if plan.by_row and keys.fetch:
            self._look_ahead(plan.by_row, keys, keys.fetch, self._scan.lanes)
        self._batches = self._scan.batches()

    def _look_ahead(self, column: str, keys: Keys, fetch: Fetch, lanes: Sequence[Lane]) -> None:
        """Start the calls of the look-ups to come: a cursor on the parent leads, or their order."""
        source = self._table.source
        parent = source.parent(column)
        for cursor in reversed(source.cursors[parent.name]):
            key = cursor.current_key()
            if key and keys.admits(column, key[1]) and keys.admits("region", key[0].region):
                cursor.read_ahead(fetch).looked_up(key)
                return
        if len(lanes) == 1:
            key = lanes[0], keys.pinned[column][0]
            if self._guess is None:
                calls = source.estate.calls
                order = ListOrder(parent, key, calls)
                self._guess = ReadAhead(order, fetch, calls, GUESSED_WINDOW)
            self._guess.looked_up(key)


class _Cells(dict[int, list[SqlValue]]):
    """The columns of a batch, each made when it is first read."""

    def __init__(self, batch: Batch | None) -> None:
        self._batch = batch

    def __missing__(self, number: int) -> list[SqlValue]:
        assert self._batch is not None
        cells = self[number] = self._batch.cells(number)
        return cells


@functools.cache
def sets_may_be_empty() -> bool:
    """Tell whether apsw can hand over the values of an IN at once, also when there are none.

    apsw 3.54 fails on a subquery without rows. Where it does, SQLite hands over one value after
    the other: the same rows and calls, but not side by side.
    """

    class Probe:
        def Create(self, *_: Any) -> tuple[str, Any]:  # noqa: N802
            return "create table x(a)", self

        Connect = Create

        def BestIndexObject(self, index: apsw.IndexInfo) -> bool:  # noqa: N802
            for i in range(index.nConstraint):
                index.set_aConstraintUsage_argvIndex(i, i + 1)
                index.set_aConstraintUsage_in(i, True)
            return True

        def Open(self) -> Any:  # noqa: N802
            return self

        def Filter(self, *_: Any) -> None:  # noqa: N802
            """There is nothing to find."""

        def Eof(self) -> bool:  # noqa: N802
            return True

        Close = Disconnect = Destroy = Filter

    connection = apsw.Connection(":memory:")
    connection.create_module(
        "probe", cast(Any, Probe()), use_bestindex_object=True, eponymous=True, read_only=True
    )
    try:
        return not list(connection.execute("select a from probe where a in (select 1 where 0)"))
    except apsw.SQLError:
        return False
