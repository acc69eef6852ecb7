"""Reports what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from apigw_vtab.aws.causes import GARBLED, OTHER
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.commands.exit_codes import INCOMPLETE
from apigw_vtab.output.terminal import harmless
from apigw_vtab.tables.account import IDENTITY

# What it means for the rows that nobody says whose they are.
WITHOUT_ID = "Until then its rows have no account_id, and a condition on that keeps none of them."

if TYPE_CHECKING:
    from apigw_vtab.sqlite.connection import Connection


def tell(connection: Connection, since: int = 0) -> int:
    """Say on stderr what could not be read; return the exit code for it."""
    tell_warnings(connection)
    log = connection.executor.log
    missed = log.to_tell(since)
    _tell_left_out([failure for failure in missed if failure.is_left_out])
    failures = [failure for failure in missed if not failure.is_left_out]
    if not failures:
        return 0
    click.echo("apigw-vtab: incomplete, because these calls gave no answer:", err=True)
    for line in in_groups(failures):
        click.echo(f"  {harmless(line)}", err=True)
    # A later statement may have succeeded.
    each = set(failures) <= set(log.failures())
    where = "Each of them is a row in" if each else "What is still missing is in"
    click.echo(f"  {where} the table scan_errors.", err=True)
    return INCOMPLETE


def tell_warnings(connection: Connection) -> None:
    """Say on stderr what has not been said yet."""
    for warning in connection.executor.log.new_warnings():
        click.echo(f"apigw-vtab: {harmless(warning)}", err=True)


def _tell_left_out(failures: Sequence[CallFailed]) -> None:
    """Count and name what the user does without."""
    if not failures:
        return
    lanes = {(failure.profile, failure.region) for failure in failures}
    regions = "1 region was" if len(lanes) == 1 else f"{len(lanes)} regions were"
    click.echo(f"apigw-vtab: {regions} left out, as --skip-denied-by-scp says:", err=True)
    for line in in_groups(failures, advise=False):
        click.echo(f"  {harmless(line)}", err=True)


def in_groups(failures: Iterable[CallFailed], *, advise: bool = True) -> Iterator[str]:
    """Yield a line for each cause, with all the operations and regions that it kept from us."""
    groups: dict[tuple[str, ...], list[CallFailed]] = {}
    for failure in failures:
        groups.setdefault(_cause(failure), []).append(failure)
    for group in groups.values():
        operations = list(dict.fromkeys(failure.operation for failure in group))
        regions = list(dict.fromkeys(failure.region for failure in group))
        place = group[0].place(operations, regions, len(group))
        line = f"{place}: {group[0].told if advise else group[0].said}"
        if IDENTITY.name in operations:
            line += f" {WITHOUT_ID}"
        yield line


def _cause(failure: CallFailed) -> tuple[str, ...]:
    """Return what failures of one cause have in common; AWS's sentence names one resource."""
    cause = failure.cause
    if failure.is_account_wide:
        return failure.profile, cause.what
    if cause in (OTHER, GARBLED):
        return failure.profile, failure.code, failure.detail
    return failure.profile, cause.what, "" if "{detail}" in cause.advice else failure.advice
