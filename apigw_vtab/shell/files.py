"""The dot-commands that read and write files."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from apigw_vtab.errors import UsageError

if TYPE_CHECKING:
    from apigw_vtab.sqlite.connection import Connection


class FileCommands:
    """The dot-commands of a session that read and write files."""

    folders: tuple[Path, ...]
    connection: Connection
    last_sql: str
    _once: bool = False

    if TYPE_CHECKING:

        def run_script(self, path: Path) -> None:
            """Run a file; implemented by the session."""

    def command_read(self, cmd: list[str]) -> None:
        """Run a file of statements and commands."""
        if len(cmd) != 1:
            raise UsageError("Which file? Example: .read report.sql")
        self.run_script(Path(cmd[0]).expanduser())

    def command_save(self, cmd: list[str]) -> None:
        """Save the last statement as a saved query."""
        from apigw_vtab.controls.library import all_queries, save_query, user_folder

        if len(cmd) != 1 or not self.last_sql:
            raise UsageError("First run a statement, then name it, for example: .save my-stages")
        (name,) = cmd
        if any(query.answers_to(name) for query in all_queries(self.folders)):
            raise UsageError(f"There is already a saved query {name}: choose another name.")
        folder = self.folders[0] if self.folders else user_folder()
        path = save_query(folder, name, self.last_sql)
        click.echo(f"Saved as {path}. Run it with: .run {name}")

    def command_once(self, cmd: list[str]) -> None:
        """Write the next statement's rows to a file."""
        if len(cmd) != 1:
            raise UsageError("To which file? Example: .once rows.csv")
        self.command_output(cmd)
        self._once = True

    def command_output(self, cmd: list[str]) -> None:
        """Write rows to a file from now on; without one, to the screen again."""
        self._once = False
        name = cmd[0] if len(cmd) == 1 else "stdout"
        if len(cmd) > 1 or name.startswith("|"):
            raise UsageError("Name one file. For a pipe: apigw-vtab query SQL | COMMAND")
        super().command_output([os.devnull if name == "off" else name])  # type: ignore[misc]

    def command_restore(self, cmd: list[str]) -> None:
        """Restore the user's database from a file."""
        if len(cmd) != 1 or not Path(cmd[0]).is_file():
            raise UsageError(f"No file {' '.join(cmd) or 'was named'}. Example: .restore copy.db")
        super().command_restore(cmd)  # type: ignore[misc]

    def command_import(self, cmd: list[str]) -> None:
        """Read a CSV file into a table; a new table takes its columns from the first row."""
        if len(cmd) != 2:
            raise UsageError("Which file, into which table? Example: .import rows.csv notes")
        path, table = Path(cmd[0]).expanduser(), _quoted(cmd[1])
        with path.open(encoding="utf-8-sig", newline="") as file, self.connection:
            rows = enumerate(csv.reader(file), 1)
            names = [str(row[1]) for row in self.connection.execute(f"pragma table_info({table})")]
            if not names:
                _, names = next(rows, (0, []))
                columns = ", ".join(map(_quoted, names))
                self.connection.execute(f"create table main.{table} ({columns})")
            insert = f"insert into {table} values ({', '.join('?' * len(names))})"
            for number, row in rows:
                if len(row) != len(names):
                    raise UsageError(
                        f"Row {number} of {path} has {len(row)} values, but {cmd[1]} has "
                        f"{len(names)} columns. Nothing was imported."
                    )
                values: Any = tuple(row)
                self.connection.execute(insert, values)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
