"""The command `check`: runs controls over one reading of AWS, reports, and decides the exit."""

from __future__ import annotations

import contextlib
import functools
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NoReturn

import click

from apigw_vtab.commands import exports, progress
from apigw_vtab.commands.check_summary import print_summary
from apigw_vtab.commands.connect import connect
from apigw_vtab.commands.exit_codes import FAILED, INCOMPLETE
from apigw_vtab.commands.incomplete import tell, tell_unwritten
from apigw_vtab.commands.scope import FindingScope, parted_by, tell_left_out, tell_unknown
from apigw_vtab.commands.settings import Gate, Output, Reading
from apigw_vtab.controls import baseline
from apigw_vtab.controls.choosing import choose_controls, why_no_control
from apigw_vtab.controls.findings import ALARM, ERROR, Findings, Report
from apigw_vtab.controls.rules import Rule
from apigw_vtab.controls.run import bindings_of, report_of, run_controls
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.errors import UsageError
from apigw_vtab.output.files import whole_files
from apigw_vtab.output.reports.registry import refuse_missing, write_report
from apigw_vtab.output.terminal import harmless
from apigw_vtab.tables.values import SqlValue

if TYPE_CHECKING:
    from apigw_vtab.sqlite.connection import Connection


@dataclass(frozen=True)
class Check:
    """What to check and how to report it. `chosen`: the user named the controls.

    `not_evaluated` are rules that the user asked for and that no control answers. `limit` is how
    many findings of a control the screen shows; None means as many as fit on a page. `scope` is
    which findings to report. `every` are all saved queries, for a baseline's names.
    """

    queries: Sequence[SavedQuery]
    parameters: Mapping[str, SqlValue]
    gate: Gate
    output: Output
    not_evaluated: tuple[Rule, ...] = ()
    chosen: bool = False
    show_all: bool = False
    limit: int | None = None
    scope: FindingScope = field(default_factory=FindingScope)
    every: Sequence[SavedQuery] = ()


def run_check(settings: Reading, wanted: Check) -> int:
    """Run controls and report what they found; return the exit code."""
    # Before anything is read or shown.
    bindings_of(wanted.queries, wanted.parameters)
    with contextlib.closing(connect(settings)) as connection:
        return run_check_over(connection, wanted)


def run_check_over(connection: Connection, wanted: Check) -> int:
    """Run controls over an open connection and report what they found; return the exit code."""
    gate, output = wanted.gate, wanted.output
    accepted = _accepted(wanted)
    mark, began = connection.executor.log.mark(), time.monotonic()
    with whole_files(exports.tell) as files:
        others = list(filter(None, (gate.baseline, gate.write_baseline)))
        reports = exports.ReportFiles(files, output.exports, others)
        written = files.open(gate.write_baseline) if gate.write_baseline else None
        chosen = controls_among(connection, wanted.queries, chosen=wanted.chosen)
        # So that what says whether a finding is in scope comes from the same reading of AWS.
        with connection.executor.as_one_statement(), progress.shown(connection.executor):
            # The table on the screen has no room for commands.
            commands = bool(output.exports) or output.format not in (None, "table")
            given, stop = wanted.parameters, functools.partial(_stop, connection)
            outcomes = run_controls(connection, chosen, given, commands=commands, interrupted=stop)
            whole = replace(report_of(connection, outcomes), not_evaluated=wanted.not_evaluated)
            report, decided = _in_scope(connection, whole, wanted.scope)
        if connection.executor.is_stopped:
            _end_stopped(connection, _gated(report, accepted, whole), wanted, began)
        if written:
            accepted = baseline.start(decided, accepted, whole)
            written.write(baseline.text_of(accepted))
        report = _gated(report, accepted, whole)
        told = reports.write(report, output.style)
    if written:
        count = baseline.counted(accepted, report.made_at.date())
        exports.tell(f"{gate.write_baseline}: {count}; give each one a reason.")
    exports.tell(*told)
    # Who reads only the first lines gets the same exit code.
    with contextlib.suppress(BrokenPipeError):
        _print(report, wanted, began)
    is_left = bool(wanted.chosen and wanted.not_evaluated)
    undecided = INCOMPLETE if report.counts[ERROR] or is_left else 0
    incomplete = tell(connection, mark) or undecided
    if gate.fail_on == "never":
        return 0
    failed = gate.fail_on == "alarm" and report.counts[ALARM]
    return incomplete or (FAILED if failed else 0)


