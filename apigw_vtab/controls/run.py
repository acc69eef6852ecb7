"""Runs controls: saved queries whose rows say whether each resource is as it should be."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone

import apsw
import apsw.ext

from apigw_vtab.aws.estate import by_profile, id_or_stand_in
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.controls.ahead import as_answers_come
from apigw_vtab.controls.findings import ERROR, OK, REQUIRED, SKIP, STATUSES, Finding, Report
from apigw_vtab.controls.rehearsal import with_commands
from apigw_vtab.controls.saved_query import SavedQuery, as_control
from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.errors import explain_error
from apigw_vtab.sqlite.tokens import tokens
from apigw_vtab.tables.account import IDENTITY
from apigw_vtab.tables.values import SqlValue

ControlRow = tuple[SqlValue, ...]
NO_STATUS = "The control returned"
# Text in which a shell finds nothing to run.
_WORD = re.compile(r"[A-Za-z0-9_@%+=:,./*-]*")


@dataclass(frozen=True)
class ControlResult:
    """What one control found: a row per resource, and a row per lane that it could not read.

    Which of those are left out is known once all controls have run.
    """

    control: SavedQuery
    columns: tuple[str, ...]
    rows: list[ControlRow]
    subject: str | None = None
    unread: Sequence[tuple[CallFailed, ControlRow]] = ()

    def findings(self, lanes: int) -> list[Finding]:
        """Return a finding per row, most severe first, or one that says that there are no rows."""
        unread = [row for failure, row in self.unread if not failure.is_left_out]
        if not self.rows and not unread:
            what = (self.subject or "resource").replace("_", " ")
            places = "1 region" if lanes == 1 else f"{lanes} regions"
            nothing = f"Nothing to check: found 0 {what} in {places}."
            return [Finding(self.control, f"no {what}", SKIP, nothing)]
        found = [self._finding(row) for row in self.rows]
        found += [replace(self._finding(row), is_unread=True) for row in unread]
        return sorted(found, key=lambda finding: STATUSES.index(finding.status))

    def _finding(self, row: ControlRow) -> Finding:
        resource, status, reason, account_id, region = (str(one or "") for one in row[:5])
        if status not in STATUSES:
            reason = f"{NO_STATUS} {status!r}, which is not a valid status. {reason}"
            status = ERROR
        elif status == OK and row[2] is None:
            # A part of the reason was NULL: what the verdict rests on is not there.
            status, reason = ERROR, "Not decided: the control says ok, but not why."
        more = dict(zip(self.columns[5:], row[5:], strict=True))
        hand_written = "remediation" in more and not self.control.remedy
        if hand_written and not _is_safe(more, region):
            more["remediation"] = None
            reason += " (No commands are shown, because a shell would run part of a name in them.)"
        return Finding(self.control, resource, status, reason, account_id, region, more)


def _is_safe(more: Mapping[str, SqlValue], region: str) -> bool:
    """Whether a shell takes every text from AWS in the commands for a plain word."""
    commands = str(more["remediation"] or "")
    texts = [region, *(str(value) for name, value in more.items() if name != "remediation")]
    return all(_WORD.fullmatch(text) for text in texts if text and text in commands)


def choose_controls(
    connection: Connection, queries: Iterable[SavedQuery], *, named: bool = False
) -> list[SavedQuery]:
    """Return the saved queries that are controls, judging by their columns.

    Nothing is read from AWS. SQL that does not compile is a control if the user `named` it, if it
    has a severity, or if it speaks of all columns that a control needs.
    """
    return [query for query in queries if _columns(connection, query, named)[:5] == REQUIRED]


def _columns(connection: Connection, query: SavedQuery, named: bool) -> tuple[str, ...]:
    """Return a query's columns, or none if it does more than read.

    Preparing it has to be guarded too: https://sqlite.org/pragma.html says that a PRAGMA may
    already run while it is prepared.
    """
    if query.fault:
        return REQUIRED
    try:
        with connection.only_reading(query.name):
            return _described(connection, query)[0]
    except UsageError as refused:
        if named:
            raise
        if all(word in query.sql for word in REQUIRED):
            connection.executor.log.warn(f"{refused} It was not checked.")
        return ()
    except apsw.Error as error:
        if named or query.severity or all(word in query.sql for word in REQUIRED):
            return REQUIRED
        where = place_of(error, query)
        connection.executor.log.warn(f"{where}: {explain_error(error)} It was not checked.")
        return ()


def place_of(error: Exception, query: SavedQuery) -> str:
    """Return the file of a query and, where SQLite tells it, the line of an error in it."""
    where = query.path or query.name
    offset = getattr(error, "error_offset", -1)
    if offset is None or offset < 0:
        return where
    return f"{where}, line {query.sql.encode()[:offset].count(10) + 1}"


def _fault(error: Exception, control: SavedQuery) -> str:
    """Return what is wrong with a control, and where."""
    if control.fault:
        return control.fault
    words = str(error) if isinstance(error, UsageError) else explain_error(error)
    return f"{place_of(error, control)}: {words}"


def _described(connection: Connection, query: SavedQuery) -> tuple[tuple[str, ...], str | None]:
    """Return a query's columns, and the table that its first column comes from, if any."""
    info = apsw.ext.query_info(connection, query.sql)
    columns = tuple(name for name, *_ in info.description)
    return columns, info.description_full[0][3] if info.description_full else None


