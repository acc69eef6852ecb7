"""The command `query`: runs statements one by one and writes the rows of each."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING

from apigw_vtab.commands import exports, progress
from apigw_vtab.commands.connect import connect
from apigw_vtab.commands.incomplete import tell
from apigw_vtab.commands.settings import Output, Reading, Writes
from apigw_vtab.errors import UsageError
from apigw_vtab.output.cells import Row
from apigw_vtab.output.files import whole_file
from apigw_vtab.output.formats import row_format_of
from apigw_vtab.output.sinks import write_rows
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
        with exports.screen(kept=kept) as screen, contextlib.ExitStack() as stack:
            # Left before the screen is: the files are in their place when rows are printed.
            secrets = connection.context.secrets
            files = [
                stack.enter_context(whole_file(path, lambda: bool(secrets)))
                for path in output.exports
            ]
            sinks = list(zip(files, formats, strict=True))
            if not sinks or output.format:
                sinks.append((screen, output.format or "table"))
            count = _write_results(connection, _results(connection, query, given), sinks, output)
        private = f"; it may hold {secrets}: only you can read it (mode 0600)" if secrets else ""
        exports.tell([f"{path}: {count:,} rows{private}" for path in output.exports])
        return tell(connection)


def _write_results(
    connection: Connection,
    results: Iterator[tuple[tuple[str, ...], Iterator[Row]]],
    sinks: Sequence[tuple[IO[str], str]],
    output: Output,
) -> int:
    """Write the rows of each statement to the sinks; return how many the last one had."""
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
            rows = list(cursor) if tabular else cursor
            if any(file.isatty() for file, _ in sinks):
                take_progress_away()
            count = write_rows(columns, rows, sinks, output.style)
            take_progress_away()
    if output.exports and not written:
        raise UsageError("There are no rows to export: the SQL has no SELECT.")
    return count


def _results(
    connection: Connection, query: SavedQuery, given: Mapping[str, SqlValue]
) -> Iterator[tuple[tuple[str, ...], Iterator[Row]]]:
    """Run statements one by one; yield the columns and rows of each that has columns.

    A control with a remedy gets the column `remediation`, as in `check`.
    """
    from apigw_vtab.sqlite.statements import first_statement

    rest = query.sql
    while rest.strip():
        first = first_statement(connection, rest)
        for name in first.parameters:
            if name is None:
                raise UsageError("Parameters need names: write :NAME, and add --param NAME=VALUE.")
            if name not in given:
                raise UsageError(f":{name} has no value: add --param {name}=VALUE.")
        columns, rest = first.columns, first.rest
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
