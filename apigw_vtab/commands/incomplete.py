"""Reports what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apigw_vtab.aws.call_log import MOST_ACCOUNTS
from apigw_vtab.aws.causes import GARBLED, OTHER
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.regions import is_pattern
from apigw_vtab.commands.exit_codes import INCOMPLETE, WRONG_USAGE
from apigw_vtab.errors import examples
from apigw_vtab.output.terminal import harmless
from apigw_vtab.tables.account import IDENTITY

# Of many accounts, no more regions are named than these.
MOST_REGIONS = 5
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
        return _tell_nothing_enabled(connection)
    click.echo("apigw-vtab: incomplete, because these calls gave no answer:", err=True)
    for line in in_groups(failures):
        click.echo(f"  {harmless(line)}", err=True)
    # A later statement may have succeeded.
    each = set(failures) <= set(log.failures())
    where = "Each of them is a row in" if each else "What is still missing is in"
    click.echo(f"  {where} the table scan_errors.", err=True)
    return INCOMPLETE


def tell_unwritten(paths: Iterable[Path]) -> None:
    """Say on stderr which files stay as they were after an interruption."""
    for path in paths:
        click.echo(f"apigw-vtab: {path}: not written, since it would not be whole.", err=True)


def tell_warnings(connection: Connection) -> None:
    """Say on stderr what has not been said yet."""
    for warning in connection.executor.log.new_warnings():
        click.echo(f"apigw-vtab: {harmless(warning)}", err=True)


def _tell_nothing_enabled(connection: Connection) -> int:
    """Say that no account has any of the named regions, where that is so; return the exit code."""
    estate = connection.context.estate
    asked = {lane for lane in connection.executor.lanes if estate.includes(lane)}
    if not asked or not asked <= estate.not_enabled or any(map(is_pattern, estate.patterns)):
        return 0
    regions = ", ".join(sorted({lane.region for lane in asked}))
    names = list(dict.fromkeys(lane.account.label for lane in asked))
    whose = names[0] if len(names) == 1 else f"any of {len(names):,} accounts"
    # As a warning: a shell says it once.
    connection.executor.log.warn(f"No region was read: {regions} is not enabled for {whose}.")
    tell_warnings(connection)
    return WRONG_USAGE


def _tell_left_out(failures: Sequence[CallFailed]) -> None:
    """Count and name what the user does without."""
    if not failures:
        return
    lanes = {(failure.label, failure.region) for failure in failures}
    regions = "1 region was" if len(lanes) == 1 else f"{len(lanes)} regions were"
    click.echo(f"apigw-vtab: {regions} left out, as --skip-denied-by-scp says:", err=True)
    for line in in_groups(failures, advise=False):
        click.echo(f"  {harmless(line)}", err=True)


def in_groups(failures: Iterable[CallFailed], *, advise: bool = True) -> Iterator[str]:
    """Yield a line for each cause, with all the operations and regions that it kept from us."""
    causes: dict[tuple[str, ...], dict[str, list[CallFailed]]] = {}
    for failure in failures:
        causes.setdefault(_cause(failure), {}).setdefault(failure.label, []).append(failure)
    for accounts in causes.values():
        if len(accounts) > MOST_ACCOUNTS:
            yield _line_of_many(accounts, advise=advise)
        else:
            yield from (_line(group, advise=advise) for group in accounts.values())


def _line(group: Sequence[CallFailed], *, advise: bool) -> str:
    """Return the line of one cause in one account."""
    operations = list(dict.fromkeys(failure.called for failure in group))
    regions = list(dict.fromkeys(failure.region for failure in group))
    place = group[0].place(operations, regions, len(group))
    line = f"{place}: {group[0].told if advise else group[0].said}"
    return f"{line} {WITHOUT_ID}" if IDENTITY.name in operations else line


def _line_of_many(accounts: Mapping[str, Sequence[CallFailed]], *, advise: bool) -> str:
    """Return one line for a cause that many accounts have; the first of them is the example."""
    failures = [failure for group in accounts.values() for failure in group]
    first = failures[0]
    place = f"{len(accounts):,} accounts ({examples(list(accounts))})"
    if not first.is_account_wide:
        operations = examples(list(dict.fromkeys(failure.called for failure in failures)))
        regions = list(dict.fromkeys(failure.region for failure in failures))
        where = ", ".join(regions)
        if len(regions) > MOST_REGIONS:
            where = f"{len(regions)} regions ({examples(regions)})"
        place = f"{operations} in {where} of {place}, {len(failures):,} calls"
    line = f"{place}. The first of them: {first.told if advise else first.said}"
    is_identity = any(failure.operation == IDENTITY.name for failure in failures)
    return f"{line} {WITHOUT_ID}" if is_identity else line


def _cause(failure: CallFailed) -> tuple[str, ...]:
    """Return what failures of one cause have in common; AWS's sentence names one resource."""
    cause = failure.cause
    if failure.is_account_wide:
        return "account", cause.what, failure.code if failure.unreached else ""
    if cause in (OTHER, GARBLED):
        return failure.code, failure.detail
    return cause.what, _advised(failure)


def _advised(failure: CallFailed) -> str:
    """Return what failures of one cause are advised alike, whichever account they are of."""
    if "{detail}" in failure.cause.advice:
        return ""
    return failure.advice.replace(failure.profile, "{profile}")
