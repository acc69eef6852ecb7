"""Reads what all controls need side by side, and says which control can run already.

Controls run one after another, and each waits for its last answer: without this, a quota that only
a later one needs would lie idle. So the lists that controls go through from their first row to the
last are read beside them, without SQL. A few controls that ask for more run a second time, on
connections of their own that share every call with the first; what they say is thrown away. All of
it is asked for anyway, so not one call more is made; where a region turns out to be left out, what
was asked there meanwhile is.
"""

from __future__ import annotations

import contextlib
import functools
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from queue import Queue
from typing import cast

import apsw

from apigw_vtab.aws.estate import Estate
from apigw_vtab.aws.guest import GuestExecutor, guest_estate
from apigw_vtab.aws.local_executor import LocalExecutor
from apigw_vtab.controls.columns_read import Reads
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.errors import ApigwVtabError
from apigw_vtab.scan.plan import Plan
from apigw_vtab.scan.scan import Scan
from apigw_vtab.scan.whole_lists import gone_through, whole_scan
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.context import ConnectionContext
from apigw_vtab.sqlite.loops import Loop, loops_of
from apigw_vtab.tables.declaration import Read, Table
from apigw_vtab.tables.values import SqlValue

# Seconds that these connections have to notice that nobody waits for them.
LEAVING = 1.0
Bindings = Mapping[str, SqlValue]


@dataclass(frozen=True)
class Ahead:
    """What is read beside the controls: the tables, how, and how it is ended early.

    `is_list`: without SQL.
    """

    tables: frozenset[str]
    read: Callable[[], None]
    stop: Callable[[], None]
    is_list: bool = False


def as_answers_come(
    connection: Connection,
    controls: Sequence[SavedQuery],
    bindings: Sequence[Bindings],
    reads: Sequence[Reads],
) -> Generator[int, None, None]:
    """Yield the places of controls, each when what it reads has been read, as far as is known.

    `reads` is what each control reads. Nothing is read ahead if answers are not kept, or if a
    transaction has changed what is read.
    """
    places = range(len(controls))
    keeps = connection.executor.most_ahead >= len(controls) and not connection.in_transaction
    several = keeps and len(controls) > 1
    ahead = list(_to_read(connection, controls, bindings, reads)) if several else []
    if len(ahead) < 2 and not any(one.is_list for one in ahead):
        yield from places
        return
    ended: Queue[frozenset[str]] = Queue()
    threads = [
        threading.Thread(target=_run, args=(one, ended.put), name="apigw-vtab ahead", daemon=True)
        for one in ahead
    ]
    for thread in threads:
        thread.start()
    try:
        yield from _in_turn(places, [set(some) for some in reads], ended, len(ahead))
    finally:
        for one in ahead:
            one.stop()
        until = time.monotonic() + LEAVING
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))


def _to_read(
    connection: Connection,
    controls: Sequence[SavedQuery],
    bindings: Sequence[Bindings],
    reads: Sequence[Reads],
) -> Iterator[Ahead]:
    """Yield the lists that controls go through, and a few controls that read all the rest."""
    loops = [
        _loops(connection, control, values) if some else ()
        for control, values, some in zip(controls, bindings, reads, strict=True)
    ]
    whole = [one.plan for some in loops for one in some or () if one.always and _is_of_all(one)]
    lists = {read for plan in whole for read in _lists_of(plan)}
    known = set[str]()
    for plan in _distinct(whole):
        tables = _tables_in(connection, plan)
        known |= tables
        estate, _ = _guests(connection)
        scan = whole_scan(plan.table, plan.columns, estate)
        yield Ahead(tables, functools.partial(_go_through, scan, estate), scan.close, True)
    # A join goes at the pace of its slowest table, so those that join the fewest come first.
    for place in sorted(range(len(controls)), key=lambda one: len(reads[one])):
        if not _asks_only_for(lists, loops[place]) and not reads[place].keys() <= known:
            known |= reads[place].keys()
            beside = _beside(connection)
            read = functools.partial(_read, beside, controls[place], bindings[place])
            yield Ahead(frozenset(reads[place]), read, beside.interrupt)


