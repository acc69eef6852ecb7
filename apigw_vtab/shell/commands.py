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

from apigw_vtab.commands import progress
from apigw_vtab.commands.exit_codes import FAILED, INCOMPLETE
from apigw_vtab.commands.failures import tell
from apigw_vtab.commands.settings import Gate, Output, Reading, Writes
from apigw_vtab.errors import UsageError, did_you_mean
from apigw_vtab.output.style import Style
from apigw_vtab.output.table import table
from apigw_vtab.output.terminal import terminal_width

if TYPE_CHECKING:
    from pathlib import Path

    from apigw_vtab.output.cells import Row
    from apigw_vtab.sqlite.connection import Connection


class CommandHelp(NamedTuple):
    """What .help says of a command: its arguments, and what it does."""

    arguments: str
    text: str


# Every command that there is, by what one wants to do.
GROUPS: dict[str, dict[str, CommandHelp]] = {
    "Look around": {
        "tables": CommandHelp("?PATTERN?", "The tables, or those with names like a pattern"),
        "inspect": CommandHelp("?TABLE?", "A table's columns, with AWS's words on each"),
        "schema": CommandHelp("?TABLE?", "How tables were created"),
        "indices": CommandHelp("TABLE", "The indices of a table of yours"),
        "databases": CommandHelp("", "The database files that are open"),
        "connections": CommandHelp("", "The accounts and regions that are read, and how"),
        "show": CommandHelp("", "The settings of this shell"),
    },
    "Ask": {
        "queries": CommandHelp("?TAG?", "The saved queries, or those with a tag"),
        "run": CommandHelp("NAME ?PARAM=VALUE ...?", "Run a saved query by its name or a rule id"),
        "check": CommandHelp("?NAME ...?", "Check all controls, or those of a name or id"),
        "explain": CommandHelp("SQL", "The calls of a statement, before it makes them"),
        "watch": CommandHelp("SECONDS SQL", "Run a statement again and again, until Ctrl-C"),
        "save": CommandHelp("NAME", "Keep the last statement as a saved query"),
        "parameter": CommandHelp(
            "set NAME VALUE", "Values of :NAME in SQL; also unset, list, clear"
        ),
        "find": CommandHelp("TEXT ?TABLE?", "Search your own tables for a text"),
    },
    "Where from": {
        "regions": CommandHelp("?PATTERN ...?", "Read these regions from now on; * is all"),
        "profiles": CommandHelp("?NAME ...?", "Read the accounts of these profiles from now on"),
        "cache": CommandHelp("?on|off|clear?", "Keep answers, keep none, or forget them"),
    },
    "How rows look": {
        "mode": CommandHelp("MODE", "table, line, csv, json, markdown, box, ..."),
        "headers": CommandHelp("on|off", "Names above columns in csv, list, column mode"),
        "pretty": CommandHelp("on|off", "JSON over several lines, in expanded rows"),
        "width": CommandHelp("WIDTH ...", "The widths of columns, in column mode"),
        "nullvalue": CommandHelp("TEXT", "What stands for NULL, in list and column mode"),
        "separator": CommandHelp("TEXT", "What parts columns, in list and csv mode"),
        "timing": CommandHelp("on|off", "Rows, calls and seconds, after each statement"),
        "timer": CommandHelp("on|off", "Processor and memory, after each statement"),
        "changes": CommandHelp("on|off", "Rows changed in SQLite, after each statement"),
        "echo": CommandHelp("on|off", "Each statement before it runs"),
        "colour": CommandHelp("SCHEME", "default or off"),
    },
    "Files": {
        "output": CommandHelp("?FILE?", "Write rows to a file from now on, or no longer"),
        "once": CommandHelp("FILE", "Write the next statement's rows to a file"),
        "read": CommandHelp("FILE", "Run a file of statements and commands"),
        "import": CommandHelp("FILE TABLE", "Read a CSV file into a table, or a new one"),
        "dump": CommandHelp("?TABLE?", "Your tables as SQL"),
        "backup": CommandHelp("FILE", "Copy your database into a file"),
        "restore": CommandHelp("FILE", "Copy a file into your database"),
    },
    "Writes": {
        "dryrun": CommandHelp("on|off", "Print changes as AWS CLI commands, send none"),
    },
    "The shell": {
        "help": CommandHelp("?COMMAND?", "This list, or one command"),
        "keys": CommandHelp("emacs|vi", "The keys of the line editor"),
        "prompt": CommandHelp("TEXT ?MORE?", "The prompts"),
        "bail": CommandHelp("on|off", "Whether a script ends at its first error"),
        "print": CommandHelp("TEXT", "Print a text"),
        "cd": CommandHelp("?FOLDER?", "Go to a folder"),
        "version": CommandHelp("", "The versions of SQLite and apsw"),
        "exit": CommandHelp("", "Leave; so does Ctrl-D"),
    },
}
COMMANDS = {name: line for group in GROUPS.values() for name, line in group.items()}
# How rows look by our own renderers; in all other modes apsw writes them.
OWN_MODES = frozenset(("json", "jsonl", "line", "markdown", "table"))
# A day: the system's clock knows no end, and time.sleep() does.
LONGEST_WATCH = 86_400.0
ALIASES = {"headers": "header", "quit": "exit", "color": "colour"}
# apsw has more, which are for its own work or would leave our connection.
KNOWN_NAMES = frozenset((*COMMANDS, *ALIASES, *ALIASES.values()))


