"""Reads what all controls need side by side, and says which control can run already.

Controls run one after another, and each waits for its last answer: without this, a quota that only
a later one needs would lie idle. A few of them run a second time, beside the others, on connections
of their own that share every call with the first; what they say is thrown away. They ask for what
they will ask for anyway, so not one call more is made.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from queue import Queue
from typing import cast

import apsw
import apsw.ext

from apigw_vtab.aws.estate import Estate
from apigw_vtab.aws.guest import GuestExecutor
from apigw_vtab.aws.local_executor import LocalExecutor
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.errors import ApigwVtabError
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.context import ConnectionContext
from apigw_vtab.tables.values import SqlValue

# Seconds that these connections have to notice that nobody waits for them.
LEAVING = 1.0
Bindings = Mapping[str, SqlValue]


def as_answers_come(
    connection: Connection, controls: Sequence[SavedQuery], bindings: Sequence[Bindings]
) -> Generator[int, None, None]:
    """Yield the places of controls, each when what it reads has been read, as far as is known.

    Nothing is read ahead if answers are not kept, or if a transaction has changed what is read.
    """
    places = range(len(controls))
    tables = [_tables_of(connection, control) for control in controls]
    chosen = _that_read_all(tables)
    keeps = connection.executor.most_ahead >= len(controls) and not connection.in_transaction
    if not keeps or len(chosen) < 2:
        yield from places
        return
    ended: Queue[int] = Queue()
    beside = [_beside(connection) for _ in chosen]
    threads = [
        threading.Thread(
            target=_read,
            args=(one, controls[place], bindings[place], lambda place=place: ended.put(place)),
            name="apigw-vtab ahead",
            daemon=True,
        )
        for one, place in zip(beside, chosen, strict=True)
    ]
    for thread in threads:
        thread.start()
    try:
        yield from _in_turn(places, tables, ended)
    finally:
        for one in beside:
            one.interrupt()
        until = time.monotonic() + LEAVING
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))


def _in_turn(places: Sequence[int], tables: Sequence[set[str]], ended: Queue[int]) -> Iterator[int]:
    """Yield places in their order, but later those of which a table has not been read yet."""
    left, known = list(places), set[str]()
    while left:
        while (ready := next((one for one in left if tables[one] <= known), None)) is None:
            known |= tables[ended.get()]
        left.remove(ready)
        yield ready


def _that_read_all(tables: Sequence[set[str]]) -> list[int]:
    """Return the places of a few controls that read, between them, all that the controls read."""
    known = set[str]()
    chosen = []
    # A join goes at the pace of its slowest table, so those that join the fewest come first.
    for place in sorted(range(len(tables)), key=lambda one: len(tables[one])):
        if not tables[place] <= known:
            known |= tables[place]
            chosen.append(place)
    return chosen


def _tables_of(connection: Connection, control: SavedQuery) -> set[str]:
    """Return the tables of AWS's that a control reads; none if it does not compile."""
    if control.fault:
        return set()
    try:
        info = apsw.ext.query_info(connection, control.sql, actions=True)
    except apsw.Error:
        return set()
    return {str(one.table_name) for one in info.actions or ()} & connection.context.tables.keys()


def _beside(connection: Connection) -> Connection:
    """Return a connection that reads the same with the same calls."""
    estate = connection.context.estate
    guest = cast(LocalExecutor, GuestExecutor(connection.executor))
    own = Estate(
        estate.profiles, estate.patterns, guest, skips_denied_by_scp=estate.skips_denied_by_scp
    )
    return Connection(":memory:", ConnectionContext(own, guest, raises=False))


def _read(
    connection: Connection, control: SavedQuery, values: Bindings, ended: Callable[[], None]
) -> None:
    """Run a control for its calls. Whatever is wrong with it is told where it runs."""
    try:
        with (
            contextlib.suppress(apsw.Error, ApigwVtabError),
            connection.only_reading(control.name),
            connection.context.estate.going_by_profile(),
        ):
            for _ in connection.execute(control.sql, dict(values)):
                pass
    finally:
        ended()
