"""Says which saved queries are controls: by their columns, and by what they are meant as."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import apsw

from apigw_vtab.controls.faults import described, place_of, why_it_fails
from apigw_vtab.controls.findings import REQUIRED
from apigw_vtab.controls.saved_query import SavedQuery, as_control
from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.errors import explain_error

NEEDED = ", ".join(REQUIRED)


def choose_controls(
    connection: Connection, queries: Iterable[SavedQuery], *, named: bool = False
) -> list[SavedQuery]:
    """Return the saved queries that are controls; what is only meant as one has a fault.

    Nothing is read from AWS. Meant as a control is what has a severity, what stands in a control's
    place, and what has or speaks of all columns that a control needs; if the user `named` it, what
    does not compile is, too. Raises UsageError for one that was named and does more than read.
    """
    return [one for query in queries if (one := _as_chosen(connection, query, named))]


def _as_chosen(connection: Connection, query: SavedQuery, named: bool) -> SavedQuery | None:
    """Return a query as a control, and None if it is not meant as one.

    Preparing it has to be guarded too: https://sqlite.org/pragma.html says that a PRAGMA may
    already run while it is prepared.
    """
    if query.fault:
        return query
    is_meant = bool(query.severity or query.replaces)
    try:
        with connection.only_reading(query.name):
            columns, _ = described(connection, query)
    except UsageError:
        if named and not is_meant:
            raise
        # It runs into the same where it is checked, and is an error there.
        return query if is_meant or _speaks_of_all(query) else None
    except apsw.Error as error:
        if is_meant or named or _speaks_of_all(query):
            return query
        where = place_of(error, query)
        connection.executor.log.warn(f"{where}: {explain_error(error)} It was not checked.")
        return None
    if columns[:5] == REQUIRED:
        return query
    has_all = {name.lower() for name in columns}.issuperset(REQUIRED)
    return replace(query, fault=why_broken(query, columns)) if is_meant or has_all else None


def columns_of_control(connection: Connection, query: SavedQuery) -> tuple[str, ...]:
    """Return the columns of a query that the user named as a control.

    Nothing is read from AWS. Raises UsageError for one that cannot run as a control.
    """
    (found, *_) = choose_controls(connection, [as_control(query)], named=True) or (None,)
    if found is None:
        raise UsageError(why_no_control(query))
    if why := why_it_fails(connection, found):
        raise UsageError(why)
    with connection.only_reading(found.name):
        return described(connection, found)[0]


def _speaks_of_all(query: SavedQuery) -> bool:
    return all(word in query.sql for word in REQUIRED)


def why_broken(query: SavedQuery, columns: Sequence[str]) -> str:
    """Return what is wrong with a query that is meant as a control, and what to do about it."""
    has = f"its columns begin with {', '.join(columns[:5])}" if columns else "it has no SELECT"
    if query.replaces:
        other = f"rename the file, so that the control in {query.replaces} is checked"
    elif query.severity:
        other = "take the severity out of its header"
    else:
        other = "give one of its columns another name"
    return (
        f"{query.path or query.name}: {has}. The columns of a control begin with {NEEDED}, in this "
        f"order: write them so or, if it is meant as no control, {other}."
    )


def why_no_control(query: SavedQuery) -> str:
    """Return why a saved query cannot be checked, and how to run it."""
    return (
        f"{query.name!r} is not a control: its columns do not begin with {NEEDED}. "
        f"Run it with: apigw-vtab query {query.name}"
    )
