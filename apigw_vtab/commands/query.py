"""The command `query`: runs statements one by one and writes the rows of each."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING

import click

from apigw_vtab.commands import exports, progress
from apigw_vtab.commands.connect import connect
from apigw_vtab.commands.incomplete import tell, tell_unwritten
from apigw_vtab.commands.settings import Output, Reading, Writes
from apigw_vtab.errors import UsageError
from apigw_vtab.output.cells import Row
from apigw_vtab.output.files import whole_files
from apigw_vtab.output.formats import row_format_of
from apigw_vtab.output.sinks import write_rows
from apigw_vtab.output.streams import is_stream
from apigw_vtab.tables.values import SqlValue

if TYPE_CHECKING:
    from apigw_vtab.controls.saved_query import SavedQuery
    from apigw_vtab.sqlite.connection import Connection


def run_query(
    settings: Reading,
    query: SavedQuery,
    given: Mapping[str, SqlValue],
    output: Output,
    writes: Writes,
) -> int:
    """Run a query's statements and write the rows of each; return the exit code."""
    formats = [row_format_of(path) for path in output.exports]
    exports.refuse_same_file(output.exports)
    kept = settings.on_error == "fail" or bool(output.exports)
    with contextlib.closing(connect(settings, writes)) as connection:
        with exports.screen(kept=kept) as screen, whole_files(exports.tell) as whole:
            # Left before the screen is: the files are in their place when rows are printed.
            secrets = connection.context.secrets
            files = [whole.open(path, lambda: bool(secrets)) for path in output.exports]
            sinks = list(zip(files, formats, strict=True))
            if not sinks or output.format:
                sinks.append((screen, output.format or "table"))
            results = _results(connection, query, given)
            cut: list[int] = []
            try:
                count = _write_results(connection, results, sinks, output, None if kept else cut)
            except KeyboardInterrupt:
                if not writes.allowed:
                    _tell_cut(connection, output, sum(cut))
                raise
        reach = connection.context.estate.reach
        sample = f"; {reach.sample}" if reach and reach.sample else ""
        private = f"; it may hold {secrets}" if secrets else ""
        for path in output.exports:
            only = ": only you can read it (mode 0600)" if private and not is_stream(path) else ""
            exports.tell(f"{path}: {count:,} rows{sample}{private}{only}")
        return tell(connection)


def _write_results(
    connection: Connection,
    results: Iterator[tuple[tuple[str, ...], Iterator[Row]]],
    sinks: Sequence[tuple[IO[str], str]],
    output: Output,
    cut: list[int] | None,
) -> int:
    """Write the rows of each statement to the sinks; return how many the last one had.

    Ctrl-C ends it after the rows that have come, whose number `cut` gets; nothing is written of
    what must be whole, where that is None.
    """
    written = count = 0
    with progress.shown(connection.executor) as take_progress_away:
        for columns, cursor in results:
            if output.exports and written:
                raise UsageError("Only one statement's rows can be exported; give one SELECT.")
            if written:
                sinks[0][0].write("\n")
            written += 1
            # A table is written once all its rows have come; other formats are streamed.
            tabular = any(name == "table" for _, name in sinks)
            reading = _Rows(cursor) if cut is not None else cursor
            rows = list(reading) if tabular else reading
            if any(file.isatty() for file, _ in sinks):
                take_progress_away()
            count = write_rows(columns, rows, sinks, output.style)
            take_progress_away()
            if cut is not None and isinstance(reading, _Rows) and reading.is_cut:
                cut.append(count)
                raise KeyboardInterrupt
    if output.exports and not written:
        raise UsageError("There are no rows to export: the SQL has no SELECT.")
    return count


class _Rows(Iterator[Row]):
    """Rows as they come, up to the first Ctrl-C: `is_cut` says that there was one."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self.is_cut = False

    def __next__(self) -> Row:
        try:
            return next(self._rows)
        except KeyboardInterrupt:
            self.is_cut = True
            raise StopIteration from None


def _tell_cut(connection: Connection, output: Output, count: int) -> None:
    """Say on stderr how far it came before it was interrupted."""
    sys.stdout.flush()
    done = connection.executor.progress()
    rows = {0: "no row was", 1: "1 row was"}.get(count, f"{count:,} rows were")
    click.echo(
        f"apigw-vtab: interrupted: {rows} written, and the answer is incomplete. "
        f"{done.done:,} of the {done.known:,} calls known so far were answered.",
        err=True,
    )
    tell(connection)
    tell_unwritten(output.exports)


def _results(
    connection: Connection, query: SavedQuery, given: Mapping[str, SqlValue]
) -> Iterator[tuple[tuple[str, ...], Iterator[Row]]]:
    """Run statements one by one; yield the columns and rows of each that has columns.

    A control with a remedy gets the column `remediation`, as in `check`.
    """
    from apigw_vtab.sqlite.statements import each_statement

    for first in each_statement(connection, query.sql):
        for name in first.parameters:
            if name is None:
                raise UsageError("Parameters need names: write :NAME, and add --param NAME=VALUE.")
            if name not in given:
                raise UsageError(f":{name} has no value: add --param {name}=VALUE.")
        columns = first.columns
        if columns and query.remedy:
            from apigw_vtab.controls.rehearsal import with_commands

            with connection.executor.as_one_statement():
                found = list(connection.execute(first.sql, dict(given)))
                columns, found = with_commands(connection, query, columns, found, given)
            yield columns, iter(found)
        else:
            cursor = connection.execute(first.sql, dict(given))
            if columns:
                yield columns, cursor
