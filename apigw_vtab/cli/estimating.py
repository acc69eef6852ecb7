"""What makes no sense with --estimate: it counts calls, and has no rows, findings or changes."""

from __future__ import annotations

import click
from click.core import ParameterSource

OF_ROWS = ("output", "export", "no_header", "separator", "raw")
OF_FINDINGS = (
    *("fail_on", "baseline", "write_baseline", "show_all", "limit"),
    *("where", "resource_tag", "without_resource_tag"),
)
OF_CHANGES = ("dry_run", "yes", "journal")
IGNORED = {*OF_ROWS, *OF_FINDINGS, *OF_CHANGES}


def refuse_ignored() -> None:
    """Say which options of the environment an estimate leaves aside.

    Raises click.UsageError for those that were typed.
    """
    context = click.get_current_context()
    ignored = [
        (context.get_parameter_source(str(option.name)), option)
        for option in context.command.params
        if option.name in IGNORED
    ]
    typed = [one.opts[0] for source, one in ignored if source == ParameterSource.COMMANDLINE]
    if typed:
        raise click.UsageError(
            f"--estimate only counts calls: leave out {_listed(typed)}, or leave out --estimate.",
            context,
        )
    for source, one in ignored:
        if source == ParameterSource.ENVIRONMENT:
            told = f"{one.envvar} has no effect: --estimate only counts calls."
            click.echo(f"apigw-vtab: {told}", err=True)


def _listed(names: list[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