def bindings_of(
    queries: Sequence[SavedQuery], given: Mapping[str, SqlValue]
) -> list[dict[str, SqlValue]]:
    """Return the parameters of each query: its defaults, overridden by the given ones.

    Raises UsageError for a parameter that none of the queries has, or a value that makes no sense.
    """
    known = {name for query in queries for name in (*query.defaults, *query.asked)}
    for name in given:
        if name not in known:
            those = (
                f"The parameters are: {', '.join(sorted(known))}." if known else "There are none."
            )
            raise UsageError(f"No parameter {name!r}. {those}")
    return [query.values(given) for query in queries]


def run_controls(
    connection: Connection,
    controls: Sequence[SavedQuery],
    given: Mapping[str, SqlValue],
    *,
    commands: bool = True,
    proven: bool = False,
) -> list[ControlResult]:
    """Run controls over one reading of AWS: they share every answer and every failure.

    Without `commands`, there is no column `remediation`; `proven` as in `with_commands`. Raises
    UsageError for a parameter or a region that does not exist, and if the user has made a table
    that takes a function's place in the controls.
    """
    connection.refuse_hidden_names()
    estate = connection.context.estate
    controls = [as_control(control) for control in controls]
    bindings = bindings_of(controls, given)
    with connection.executor.as_one_statement(), estate.going_by_profile():
        estate.check_regions()
        results: dict[int, ControlResult] = {}
        with contextlib.closing(as_answers_come(connection, controls, bindings)) as places:
            for place in places:
                control, values = controls[place], bindings[place]
                result = _run_one(connection, control, values)
                if commands:
                    result = _with_commands(connection, result, values, proven=proven)
                results[place] = _without_stand_ins(connection, result)
    return [results[place] for place in range(len(controls))]


def _with_commands(
    connection: Connection,
    result: ControlResult,
    values: Mapping[str, SqlValue],
    *,
    proven: bool,
) -> ControlResult:
    """Return a result with the column `remediation`, if the control declares a remedy."""
    try:
        columns, rows = with_commands(
            connection, result.control, result.columns, result.rows, values, proven=proven
        )
    except UsageError as error:
        connection.executor.log.warn(str(error))
        return result
    more = (None,) * (len(columns) - len(result.columns))
    unread = [(failure, (*row, *more)) for failure, row in result.unread]
    return replace(result, columns=columns, rows=rows, unread=unread)


def _without_stand_ins(connection: Connection, result: ControlResult) -> ControlResult:
    """Return a result in which an account whose id is not known has none."""
    stand_ins = {by_profile(account.label) for account in connection.context.estate.profiles}
    rows = [(*row[:3], "" if row[3] in stand_ins else row[3], *row[4:]) for row in result.rows]
    return replace(result, rows=rows)


def report_of(connection: Connection, outcomes: Sequence[ControlResult]) -> Report:
    """Return the report of a check that has run over a connection."""
    estate = connection.context.estate
    asked = {
        (lane.account.label, lane.region)
        for lane in connection.executor.lanes
        if estate.includes(lane) and lane not in estate.not_enabled
    }
    failures = connection.executor.log.failures()
    left_out = {(one.label, one.region) for one in failures if one.is_left_out}
    # Who an account is says nothing about whether its regions could be read.
    unread = {(one.label, one.region) for one in failures if not _is_identity(one)} - left_out
    asked = (asked | unread) - left_out
    # Of an account that could not be reached, no region was read.
    gone = {one.label for one in failures if one.unreached}
    read = {one for one in asked - unread if one[0] not in gone}
    ids = connection.executor.log.account_ids
    return Report(
        controls=tuple(outcome.control for outcome in outcomes),
        findings=tuple(one for outcome in outcomes for one in outcome.findings(len(asked))),
        lanes_read=len(read),
        lanes_asked=len(asked),
        made_at=datetime.now(timezone.utc),
        whole=frozenset((ids.get(label, ""), region) for label, region in read),
        left_out=len(left_out),
    )