class DotCommands:
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
        from apigw_vtab.commands.listings import list_tables

        name = _at_most_one(cmd, "inspect")
        output = Output(None, (), header=True, separator=",")
        list_tables(name, output)

    def command_connections(self, cmd: list[str]) -> None:
        """List the accounts that are read, and how."""
        _none(cmd, "connections")
        executor, estate = self.connection.executor, self.connection.context.estate
        rows: list[Row] = [
            (
                account.profile,
                executor.log.account_ids.get(account.profile) or "not asked yet",
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
        from apigw_vtab.commands.listings import list_queries
        from apigw_vtab.controls.library import Selection, all_queries

        tag = _at_most_one(cmd, "queries")
        selection = Selection(tags=(tag,) if tag else ())
        found = selection.choose(all_queries(self.folders))
        list_queries(found, Output(None, (), header=True, separator=","))

    def command_run(self, cmd: list[str]) -> None:
        """Run a saved query."""
        from apigw_vtab.controls.library import all_queries, find_queries
        from apigw_vtab.controls.saved_query import read_parameters

        if not cmd:
            raise UsageError("Which one? .queries lists them.")
        (found, *_) = find_queries(cmd[:1], all_queries(self.folders))
        given = read_parameters(cmd[1:])
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
        from apigw_vtab.commands.check import Check, run_check_over
        from apigw_vtab.controls.library import all_queries, find_queries

        every = all_queries(self.folders)
        found = find_queries(cmd, every) if cmd else every
        output = Output(None, (), header=True, separator=",")
        wanted = Check(found, {}, Gate("alarm", None, None), output, chosen=bool(cmd))
        made, began = self.connection.executor.log.calls_made, time.monotonic()
        code = run_check_over(self.connection, wanted)
        self.cost(made, began)
        self.incomplete |= code == INCOMPLETE
        self.failed |= code == FAILED

    def command_explain(self, cmd: list[str]) -> None:
        """Tell the AWS calls of a statement before it makes them."""
        from apigw_vtab.sqlite.estimate import explain

        if not cmd:
            raise UsageError("Which statement? .explain select * from stages")
        mark = self.connection.executor.log.mark()
        with progress.shown(self.connection.executor):
            found = explain(self.connection, cmd[0], self.bindings)
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
            kept = ", and kept" if self.connection.executor.cache_ttl > 0 else ""
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
                self.connection.executor.forget()
                self.process_sql(sql)
                self.stdout.flush()
                time.sleep(pause)

    def command_regions(self, cmd: list[str]) -> None:
        """Read other regions from now on."""
        if cmd:
            self._move(self.settings.profile, cmd)
        click.echo(", ".join(self.connection.context.estate.patterns))

    def command_profiles(self, cmd: list[str]) -> None:
        """Read other accounts from now on."""
        estate = self.connection.context.estate
        if cmd:
            self._move(cmd, estate.patterns)
        names = (account.profile for account in self.connection.context.estate.profiles)
        click.echo(", ".join(names))

    def command_cache(self, cmd: list[str]) -> None:
        """Keep answers, keep none, or forget those that were kept."""
        executor = self.connection.executor
        if cmd == ["clear"]:
            executor.forget()
        elif cmd:
            executor.cache_ttl = (
                (self.settings.cache_ttl or 300.0) if _switch(cmd, "cache") else 0.0
            )
        age = executor.cache_age
        kept = "it is empty" if age is None else f"the oldest answer is {age:.0f} s old"
        state = (
            f"answers are good for {executor.cache_ttl:g} s" if executor.cache_ttl else "it is off"
        )
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
        self.connection.context.transaction.plan_with(show if on else None)

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
            if name not in COMMANDS:
                raise UsageError(f"No command .{name}.{did_you_mean(name, COMMANDS)} See .help")
            click.echo(f".{name} {COMMANDS[name].arguments}\n    {COMMANDS[name].text}")
            return
        width = max(len(name) + len(line.arguments) for name, line in COMMANDS.items()) + 1
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
        style = Style(width=terminal_width(sys.stdout))
        click.echo("".join(table(columns, rows, style)), nl=False)


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
