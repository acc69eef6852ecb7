"""The command `remediate`: fixes what a control found in alarm, with SQL that anyone can read.

The SQL is in the control's header, or in controls/remedies/.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import apsw
import apsw.ext
import click

from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.commands import progress
from apigw_vtab.commands.connect import connect
from apigw_vtab.commands.exit_codes import INCOMPLETE
from apigw_vtab.commands.incomplete import tell
from apigw_vtab.commands.settings import Reading, Writes
from apigw_vtab.controls import baseline
from apigw_vtab.controls.findings import ALARM, Finding
from apigw_vtab.controls.remedy import filled_in, in_alarm, remedy_for
from apigw_vtab.controls.run import report_of, run_controls
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.errors import UsageError
from apigw_vtab.output.cells import Row
from apigw_vtab.output.files import whole_file
from apigw_vtab.output.sinks import write_rows
from apigw_vtab.output.style import Style
from apigw_vtab.output.terminal import harmless
from apigw_vtab.tables.values import SqlValue

if TYPE_CHECKING:
    from apigw_vtab.sqlite.connection import Connection

PEM = "pem_encoded_certificate"
PEM_MODE = 0o644


@dataclass(frozen=True)
class Remediation:
    """What to fix, and how: the options that only `remediate` has."""

    control: SavedQuery
    parameters: Mapping[str, SqlValue]
    label: str
    where: str | None = None
    per: str = "region"
    redeploy: bool = True
    delete_old: bool = False
    pem_dir: Path | None = None
    baseline: Path | None = None
    show_sql: bool = False

    @property
    def values(self) -> dict[str, SqlValue]:
        """The values of the parameters in a remedy's SQL."""
        return {
            **self.control.defaults,
            **self.parameters,
            "label": self.label,
            "per": self.per,
            "redeploy": int(self.redeploy),
            "delete_old": int(self.delete_old),
        }


def run_remediation(settings: Reading, wanted: Remediation, writes: Writes) -> int:
    """Fix what a control finds in alarm; return the exit code."""
    remedy = remedy_for(wanted.control, wanted.parameters)
    accepted = baseline.read(wanted.baseline) if wanted.baseline else {}
    if wanted.pem_dir:
        _make_folder(wanted.pem_dir)
    with contextlib.closing(connect(settings, writes)) as connection:
        mark = connection.executor.log.mark()
        with progress.shown(connection.executor):
            outcomes = list(
                run_controls(connection, [wanted.control], wanted.parameters, proven=True)
            )
        report = report_of(connection, outcomes)
        findings = baseline.apply(report.findings, accepted, report.made_at.date())
        alarms = [finding for finding in findings if finding.status == ALARM]
        chosen = _narrowed(connection, alarms, wanted.where)
        chosen, left = _shared_out(connection, chosen, mark)
        click.echo(
            f"{len(chosen)} of {len(alarms)} alarms to fix: {wanted.control.title}", err=True
        )
        for finding, reason in left:
            click.echo(harmless(f"Left alone: {finding.resource}: {reason}"), err=True)
        sql = "\n".join((in_alarm(chosen), filled_in(remedy, wanted.values)))
        if wanted.show_sql:
            click.echo(sql)
        else:
            rows = list(_run(connection, sql))
            if not writes.dry_run and rows:
                _hand_out(rows, wanted.pem_dir)
        return tell(connection) or (INCOMPLETE if left else 0)


def _narrowed(
    connection: Connection, findings: Sequence[Finding], where: str | None
) -> list[Finding]:
    """Return the findings that match the user's SQL condition."""
    if where is None or not findings:
        return list(findings)
    names = ["resource", "account_id", "region", *findings[0].more]
    columns = ", ".join(f'"{name}"' for name in names)
    values = [[one.resource, one.account_id, one.region, *one.more.values()] for one in findings]
    connection.execute(f"create temp table findings ({columns})")
    marks = ", ".join("?" * len(names))
    connection.executemany(f"insert into findings values ({marks})", values)
    sql = f"select rowid from findings where ({where}\n)"
    if apsw.ext.query_info(connection, sql).query_remaining:
        raise UsageError("--where takes one condition, such as: region = 'eu-west-1'")
    numbers = [number for (number,) in connection.execute(sql)]
    connection.execute("drop table findings")
    return [findings[number - 1] for number in numbers]


def _shared_out(
    connection: Connection, findings: Sequence[Finding], mark: int
) -> tuple[list[Finding], list[tuple[Finding, str]]]:
    """Part the alarms that can be ended from those that are left alone, each with the reason.

    Nothing is done in an account and region of which a part could not be read since `mark`, nor
    where the declared remedy changes nothing.
    """
    log = connection.executor.log
    unread: dict[tuple[str, str], CallFailed] = {}
    for failure in log.missed(mark):
        account_id = log.account_ids.get(failure.profile, "")
        unread.setdefault((account_id, failure.region if failure.is_regional else ""), failure)
    chosen, left = [], []
    for one in findings:
        missed = unread.get((one.account_id, one.region)) or unread.get((one.account_id, ""))
        if missed:
            left.append((one, f"its region could not be read whole: {missed}"))
        elif one.control.remedy and one.more.get("remediation") is None:
            left.append((one, one.reason))
        else:
            chosen.append(one)
    return chosen, left


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


def _hand_out(rows: Sequence[dict[str, SqlValue]], folder: Path | None) -> None:
    """Print the certificates, and write their public keys to a folder if one was given."""
    names = [name for name in rows[0] if name != PEM]
    listed: list[Row] = []
    for row in rows:
        path = _write_pem(folder, row) if folder else None
        listed.append([*(row[name] for name in names), *([str(path)] if path else [])])
    columns = [*names, "public_key"] if folder else names
    write_rows(columns, listed, [(sys.stdout, "table")], Style())
    if not folder:
        click.echo("To get their public keys: --pem-dir DIR, or the column " + PEM, err=True)


def _write_pem(folder: Path, row: dict[str, SqlValue]) -> Path:
    names = (row["account_id"], row["region"], row["client_certificate_id"])
    path = folder / ("-".join(re.sub(r"[^\w-]", "_", str(name)) for name in names) + ".pem")
    with whole_file(path) as file:
        file.writelines(f"{line}\n" for line in str(row[PEM]).splitlines())
    path.chmod(PEM_MODE)
    return path


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"Cannot create the folder {folder}: {error.strerror}.") from None
    if not os.access(folder, os.W_OK):
        raise UsageError(f"Cannot write to the folder {folder}.")