def _accepted(wanted: Check) -> baseline.Baseline:
    """Return what is accepted already, and say what is wrong with that.

    Raises UsageError for files that cannot be read or must not be written.
    """
    gate, output = wanted.gate, wanted.output
    refuse_missing(output.format or "")
    accepted: baseline.Baseline = baseline.read(gate.baseline) if gate.baseline else {}
    accepted = baseline.by_control(accepted, wanted.queries)
    if bare := baseline.without_reason(accepted):
        what = "alarm is" if bare == 1 else "alarms are"
        click.echo(f"apigw-vtab: {bare:,} {what} accepted without a reason: say why.", err=True)
    for words in baseline.unknown_controls(accepted, wanted.every):
        click.echo(harmless(f"apigw-vtab: {gate.baseline}: {words}"), err=True)
    if gate.write_baseline:
        baseline.refuse_to_replace(gate.write_baseline)
    for own in (gate.baseline, gate.write_baseline):
        exports.refuse_same_file([*output.exports, *filter(None, [own])])
    return accepted


def _stop(connection: Connection) -> None:
    """Read no further, and say what happens now."""
    click.echo(
        "\napigw-vtab: interrupted: judging what was read; Ctrl-C again ends it at once.", err=True
    )
    connection.executor.stop()


def _end_stopped(connection: Connection, report: Report, wanted: Check, began: float) -> NoReturn:
    """Print what was judged of a part, and raise KeyboardInterrupt: files must be whole."""
    _print(report, wanted, began)
    tell(connection)
    tell_unwritten([*wanted.output.exports, *filter(None, [wanted.gate.write_baseline])])
    raise KeyboardInterrupt


def _in_scope(connection: Connection, whole: Report, scope: FindingScope) -> tuple[Report, Report]:
    """Return the report with what is in scope, and say what is left out.

    And the same without what a condition does not decide about: it is not to be accepted.
    """
    if not scope:
        return whole, whole
    parted = parted_by(connection, list(whole.findings), scope)
    tell_left_out(parted)
    tell_unknown(parted)
    kept, decided = Findings.of(parted.kept), Findings.of(parted.decided)
    report = replace(whole, findings=kept, out_of_scope=len(whole.findings) - len(kept))
    return report, replace(report, findings=decided)


def report_not_evaluated(wanted: Check) -> int:
    """Report rules that no control answers, without a call; return the exit code."""
    output, now = wanted.output, datetime.now(timezone.utc)
    report = Report((), (), 0, 0, now, not_evaluated=wanted.not_evaluated)
    exports.refuse_same_file(output.exports)
    refuse_missing(output.format or "")
    for rule in wanted.not_evaluated:
        click.echo(f"apigw-vtab: {rule.why_not} Its page: {rule.page}", err=True)
    with whole_files(exports.tell) as files:
        told = exports.ReportFiles(files, output.exports).write(report, output.style)
    exports.tell(*told)
    if output.format not in (None, "table"):
        write_report(report, output.format, sys.stdout, output.style)
    return 0 if wanted.gate.fail_on == "never" else INCOMPLETE


def _print(report: Report, wanted: Check, began: float) -> None:
    output = wanted.output
    if output.format in (None, "table"):
        print_summary(
            report,
            output.style,
            show_all=wanted.show_all,
            limit=wanted.limit,
            seconds=time.monotonic() - began,
        )
    else:
        write_report(report, output.format, sys.stdout, output.style)
        for rule in report.not_evaluated:
            click.echo(f"apigw-vtab: {rule.why_not}", err=True)
    sys.stdout.flush()


def controls_among(
    connection: Connection, queries: Sequence[SavedQuery], *, chosen: bool
) -> list[SavedQuery]:
    """Return the controls among queries.

    Raises UsageError if a chosen one is not a control, or if none of them is.
    """
    found = choose_controls(connection, queries, named=chosen)
    names = {control.name for control in found}
    others = [query for query in queries if query.name not in names]
    if others and (chosen or not found):
        raise UsageError(why_no_control(others[0]))
    return found


def _gated(report: Report, accepted: baseline.Baseline, whole: Report) -> Report:
    """Return the report with accepted alarms applied, and warn about unused acceptances.

    `whole` is the report with what is not in scope, too.
    """
    if not accepted:
        return report
    findings = Findings.of(baseline.apply(report.findings, accepted, report.made_at.date()))
    if idle := baseline.unmatched(whole, accepted):
        what = "pattern of the baseline matches" if len(idle) == 1 else "patterns match"
        click.echo(f"apigw-vtab: {len(idle)} {what} no alarm of this check.", err=True)
    if stale := baseline.stale(whole, accepted):
        what = "acceptance no longer matches" if len(stale) == 1 else "acceptances no longer match"
        click.echo(
            f"apigw-vtab: {len(stale)} {what} an alarm: write the baseline again to clean it up.",
            err=True,
        )
    return replace(report, findings=findings)
