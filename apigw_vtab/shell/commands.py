"""Our own dot-commands. Those of sqlite3 come from apsw, whose other commands are left out."""

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
from apigw_vtab.commands.incomplete import tell
from apigw_vtab.commands.settings import Gate, Output, Reading, Writes
from apigw_vtab.errors import UsageError, did_you_mean
from apigw_vtab.output.style import Style
from apigw_vtab.output.table import table
from apigw_vtab.output.terminal import harmless, terminal_width

if TYPE_CHECKING:
    from pathlib import Path

    from apigw_vtab.aws.accounts import Account
    from apigw_vtab.output.cells import Row
    from apigw_vtab.sqlite.connection import Connection


class CommandHelp(NamedTuple):
    """What .help says about a command: its arguments, and what it does."""

    arguments: str
    text: str


# Every command, grouped by purpose.
GROUPS: dict[str, dict[str, CommandHelp]] = {
    "Look around": {
        "tables": CommandHelp("?PATTERN?", "List the tables, or those that match a pattern"),
        "inspect": CommandHelp("?TABLE?", "Describe a table's columns, in AWS's words"),
        "schema": CommandHelp("?TABLE?", "Show the statements that created tables"),
        "indices": CommandHelp("TABLE", "List the indices of one of your own tables"),
        "databases": CommandHelp("", "List the open database files"),
        "connections": CommandHelp("", "Show which accounts and regions are read, and how"),
        "show": CommandHelp("", "Show the settings of this shell"),
    },
    "Query": {
        "queries": CommandHelp("?TAG?", "List the saved queries, or those with a tag"),
        "run": CommandHelp("NAME ?PARAM=VALUE ...?", "Run a saved query by name or rule id"),
        "check": CommandHelp("?NAME ...?", "Run controls by name or id, PARAM=VALUE; or all"),
        "explain": CommandHelp("SQL", "Show the AWS calls that a statement would make"),
        "watch": CommandHelp("SECONDS SQL", "Repeat a statement until Ctrl-C"),
        "save": CommandHelp("NAME", "Save the last statement as a saved query"),
        "parameter": CommandHelp("set NAME VALUE", "Set :NAME for SQL; also unset, list, clear"),
        "find": CommandHelp("TEXT ?TABLE?", "Search your own tables for some text"),
    },
    "What to read": {
        "regions": CommandHelp("?PATTERN ...?", "Read these regions from now on; * means all"),
        "profiles": CommandHelp("?NAME ...?", "Read the accounts of these profiles from now on"),
        "cache": CommandHelp("?on|off|clear?", "Turn the cache on or off, or clear it"),
    },
    "How rows look": {
        "mode": CommandHelp("MODE", "Set the format: table, line, csv, json, box, ..."),
        "headers": CommandHelp("on|off", "Show column names in csv, list and column mode"),
        "pretty": CommandHelp("on|off", "Indent JSON in expanded rows"),
        "width": CommandHelp("WIDTH ...", "Set the column widths in column mode"),
        "nullvalue": CommandHelp("TEXT", "Set the text for NULL in list and column mode"),
        "separator": CommandHelp("TEXT", "Set the column separator in list and csv mode"),
        "timing": CommandHelp("on|off", "Show rows, calls and time after each statement"),
        "timer": CommandHelp("on|off", "Show CPU time and memory after each statement"),
        "changes": CommandHelp("on|off", "Show rows changed in SQLite after each statement"),
        "echo": CommandHelp("on|off", "Show each statement before it runs"),
        "colour": CommandHelp("SCHEME", "Set the colours: default or off"),
    },
    "Files": {
        "output": CommandHelp("?FILE?", "Write rows to a file, or to the screen again"),
        "once": CommandHelp("FILE", "Write the next statement's rows to a file"),
        "read": CommandHelp("FILE", "Run a file of statements and commands"),
        "import": CommandHelp("FILE TABLE", "Read a CSV file into an existing or new table"),
        "dump": CommandHelp("?TABLE?", "Print your own tables as SQL"),
        "backup": CommandHelp("FILE", "Copy your database to a file"),
        "restore": CommandHelp("FILE", "Restore your database from a file"),
    },
    "Writes": {
        "dryrun": CommandHelp("on|off", "Print changes as AWS CLI commands, send nothing"),
    },
    "The shell": {
        "help": CommandHelp("?COMMAND?", "Show this list, or describe one command"),
        "keys": CommandHelp("emacs|vi", "Set the key bindings of the line editor"),
        "prompt": CommandHelp("TEXT ?MORE?", "Set the prompts"),
        "bail": CommandHelp("on|off", "Stop a script at its first error"),
        "print": CommandHelp("TEXT", "Print some text"),
        "cd": CommandHelp("?FOLDER?", "Change to a folder"),
        "version": CommandHelp("", "Show the versions of SQLite and apsw"),
        "exit": CommandHelp("", "Leave the shell; Ctrl-D does too"),
    },
}
COMMANDS = {name: line for group in GROUPS.values() for name, line in group.items()}
# Modes that our own renderers write; apsw writes all the others.
OWN_MODES = frozenset(("json", "jsonl", "line", "markdown", "table"))
# One day: time.sleep() fails on very large values.
LONGEST_WATCH = 86_400.0
ALIASES = {"headers": "header", "quit": "exit", "color": "colour"}
# apsw has more, which are internal or would switch to another connection.
KNOWN_NAMES = frozenset((*COMMANDS, *ALIASES, *ALIASES.values()))


