"""Reports what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.commands.exit_codes import INCOMPLETE
from apigw_vtab.output.terminal import harmless

if TYPE_CHECKING:
    from apigw_vtab.sqlite.connection import Connection


def tell(connection: Connection, since: int = 0) -> int:
    """Say on stderr what could not be read; return the exit code for it."""
    log = connection.executor.log
    for warning in log.new_warnings():
        click.echo(f"apigw-vtab: {harmless(warning)}", err=True)
    failures = log.missed(since)
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


def in_groups(failures: Iterable[CallFailed]) -> Iterator[str]:
    """Yield a line for each kind of failure, with all the regions it occurred in."""
    groups: dict[tuple[str, ...], list[CallFailed]] = {}
    for failure in failures:
        key = failure.profile, failure.operation, failure.code, failure.advice
        groups.setdefault(key, []).append(failure)
    for group in groups.values():
        first = group[0]
        regions = ", ".join(dict.fromkeys(failure.region for failure in group))
        times = f", {len(group)} calls" if len(group) > 1 else ""
        yield (
            f"{first.operation} in {regions} (profile {first.profile}{times}): "
            f"{first.cause.what} ({first.code}). {first.advice}"
        )
