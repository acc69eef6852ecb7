"""What the commands print: rows, lists of queries and tables, and what went wrong."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING

import click

from apigw_vtab.aws.failures import INCOMPLETE, CallFailed, UsageError, did_you_mean
from apigw_vtab.cli.options import Output, Reading, Writes
from apigw_vtab.commands import progress
from apigw_vtab.output import rows as render
from apigw_vtab.output.rows import Row, Style
from apigw_vtab.tables.declaration import SqlValue

if TYPE_CHECKING:
    from apigw_vtab.controls.saved_query import SavedQuery
    from apigw_vtab.sqlite.connection import Connection


def query(
    settings: Reading, sql: str, given: Mapping[str, SqlValue], output: Output, writes: Writes
) -> int:
    """Run statements and write the rows of each; give the exit code."""
    formats = [render.format_of(path) for path in output.exports]
    whole = settings.on_error == "fail"
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(contextlib.closing(settings.connect(writes)))
        files = [stack.enter_context(render.whole_file(path)) for path in output.exports]
        screen = stack.enter_context(_screen(whole))
        take_progress_away = stack.enter_context(progress.shown(connection.calls))
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
            # A table is written when all its rows are there; other formats as they come.
            tabular = any(name == "table" for _, name in sinks)
            rows = list(cursor) if tabular else cursor
            if any(file.isatty() for file, _ in sinks):
                take_progress_away()
            count = write(columns, rows, sinks, output)
            take_progress_away()
            for path in output.exports:
                click.echo(f"{path}: {count:,} rows", err=True)
        if output.exports and not written:
            raise UsageError("There are no rows to export: the SQL holds no SELECT.")
        return tell(connection)


def tell(connection: Connection, since: int = 0) -> int:
    """Say on stderr what could not be read; give the exit code for it."""
    ledger = connection.calls.ledger
    for warning in ledger.new_warnings():
        click.echo(f"apigw-vtab: {render.harmless(warning)}", err=True)
    failures = ledger.missed(since)
    if not failures:
        return 0
    click.echo("apigw-vtab: incomplete, because these calls gave no answer:", err=True)
    for line in in_groups(failures):
        click.echo(f"  {render.harmless(line)}", err=True)
    # A later statement may have had the answer.
    each = set(failures) <= set(ledger.failures())
    where = "Each of them is a row of" if each else "What is missing still is in"
    click.echo(f"  {where} the table scan_errors.", err=True)
    return INCOMPLETE


def in_groups(failures: Iterable[CallFailed]) -> Iterator[str]:
    """Give a line for each kind of failure, with all regions that it was met in."""
    groups: dict[tuple[str, ...], list[CallFailed]] = {}
    for failure in failures:
        key = failure.profile, failure.operation, failure.code, failure.advice
        groups.setdefault(key, []).append(failure)
    for group in groups.values():
        first = group[0]
        regions = ", ".join(dict.fromkeys(failure.region for failure in group))
        times = f", {len(group)} calls" if len(group) > 1 else ""
        yield (
            f"{first.operation} in {regions} (profile {first.profile}{times}): "
            f"{first.cause.what} ({first.code}). {first.advice}"
        )


def saved_queries(found: Sequence[SavedQuery], output: Output) -> None:
    """List the saved queries."""
    columns = ("name", "severity", "title", "references", "params", "tags")
    rows = [
        (
            query.name,
            query.severity,
            query.title,
            ", ".join(query.references),
            query.header.get("params", ""),
            ", ".join(query.tags),
        )
        for query in found
    ]
    if output.format or output.exports:
        _write_listing(columns, rows, output)
        return
    for row in rows:
        name, severity, title, references, params, tags = map(render.harmless, row)
        click.echo(f"{name}  {click.style(' · '.join(filter(None, (severity, tags))), dim=True)}")
        click.echo(f"    {title}")
        if references:
            click.echo(f"    Also: {references}")
        if params:
            click.echo(f"    Parameters: {params}")


def tables(name: str | None, output: Output) -> None:
    """List the tables, or one table's columns. Raises UsageError for an unknown table."""
    from apigw_vtab.tables.v1.stages import TABLES

    if name is None:
        listed: list[Row] = [(table.name, table.description) for table in TABLES]
        _write_listing(("table", "description"), listed, output)
        return
    for table in TABLES:
        if table.name == name.lower():
            rows: list[Row] = [
                (column.name, column.type, column.description) for column in table.columns
            ]
            _write_listing(("column", "type", "description"), rows, output)
            return
    known = [table.name for table in TABLES]
    raise UsageError(
        f"No table {name!r}.{did_you_mean(name, known)} There are: {', '.join(known)}."
    )


def _results(
    connection: Connection, sql: str, given: Mapping[str, SqlValue]
) -> Iterator[tuple[tuple[str, ...], Iterator[Row]]]:
    """Run statements one by one; give the columns and rows of each that has columns."""
    import apsw.ext

    rest: str | None = sql
    while rest and rest.strip():
        info = apsw.ext.query_info(connection, rest)
        for name in info.bindings_names:
            if name is None:
                raise UsageError("Parameters have names: write :NAME, and --param NAME=VALUE.")
            if name not in given:
                raise UsageError(f":{name} has no value: add --param {name}=VALUE.")
        cursor = connection.execute(info.first_query, dict(given))
        if info.description:
            yield tuple(name for name, *_ in info.description), cursor
        rest = info.query_remaining


def _write_listing(columns: Sequence[str], rows: Sequence[Row], output: Output) -> None:
    with contextlib.ExitStack() as stack:
        sinks: list[tuple[IO[str], str]] = [
            (stack.enter_context(render.whole_file(path)), render.format_of(path))
            for path in output.exports
        ]
        write(columns, rows, [*sinks, (sys.stdout, output.format or "table")], output)


def write(
    columns: Sequence[str],
    rows: Iterable[Row],
    sinks: Sequence[tuple[IO[str], str]],
    output: Output,
) -> int:
    """Write rows to every sink, streaming where there is one alone; give how many there were."""
    count = 0

    def counted() -> Iterator[Row]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    streamed: Iterable[Row] = counted() if len(sinks) == 1 else list(counted())
    for file, name in sinks:
        style = Style(output.header, output.separator, render.terminal_width(file), output.raw)
        for text in render.FORMATS[name](columns, streamed, style):
            file.write(text)
    return count


@contextlib.contextmanager
def _screen(whole: bool) -> Iterator[IO[str]]:
    """Give standard output; with `whole`, nothing reaches it unless all goes well."""
    if not whole:
        yield sys.stdout
        return
    with tempfile.SpooledTemporaryFile(1 << 20, "w+", encoding="utf-8", newline="") as spool:
        yield spool
        spool.seek(0)
        for text in iter(lambda: spool.read(1 << 16), ""):
            sys.stdout.write(text)
