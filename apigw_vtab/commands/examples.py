"""The command `queries test`: controls over their own examples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from apigw_vtab.commands.exit_codes import FAILED
from apigw_vtab.controls.examples import SUFFIX, columns_of, examples_of, failures, without_examples
from apigw_vtab.controls.findings import REQUIRED
from apigw_vtab.controls.library import all_queries
from apigw_vtab.errors import UsageError
from apigw_vtab.output.terminal import harmless


def run_examples(folder: Path, others: Sequence[Path] = ()) -> int:
    """Run the controls of a folder over their examples, and return the exit code.

    Raises UsageError for a folder without saved queries, and for a file that is not valid.
    """
    found = [query for query in all_queries([*others, folder]) if Path(query.path).parent == folder]
    if not found:
        raise UsageError(f"No controls in {folder}: a control is a file such as NAME.sql.")
    orphans = {path.stem for path in folder.glob(f"*{SUFFIX}")} - {query.name for query in found}
    if orphans:
        name = sorted(orphans)[0]
        raise UsageError(f"{folder / name}{SUFFIX} has no {name}.sql beside it.")
    failed = checked = 0
    for query in found:
        examples = examples_of(query)
        columns = columns_of(query, must_run=bool(query.severity or examples))
        is_control = bool(query.severity or examples) or columns[:5] == REQUIRED
        if fault := query.fault or (query.flaw if is_control else ""):
            raise UsageError(fault)
        checked += is_control
        wrong = list(failures(query, examples)) if examples else []
        if is_control and not examples and (odd := next(without_examples(query), "")):
            raise UsageError(f"{query.path}: {odd}" if query.path not in odd else odd)
        failed += len(wrong)
        if is_control:
            click.echo(f"{_counted(len(examples), len(wrong))}  {harmless(query.name)}")
        for words in wrong:
            click.echo(f"    {harmless(words)}")
    if not checked:
        needed = ", ".join(REQUIRED)
        raise UsageError(
            f"No controls in {folder}: no file has a severity or the columns {needed}."
        )
    if failed:
        what = "example does not have" if failed == 1 else "examples do not have"
        click.secho(f"{failed} {what} the verdict that is wanted.", fg="red")
    return FAILED if failed else 0


def _counted(examples: int, wrong: int) -> str:
    """Return how many examples agree, in a column of its own."""
    words = "no examples" if not examples else f"{examples - wrong} of {examples} ok"
    return f"{words:>12}"
