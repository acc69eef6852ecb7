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

# The names of the columns that are read, by the name of the table.
Reads = Mapping[str, set[str]]


def columns_read(connection: Connection, control: SavedQuery) -> Reads:
    """Return the columns that a control reads, by table; none if it does not compile."""
    if control.fault:
        return {}
    used = connection.context.columns_used
    used.clear()
    try:
        apsw.ext.query_info(connection, control.sql)
    except apsw.Error:
        return {}
    return {name: set(columns) for name, columns in used.items()}


def worth_copying(controls: Sequence[SavedQuery], reads: Sequence[Reads]) -> dict[str, set[str]]:
    """Return the columns of the tables that several controls read, with those of remedies."""
    times = Counter(name for some in reads for name in some)
    found: dict[str, set[str]] = {name: set() for name, count in times.items() if count > 1}
    for control, some in zip(controls, reads, strict=True):
        for name in found.keys() & some.keys():
            found[name] |= some[name]
        with contextlib.suppress(UsageError):
            change = declared_change(control)
            if change and change.table.name in found:
                found[change.table.name] |= change.decides or set()
    return found
