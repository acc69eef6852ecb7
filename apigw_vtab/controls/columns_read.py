"""Which columns of AWS's tables a control reads, as SQLite says before anything is read."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence

import apsw
import apsw.ext

from apigw_vtab.controls.remedy import declared_change
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.tokens import tokens

# The names of the columns that are read, by the name of the table.
Reads = Mapping[str, set[str]]


def columns_read(connection: Connection, control: SavedQuery) -> Reads:
    """Return the columns that a control reads, by table; none if it is no single statement."""
    if control.fault:
        return {}
    used = connection.context.columns_used
    used.clear()
    try:
        with connection.only_reading(control.name):
            info = apsw.ext.query_info(connection, control.sql)
    except (apsw.Error, UsageError):
        return {}
    if any(tokens(info.query_remaining or "")):
        # What comes after the first statement is refused where the control runs.
        return {}
    return {name: set(columns) for name, columns in used.items()}


def shared_tables(reads: Sequence[Reads]) -> frozenset[str]:
    """Return the tables that several controls read."""
    times = Counter(name for some in reads for name in some)
    return frozenset(name for name, count in times.items() if count > 1)


def worth_copying(controls: Sequence[SavedQuery], reads: Sequence[Reads]) -> dict[str, set[str]]:
    """Return the columns that are read of tables that are shared, or that a remedy changes."""
    found: dict[str, set[str]] = {name: set() for name in shared_tables(reads)}
    for control, some in zip(controls, reads, strict=True):
        with contextlib.suppress(UsageError):
            change = declared_change(control)
            if change and change.table.name in some:
                columns = found.setdefault(change.table.name, set())
                columns |= change.decides or set()
    for some in reads:
        for name in found.keys() & some.keys():
            found[name] |= some[name]
    return found
