"""Before and after a write: shows the plan, asks the user, reports what was done."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import click

from apigw_vtab.commands import progress
from apigw_vtab.commands.settings import Writes
from apigw_vtab.errors import UsageError
from apigw_vtab.output.terminal import harmless
from apigw_vtab.writes import aws_cli
from apigw_vtab.writes.changes import Change
from apigw_vtab.writes.policy import WritePolicy
from apigw_vtab.writes.results import ChangeResult, count_by_operation, not_live_yet


def policy_of(writes: Writes) -> WritePolicy:
    """Return the write policy that the options ask for."""
    return WritePolicy(
        allowed=writes.allowed,
        dry_run=printer() if writes.dry_run else None,
        ask=None if writes.yes else ask,
        shown=progress.shown,
        told=tell_made,
        journal=writes.journal,
    )


def printer() -> Callable[[Sequence[Change]], None]:
    """Return what prints changes as AWS CLI commands, and knows the ids of those before."""
    earlier: set[aws_cli.Pending] = set()

    def show(changes: Sequence[Change]) -> None:
        for command in aws_cli.commands(changes, earlier):
            click.echo(harmless(command))
        for line in not_live_yet(changes):
            click.echo(harmless(line), err=True)
        earlier.update(aws_cli.ids_to_come(changes))

    return show


def ask(changes: Sequence[Change], refused: Sequence[ChangeResult]) -> bool:
    """Ask on the terminal whether to send changes. Raises UsageError without a terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            f"{count_by_operation(changes)} to send, but no terminal to ask for permission: "
            "add --yes, or look at them with --dry-run."
        )
    for line in summary(changes):
        click.echo(harmless(line), err=True)
    if refused:
        click.echo(
            f"Refused, because what they rest on could not be read: {len(refused)} more.", err=True
        )
    return click.confirm("Send these changes?", err=True)


def summary(changes: Sequence[Change]) -> Iterator[str]:
    """Yield lines that say how many changes there are, of what kind, and where."""
    yield f"To be sent to AWS: {count_by_operation(changes)}"
    where = Counter((change.lane.account.called, change.lane.region) for change in changes)
    for (whose, region), count in sorted(where.items()):
        yield f"  {count} in {region} ({whose})"
    if any(change.write.name == "CreateDeployment" for change in changes):
        yield "A deployment makes its API, as it is now, live for the stage's callers."
    yield from not_live_yet(changes)


def tell_made(outcomes: Sequence[ChangeResult]) -> None:
    """Report the changes that were made, and what has to happen before callers notice them."""
    changes = [outcome.change for outcome in outcomes]
    for line in (f"Done: {count_by_operation(changes)}.", *not_live_yet(changes)):
        click.echo(harmless(line), err=True)
