"""Runs controls: saved queries whose rows say whether each resource is as it should be."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import NamedTuple

import apsw
import apsw.ext

from apigw_vtab.aws.estate import Estate, by_profile, id_or_stand_in
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.controls.ahead import as_answers_come
from apigw_vtab.controls.columns_read import Reads, columns_read, shared_tables, worth_copying
from apigw_vtab.controls.faults import (
    SEVERAL,
    described,
    fault_of,
    has_more_statements,
)
from apigw_vtab.controls.findings import (
    ERROR,
    REQUIRED,
    SKIP,
    Finding,
    Findings,
    Part,
    Report,
)
from apigw_vtab.controls.packed import PackedRows, Place, Row
from apigw_vtab.controls.rehearsal import completed
from apigw_vtab.controls.saved_query import SavedQuery, as_control
from apigw_vtab.controls.unread import decided_rows, identify
from apigw_vtab.controls.verdicts import (
    checked,
    distinct,
    is_identity,
    unread_row,
)
from apigw_vtab.errors import ApigwVtabError, UsageError
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.copies import Copies
from apigw_vtab.tables.services import ORGANIZATIONS
from apigw_vtab.tables.values import SqlValue

# The place of an account among those that are read, and a region.
Rank = tuple[int, str]


@dataclass(frozen=True)
class ControlResult:
    """What one control found: a row per resource, and `unread`, what it could not read.

    Which of those are left out is known once all controls have run. `ids` are the accounts' ids,
    by profile.
    """

    control: SavedQuery
    columns: tuple[str, ...]
    rows: PackedRows
    subject: str | None = None
    unread: Sequence[CallFailed] = ()
    ids: Mapping[str, str] = field(default_factory=dict)

    def parts(self, lanes: int) -> Iterator[Part]:
        """Yield the rows and what could not be read, or what says that there are no rows."""
        unread = [one for one in self.unread if not one.is_left_out]
        names, width = self.columns[len(REQUIRED) :], len(self.columns)
        if not len(self.rows) and not unread:
            what = (self.subject or "resources").replace("_", " ")
            # A control that has nothing to ask for reads no region.
            places = {0: "", 1: " in 1 region"}.get(lanes, f" in {lanes} regions")
            # Whether there are no resources or the control leaves all of them out is not known.
            nothing = f"Nothing to check: the control returned no rows about {what}{places}."
            row: Row = ("no rows", SKIP, nothing, "", "")
            yield Part(self.control, (), PackedRows([row]))
        yield Part(self.control, names, self.rows)
        rows = PackedRows(unread_row(one, self.ids, width) for one in unread)
        yield Part(self.control, names, rows, is_unread=True)

    def findings(self, lanes: int) -> list[Finding]:
        """Return a finding per row, or one that says that there are no rows."""
        return list(Findings(self.parts(lanes)))


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
    interrupted: Callable[[], None] | None = None,
) -> list[ControlResult]:
    """Run controls over one reading of AWS: they share every answer and every failure.

    Without `commands`, there is no column `remediation`; `proven` as in `with_commands`. With
    `interrupted`, Ctrl-C calls it in place of ending all, and what was read is judged. Raises
    UsageError for a parameter or a region that does not exist, and if the user has made a table
    that takes a function's place in the controls.
    """
    connection.refuse_hidden_names()
    estate = connection.context.estate
    controls = [as_control(control) for control in controls]
    bindings = bindings_of(controls, given)
    with (
        connection.executor.as_one_statement(),
        connection.context.compressing(),
        estate.going_by_profile(),
    ):
        interrupted = _check_regions(estate, interrupted)
        results: dict[int, ControlResult] = {}
        reads = [columns_read(connection, control) for control in controls]
        shared = shared_tables(reads)
        with contextlib.closing(Copies(connection, worth_copying(controls, reads))) as copies:

            def run(place: int) -> None:
                control, values, read = controls[place], bindings[place], reads[place]
                how = _Way(bool(shared & read.keys()), commands, proven)
                results[place] = _run(copies, connection, control, values, read, how)

            try:
                begun = as_answers_come(connection, controls, bindings, reads)
                with contextlib.closing(begun) as places:
                    for place in places:
                        run(place)
            except KeyboardInterrupt:
                if interrupted is None:
                    raise
                interrupted()
                for place in set(range(len(controls))) - results.keys():
                    run(place)
    return [results[place] for place in range(len(controls))]


def _check_regions(
    estate: Estate, interrupted: Callable[[], None] | None
) -> Callable[[], None] | None:
    """Check the regions, and return what the next Ctrl-C calls. Raises UsageError."""
    try:
        estate.check_regions()
    except KeyboardInterrupt:
        if interrupted is None:
            raise
        # Each control tells then what it could not read.
        interrupted()
        return None
    return interrupted


class _Way(NamedTuple):
    """How a control runs: over copies if it can, with commands, and those `proven`."""

    over_copies: bool
    commands: bool
    proven: bool


def _run(
    copies: Copies,
    connection: Connection,
    control: SavedQuery,
    values: Mapping[str, SqlValue],
    reads: Reads,
    way: _Way,
) -> ControlResult:
    result, at_once = None, way.commands and not way.proven
    if way.over_copies:
        result = _run_over(copies, connection, control, values, reads, at_once)
    if result is None:
        result, at_once = _run_one(connection, control, values), False
    if way.commands and not at_once:
        result = _with_commands(connection, result, values, copies, proven=way.proven)
    return _without_stand_ins(connection, result)


def _with_commands(
    connection: Connection,
    result: ControlResult,
    values: Mapping[str, SqlValue],
    copies: Copies,
    *,
    proven: bool,
) -> ControlResult:
    """Return a result with the column `remediation`, if the control declares a remedy."""
    try:
        columns, rows = completed(
            connection,
            result.control,
            result.columns,
            result.rows,
            values,
            copies,
            proven=proven,
        )
        if rows is result.rows:
            return result
        return replace(result, columns=columns, rows=PackedRows(rows, _order(connection)))
    except UsageError as error:
        connection.executor.log.warn(str(error))
        return result


def _without_stand_ins(connection: Connection, result: ControlResult) -> ControlResult:
    """Return a result in which an account whose id is not known has none."""
    stand_ins = {by_profile(account.label) for account in connection.context.estate.profiles}
    if stand_ins.isdisjoint(account_id for account_id, _ in result.rows.places):
        return result
    rows = ((*row[:3], "" if row[3] in stand_ins else row[3], *row[4:]) for row in result.rows)
    return replace(result, rows=PackedRows(rows))


def _order(connection: Connection) -> Callable[[Place], Rank]:
    """Return what says where an account and region stand: accounts in the order of profiles."""
    profiles, ids = connection.context.estate.profiles, connection.executor.log.account_ids
    ranks: dict[str, int] = {}

    def rank(place: Place) -> Rank:
        account_id, region = place
        if account_id not in ranks:
            # Ids become known while a control runs.
            for number, one in enumerate(profiles):
                ranks.setdefault(id_or_stand_in(one.label, ids), number)
        return ranks.setdefault(account_id, -1), region

    return rank


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
    # Who an account is, and which others there are, says nothing about whether its regions could
    # be read.
    others = [one for one in failures if not asked or one.service != ORGANIZATIONS.name]
    unread = {(one.label, one.region) for one in others if not is_identity(one)} - left_out
    asked = (asked | unread) - left_out
    # Of an account that could not be reached, no region was read.
    gone = {one.label for one in failures if one.unreached}
    read = {one for one in asked - unread if one[0] not in gone}
    ids = connection.executor.log.account_ids
    return Report(
        controls=tuple(outcome.control for outcome in outcomes),
        findings=Findings(part for outcome in outcomes for part in outcome.parts(len(asked))),
        lanes_read=len(read),
        lanes_asked=len(asked),
        made_at=datetime.now(timezone.utc),
        whole=frozenset((ids.get(label, ""), region) for label, region in read),
        left_out=len(left_out),
        sample=estate.reach.sample if estate.reach else None,
    )


def _run_over(
    copies: Copies,
    connection: Connection,
    control: SavedQuery,
    values: Mapping[str, SqlValue],
    reads: Reads,
    commands: bool,
) -> ControlResult | None:
    """Run a control over copies of its tables; None if it has to run over the tables.

    With `commands`, its rows get the column `remediation` as they come.
    """
    try:
        with connection.only_reading(control.name):
            columns, subject = described(connection, control)
        if connection.in_transaction:
            return None
        found = copies.answer(control.name, control.sql, values, reads)
        if found is None:
            return None
        rows: Iterable[Row] = checked(control, columns, found)
        if commands:
            columns, rows = completed(
                connection, control, columns, rows, values, copies, proven=False
            )
        packed = PackedRows(rows, _order(connection))
    except (apsw.InterruptError, apsw.ThreadingViolationError):
        raise
    except (ApigwVtabError, apsw.Error):
        return None
    return ControlResult(control, columns, packed, subject, ids=connection.executor.log.account_ids)


def _run_one(
    connection: Connection, control: SavedQuery, values: Mapping[str, SqlValue]
) -> ControlResult:
    log, order = connection.executor.log, _order(connection)
    mark = log.mark()
    columns: tuple[str, ...] = REQUIRED
    subject, has_run = None, False
    with connection.only_reading(control.name):
        try:
            if control.fault:
                raise UsageError(control.fault)
            columns, subject = described(connection, control)
            found = connection.execute(control.sql, dict(values))
            if has_more_statements(connection, control):
                # Run before it is refused, so that a forbidden one is named.
                deque(found, maxlen=0)
                raise UsageError(SEVERAL)
            rows = PackedRows(checked(control, columns, found), order)
            has_run = True
        except (apsw.InterruptError, apsw.ThreadingViolationError):
            raise
        except (apsw.Error, UsageError) as error:
            # The other controls still get their verdicts.
            reason = f"The control failed: {fault_of(error, control)}"
            blank = [None] * len(columns[5:])
            rows = PackedRows([(control.name, ERROR, reason, "", "", *blank)])
    failures = log.missed(mark)
    identify(connection, failures)
    if has_run:
        rows = decided_rows(connection, control.sql, subject, rows, failures)
    return ControlResult(control, columns, rows, subject, distinct(failures), log.account_ids)
