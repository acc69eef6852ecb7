"""What a check found, as a terminal shows it."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import click

from apigw_vtab.controls.findings import ALARM, ERROR, INFO, OK, STATUSES, Finding, Report
from apigw_vtab.output.cells import Row
from apigw_vtab.output.style import Style
from apigw_vtab.output.table import table
from apigw_vtab.output.terminal import harmless, terminal_width
from apigw_vtab.output.wrapping import in_columns, wrapped

API_NAME = "rest_api"
# Accounts and regions that are named where they could not be read; the log on stderr has them all.
MOST_NAMED = 10
# On a terminal, the columns in which reasons and resources begin.
REASONS_FROM, ROWS_FROM = 7, 9


COLOURS = {ERROR: "magenta", ALARM: "red", INFO: "cyan", OK: "green"}


def print_summary(report: Report, style: Style, *, show_all: bool) -> None:
    """Print each control with its findings, then the totals; `show_all` includes what is ok.

    What could not be read is the same for all controls, and is told once.
    """
    style = replace(style, width=terminal_width(sys.stdout))
    decided = any(not one.is_unread for one in report.findings)
    with_accounts = len({one.account_id for one in report.findings if one.account_id}) > 1
    for control in report.controls if decided else ():
        found = report.of(control)
        ids = filter(None, (control.name, control.severity, *control.asked_ids))
        for line in _lines(control.title or control.name, style.width):
            click.secho(line, bold=True)
        for line in _lines(" · ".join(ids), style.width):
            click.secho(line, dim=True)
        shown = [
            one
            for one in found
            if not one.is_unread and (show_all or one.status in (ERROR, ALARM, INFO))
        ]
        if shown and style.width:
            click.echo("\n".join(_by_reason(shown, style.width, with_accounts)))
        elif shown:
            columns, rows = _for_eyes(shown)
            click.echo("".join(_coloured(table(columns, rows, style))), nl=False)
        click.echo(f"{_counted(Counter(one.status for one in found))}\n")
    _print_totals(report, style)
    for rule in report.not_evaluated:
        click.echo("\n".join(_lines(rule.why_not, style.width)))
    if decided and not show_all:
        click.secho(
            "To see what is ok or skipped: --all. To share this: --export report.html",
            dim=True,
        )


def _lines(text: str, width: int | None) -> list[str]:
    """Return a text as lines of a terminal, or as one line without a terminal."""
    return wrapped(harmless(text), width) if width else [harmless(text)]


def _by_reason(findings: Sequence[Finding], width: int, with_accounts: bool) -> Iterator[str]:
    """Yield lines for a terminal: each reason once, and below it all that it is said of."""
    groups: dict[tuple[str, str], list[int]] = {}
    for number, one in enumerate(findings):
        groups.setdefault((one.status, one.reason), []).append(number)
    rows = in_columns([_place(one, with_accounts) for one in findings], width - ROWS_FROM)
    for (status, reason), numbers in groups.items():
        first, *more = wrapped(harmless(reason), width - REASONS_FROM)
        word = click.style(status, fg=COLOURS.get(status))
        yield f"{word}{' ' * (REASONS_FROM - len(status))}{first}"
        yield from (" " * REASONS_FROM + line for line in more)
        for number in numbers:
            yield from (" " * ROWS_FROM + line for line in rows[number])


def _place(finding: Finding, with_account: bool) -> list[str]:
    """Return where a finding is, from the account to the resource."""
    name = str(finding.more.get(API_NAME) or "")
    place = (finding.region, name, _short(finding.resource))
    return [harmless(one) for one in ((finding.account_id, *place) if with_account else place)]


def _for_eyes(findings: Sequence[Finding]) -> tuple[list[str], list[Row]]:
    """Return a table's columns and rows, with API names: people do not know APIs by their ids."""
    columns = ["status", "account_id", "region", "resource", "reason"]
    rows: list[Row] = [
        [one.status, one.account_id, one.region, _short(one.resource), one.reason]
        for one in findings
    ]
    if any(one.more.get(API_NAME) for one in findings):
        columns.insert(3, API_NAME)
        rows = [
            [*row[:3], one.more.get(API_NAME) or "", *row[3:]]
            for row, one in zip(rows, findings, strict=True)
        ]
    return columns, rows


def _coloured(texts: Iterator[str]) -> Iterator[str]:
    """Colour the status at the start of each line; click removes colours outside a terminal."""
    for line in "".join(texts).splitlines(keepends=True):
        word = re.match(r"\w*", line)
        status = word[0] if word else ""
        colour = COLOURS.get(status)
        yield click.style(status, fg=colour) + line[len(status) :] if colour else line


def _print_totals(report: Report, style: Style) -> None:
    noun = "control" if len(report.controls) == 1 else "controls"
    statuses = [status for status in STATUSES if report.counts[status]]
    by_lane: dict[tuple[str, str], Counter[str]] = {}
    for finding in report.findings:
        if finding.region:
            lane = finding.account_id, finding.region
            by_lane.setdefault(lane, Counter())[finding.status] += 1
    rows: list[Row] = [
        [*lane, *(counts[status] for status in statuses)]
        for lane, counts in sorted(by_lane.items())
    ]
    decided = any(not one.is_unread for one in report.findings)
    if len(rows) > 1 and decided:
        columns = ("account_id", "region", *statuses)
        click.echo("".join(table(columns, rows, style)))
    read, asked = report.lanes_read, report.lanes_asked
    accounts = {finding.account_id for finding in report.findings if finding.account_id}
    where = f" in {len(accounts)} accounts" if len(accounts) > 1 else ""
    if len(accounts) == 1:
        where = f" in account {harmless(accounts.pop())}"
    coverage = f"{read} of {asked} regions read{where}"
    if report.left_out:
        coverage += f", {report.left_out} left out"
    click.secho(coverage, fg="magenta" if read < asked else None, bold=read < asked)
    unread = sorted({one.resource for one in report.findings if one.is_unread})
    if unread:
        more = f" and {len(unread) - MOST_NAMED} more" if len(unread) > MOST_NAMED else ""
        click.echo(harmless(f"Not read: {', '.join(unread[:MOST_NAMED])}{more}"))
    found = "finding" if len(report.findings) == 1 else "findings"
    click.echo(f"{len(report.findings)} {found}: {_counted(report.counts)}")
    click.echo(f"{len(report.controls)} {noun}: {_counted(report.control_statuses)}")


def _counted(counts: Counter[str]) -> str:
    words = [
        click.style(f"{counts[one]} {one}", fg=COLOURS.get(one)) for one in STATUSES if counts[one]
    ]
    return ", ".join(words) or "nothing found"


def _short(resource: str) -> str:
    """Return only the ids of an ARN: account and region have columns, and the kind is known."""
    if "::/" not in resource:
        return resource
    return "/".join(resource.split("::/", 1)[1].split("/")[1::2])
