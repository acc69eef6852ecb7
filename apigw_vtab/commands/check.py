"""The command `check`: controls run over one reading of AWS, reported, and held to the gate."""

from __future__ import annotations

import contextlib
import importlib
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from apigw_vtab.aws.failures import FAILED, INCOMPLETE, UsageError
from apigw_vtab.cli.options import REPORT_NAMES, Gate, Output, Reading
from apigw_vtab.commands import progress
from apigw_vtab.commands.query import tell, write
from apigw_vtab.controls import baseline
from apigw_vtab.controls import run as controls
from apigw_vtab.controls.findings import ALARM, ERROR, INFO, OK, REQUIRED, STATUSES, Finding, Report
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.output import rows as render
from apigw_vtab.output.rows import Row, Style
from apigw_vtab.tables.declaration import SqlValue

if TYPE_CHECKING:
    from apigw_vtab.sqlite.connection import Connection

REPORT_SUFFIXES = {
    ".asff.json": "asff",
    ".asff": "asff",
    ".html": "html",
    ".sarif": "sarif",
    ".sarif.json": "sarif",
    ".xml": "junit",
}
NAME = "rest_api"
COLOURS = {ERROR: "magenta", ALARM: "red", INFO: "cyan", OK: "green"}


@dataclass(frozen=True)
class Check:
    """What to check and how to tell of it. `chosen`: the user named the controls."""

    queries: Sequence[SavedQuery]
    parameters: Mapping[str, SqlValue]
    gate: Gate
    output: Output
    chosen: bool = False
    show_all: bool = False


def check(settings: Reading, wanted: Check) -> int:
    """Run controls and report what they found; give the exit code."""
    with contextlib.closing(settings.connect()) as connection:
        return check_over(connection, wanted)


def check_over(connection: Connection, wanted: Check) -> int:
    """Run controls over an open connection and report what they found; give the exit code."""
    gate, output = wanted.gate, wanted.output
    accepted: baseline.Baseline = baseline.read(gate.baseline) if gate.baseline else {}
    formats = [format_of(path) for path in output.exports]
    mark = connection.calls.ledger.mark()
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(render.whole_file(path)) for path in output.exports]
        chosen = _controls(connection, wanted)
        with progress.shown(connection.calls):
            outcomes = list(controls.run(connection, chosen, wanted.parameters))
        report = controls.report(connection, outcomes)
        if gate.write_baseline:
            accepted = _write_baseline(gate.write_baseline, report, accepted)
        report = _gated(report, accepted)
        for file, name in zip(files, formats, strict=True):
            _write(report, name, file, output)
        if output.format in (None, "table"):
            _print_grouped(report, wanted)
        else:
            _write(report, output.format, sys.stdout, output)
    for path in output.exports:
        click.echo(f"{path}: {len(report.findings):,} findings", err=True)
    undecided = INCOMPLETE if report.counts[ERROR] else 0
    incomplete = tell(connection, mark) or undecided
    if gate.fail_on == "never":
        return 0
    failed = gate.fail_on == "alarm" and report.counts[ALARM]
    return incomplete or (FAILED if failed else 0)


def format_of(path: Path) -> str:
    """Give the format that a file's suffix asks for. Raises UsageError for an unknown one."""
    for suffix, name in REPORT_SUFFIXES.items():
        if path.name.lower().endswith(suffix):
            return name
    if path.suffix.lower() in render.SUFFIXES:
        return render.format_of(path)
    known = ", ".join((*render.SUFFIXES, *REPORT_SUFFIXES))
    raise UsageError(f"Cannot tell the format of {str(path)!r}: end its name in {known}.")


def _controls(connection: Connection, wanted: Check) -> list[SavedQuery]:
    """Give the controls among the queries; those that were chosen must all be."""
    found = controls.choose(connection, wanted.queries)
    if wanted.chosen and len(found) < len(wanted.queries):
        (first, *_) = [query.name for query in wanted.queries if query not in found]
        raise UsageError(
            f"{first!r} is no control: its columns do not begin with "
            f"{', '.join(REQUIRED)}. Run it with: apigw-vtab query {first}"
        )
    return found


def _gated(report: Report, accepted: baseline.Baseline) -> Report:
    """Give the report with what is accepted, and say what is accepted in vain."""
    findings = tuple(baseline.apply(report.findings, accepted, report.made_at.date()))
    if stale := baseline.stale(report, accepted):
        what = "acceptance is" if len(stale) == 1 else "acceptances are"
        click.echo(
            f"apigw-vtab: {len(stale)} {what} of no alarm any more: "
            "write the baseline again to be rid of it.",
            err=True,
        )
    return replace(report, findings=findings)


