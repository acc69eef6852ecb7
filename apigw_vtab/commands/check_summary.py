"""What a check found, as a terminal shows it: the answer first, then what is in alarm."""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import click

from apigw_vtab.commands.check_findings import COLOURS, lines_of, section
from apigw_vtab.controls.findings import ALARM, ERROR, INFO, STATUSES, Findings, Report
from apigw_vtab.controls.saved_query import SavedQuery, gravest_first
from apigw_vtab.output.cells import Row
from apigw_vtab.output.reports.overview import (
    by_control,
    by_framework,
    by_requirement,
    frameworks_of,
)
from apigw_vtab.output.style import Style
from apigw_vtab.output.table import table
from apigw_vtab.output.terminal import harmless, terminal_width

# Accounts and regions that are named where they could not be read; the log on stderr has them all.
MOST_NAMED = 10
# Lines in a table of accounts and regions; where there are more, a line is an account, and the
# gravest are shown.
MOST_LANES = 20
# Without --limit: how many lines the whole is, and how many findings of one control are shown.
PAGE, ONE_ALONE, LEAST, MOST = 190, 40, 3, 20


def print_summary(
    report: Report,
    style: Style,
    *,
    show_all: bool,
    limit: int | None = None,
    seconds: float | None = None,
) -> None:
    """Print a line for each control, the totals, then the findings that are not ok.

    `show_all` includes what is ok or skipped. `limit` is how many findings of a control are shown;
    0 shows all of them, None as many as fit on a page. `seconds` is how long the check took.
    What could not be read is the same for all controls, and is told once.
    """
    style = replace(style, width=terminal_width(sys.stdout))
    decided = not len(report.findings) or any(not part.is_unread for part in report.parts)
    controls = gravest_first(report.controls) if decided else []
    several = len(frameworks_of(controls)) > 1
    # Those of many frameworks would be longer than what was found.
    with_requirements = not several or show_all or limit == 0
    lines = [
        *_opening(report if controls else None, style, with_requirements),
        *(_by_place(report, style, show_all=limit == 0) if decided else ()),
        *_totals(report, style, seconds),
    ]
    open_statuses = STATUSES if show_all else (ERROR, ALARM, INFO)
    decided_only = replace(
        report, findings=Findings(part for part in report.parts if not part.is_unread)
    )
    counts = decided_only.counts_by_control
    wanted = {one.name: sum(counts[one.name][each] for each in open_statuses) for one in controls}
    shown = [control for control in controls if wanted[control.name]]
    most = _fair(max(1, len(shown))) if limit is None else limit
    left: list[SavedQuery] = []
    for control in shown:
        part = section(
            control,
            list(itertools.islice(decided_only.of(control, *open_statuses), most or None)),
            style,
            found=wanted[control.name],
            accounts=len(report.counts_by_account) > 1,
        )
        if limit is None and len(shown) > 1 and len(lines) + len(part) > PAGE:
            left.append(control)
        else:
            lines += part
    lines += _hints(left, style, decided=decided, show_all=show_all, several=not with_requirements)
    click.echo("\n".join(lines).rstrip("\n"))


