"""The command `query`: runs statements one by one and writes the rows of each."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator, Mapping
from typing import IO, TYPE_CHECKING

import click

from apigw_vtab.commands import progress
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
    from apigw_vtab.sqlite.connection import Connection


def run_query(
    settings: Reading, sql: str, given: Mapping[str, SqlValue], output: Output, writes: Writes
) -> int:
    """Run statements and write the rows of each; return the exit code."""
    formats = [row_format_of(path) for path in output.exports]
    whole = settings.on_error == "fail"
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(contextlib.closing(connect(settings, writes)))
        files = [stack.enter_context(whole_file(path)) for path in output.exports]
        screen = stack.enter_context(_screen(whole))
        take_progress_away = stack.enter_context(progress.shown(connection.executor))
        written = 0
        for columns, cursor in _results(connection, sql, given):
            if output.exports and written:
                raise UsageError("Only one statement's rows can be exported; give one SELECT.")
            if written:
                screen.write("\n")
            written += 1
            sinks = list(zip(files, formats, strict=True))
            if not sinks or output.format:
                sinks.append((screen, output.format or "table"))
            # A table is written once all its rows have come; other formats are streamed.
            tabular = any(name == "table" for _, name in sinks)
            rows = list(cursor) if tabular else cursor
            if any(file.isatty() for file, _ in sinks):
                take_progress_away()
            count = write_rows(columns, rows, sinks, output.style)
            take_progress_away()
            for path in output.exports:
                click.echo(f"{path}: {count:,} rows", err=True)
        if output.exports and not written:
            raise UsageError("There are no rows to export: the SQL has no SELECT.")
        return tell(connection)


def _results(
    connection: Connection, sql: str, given: Mapping[str, SqlValue]
) -> Iterator[tuple[tuple[str, ...], Iterator[Row]]]:
    """Run statements one by one; yield the columns and rows of each that has columns."""
    import apsw.ext

    rest: str | None = sql
    while rest and rest.strip():
        info = apsw.ext.query_info(connection, rest)
        for name in info.bindings_names:
            if name is None:
                raise UsageError("Parameters need names: write :NAME, and add --param NAME=VALUE.")
            if name not in given:
                raise UsageError(f":{name} has no value: add --param {name}=VALUE.")
        cursor = connection.execute(info.first_query, dict(given))
        if info.description:
            yield tuple(name for name, *_ in info.description), cursor
        rest = info.query_remaining


@contextlib.contextmanager
def _screen(whole: bool) -> Iterator[IO[str]]:
    """Yield standard output; with `whole`, nothing reaches it unless everything succeeds."""
    if not whole:
        yield sys.stdout
        return
    with tempfile.SpooledTemporaryFile(1 << 20, "w+", encoding="utf-8", newline="") as spool:
        yield spool
        spool.seek(0)
        for text in iter(lambda: spool.read(1 << 16), ""):
            sys.stdout.write(text)