def _write_baseline(path: Path, report: Report, kept: baseline.Baseline) -> baseline.Baseline:
    accepted = baseline.start(report, kept)
    with render.whole_file(path) as file:
        file.write(baseline.text_of(accepted))
    click.echo(f"{path}: {len(accepted):,} alarms accepted; give each its reason.", err=True)
    return accepted


def _write(report: Report, name: str, file: IO[str], output: Output) -> None:
    if name in REPORT_NAMES:
        module = importlib.import_module(f"apigw_vtab.output.reports.{name}")
        for text in getattr(module, name)(report):
            file.write(text)
        return
    columns, rows = _one_table(report)
    write(columns, rows, [(file, name)], output)


def _one_table(report: Report) -> tuple[list[str], list[Row]]:
    """Give the findings of all controls under the union of their columns."""
    extras = dict.fromkeys(name for finding in report.findings for name in finding.more)
    # What mends a finding is the widest, and comes last.
    names = sorted(extras, key=lambda name: name == "remediation")
    rows: list[Row] = [
        [
            one.control.name,
            one.control.severity,
            one.resource,
            one.status,
            one.reason,
            one.account_id or None,
            one.region or None,
            *(one.more.get(name) for name in names),
        ]
        for one in report.findings
    ]
    return ["control", "severity", *REQUIRED, *names], rows


def _print_grouped(report: Report, wanted: Check) -> None:
    width = render.terminal_width(sys.stdout)
    style = Style(wanted.output.header, wanted.output.separator, width)
    show_all = wanted.show_all or len(report.controls) == 1
    for control in report.controls:
        found = report.of(control)
        ids = filter(None, (control.name, control.severity, *control.references))
        click.secho(render.harmless(control.title or control.name), bold=True)
        click.secho(render.harmless(" · ".join(ids)), dim=True)
        shown = [one for one in found if show_all or one.status in (ERROR, ALARM, INFO)]
        columns, rows = _for_eyes(shown)
        if rows:
            click.echo("".join(_coloured(render.table(columns, rows, style))), nl=False)
        click.echo(f"{_counted(Counter(one.status for one in found))}\n")
    _print_summary(report, style)
    if not show_all:
        click.secho(
            "What is ok or skipped: --all. As a page to hand on: --export report.html", dim=True
        )


def _for_eyes(findings: Sequence[Finding]) -> tuple[list[str], list[Row]]:
    """Give a table's columns and rows: people know an API by its name, not by its id."""
    columns = ["status", "account_id", "region", "resource", "reason"]
    rows: list[Row] = [
        [one.status, one.account_id, one.region, _short(one.resource), one.reason]
        for one in findings
    ]
    if any(one.more.get(NAME) for one in findings):
        columns.insert(3, NAME)
        rows = [
            [*row[:3], one.more.get(NAME) or "", *row[3:]]
            for row, one in zip(rows, findings, strict=True)
        ]
    return columns, rows


def _coloured(texts: Iterator[str]) -> Iterator[str]:
    """Colour the statuses that lines begin with; click takes colours away where no terminal is."""
    for line in "".join(texts).splitlines(keepends=True):
        word = re.match(r"\w*", line)
        status = word[0] if word else ""
        colour = COLOURS.get(status)
        yield click.style(status, fg=colour) + line[len(status) :] if colour else line


def _print_summary(report: Report, style: Style) -> None:
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
    if len(rows) > 1:
        columns = ("account_id", "region", *statuses)
        click.echo("".join(render.table(columns, rows, style)))
    read, asked = report.lanes_read, report.lanes_asked
    accounts = {finding.account_id for finding in report.findings if finding.account_id}
    where = f" in {len(accounts)} accounts" if len(accounts) > 1 else ""
    coverage = f"{read} of {asked} regions read{where}"
    click.secho(coverage, fg="magenta" if read < asked else None, bold=read < asked)
    found = "finding" if len(report.findings) == 1 else "findings"
    click.echo(f"{len(report.findings)} {found}: {_counted(report.counts)}")
    click.echo(f"{len(report.controls)} {noun}: {_counted(report.control_statuses)}")


def _counted(counts: Counter[str]) -> str:
    words = [
        click.style(f"{counts[one]} {one}", fg=COLOURS.get(one)) for one in STATUSES if counts[one]
    ]
    return ", ".join(words) or "nothing found"


def _short(resource: str) -> str:
    """Give an ARN's ids alone: account and region have their own columns, the kind is known."""
    if "::/" not in resource:
        return resource
    return "/".join(resource.split("::/", 1)[1].split("/")[1::2])
