"""The column `remediation`: for each alarm, the AWS CLI commands that end it.

They are those that a dry run of the control's remedy prints. To learn them, the remedy is made and
taken back, on what the control has read: this costs no call.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import apsw

from apigw_vtab.aws.estate import by_profile, id_or_stand_in
from apigw_vtab.controls.findings import ALARM, ERROR, REQUIRED
from apigw_vtab.controls.remedy import NEW_CERTIFICATE, DeclaredChange, declared_change
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.tables.v1.client_certificates import CLIENT_CERTIFICATES
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes import aws_cli
from apigw_vtab.writes.changes import PLACEHOLDER, Change

COLUMN = "remediation"
# The values of a row that say which resource it is about.
Key = tuple[SqlValue, ...]
Row = tuple[SqlValue, ...]

STATUS, REASON = REQUIRED.index("status"), REQUIRED.index("reason")
# The placeholder of a certificate that a command makes.
MADE = f"{PLACEHOLDER}certificate_1"
NOTHING = "the remedy would change nothing"
WITHOUT_ACCOUNT = "it needs the account's id, which AWS did not tell"
STILL = "it would not be ok afterwards"


class Rehearsal:
    """What a control's remedy would do about its alarms.

    `commands` and `refusals` hold, by the key of a row, the text for the column and the reason why
    there is none. With `proven`, the control is run over the result.
    """

    def __init__(
        self,
        connection: Connection,
        control: SavedQuery,
        columns: Sequence[str],
        values: Mapping[str, SqlValue],
        *,
        proven: bool,
    ) -> None:
        self._connection = connection
        self._control = control
        self._change = _change_of(control, columns)
        self._places = [columns.index(name) for name in self._change.columns]
        self._values = {**control.examples, **values, NEW_CERTIFICATE: MADE}
        # A certificate that is not made yet cannot be judged.
        self._proven = proven and not self._change.makes_certificate
        self.commands: dict[Key, str] = {}
        self.refusals: dict[Key, str] = {}

    def key_of(self, row: Row) -> Key:
        """Return what says which resource a row is about."""
        return tuple(row[place] for place in self._places)

    def run(self, keys: Sequence[Key]) -> None:
        """Find out what the remedy does about alarms; one that it cannot end stops no other."""
        try:
            changes, still = self._changes(keys)
        except (apsw.InterruptError, apsw.ThreadingViolationError):
            raise
        except (apsw.Error, UsageError) as error:
            if len(keys) == 1:
                self.refusals[keys[0]] = str(error)
                return
            middle = len(keys) // 2
            self.run(keys[:middle])
            self.run(keys[middle:])
            return
        for key in keys:
            found = changes.get(key, [])
            if key in still or not found:
                self.refusals[key] = STILL if found else NOTHING
            elif any(map(_names_a_stand_in, found)):
                self.refusals[key] = WITHOUT_ACCOUNT
            else:
                self.commands[key] = self._text(found)

    def _changes(self, keys: Sequence[Key]) -> tuple[dict[Key, list[Change]], set[Key]]:
        """Return the changes that the remedy makes, by row, and the rows not ok then."""
        ids = self._connection.executor.log.account_ids
        values = {**self._values, "in_alarm": json.dumps(keys)}
        found: defaultdict[Key, list[Change]] = defaultdict(list)
        still: set[Key] = set()
        with self._connection.rehearsal(self._control.name) as made:
            self._connection.execute(f"{_among(self._change)}\n{self._change.sql}", values)
            for change in made():
                account_id = id_or_stand_in(change.lane.account.profile, ids)
                key = (account_id, change.lane.region, *change.key.values())
                found[key].append(change)
            if self._proven:
                rows = self._connection.execute(self._control.sql, values)
                still = {self.key_of(row) for row in rows if row[STATUS] in (ALARM, ERROR)}
        return found, still

    def _text(self, changes: Sequence[Change]) -> str:
        try:
            return "\n".join(aws_cli.commands([*self._made_for(changes), *changes]))
        except UsageError as error:
            # A profile, say, whose name no shell can be given; that does not stop `remediate`.
            self._connection.executor.log.warn(str(error))
            return ""

    def _made_for(self, changes: Sequence[Change]) -> Iterator[Change]:
        """Yield the change that makes the certificate that others need, if they need one."""
        write = CLIENT_CERTIFICATES.insert
        if self._change.makes_certificate and write:
            key = {"client_certificate_id": MADE}
            lane = changes[0].lane
            yield Change(0, CLIENT_CERTIFICATES, write, lane, key, placeholder=MADE)


def _names_a_stand_in(change: Change) -> bool:
    """Return whether a value has what stands for an account's id where AWS did not tell it."""
    stand_in = by_profile(change.lane.account.profile)
    return any(stand_in in str(value) for value in change.new.values())


def with_commands(
    connection: Connection,
    control: SavedQuery,
    columns: Sequence[str],
    rows: Sequence[Row],
    values: Mapping[str, SqlValue],
    *,
    proven: bool = False,
) -> tuple[tuple[str, ...], list[Row]]:
    """Return a control's columns and rows with the column `remediation`.

    An alarm that the remedy cannot end gets no commands, and its reason says why; with `proven`,
    this is found out by running the control again over what the remedy does. Columns and rows come
    back unchanged where the control declares no change. Raises UsageError for a remedy that is not
    valid.
    """
    if not control.remedy:
        return tuple(columns), list(rows)
    rehearsal = Rehearsal(connection, control, columns, values, proven=proven)
    keys = {rehearsal.key_of(row) for row in rows if row[STATUS] == ALARM}
    if keys:
        rehearsal.run(sorted(keys, key=repr))
    return (*columns, COLUMN), [_completed(row, rehearsal) for row in rows]


def _completed(row: Row, rehearsal: Rehearsal) -> Row:
    key = rehearsal.key_of(row)
    if row[STATUS] != ALARM:
        return (*row, None)
    if key not in rehearsal.refusals:
        return (*row, rehearsal.commands[key])
    told = list(row)
    told[REASON] = f"{row[REASON]!s} (There are no commands for it: {rehearsal.refusals[key]})"
    return (*told, None)


def _change_of(control: SavedQuery, columns: Sequence[str]) -> DeclaredChange:
    change = declared_change(control)
    assert change is not None
    for name in change.columns:
        if name not in columns:
            raise UsageError(f"The remedy of {control.name} needs the column {name} in its rows.")
    return change


def _among(change: DeclaredChange) -> str:
    """Return the WITH clause that makes `in_alarm` of a parameter."""
    terms = (f"value ->> {place} as {name}" for place, name in enumerate(change.columns))
    return f"with in_alarm as (select {', '.join(terms)} from json_each(:in_alarm))"
