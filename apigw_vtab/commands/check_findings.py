"""The findings of a check as a terminal or a pipe shows them, control by control."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import click

from apigw_vtab.controls.findings import ALARM, ERROR, INFO, OK, Finding
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.output.cells import Row
from apigw_vtab.output.style import Style
from apigw_vtab.output.table import table
from apigw_vtab.output.terminal import harmless
from apigw_vtab.output.wrapping import in_columns, wrapped

# Columns of a finding that say which API it belongs to.
API_NAMES = ("rest_api", "api")
# On a terminal, the columns in which reasons and resources begin.
REASONS_FROM, ROWS_FROM = 7, 9
COLOURS = {ERROR: "magenta", ALARM: "red", INFO: "cyan", OK: "green"}


def lines_of(text: str, width: int | None) -> list[str]:
    """Return a text as lines of a terminal, or as one line without a terminal."""
    return wrapped(harmless(text), width) if width else [harmless(text)]


def section(
    control: SavedQuery, findings: Sequence[Finding], style: Style, *, limit: int, accounts: bool
) -> list[str]:
    """Return the lines of one control: its title, then at most `limit` findings (0: all of them).

    `accounts`: say in which account each finding is. A style with a width is that of a terminal.
    """
    rules = () if control.requirements else control.asked_ids
    name = control.told_name
    ids = filter(None, (name, control.severity, *rules))
    lines = [click.style(one, bold=True) for one in lines_of(control.title or "", style.width)]
    lines += [click.style(one, dim=True) for one in lines_of(" · ".join(ids), style.width)]
    shown = findings[:limit] if limit else findings
    if style.width:
        lines += _by_reason(shown, style.width, accounts)
    else:
        lines += _coloured(table(*_for_eyes(shown), style))
    if left := len(findings) - len(shown):
        words = f"{left:,} more: --limit 0 shows every one"
        lines += [click.style(one, dim=True) for one in lines_of(words, style.width)]
    return [*lines, ""]


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


def _api_name(finding: Finding) -> str:
    return next((str(finding.more[name]) for name in API_NAMES if finding.more.get(name)), "")


def _place(finding: Finding, with_account: bool) -> list[str]:
    """Return where a finding is, from the account to the resource."""
    place = (finding.region, _api_name(finding), _short(finding.resource))
    return [harmless(one) for one in ((finding.account_id, *place) if with_account else place)]


def _for_eyes(findings: Sequence[Finding]) -> tuple[list[str], list[Row]]:
    """Return a table's columns and rows, with API names: people do not know APIs by their ids."""
    columns = ["status", "account_id", "region", "resource", "reason"]
    rows: list[Row] = [
        [one.status, one.account_id, one.region, _short(one.resource), one.reason]
        for one in findings
    ]
    if any(map(_api_name, findings)):
        columns.insert(3, API_NAMES[0])
        rows = [
            [*row[:3], _api_name(one), *row[3:]] for row, one in zip(rows, findings, strict=True)
        ]
    return columns, rows


def _coloured(texts: Iterator[str]) -> Iterator[str]:
    """Colour the status at the start of each line; click removes colours outside a terminal."""
    for line in "".join(texts).splitlines():
        word = re.match(r"\w*", line)
        status = word[0] if word else ""
        colour = COLOURS.get(status)
        yield click.style(status, fg=colour) + line[len(status) :] if colour else line


def _short(resource: str) -> str:
    """Return only the ids of an ARN: account and region have columns, and the kind is known."""
    if "::/" not in resource:
        return resource
    return "/".join(resource.split("::/", 1)[1].split("/")[1::2])