def _loops(connection: Connection, control: SavedQuery, values: Bindings) -> Sequence[Loop] | None:
    """Return a control's loops over what AWS is asked for; None if it is not clear over what."""
    try:
        with connection.only_reading(control.name):
            loops = loops_of(connection, control.sql, values)
    except (apsw.Error, ApigwVtabError):
        return ()
    return None if loops is None else [one for one in loops if one.plan.reads]


def _is_of_all(loop: Loop) -> bool:
    return all(use.foresight for use in loop.plan.uses)


def _asks_only_for(lists: Collection[Read], loops: Sequence[Loop] | None) -> bool:
    """Return whether all that a control asks for is in lists that are read anyway."""
    return loops is not None and all(one.plan.reads[0] in lists for one in loops)


def _lists_of(plan: Plan) -> Iterator[Read]:
    """Yield the operations that a scan of all rows makes."""
    yield plan.reads[0]
    for table in plan.table.ancestors:
        yield table.reads[-1]


def _tables_in(connection: Connection, plan: Plan) -> frozenset[str]:
    """Return the names of the tables whose rows lie in what a scan of all rows reads."""
    lists = set(_lists_of(plan))
    tables = connection.context.tables.values()
    return frozenset(one.name for one in tables if lists.issuperset(one.reads[-1:]) and one.reads)


def _distinct(plans: Sequence[Plan]) -> Iterator[Plan]:
    """Yield plans that ask AWS for different things, without those that others ask for, too."""
    found: dict[tuple[Read, frozenset[str]], Plan] = {}
    for plan in plans:
        found.setdefault((plan.reads[0], plan.columns & _special(plan.table)), plan)
    above = {read for plan in found.values() for read in list(_lists_of(plan))[1:]}
    for (read, asked), plan in found.items():
        if asked or read not in above:
            yield plan


def _go_through(scan: Scan, estate: Estate) -> None:
    with estate.going_by_profile():
        for _ in gone_through(scan):
            pass


def _run(one: Ahead, ended: Callable[[frozenset[str]], None]) -> None:
    """Read ahead. Whatever is wrong with it is told where the controls run."""
    try:
        with contextlib.suppress(apsw.Error, ApigwVtabError):
            one.read()
    finally:
        ended(one.tables)


def _in_turn(
    places: Sequence[int],
    tables: Sequence[set[str]],
    ended: Queue[frozenset[str]],
    to_end: int,
) -> Iterator[int]:
    """Yield places in their order, but later those of which a table has not been read yet."""
    left, known = list(places), set[str]()
    while left:
        ready = next((one for one in left if tables[one] <= known), None if to_end else left[0])
        if ready is None:
            known |= ended.get()
            to_end -= 1
            continue
        left.remove(ready)
        yield ready


def _guests(connection: Connection) -> tuple[Estate, LocalExecutor]:
    """Return an estate and an executor of their own, which read the same with the same calls."""
    guest = GuestExecutor(connection.executor)
    return guest_estate(connection.context.estate, guest), cast(LocalExecutor, guest)


def _beside(connection: Connection) -> Connection:
    """Return a connection that reads the same with the same calls."""
    own, guest = _guests(connection)
    return Connection(":memory:", ConnectionContext(own, guest, raises=False))


def _read(connection: Connection, control: SavedQuery, values: Bindings) -> None:
    """Run a control for its calls."""
    with (
        connection.only_reading(control.name),
        connection.context.estate.going_by_profile(),
    ):
        for _ in connection.execute(_for_its_calls(connection, control.sql, values), dict(values)):
            pass


def _for_its_calls(connection: Connection, sql: str, values: Bindings) -> str:
    """Return SQL that makes the same calls, and reads no column only to say something about it."""
    counted = f"select count(*) from (\n{sql.rstrip().removesuffix(';')}\n)"
    try:
        fewer = loops_of(connection, counted, values)
    except apsw.Error:
        return sql
    every = loops_of(connection, sql, values)
    if fewer is None or every is None or list(map(_asks, fewer)) != list(map(_asks, every)):
        return sql
    return counted


def _asks(loop: Loop) -> object:
    """Return what a loop asks AWS for."""
    plan = loop.plan
    return plan.table, plan.reads, plan.uses, plan.columns & _special(plan.table)


def _special(table: Table) -> frozenset[str]:
    """Return the columns for which a call has a form of its own."""
    return frozenset(name for one in table.reads for name in (*one.asks, *one.secrets))
