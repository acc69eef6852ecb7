"""Our own dot-commands. Those of sqlite3 are apsw's; the rest of its are not for this shell.

The first line of a command's docstring is its line in .help: `name ARGUMENTS: what it does`.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import apsw
import apsw.shell
import click

from apigw_vtab.aws.failures import FAILED, INCOMPLETE, UsageError, did_you_mean
from apigw_vtab.cli.options import Gate, Output, Reading, Writes
from apigw_vtab.commands import progress
from apigw_vtab.commands.query import tell
from apigw_vtab.output import rows as render

if TYPE_CHECKING:
    from pathlib import Path

    from apigw_vtab.output.rows import Row
    from apigw_vtab.sqlite.connection import Connection


class Line(NamedTuple):
    """What .help says of a command: its arguments, and what it does."""

    arguments: str
    text: str


# Every command that there is, by what one wants to do.
GROUPS: dict[str, dict[str, Line]] = {
    "Look around": {
        "tables": Line("?PATTERN?", "The tables, or those with names like a pattern"),
        "inspect": Line("?TABLE?", "A table's columns, with AWS's words on each"),
        "schema": Line("?TABLE?", "How tables were created"),
        "indices": Line("TABLE", "The indices of a table of yours"),
        "databases": Line("", "The database files that are open"),
        "connections": Line("", "The accounts and regions that are read, and how"),
        "show": Line("", "The settings of this shell"),
    },
    "Ask": {
        "queries": Line("?TAG?", "The saved queries, or those with a tag"),
        "run": Line("NAME ?PARAM=VALUE ...?", "Run a saved query by its name or a rule id"),
        "check": Line("?NAME ...?", "Check all controls, or those of a name or id"),
        "explain": Line("SQL", "The calls of a statement, before it makes them"),
        "watch": Line("SECONDS SQL", "Run a statement again and again, until Ctrl-C"),
        "save": Line("NAME", "Keep the last statement as a saved query"),
        "parameter": Line("set NAME VALUE", "Values of :NAME in SQL; also unset, list, clear"),
        "find": Line("TEXT ?TABLE?", "Search your own tables for a text"),
    },
    "Where from": {
        "regions": Line("?PATTERN ...?", "Read these regions from now on; * is all"),
        "profiles": Line("?NAME ...?", "Read the accounts of these profiles from now on"),
        "cache": Line("?on|off|clear?", "Keep answers, keep none, or forget them"),
    },
    "How rows look": {
        "mode": Line("MODE", "table, line, csv, json, markdown, box, ..."),
        "headers": Line("on|off", "Names above columns in csv, list, column mode"),
        "pretty": Line("on|off", "JSON over several lines, in expanded rows"),
        "width": Line("WIDTH ...", "The widths of columns, in column mode"),
        "nullvalue": Line("TEXT", "What stands for NULL, in list and column mode"),
        "separator": Line("TEXT", "What parts columns, in list and csv mode"),
        "timing": Line("on|off", "Rows, calls and seconds, after each statement"),
        "timer": Line("on|off", "Processor and memory, after each statement"),
        "changes": Line("on|off", "Rows changed in SQLite, after each statement"),
        "echo": Line("on|off", "Each statement before it runs"),
        "colour": Line("SCHEME", "default or off"),
    },
    "Files": {
        "output": Line("?FILE?", "Write rows to a file from now on, or no longer"),
        "once": Line("FILE", "Write the next statement's rows to a file"),
        "read": Line("FILE", "Run a file of statements and commands"),
        "import": Line("FILE TABLE", "Read a CSV file into a table, or a new one"),
        "dump": Line("?TABLE?", "Your tables as SQL"),
        "backup": Line("FILE", "Copy your database into a file"),
        "restore": Line("FILE", "Copy a file into your database"),
    },
    "Writes": {
        "dryrun": Line("on|off", "Print changes as AWS CLI commands, send none"),
    },
    "The shell": {
        "help": Line("?COMMAND?", "This list, or one command"),
        "keys": Line("emacs|vi", "The keys of the line editor"),
        "prompt": Line("TEXT ?MORE?", "The prompts"),
        "bail": Line("on|off", "Whether a script ends at its first error"),
        "print": Line("TEXT", "Print a text"),
        "cd": Line("?FOLDER?", "Go to a folder"),
        "version": Line("", "The versions of SQLite and apsw"),
        "exit": Line("", "Leave; so does Ctrl-D"),
    },
}
LINES = {name: line for group in GROUPS.values() for name, line in group.items()}
# How rows look by our own renderers; in all other modes apsw writes them.
OWN_MODES = frozenset(("json", "jsonl", "line", "markdown", "table"))
# A day: the system's clock knows no end, and time.sleep() does.
LONGEST_WATCH = 86_400.0
ALIASES = {"headers": "header", "quit": "exit", "color": "colour"}


class Commands:
    """The commands of a session; see the module."""

    settings: Reading
    writes: Writes
    folders: tuple[Path, ...]
    connection: Connection
    stdout: Any
    stderr: Any
    last_sql: str
    incomplete: bool
    failed: bool
    pretty: bool
    timing: bool
    keys = "emacs"
    bindings: dict[str, Any]
    widths: list[int]

    if TYPE_CHECKING:

        def process_sql(
            self, sql: str, bindings: Any = None, internal: bool = False, summary: Any = None
        ) -> None:
            """Run statements; the session does."""

        def cost(self, made: int, began: float) -> None:
            """Keep what was spent for the bar; the session does."""

    def command_inspect(self, cmd: list[str]) -> None:
        """List the tables, or one table's columns."""
        from apigw_vtab.commands import query as reports

        name = _at_most_one(cmd, "inspect")
        output = Output(None, (), header=True, separator=",")
        reports.tables(name, output)

    def command_connections(self, cmd: list[str]) -> None:
        """List the accounts that are read, and how."""
        _none(cmd, "connections")
        calls, estate = self.connection.calls, self.connection.source.estate
        rows: list[Row] = [
            (
                account.profile,
                calls.ledger.account_ids.get(account.profile) or "not asked yet",
                account.home_region,
                ", ".join(estate.patterns),
                "sandbox" if account.is_sandbox else (account.endpoint_url or "AWS"),
            )
            for account in estate.profiles
        ]
        columns = ("profile", "account_id", "home_region", "regions", "endpoint")
        self._table(columns, rows)

    def command_queries(self, cmd: list[str]) -> None:
        """List the saved queries, or those with a tag."""
        from apigw_vtab.commands import query as reports
        from apigw_vtab.controls import saved_query as saved_queries

        tag = _at_most_one(cmd, "queries")
        selection = saved_queries.Selection(tags=(tag,) if tag else ())
        found = selection.choose(saved_queries.find_all(self.folders))
        reports.saved_queries(found, Output(None, (), header=True, separator=","))

    def command_run(self, cmd: list[str]) -> None:
        """Run a saved query."""
        from apigw_vtab.controls import saved_query as saved_queries

        if not cmd:
            raise UsageError("Which one? .queries lists them.")
        (found, *_) = saved_queries.find(cmd[:1], saved_queries.find_all(self.folders))
        given = saved_queries.read_parameters(cmd[1:])
        self.process_sql(found.sql, {**found.parameters, **self.bindings, **given})

    def command_parameter(self, cmd: list[str]) -> None:
        """Keep values for the parameters of statements."""
        if len(cmd) > 1:
            cmd[1] = cmd[1].lstrip(":$@")
        if len(cmd) == 3 and cmd[0] == "set":
            try:
                self.connection.execute(f"select ({cmd[2]})").get  # noqa: B018
            except apsw.Error:
                # As in sqlite3: what is no SQL is text.
                cmd[2] = str(apsw.format_sql_value(cmd[2]))
        super().command_parameter(cmd)  # type: ignore[misc]

    def command_check(self, cmd: list[str]) -> None:
        """Check controls."""
        from apigw_vtab.commands import check as checks
        from apigw_vtab.controls import saved_query as saved_queries

        every = saved_queries.find_all(self.folders)
        found = saved_queries.find(cmd, every) if cmd else every
        output = Output(None, (), header=True, separator=",")
        wanted = checks.Check(found, {}, Gate("alarm", None, None), output, chosen=bool(cmd))
        made, began = self.connection.calls.ledger.calls_made, time.monotonic()
        code = checks.check_over(self.connection, wanted)
        self.cost(made, began)
        self.incomplete |= code == INCOMPLETE
        self.failed |= code == FAILED

    def command_explain(self, cmd: list[str]) -> None:
        """Tell the AWS calls of a statement before it makes them."""
        from apigw_vtab.sqlite import estimate as explaining

        if not cmd:
            raise UsageError("Which statement? .explain select * from stages")
        mark = self.connection.calls.ledger.mark()
        with progress.shown(self.connection.calls):
            found = explaining.explain(self.connection, cmd[0], self.bindings)
        rows: list[Row] = [(*key, count) for key, count in sorted(found.calls.items())]
        if rows:
            self._table(("operation", "profile", "region", "calls"), rows)
        total = sum(found.calls.values())
        noun = "call" if total == 1 else "calls"
        most = "At most " if found.may_end_early else ""
        cached = "" if total or not found.is_cached else " The cache has the answers."
        click.echo(f"{most}{total:,} {noun} to make, as far as is known.{cached}")
        for operation in found.open_ended:
            click.echo(f"And {operation} for rows that are not known before it runs.")
        if found.made:
            made = ", ".join(f"{count} {name}" for name, count in found.made.items())
            kept = ", and kept" if self.connection.calls.cache_ttl > 0 else ""
            click.echo(f"Made now, to know it{kept}: {made}.")
        self.incomplete |= bool(tell(self.connection, mark))

    def command_watch(self, cmd: list[str]) -> None:
        """Run a statement again and again, until Ctrl-C."""
        seconds, _, sql = (cmd[0] if cmd else "").partition(" ")
        try:
            pause = float(seconds)
        except ValueError:
            pause = 0.0
        if not 0 < pause <= LONGEST_WATCH or not sql.strip():
            raise UsageError("How often, and what? .watch 10 select count(*) from stages")
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                if self.stdout.isatty():
                    click.clear()
                click.echo(f"Every {pause:g} s, at {time.strftime('%H:%M:%S')}. Ctrl-C ends it.")
                self.connection.calls.forget()
                self.process_sql(sql)
                self.stdout.flush()
                time.sleep(pause)

    def command_regions(self, cmd: list[str]) -> None:
        """Read other regions from now on."""
        if cmd:
            self._move(self.settings.profile, cmd)
        click.echo(", ".join(self.connection.source.estate.patterns))

    def command_profiles(self, cmd: list[str]) -> None:
        """Read other accounts from now on."""
        estate = self.connection.source.estate
        if cmd:
            self._move(cmd, estate.patterns)
        names = (account.profile for account in self.connection.source.estate.profiles)
        click.echo(", ".join(names))

    def command_cache(self, cmd: list[str]) -> None:
        """Keep answers, keep none, or forget those that were kept."""
        calls = self.connection.calls
        if cmd == ["clear"]:
            calls.forget()
        elif cmd:
            calls.cache_ttl = (self.settings.cache_ttl or 300.0) if _switch(cmd, "cache") else 0.0
        age = calls.cache_age
        kept = "it is empty" if age is None else f"the oldest answer is {age:.0f} s old"
        state = f"answers are good for {calls.cache_ttl:g} s" if calls.cache_ttl else "it is off"
        click.echo(f"The cache: {state}; {kept}.")

    def command_pretty(self, cmd: list[str]) -> None:
        """Write JSON over several lines in expanded rows, or do not."""
        self.pretty = _switch(cmd, "pretty")

    def command_timing(self, cmd: list[str]) -> None:
        """Say after each statement what it took, or do not."""
        self.timing = _switch(cmd, "timing")

    def command_dryrun(self, cmd: list[str]) -> None:
        """Print changes as AWS CLI commands instead of sending them, or do not."""
        from apigw_vtab.commands.confirm import show

        on = _switch(cmd, "dryrun")
        self.connection.source.writing.plan_with(show if on else None)

    def command_keys(self, cmd: list[str]) -> None:
        """Choose the keys of the line editor."""
        if cmd not in (["emacs"], ["vi"]):
            raise UsageError(f"The keys are of emacs or of vi; now: {self.keys}.")
        self.keys = cmd[0]

    def command_mode(self, cmd: list[str]) -> None:
        """Choose how rows look."""
        own = {"column": "table"} if not self.widths else {}
        if len(cmd) == 1 and (name := own.get(cmd[0], cmd[0])) in OWN_MODES:
            shell: Any = self
            shell.output = getattr(shell, f"output_{name}")
            return
        super().command_mode(cmd)  # type: ignore[misc]

    def command_quit(self, cmd: list[str]) -> None:
        """Leave, by sqlite3's other word."""
        super().command_exit(cmd)  # type: ignore[misc]

    def command_width(self, cmd: list[str]) -> None:
        """Set the widths of columns, which only apsw's own column mode has."""
        super().command_width(cmd)  # type: ignore[misc]
        shell: Any = self
        shell.output = shell.output_column

    def command_help(self, cmd: list[str]) -> None:
        """List the commands, or describe one."""
        if cmd:
            name = cmd[0].lstrip(".")
            if name not in LINES:
                raise UsageError(f"No command .{name}.{did_you_mean(name, LINES)} See .help")
            click.echo(f".{name} {LINES[name].arguments}\n    {LINES[name].text}")
            return
        width = max(len(name) + len(line.arguments) for name, line in LINES.items()) + 1
        for title, group in GROUPS.items():
            click.secho(title, bold=True)
            for name, line in group.items():
                click.echo(f"  .{f'{name} {line.arguments}':{width}}  {line.text}")
        click.echo("SQL ends with ; or with \\G for a line a value, or \\e to edit it first.")

    def _move(self, profiles: Sequence[str], regions: Sequence[str]) -> None:
        from apigw_vtab.sqlite.open import move

        move(
            self.connection,
            profiles=profiles,
            regions=regions,
            endpoint_url=self.settings.endpoint_url,
            sandbox=self.settings.sandbox,
        )

    def _table(self, columns: Sequence[str], rows: Sequence[Row]) -> None:
        style = render.Style(width=render.terminal_width(sys.stdout))
        click.echo("".join(render.table(columns, rows, style)), nl=False)


def _at_most_one(cmd: Sequence[str], name: str) -> str | None:
    if len(cmd) > 1:
        raise UsageError(f".{name} takes one argument at most.")
    return cmd[0] if cmd else None


def _none(cmd: Sequence[str], name: str) -> None:
    if cmd:
        raise UsageError(f".{name} takes no argument.")


def _switch(cmd: Sequence[str], name: str) -> bool:
    if list(cmd) not in (["on"], ["off"]):
        raise UsageError(f"Say .{name} on, or .{name} off.")
    return list(cmd) == ["on"]


def _hide_what_is_not_for_us() -> None:
    """Take apsw's commands out that are for its own work, or would leave our connection."""
    wanted = {f"command_{name}" for name in (*LINES, *ALIASES, *ALIASES.values())}
    for name in dir(apsw.shell.Shell):
        if name.startswith("command_") and name not in wanted:
            setattr(Commands, name, None)


_hide_what_is_not_for_us()