def _fair(controls: int) -> int:
    """Return how many findings of each control are shown, where so many have some."""
    return ONE_ALONE if controls == 1 else max(LEAST, min(MOST, PAGE // controls - LEAST))


def _opening(report: Report | None, style: Style, with_requirements: bool) -> Iterator[str]:
    """Yield the tables that a report begins with; none if nothing of it was decided."""
    if not report:
        return
    yield from _table(*by_control(report)[:2], style)
    if len(frameworks_of(report.controls)) > 1:
        yield from _table(*by_framework(report)[:2], style)
    for one in by_requirement(report) if with_requirements else ():
        yield click.style(one.title, bold=True)
        yield from _table(one.columns, one.rows, style)


def _table(columns: Sequence[str], rows: Sequence[Row], style: Style) -> Iterator[str]:
    """Yield the lines of a table, and an empty one."""
    yield from "".join(table(columns, rows, style)).splitlines()
    yield ""


def _by_place(report: Report, style: Style, *, show_all: bool) -> Iterator[str]:
    """Yield the figures by account and region; of many accounts, those of the gravest."""
    statuses = [status for status in STATUSES if report.counts[status]]
    rows = _places(report, statuses)
    if len(rows) < 2:
        return
    left = 0 if show_all else max(0, len(rows) - MOST_LANES)
    if left:
        rows = sorted(rows, key=lambda row: [-int(str(count)) for count in row[2:]])[:MOST_LANES]
    lines = list(_table(("account_id", "region", *statuses), rows, style))
    if left:
        accounts = "1 more account" if left == 1 else f"{left:,} more accounts"
        lines.insert(-1, f"{accounts}: --limit 0 shows every one")
    yield from lines


def _totals(report: Report, style: Style, seconds: float | None) -> Iterator[str]:
    """Yield what was read, and the figures in all."""
    read, asked = report.lanes_read, report.lanes_asked
    accounts = report.counts_by_account
    where = f" in {len(accounts)} accounts" if len(accounts) > 1 else ""
    if len(accounts) == 1:
        where = f" in account {harmless(next(iter(accounts)))}"
    if report.sample:
        where += f", {report.sample}"
    coverage = f"{read} of {asked} regions read{where}"
    if report.left_out:
        coverage += f", {report.left_out} left out"
    if seconds is not None:
        coverage += f", in {seconds:.1f} s"
    yield click.style(coverage, fg="magenta" if read < asked else None, bold=read < asked)
    missing = (part for part in report.parts if part.is_unread)
    unread = sorted({str(row[0]) for part in missing for row in part.rows})
    if unread:
        more = f" and {len(unread) - MOST_NAMED} more" if len(unread) > MOST_NAMED else ""
        yield harmless(f"Not read: {', '.join(unread[:MOST_NAMED])}{more}")
    yield from _in_all(report)
    for rule in report.not_evaluated:
        yield from lines_of(rule.why_not, style.width)
    yield ""


def _in_all(report: Report) -> Iterator[str]:
    """Yield how many findings and controls there are, and how many are in scope."""
    every, statuses = len(report.findings) + report.out_of_scope, report.control_statuses
    found = f"{every} {'finding' if every == 1 else 'findings'}"
    if report.out_of_scope:
        found += f", {len(report.findings) or 'none'} in scope"
    yield f"{found}: {_counted(report.counts)}" if report.findings or not every else found
    noun = f"{len(report.controls)} {'control' if len(report.controls) == 1 else 'controls'}"
    idle = len(report.controls) - statuses.total()
    told = [_counted(statuses)] if statuses or not idle else []
    yield f"{noun}: {', '.join([*told, *([f'{idle} with nothing in scope'] if idle else [])])}"


def _places(report: Report, statuses: Sequence[str]) -> list[Row]:
    """Return a row of figures for each account and region; for each account if there are many."""
    places = {place: counts for place, counts in report.counts_by_place.items() if place[1]}
    if len(places) > MOST_LANES:
        accounts: dict[tuple[str, str], Counter[str]] = {}
        regions = Counter(account_id for account_id, _ in places)
        for (account_id, _), counts in places.items():
            what = "1 region" if regions[account_id] == 1 else f"{regions[account_id]} regions"
            accounts.setdefault((account_id, what), Counter()).update(counts)
        places = accounts
    return [
        [*place, *(counts[status] for status in statuses)]
        for place, counts in sorted(places.items())
    ]


def _hints(
    left: Sequence[SavedQuery], style: Style, *, decided: bool, show_all: bool, several: bool
) -> Iterator[str]:
    """Yield what to type for what is not shown; `several` frameworks have a line each."""
    hints = []
    if several:
        hints.append("The requirements of a framework: name it alone, or --limit 0 for all of them")
    if left:
        controls = "1 more control" if len(left) == 1 else f"{len(left)} more controls"
        hints.append(f"{controls}: name one, such as {left[0].typed}, or --limit 0 for every row")
    if decided and not show_all:
        hints.append("To see what is ok or skipped: --all. To share this: --export report.html")
    for hint in hints:
        yield from (click.style(one, dim=True) for one in lines_of(hint, style.width))


def _counted(counts: Counter[str]) -> str:
    words = [
        click.style(f"{counts[one]} {one}", fg=COLOURS.get(one)) for one in STATUSES if counts[one]
    ]
    return ", ".join(words) or "nothing found"
