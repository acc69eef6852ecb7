"""The command `remediate`: fixes what a control found in alarm, with SQL that anyone can read.

The SQL is in the control's header, or in controls/remedies/.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import apsw
import apsw.ext
import click

from apigw_vtab.aws.estate import by_profile
from apigw_vtab.commands import certificates, progress
from apigw_vtab.commands.connect import connect
from apigw_vtab.commands.exit_codes import INCOMPLETE
from apigw_vtab.commands.incomplete import tell
from apigw_vtab.commands.public_keys import make_folder
from apigw_vtab.commands.scope import NOT_READ, FindingScope, parted_by, tell_left_out
from apigw_vtab.commands.settings import Reading, Writes
from apigw_vtab.commands.typed import Typed
from apigw_vtab.controls import baseline
from apigw_vtab.controls.certificates import (
    Admits,
    CertificatePlan,
    StepOptions,
    check_step,
    columns_for,
)
from apigw_vtab.controls.choosing import columns_of_control
from apigw_vtab.controls.findings import ALARM, Finding
from apigw_vtab.controls.rehearsal import refusal_in
from apigw_vtab.controls.remedy import (
    change_to_make,
    declared_remedy,
    filled_in,
    in_alarm,
    refuse_missing,
    remedy_file,
)
from apigw_vtab.controls.run import bindings_of, report_of, run_controls
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.controls.tag_scope import Parted
from apigw_vtab.controls.verdicts import touches
from apigw_vtab.errors import WriteFailed
from apigw_vtab.output.terminal import harmless
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes.results import FIRST_NAMES

if TYPE_CHECKING:
    from apigw_vtab.sqlite.connection import Connection


@dataclass(frozen=True)
class Remediation:
    """What to fix, and how: the options that only `remediate` has."""

    control: SavedQuery
    parameters: Mapping[str, SqlValue]
    scope: FindingScope = field(default_factory=FindingScope)
    certificates: StepOptions = field(default_factory=StepOptions)
    pem_dir: Path | None = None
    baseline: Path | None = None
    show_sql: bool = False
    typed: Typed = field(default_factory=Typed)


def run_remediation(settings: Reading, wanted: Remediation, writes: Writes) -> int:
    """Fix what a control finds in alarm; return the exit code."""
    # Before anything is read or shown.
    with_certificates = remedy_file(wanted.control)
    change = None if with_certificates else change_to_make(wanted.control)
    needed = change.columns if change else columns_for(wanted.control)
    (values,) = bindings_of([wanted.control], wanted.parameters)
    if with_certificates:
        check_step(wanted.control, wanted.certificates)
    else:
        declared = declared_remedy(wanted.control, wanted.parameters)
    accepted = baseline.read(wanted.baseline) if wanted.baseline else {}
    accepted = baseline.by_control(accepted, [wanted.control])
    if wanted.pem_dir:
        make_folder(wanted.pem_dir)
    with contextlib.closing(connect(settings, writes)) as connection:
        refuse_missing(wanted.control, needed, columns_of_control(connection, wanted.control))
        findings, chosen, left = _found(connection, wanted, accepted)
        if with_certificates:
            resources = [finding for finding in findings if finding.more]
            is_admitted = _admitting(connection, resources, wanted.scope, left)
            options = wanted.certificates
            plan = certificates.plan(connection, with_certificates, chosen, is_admitted, options)
            for line in certificates.summary(plan, wanted.typed):
                click.echo(harmless(line), err=True)
            sql, exit_code = plan.sql, certificates.exit_code_of(plan)
        else:
            plan, exit_code = None, 0
            key = change.table.key if change else ()
            sql = "\n".join((in_alarm(chosen, key), filled_in(declared, values)))
        if wanted.show_sql:
            click.echo(sql)
        elif plan:
            _carry_out(connection, plan, wanted, writes)
        else:
            list(_run(connection, sql))
        return tell(connection) or (INCOMPLETE if left else exit_code)


def _found(
    connection: Connection, wanted: Remediation, accepted: baseline.Baseline
) -> tuple[list[Finding], list[Finding], list[tuple[Finding, str]]]:
    """Return what a control finds, the alarms to fix, and those left alone, each with the reason.

    Says how many there are of them.
    """
    mark = connection.executor.log.mark()
    # So that what says whether an alarm is in scope comes from the same reading of AWS.
    with connection.executor.as_one_statement(), progress.shown(connection.executor):
        outcomes = list(run_controls(connection, [wanted.control], wanted.parameters, proven=True))
        report = report_of(connection, outcomes)
        findings = list(baseline.apply(report.findings, accepted, report.made_at.date()))
        alarms = [finding for finding in findings if finding.status == ALARM]
        parted = parted_by(connection, alarms, wanted.scope)
    chosen, left = _in_scope(connection, findings, parted, mark)
    left += [(one, one.reason) for one in findings if one.is_failure]
    title = wanted.control.title or wanted.control.name
    click.echo(f"{len(chosen)} of {len(alarms)} alarms to fix: {title}", err=True)
    for line in _told(left):
        click.echo(harmless(line), err=True)
    return findings, chosen, left


def _in_scope(
    connection: Connection, every: Sequence[Finding], parted: Parted, mark: int
) -> tuple[list[Finding], list[tuple[Finding, str]]]:
    """Part the alarms in scope as _shared_out does; of which it is not known, they are left."""
    tell_left_out(parted)
    chosen, left = _shared_out(connection, every, parted.known, mark)
    why = "whether it is in scope is not known"
    left += [(one, f"{why}: {NOT_READ}") for one in parted.undecided]
    ids = {id(one) for one in parted.undecided}
    return chosen, left + [(one, why) for one in parted.unknown if id(one) not in ids]


def _admitting(
    connection: Connection,
    findings: Sequence[Finding],
    scope: FindingScope,
    left: Sequence[tuple[Finding, str]],
) -> Admits:
    """Return what says whether a stage is in scope, and none of those left alone."""
    known = parted_by(connection, findings, scope).known if scope else ()
    admitted = {(one.account_id, one.resource) for one in known}
    refused = {(one.account_id, one.resource) for one, _ in left}

    def is_admitted(account_id: str, arn: str) -> bool:
        place = (account_id, arn)
        return place not in refused and (not scope or place in admitted)

    return is_admitted


def _carry_out(
    connection: Connection, plan: CertificatePlan, wanted: Remediation, writes: Writes
) -> None:
    """Send the changes of a plan, and hand out the public keys: also where only some were made."""
    try:
        rows = list(_run(connection, plan.after))
    except WriteFailed:
        rows = list(_run(connection, plan.keys)) if plan.keys else []
        certificates.tell_keys(plan, rows, wanted.pem_dir, wanted.typed)
        raise
    if not writes.dry_run:
        certificates.tell_keys(plan, rows, wanted.pem_dir, wanted.typed)
        certificates.tell_steps(plan, wanted.control.name, rows, wanted.typed)


def _shared_out(
    connection: Connection, every: Sequence[Finding], alarms: Sequence[Finding], mark: int
) -> tuple[list[Finding], list[tuple[Finding, str]]]:
    """Part the alarms that can be ended from those that are left alone, each with the reason.

    Nothing is done in an account and region of which a part could not be read since `mark`, nor
    where the declared remedy changes nothing. What was looked up for one ARN touches only those of
    `every` finding that name it, and no alarm is left where it could not be read.
    """
    log = connection.executor.log
    named = {str(value) for one in every for value in one.more.values()}
    ids = log.account_ids
    unread = [
        (failure, touches(failure, (), ids))
        for failure in log.missed(mark)
        if failure.resource not in named
    ]
    chosen, left = [], []
    for one in alarms:
        # An account that AWS did not tell may be any of those.
        missed = next(
            (
                failure
                for failure, is_touched in unread
                if is_touched(("", "", "", one.account_id or by_profile(failure.label), one.region))
            ),
            None,
        )
        if missed:
            left.append((one, f"its region could not be read whole: {missed}"))
        elif one.control.remedy and one.more.get("remediation") is None:
            left.append((one, one.reason))
        else:
            chosen.append(one)
    return chosen, left


def _told(left: Sequence[tuple[Finding, str]]) -> Iterator[str]:
    """Yield a line for each alarm that is left alone, or one for many with the same reason."""
    groups: dict[str, list[tuple[Finding, str]]] = {}
    for finding, reason in left:
        groups.setdefault(refusal_in(reason) or reason, []).append((finding, reason))
    for why, group in groups.items():
        # An ARN of API Gateway does not tell the account.
        names = [f"{one.resource} (account {one.account_id or 'unknown'})" for one, _ in group]
        if len(group) <= FIRST_NAMES:
            for name, (_, reason) in zip(names, group, strict=True):
                yield f"Left alone: {name}: {reason}"
        else:
            first, more = ", ".join(names[:FIRST_NAMES]), len(group) - FIRST_NAMES
            yield f"Left alone: {len(group):,} alarms, of {first} and {more:,} more: {why}"


def _run(connection: Connection, sql: str) -> Iterator[dict[str, SqlValue]]:
    """Run a remedy; yield the rows of its SELECT."""
    with progress.shown(connection.executor) as take_progress_away:
        rest: str | None = sql
        while rest and rest.strip():
            info = apsw.ext.query_info(connection, rest)
            if info.first_query.strip().lower().startswith("commit"):
                take_progress_away()
            names = [name for name, *_ in info.description]
            for row in connection.execute(info.first_query):
                yield dict(zip(names, row, strict=True))
            rest = info.query_remaining