class DotCommands:
    """The dot-commands of a session, except those that work with files."""

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
            """Run statements; implemented by the session."""

        def cost(self, made: int, began: float) -> None:
            """Record the cost for the bottom bar; implemented by the session."""

    def command_tables(self, cmd: list[str]) -> None:
        """List the tables and views, or those like a pattern; apsw leaves out none of ours."""
        pattern = _at_most_one(cmd, "tables") or "%"
        kinds = "where type in ('table', 'view') and name not like 'sqlite_%'"
        sql = (
            f"select name from (select * from sqlite_schema {kinds} union all "
            f"select * from sqlite_temp_schema {kinds}) where name like ? order by name"
        )
        for (name,) in self.connection.execute(sql, (pattern.replace("*", "%"),)):
            click.echo(harmless(str(name)))

    def command_inspect(self, cmd: list[str]) -> None:
        """List the tables, or one table's columns."""
        from apigw_vtab.commands.listings import list_tables

        name = _at_most_one(cmd, "inspect")
        output = Output(None, (), header=True, separator=",")
        list_tables(name, output)

    def command_connections(self, cmd: list[str]) -> None:
        """List the accounts being read, and how."""
        _none(cmd, "connections")
        executor, estate = self.connection.executor, self.connection.context.estate
        rows: list[Row] = [
            (
                account.label,
                executor.log.account_ids.get(account.label) or "not looked up yet",
                account.home_region,
                ", ".join(estate.patterns),
                _endpoint_of(account),
            )
            for account in estate.profiles
        ]
        columns = ("profile", "account_id", "home_region", "regions", "endpoint")
        self._table(columns, rows)

    def command_queries(self, cmd: list[str]) -> None:
        """List the saved queries, or those with a tag."""
        from apigw_vtab.commands.listings import list_queries
        from apigw_vtab.controls.library import all_queries
        from apigw_vtab.controls.selection import Selection

        tag = _at_most_one(cmd, "queries")
        selection = Selection(tags=(tag,) if tag else ())
        found = selection.choose(all_queries(self.folders))
        list_queries(found, Output(None, (), header=True, separator=","))

    def command_run(self, cmd: list[str]) -> None:
        """Run a saved query."""
        from apigw_vtab.commands.typed import Typed, the_one
        from apigw_vtab.controls.library import all_queries, find_queries
        from apigw_vtab.controls.parameters import read_parameters

        if not cmd:
            raise UsageError("Which query? .queries lists them.")
        found = the_one(find_queries(cmd[:1], all_queries(self.folders)), Typed((".run", cmd[0])))
        given = read_parameters(cmd[1:])
        self.connection.refuse_hidden_names()
        # A parameter that was set for all statements need not be one of this query.
        found.values(self.bindings)
        self.process_sql(found.sql, found.bound(given) | self.bindings | given)

    def command_parameter(self, cmd: list[str]) -> None:
        """Set, unset or list the parameters of statements."""
        if len(cmd) > 1:
            cmd[1] = cmd[1].lstrip(":$@")
        if len(cmd) == 3 and cmd[0] == "set":
            try:
                self.connection.execute(f"select ({cmd[2]})").get  # noqa: B018
            except apsw.Error:
                # As in sqlite3: a value that is not valid SQL is text.
                cmd[2] = str(apsw.format_sql_value(cmd[2]))
        super().command_parameter(cmd)  # type: ignore[misc]

    def command_check(self, cmd: list[str]) -> None:
        """Run controls."""
        from apigw_vtab.commands.check import Check, run_check_over
        from apigw_vtab.controls.library import all_queries, find_queries
        from apigw_vtab.controls.parameters import read_parameters
        from apigw_vtab.controls.run import bindings_of

        every = all_queries(self.folders)
        given = [one for one in cmd if one.partition("=")[0].isidentifier() and "=" in one]
        names = [one for one in cmd if one not in given]
        found = find_queries(names, every) if names else every
        output = Output(None, (), header=True, separator=",")
        values = read_parameters(given)
        bindings_of(found, values)
        wanted = Check(found, values, Gate("alarm", None, None), output, chosen=bool(names))
        made, began = self.connection.executor.log.calls_made, time.monotonic()
        code = run_check_over(self.connection, wanted)
        self.cost(made, began)
        self.incomplete |= code == INCOMPLETE
        self.failed |= code == FAILED

    def command_explain(self, cmd: list[str]) -> None:
        """Show the AWS calls that a statement would make."""
        from apigw_vtab.commands.estimate import table_of, words_of
        from apigw_vtab.sqlite.estimate import explain

        if not cmd:
            raise UsageError("Which statement? Example: .explain select * from stages")
        mark = self.connection.executor.log.mark()
        with progress.shown(self.connection.executor):
            found = explain(self.connection, cmd[0], self.bindings)
        columns, rows = table_of(found)
        if rows:
            self._table(columns, rows)
        is_kept = self.connection.executor.cache_ttl > 0
        for line in words_of(found, is_kept=is_kept):
            click.echo(harmless(line))
        self.incomplete |= bool(tell(self.connection, mark))

    def command_watch(self, cmd: list[str]) -> None:
        """Repeat a statement until Ctrl-C."""
        seconds, _, sql = (cmd[0] if cmd else "").partition(" ")
        try:
            pause = float(seconds)
        except ValueError:
            pause = 0.0
        if not 0 < pause <= LONGEST_WATCH or not sql.strip():
            raise UsageError("How often, and what? Example: .watch 10 select count(*) from stages")
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                if self.stdout.isatty():
                    click.clear()
                click.echo(f"Every {pause:g} s, now {time.strftime('%H:%M:%S')}. Ctrl-C stops it.")
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
        names = (account.label for account in self.connection.context.estate.profiles)
        click.echo(", ".join(names))

    def command_cache(self, cmd: list[str]) -> None:
        """Turn the cache on or off, or clear it."""
        executor = self.connection.executor
        if cmd == ["clear"]:
            executor.forget()
        elif cmd:
            executor.cache_ttl = (
                (self.settings.cache_ttl or 300.0) if _switch(cmd, "cache") else 0.0
            )
        age = executor.cache_age
        kept = "it is empty" if age is None else f"its oldest answer is {age:.0f} s old"
        state = f"keeps answers for {executor.cache_ttl:g} s" if executor.cache_ttl else "is off"
        click.echo(f"The cache {state}; {kept}.")

    def command_pretty(self, cmd: list[str]) -> None:
        """Turn indented JSON in expanded rows on or off."""
        self.pretty = _switch(cmd, "pretty")

    def command_timing(self, cmd: list[str]) -> None:
        """Turn the summary after each statement on or off."""
        self.timing = _switch(cmd, "timing")

    def command_dryrun(self, cmd: list[str]) -> None:
        """Turn on or off printing changes as AWS CLI commands instead of sending them."""
        from apigw_vtab.commands.confirm import printer

        on = _switch(cmd, "dryrun")
        self.connection.context.transaction.plan_with(printer() if on else None)

    def command_keys(self, cmd: list[str]) -> None:
        """Choose the key bindings of the line editor."""
        if cmd not in (["emacs"], ["vi"]):
            raise UsageError(f"The keys are either emacs or vi; now: {self.keys}.")
        self.keys = cmd[0]

    def command_mode(self, cmd: list[str]) -> None:
        """Choose how rows look."""
        own = {"column": "table"} if not self.widths else {}
        if len(cmd) == 1 and (name := own.get(cmd[0], cmd[0])) in OWN_MODES:
            shell: Any = self
            shell.output = getattr(shell, f"output_{name}")
            return
        super().command_mode(cmd)  # type: ignore[misc]
        if cmd == ["tabs"]:
            # A spreadsheet opens it like CSV.
            shell = self
            shell.output = shell.output_csv

    def command_quit(self, cmd: list[str]) -> None:
        """Leave the shell, under sqlite3's other name for .exit."""
        super().command_exit(cmd)  # type: ignore[misc]

    def command_width(self, cmd: list[str]) -> None:
        """Set the column widths, which only apsw's column mode uses."""
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
        click.echo("End SQL with ; to run it, \\G for one value per line, or \\e to edit it first.")

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
        raise UsageError(f".{name} takes at most one argument.")
    return cmd[0] if cmd else None


def _endpoint_of(account: Account) -> str:
    """Return where an account's calls of API Gateway go to, whatever says so."""
    if account.is_sandbox:
        return "sandbox"
    try:
        return account.own_endpoint("apigateway") or "AWS"
    except Exception as error:
        return f"cannot be used: {error}"


def _none(cmd: Sequence[str], name: str) -> None:
    if cmd:
        raise UsageError(f".{name} takes no arguments.")


def _switch(cmd: Sequence[str], name: str) -> bool:
    if list(cmd) not in (["on"], ["off"]):
        raise UsageError(f"Use .{name} on or .{name} off.")
    return list(cmd) == ["on"]
