"""What a run would cost, told before it: for `--estimate` and the shell's `.explain`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import apsw
import apsw.ext
import click

from apigw_vtab.commands import progress
from apigw_vtab.commands.check_findings import lines_of
from apigw_vtab.commands.connect import connect
from apigw_vtab.commands.incomplete import tell
from apigw_vtab.commands.settings import Reading, Writes
from apigw_vtab.errors import UsageError
from apigw_vtab.output.cells import Row
from apigw_vtab.output.style import Style
from apigw_vtab.output.table import table
from apigw_vtab.output.terminal import terminal_width
from apigw_vtab.tables.values import SqlValue

if TYPE_CHECKING:
    from apigw_vtab.controls.saved_query import SavedQuery
    from apigw_vtab.sqlite.connection import Connection
    from apigw_vtab.sqlite.explanation import Explanation

# Lines in a table of accounts and regions; where there are more, a line is an operation.
MOST_PLACES = 20
# How many rows a list is taken to have that was not read.
ROWS = 10


def estimate_query(
    settings: Reading, query: SavedQuery, given: Mapping[str, SqlValue], writes: Writes
) -> int:
    """Print what a query would cost, and end; return the exit code."""
    with contextlib.closing(connect(settings, writes)) as connection:
        return _estimated(connection, list(_statements(connection, query, given)))


def estimate_check(
    settings: Reading,
    queries: Sequence[SavedQuery],
    given: Mapping[str, SqlValue],
    *,
    chosen: bool = True,
) -> int:
    """Print what the controls among queries would cost, and end; return the exit code.

    `chosen`: the user named them. What is faulty or does not compile costs nothing.
    """
    from apigw_vtab.controls.choosing import choose_controls
    from apigw_vtab.controls.run import bindings_of

    bindings_of(queries, given)
    with contextlib.closing(connect(settings)) as connection:
        statements = []
        for control in choose_controls(connection, queries, named=chosen):
            if control.fault:
                continue
            with contextlib.suppress(apsw.Error, UsageError):
                apsw.ext.query_info(connection, control.sql)
                statements.append((control.sql, control.values(given)))
        return _estimated(connection, statements)


def _estimated(
    connection: Connection, statements: Sequence[tuple[str, Mapping[str, SqlValue]]]
) -> int:
    from apigw_vtab.sqlite.estimate import explain_all

    with progress.shown(connection.executor):
        found = explain_all(connection, statements, is_kept=False)
    columns, rows = table_of(found)
    width = terminal_width(sys.stdout)
    if rows:
        click.echo("".join(table(columns, rows, Style(width=width))), nl=False)
    for line in words_of(found, is_kept=False):
        for one in lines_of(line, width):
            click.echo(one)
    return tell(connection)


def _statements(
    connection: Connection, query: SavedQuery, given: Mapping[str, SqlValue]
) -> Iterator[tuple[str, dict[str, SqlValue]]]:
    """Yield the statements of a query, each with its parameters."""
    from apigw_vtab.sqlite.statements import each_statement
    from apigw_vtab.sqlite.tokens import tokens

    for first in each_statement(connection, query.sql):
        # A comment at the end costs nothing.
        if any(tokens(first.sql)):
            yield first.sql, query.values(given)


def table_of(found: Explanation) -> tuple[Sequence[str], list[Row]]:
    """Return the columns and rows of a table: by account and region, or by operation if many."""
    if len(found.calls) <= MOST_PLACES and found.alike == 1 and not found.is_rough:
        rows: list[Row] = [(*key, count) for key, count in sorted(found.calls.items())]
        if found.roles:
            accounts = "1 account" if found.roles == 1 else f"{found.roles} accounts"
            rows.insert(0, ("AssumeRole", accounts, "", found.roles))
        return ("operation", "account", "region", "calls"), rows
    return ("operation", "accounts", "regions", "calls", "time"), [
        (
            one.operation,
            f"{one.accounts:,}",
            f"{one.regions:,}",
            f"{one.calls:,}",
            duration(one.seconds),
        )
        for one in found.by_operation()
    ]


def words_of(found: Explanation, *, is_kept: bool) -> Iterator[str]:
    """Yield what is to be said below the table. `is_kept`: what was read stays in the cache."""
    total = found.total
    noun = "call" if total == 1 else "calls"
    is_more = found.open_ended or found.is_cut
    more = "At least " if is_more else "At most " if found.may_end_early else ""
    cached = "" if total or not found.is_cached else " The answers are in the cache."
    time = f" About {duration(found.seconds)}{_why(found)}." if total else ""
    yield f"{more}{total:,} {noun} to make, as far as is known now.{cached}{time}"
    yield from _plus(found)
    if found.regions:
        yield (
            f"Each account is taken to have the same {len(found.regions):,} regions "
            "enabled, and no list was read."
        )
    if found.sample < 1:
        calls, seconds = found.of_all_accounts
        times = f"{1 / found.sample:,.0f} times as many"
        yield f"In all accounts about {times}: {calls:,} calls, about {duration(seconds)}."
    if found.made:
        made = ", ".join(f"{count:,} {name}" for name, count in found.made.items())
        kept = ", and cached" if is_kept else ""
        yield f"{'Already made' if is_kept else 'Made'} to find this out{kept}: {made}."


def _why(found: Explanation) -> str:
    """Return what the time rests on."""
    from apigw_vtab.aws.duration import CALLS_A_SECOND

    if found.seconds <= 1:
        return ""
    if found.quota_seconds >= found.seconds:
        return " by AWS's quotas"
    return (
        f" at {CALLS_A_SECOND:,.0f} calls a second from here; "
        f"AWS's quotas alone would take {duration(found.quota_seconds)}"
    )


def _plus(found: Explanation) -> Iterator[str]:
    """Yield what comes for rows that are not known yet."""
    parents: dict[str, list[str]] = {}
    for operation, one in found.open_ended.items():
        parents.setdefault(one.parent, []).append(operation.name)
    for parent, names in parents.items():
        listed = ", ".join(dict.fromkeys(names))
        if parent and found.is_rough:
            yield f"Plus, once for each row of {parent}: {listed}."
        else:
            yield f"Plus {listed} for rows that are only known when it runs."
    if found.is_rough and found.open_ended:
        guess = found.with_rows(ROWS)
        yield (
            f"With {ROWS} rows in each such list it would be {guess.total:,} calls, "
            f"about {duration(guess.seconds)}{_why(guess)}. "
            "To read the lists of a few accounts first: --sample 5"
        )


def duration(seconds: float) -> str:
    """Return a time in words, rounded as an estimate is."""
    if seconds <= 1:
        return "1 s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} hours"