def _run_one(
    connection: Connection, control: SavedQuery, values: Mapping[str, SqlValue]
) -> ControlResult:
    log = connection.executor.log
    mark = log.mark()
    columns: tuple[str, ...] = REQUIRED
    subject = None
    with connection.only_reading(control.name):
        try:
            if control.fault:
                raise UsageError(control.fault)
            columns, subject = _described(connection, control)
            # Run before the statements are counted, so that a forbidden one is named.
            rows = list(connection.execute(control.sql, dict(values)))
            _refuse_more_than_one(connection, control)
        except (apsw.InterruptError, apsw.ThreadingViolationError):
            raise
        except (apsw.Error, UsageError) as error:
            # The other controls still get their verdicts.
            reason = f"The control failed: {_fault(error, control)}"
            rows = [(control.name, ERROR, reason, "", "", *[None] * len(columns[5:]))]
    ids = connection.executor.log.account_ids
    unread = []
    if failures := log.missed(mark):
        own = connection.context.operations(subject)
        # Who an account is decides nothing about what it holds.
        others = [one for one in failures if one.operation not in own and not _is_identity(one)]
        rows = _decided(rows, others, ids)
        width = len(columns)
        unread = [(failure, _unread(failure, ids, width)) for failure in _distinct(failures)]
    return ControlResult(control, columns, rows, subject, unread)


def _refuse_more_than_one(connection: Connection, control: SavedQuery) -> None:
    """Raise UsageError if a control has more than one statement, and so no single verdict."""
    if any(tokens(apsw.ext.query_info(connection, control.sql).query_remaining or "")):
        raise UsageError("It has more than one statement.")


def _distinct(failures: Iterable[CallFailed]) -> list[CallFailed]:
    """Return one failure for each cause: of a profile, or of an operation in a lane."""
    return list(
        {
            (one.label, one.cause.what)
            if one.is_account_wide
            else (one.label, one.region, one.operation, one.code): one
            for one in failures
        }.values()
    )


def _decided(
    rows: Sequence[ControlRow], failures: Sequence[CallFailed], ids: Mapping[str, str]
) -> list[ControlRow]:
    """Return each row as it is, or as an error if it depends on what could not be read.

    If the table that the resource comes from fails, rows are missing; if another table fails,
    rows may be wrong.
    """
    touching = [(one, touches(one, rows, ids)) for one in failures]
    decided = []
    for row in rows:
        failure = next((one for one, is_touched in touching if is_touched(row)), None)
        if failure:
            reason = f"Not decided, because this could not be read: {failure}"
            decided.append((row[0], ERROR, reason, *row[3:]))
        else:
            decided.append(row)
    return decided


def touches(
    failure: CallFailed, rows: Iterable[ControlRow], ids: Mapping[str, str]
) -> Callable[[ControlRow], bool]:
    """Return what says whether a row may rest on what could not be read.

    What was looked up for one ARN touches the rows that name it; if none does, all of the account.
    Without its regions nothing of an account is read.
    """
    if failure.resource and any(failure.resource in row for row in rows):
        return lambda row: failure.resource in row
    whose = id_or_stand_in(failure.label, ids)
    if failure.is_regional:
        return lambda row: (whose, failure.region) == row[3:5]
    return lambda row: whose == row[3]


def _unread(failure: CallFailed, ids: Mapping[str, str], width: int) -> ControlRow:
    account_id = ids.get(failure.label)
    resource = f"{account_id or failure.label}/{failure.region}"
    blank = (None,) * (width - len(REQUIRED))
    if failure.unreached:
        return (account_id or failure.label, ERROR, str(failure), account_id, None, *blank)
    if _is_identity(failure):
        return (f"profile {failure.label}", ERROR, str(failure), None, None, *blank)
    return (resource, ERROR, str(failure), account_id, failure.region, *blank)


def _is_identity(failure: CallFailed) -> bool:
    """Whether all that is not known is who an account is."""
    return failure.operation == IDENTITY.name and not failure.is_account_wide
