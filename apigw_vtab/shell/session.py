"""One session of the shell: apsw's SQLite shell with our display, errors and commands."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import apsw
import apsw.ext
import apsw.shell
import click

from apigw_vtab.commands import progress, signals
from apigw_vtab.commands.connect import connect
from apigw_vtab.commands.exit_codes import exit_code
from apigw_vtab.commands.incomplete import tell
from apigw_vtab.commands.messages import in_words, is_debugging
from apigw_vtab.commands.settings import Reading, Writes
from apigw_vtab.controls.saved_query import check_text
from apigw_vtab.errors import UsageError
from apigw_vtab.output.cells import Row
from apigw_vtab.output.files import keep_private
from apigw_vtab.output.formats import csv, json_array, jsonl, markdown
from apigw_vtab.output.style import Style
from apigw_vtab.output.terminal import harmless, harmless_lines, terminal_width
from apigw_vtab.shell import display
from apigw_vtab.shell.commands import KNOWN_NAMES, DotCommands
from apigw_vtab.shell.files import FileCommands
from apigw_vtab.shell.pieces import Piece, is_expanded, pieces, without_mark
from apigw_vtab.sqlite.connection import Connection

CONTEXT = 60
SHOWN_OF_ENDED = 200
# These take SQL as typed, with its quotes.
RAW = frozenset(("explain", "watch"))
# These may print more than fits on the screen.
PAGED = frozenset(("check", "connections", "explain", "help", "inspect", "queries"))


class Leave(Exception):  # noqa: N818
    """Raised to end the session with an exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Shell(DotCommands, FileCommands, apsw.shell.Shell):
    """A session: `take` gets what was typed, and results go to stdout."""

    connection: Connection

    def __init__(self, settings: Reading, writes: Writes, folders: Sequence[Path]) -> None:
        self.settings, self.writes, self.folders = settings, writes, tuple(folders)
        self.incomplete = self.failed = False
        self.pretty = self.timing = False
        # The statement that ran last, for .save, and what it cost, for the bottom bar.
        self.last_sql = self.last_cost = ""
        self._expanded = False
        self._read_at = 0.0
        # The running file, and the lines that its current piece and statement begin on.
        self._script: Path | None = None
        self._line = self._statement_line = 1
        self.connection = connect(settings, writes)
        super().__init__(db=self.connection)
        names = self.connection.execute("select distinct name from pragma_function_list")
        self.functions = sorted(str(name) for (name,) in names)
        # A batch stops at its first error, and so does a script read at the prompt.
        self.bail = True
        if self.interactive:
            self.output = self.output_table

    def take(self, text: str) -> bool:
        """Run statements and dot-commands up to the first error; return whether there was none.

        Errors are printed; in a batch, Leave is then raised.
        """
        return all(self._run_piece(piece) for piece in pieces(text.split("\n")))

    def run_script(self, path: Path) -> None:
        """Run a file of statements and dot-commands, up to its first error."""
        try:
            file = path.open(encoding="utf-8-sig", errors="surrogateescape")
        except OSError as error:
            raise UsageError(f"Cannot read {path}: {error.strerror}.") from None
        before, self._script = self._script, path
        try:
            with file:
                self._run_lines(file)
        finally:
            self._script = before

    def run_input(self) -> None:
        """Run standard input, up to its first error."""
        self._run_lines(iter(self.stdin.readline, ""))

    def _run_lines(self, lines: Iterable[str]) -> None:
        for piece in pieces(lines):
            if not self._run_piece(piece) and self.bail:
                return

    def _run_piece(self, piece: Piece) -> bool:
        before, self._line = self._line, piece.line
        try:
            text = piece.text
            self.process_complete_line(text.strip() if text.lstrip().startswith(".") else text)
        except SystemExit as exit_:
            raise Leave(exit_.code if isinstance(exit_.code, int) else 0) from None
        except Leave:
            raise
        except BaseException:
            self._tell_error()
            return False
        finally:
            self._line = before
        return True

    def close(self) -> None:
        """Close the file that .output opened, and the connection."""
        try:
            self.command_output([])
        finally:
            self.connection.close()

    def process_sql(
        self, sql: str, bindings: Any = None, internal: bool = False, summary: Any = None
    ) -> None:
        """Run statements one by one, and show the rows of each."""
        if internal:
            super().process_sql(sql, bindings, internal, summary)
            return
        check_text("the statement", sql)
        self._expanded = is_expanded(sql)
        rest = without_mark(sql) if self._expanded else sql
        self._statement_line = self._line
        while rest.strip():
            details: Any = self._query_details(rest, bindings or self.bindings)
            if details.exception is not None:
                self._point_at(details, rest)
                raise details.exception
            self._run(details.query, bindings or self.bindings)
            self.last_sql = details.query.strip()
            self._statement_line += details.query.count("\n")
            rest = details.remaining
        if self._once:
            self.command_output(["stdout"])

    def process_command(self, command: str) -> None:
        """Run a dot-command; its output goes where .output sends it."""
        name, _, rest = command[1:].partition(" ")
        self._keep_private()
        on_screen = self.interactive and self.stdout is sys.stdout and name in PAGED
        with display.printing_paged() if on_screen else contextlib.redirect_stdout(self.stdout):
            if name in RAW:
                getattr(self, f"command_{name}")([rest.strip()] if rest.strip() else [])
                return
            first = (command[1:].split() or [""])[0].replace("-", "_")
            if first not in KNOWN_NAMES:
                raise apsw.shell.Shell.Error(f'Unknown command "{first}".  Enter ".help" for help')
            try:
                super().process_command(command)
            except ValueError as error:
                # From shlex, for an unclosed quote.
                raise apsw.shell.Shell.Error(f"{error}.") from None

    def own_tables(self) -> dict[str, str]:
        """Return the tables and views of the user's own database, for completion."""
        sql = "select name, type from main.sqlite_schema where type in ('table', 'view')"
        return {str(name): str(kind) for name, kind in self.connection.execute(sql)}

    def output_table(  # type: ignore[override]
        self, columns: Sequence[str], rows: Sequence[Row]
    ) -> None:
        """Write aligned columns, wrapped to the terminal."""
        display.show(
            columns,
            rows,
            self.stdout,
            expanded=self._expanded,
            pretty=self.pretty,
            paged=bool(self.interactive),
        )

    output_table.all_at_once = True  # type: ignore[attr-defined]

    def output_line(self, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Write one value per line."""
        self.stdout.writelines(display.line(columns, rows, self.pretty))

    output_line.all_at_once = True  # type: ignore[attr-defined]

    def output_csv(self, header: bool, line: Sequence[Any]) -> None:
        """Write CSV, in which no spreadsheet runs a formula: the column names, or a row."""
        style = Style(bool(header and self.header), self.separator, terminal_width(self.stdout))
        self.stdout.writelines(csv(line, [] if header else [line], style))

    def output_markdown(self, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Write a Markdown table."""
        self.stdout.writelines(markdown(columns, rows, Style()))

    output_markdown.all_at_once = True  # type: ignore[attr-defined]

    def output_json(  # type: ignore[override]
        self, columns: Sequence[str], rows: Sequence[Row]
    ) -> None:
        """Write one JSON array."""
        self.stdout.writelines(json_array(columns, rows, Style()))

    output_json.all_at_once = True  # type: ignore[attr-defined]

    def output_jsonl(  # type: ignore[override]
        self, columns: Sequence[str], rows: Sequence[Row]
    ) -> None:
        """Write one JSON object per line."""
        self.stdout.writelines(jsonl(columns, rows, Style()))

    output_jsonl.all_at_once = True  # type: ignore[attr-defined]

    def write(self, dest: IO[str], text: str) -> None:
        """Write text; control characters in names never reach a terminal."""
        if dest.isatty() and "\x1b" not in self.colour.colour_value("", ""):
            text = harmless_lines(text)
        dest.write(text)

    def _run(self, sql: str, bindings: Any) -> None:
        executor = self.connection.executor
        mark, made, began = executor.log.mark(), executor.log.calls_made, time.monotonic()
        count = 0
        if self.echo:
            click.echo(harmless_lines(sql.strip()), err=True)
        timed = apsw.ext.ShowResourceUsage(
            self.stderr if self.timer else None, db=self.connection, scope="thread"
        )
        before = self.connection.total_changes()
        try:
            with timed, progress.shown(executor) as take_away:
                count = self._show(self._rows(sql, bindings), take_away)
            changed = self.connection.total_changes() - before
            if self.changes and changed:
                click.echo(f"{changed:,} changes", err=True)
        finally:
            self.incomplete |= bool(tell(self.connection, mark))
            self.cost(made, began, self._read_at)
            if self.timing:
                click.echo(f"{count:,} rows, {self.last_cost}", err=True)

    def cost(self, made: int, began: float, ended: float | None = None) -> None:
        """Record what was spent since `began`, when `made` calls had been made."""
        calls = self.connection.executor.log.calls_made - made
        seconds = max(0.0, (ended or time.monotonic()) - began)
        self.last_cost = f"{calls:,} {'call' if calls == 1 else 'calls'}, {seconds:.1f} s"

    def _rows(self, sql: str, bindings: Any) -> Iterator[Any]:
        yield from apsw.shell.Shell.PositionRow(self.connection.cursor().execute(sql, bindings))

    def _show(self, rows: Iterator[Any], take_away: Any) -> int:
        """Show rows as they come, or all at once; after Ctrl-C, show those that had come."""
        output: Any = self.output_line if self._expanded else self.output
        at_once = getattr(output, "all_at_once", False)
        count, columns, kept = 0, (), list[Any]()
        try:
            for row in rows:
                if not columns:
                    columns = row.columns
                    self._keep_private()
                    if not at_once:
                        take_away()
                        output(True, columns)
                count += 1
                if at_once:
                    kept.append(row.row)
                else:
                    output(False, row.row)
        finally:
            take_away()
            # Taken before the pager opens, because it may stay open for a long time.
            self._read_at = time.monotonic()
            if at_once and kept:
                # After Ctrl-C, nobody wants to wait for a long output.
                was_ended = sys.exc_info()[0] is not None
                output(columns, kept[:SHOWN_OF_ENDED] if was_ended else kept)
        return count

    def _keep_private(self) -> None:
        """Let only the user read the file of .output or .once, once a secret may go there."""
        secrets = self.connection.context.secrets
        if secrets and self.stdout is not sys.stdout and keep_private(self.stdout):
            name = harmless(str(getattr(self.stdout, "name", "The file")))
            told = f"{name} may hold {secrets}: only you can read it (mode 0600)."
            click.echo(f"apigw-vtab: {told}", err=True)

    def _point_at(self, details: Any, sql: str) -> None:
        """Remember where in the statement the error is."""
        offset = details.error_offset
        if offset is None or offset < 0:
            details.exception.place = (self._statement_line, None)
            return
        before = sql.encode()[:offset].decode(errors="replace")
        line = before.count("\n")
        column = len(before) - (before.rfind("\n") + 1)
        details.exception.place = (
            self._statement_line + line,
            _pointed(sql.split("\n")[line], column),
        )

    def _tell_error(self) -> None:
        error = sys.exc_info()[1]
        assert error is not None
        if isinstance(error, (KeyboardInterrupt, click.Abort)):
            self.connection.interrupt()
            # The terminal has already shown ^C, unless something was written over it.
            click.echo(f"{progress.ERASE if self.interactive else ''}^C", err=True)
            if not self.interactive:
                raise error
            return
        if isinstance(error, BrokenPipeError) or not isinstance(error, Exception):
            raise error
        if is_debugging():
            raise error
        self.failed = True
        line, pointed = getattr(error, "place", (self._line, None))
        where = f", line {line}" if self._script or not self.interactive else ""
        if self._script and self.interactive:
            where += f" of {self._script}"
        if pointed:
            click.echo(harmless(pointed[0]) + "\n" + pointed[1], err=True)
        text = harmless_lines(in_words(error).strip())
        click.secho(f"Error{where}: {text}", fg="red", err=True)
        if (code := signals.told()) is not None:
            raise Leave(code) from None
        if self.bail and not self.interactive:
            raise Leave(exit_code(error)) from None


def _pointed(line: str, column: int) -> tuple[str, str]:
    """Return a line of SQL, cut to fit, and a caret under a place in it."""
    start = max(0, column - CONTEXT)
    return line[start : column + CONTEXT], " " * (column - start) + "^"
