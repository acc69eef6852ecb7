"""The interactive shell: apsw's own, over our connection."""

from __future__ import annotations

import sys
from typing import Any

import apsw
import apsw.shell
import click

from apigw_vtab.asking import show
from apigw_vtab.connection import Connection
from apigw_vtab.errors import FAILED, INCOMPLETE, ApigwVtabError
from apigw_vtab.options import Reading, Writes
from apigw_vtab.reports import tell
from apigw_vtab.sql_errors import explain

GREETING = "API Gateway as SQL tables. Try:  select region, name from rest_apis;\n"
HINT = "Tables: .tables   columns: .schema stages   all else: .help   leave: .quit\n"
PROMPT = "apigw-vtab> "


class Shell(apsw.shell.Shell):
    """apsw's shell, which says after each statement what could not be read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.incomplete = self.failed = False
        super().__init__(db=connection)
        self.prompt, self.moreprompt = PROMPT, "...> ".rjust(len(PROMPT))

    def process_sql(self, sql: str, *args: Any, **options: Any) -> None:
        """Run statements; see apsw.shell.Shell.process_sql."""
        mark = self._connection.calls.ledger.mark()
        try:
            super().process_sql(sql, *args, **options)
        finally:
            self.incomplete |= bool(tell(self._connection, mark))

    def command_dryrun(self, words: list[str]) -> None:
        """Print the AWS CLI commands of changes instead of sending them: .dryrun on|off."""
        self._connection.source.writing.plan_with(show if words == ["on"] else None)

    def handle_exception(self) -> None:
        """Say what went wrong, with the nearest name for an unknown one."""
        error = sys.exc_info()[1]
        self.failed = True
        if isinstance(error, apsw.Error) and not self.exceptions:
            click.echo(f"Error: {explain(error)}", err=True)
        elif isinstance(error, ApigwVtabError) and not self.exceptions:
            click.echo(f"Error: {error}", err=True)
        else:
            super().handle_exception()  # type: ignore[no-untyped-call]


def run(settings: Reading, writes: Writes) -> int:
    """Run the shell until the user leaves; give the exit code."""
    connection = settings.connect(writes)
    shell = Shell(connection)
    shell.cmdloop(intro=GREETING, transient=HINT)  # type: ignore[no-untyped-call]
    interactive = sys.stdin.isatty()
    if shell.incomplete:
        return INCOMPLETE
    return FAILED if shell.failed and not interactive else 0
