"""Runs a shell, from its first line to its exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from apigw_vtab.commands.exit_codes import FAILED, INCOMPLETE
from apigw_vtab.commands.settings import Reading, Writes
from apigw_vtab.commands.signals import terminal_as_it_was


@dataclass(frozen=True)
class Opening:
    """What a shell starts with: commands, a script to run instead of prompting, query folders."""

    commands: Sequence[str] = ()
    script: Path | None = None
    folders: Sequence[Path] = ()


def run_shell(settings: Reading, writes: Writes, opening: Opening) -> int:
    """Run the shell until the user leaves or its input ends; return the exit code."""
    from apigw_vtab.shell.session import Leave, Shell

    shell = Shell(settings, writes, opening.folders)
    try:
        for command in opening.commands:
            shell.take(command)
        if opening.script:
            shell.run_script(opening.script)
        elif shell.interactive:
            from apigw_vtab.shell.prompt import talk

            with terminal_as_it_was():
                talk(shell)
        else:
            shell.run_input()
        code = FAILED if shell.failed and not shell.interactive else 0
    except Leave as leaving:
        code = leaving.code
    finally:
        shell.close()
    return INCOMPLETE if shell.incomplete and code <= INCOMPLETE else code
