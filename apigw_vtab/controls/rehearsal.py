"""The column `remediation`: for each alarm, the AWS CLI commands that end it.

They are those that a dry run of the control's remedy prints. To learn them, the remedy is made and
taken back, on what the control has read: this costs no call. Where a value is the user's to choose,
there is a line in their place that says so, and fails in any shell. A note is a line for `:`, which
does nothing in any shell; # is no comment where zsh is interactive.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import cast

import apsw

from apigw_vtab.aws.estate import by_profile, id_or_stand_in
from apigw_vtab.controls.alike import AlikeAlarms
from apigw_vtab.controls.findings import ALARM, ERROR, REQUIRED
from apigw_vtab.controls.packed import PackedRows, Row
from apigw_vtab.controls.parameters import Parameter
from apigw_vtab.controls.remedy import (
    NEW_CERTIFICATE,
    DeclaredChange,
    among,
    declared_change,
    only,
    refuse_missing,
    remedy_file,
)
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.controls.templates import Templates
from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.copies import Copies
from apigw_vtab.tables.declaration import Write
from apigw_vtab.tables.v1.client_certificates import CLIENT_CERTIFICATES
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes import aws_cli
from apigw_vtab.writes.changes import PLACEHOLDER, Change
from apigw_vtab.writes.results import not_live_yet
from apigw_vtab.writes.shell_word import word
from apigw_vtab.writes.transaction import LANE_COLUMNS

COLUMN = "remediation"
# The values of a row that say which resource it is about.
Key = tuple[SqlValue, ...]

STATUS, REASON = REQUIRED.index("status"), REQUIRED.index("reason")
# Alarms whose remedy is made at once, at least, and rows among which they are, about.
AT_ONCE, MOST_AT_ONCE = 1000, 20_000
# Stands for the certificate that a command makes.
MADE = f"{PLACEHOLDER}certificate"
NOTHING = "the remedy would change nothing"
# What the reason of an alarm ends with that has no commands.
REFUSED = "{} (There are no commands for it: {})"
WITHOUT_ACCOUNT = "it needs the account's id, which AWS did not tell"
MAKE_CERTIFICATE = "insert into client_certificates (account_id, region) values (?, ?)"
STILL = "it would not be ok afterwards"
UNDEPLOYED = (
    "The stage is not deployed: a deployment publishes all of the working copy of its API. The "
    "command remediate {control} compares it first, and deploys what is the same."
)


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
        copies: Copies | None = None,
        *,
        proven: bool,
    ) -> None:
        self._connection = connection
        self._control = control
        self._change = _change_of(control, columns)
        # What says which resource a row is about: always account, region and more.
        self.key_of: Callable[[Row], Key] = itemgetter(*map(columns.index, self._change.columns))
        self._values = {**values, NEW_CERTIFICATE: MADE}
        self._label = _label_of(control)
        self._proven = proven
        self._texts = Templates(self._text)
        self._alike = AlikeAlarms(copies, self._change) if copies and not proven else None
        self._made: dict[Key, list[Change]] = {}
        # What keeps a remedy from looking where none of its rows is.
        self._only = ""
        self.commands: dict[Key, str] = {}
        self.refusals: dict[Key, str] = {}

    def place_by_place(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield rows with the column `remediation`; only those of a few places are in memory."""
        some: list[Row] = []
        alarms = 0
        for _, of_place in itertools.groupby(rows, itemgetter(3, 4)):
            before = len(some)
            some += of_place
            alarms += sum(row[STATUS] == ALARM for row in some[before:])
            if alarms >= AT_ONCE or len(some) >= MOST_AT_ONCE:
                yield from self.completed(some, is_part=True)
                some, alarms = [], 0
        yield from self.completed(some, is_part=True)

    def completed(self, rows: Sequence[Row], *, is_part: bool = False) -> Iterator[Row]:
        """Yield rows with the column `remediation`; `is_part`: there are others."""
        self.commands.clear()
        self.refusals.clear()
        self._made.clear()
        keys = {self.key_of(row) for row in rows if row[STATUS] == ALARM}
        if is_part:
            self._only = only(self._change, keys)
        if self._alike:
            self._run_alike(keys, self._alike)
        elif keys:
            self.run(sorted(keys, key=repr))
        return map(self._completed, rows)

    def _completed(self, row: Row) -> Row:
        if row[STATUS] != ALARM:
            return (*row, None)
        key = self.key_of(row)
        if key not in self.refusals:
            return (*row, self.commands[key])
        told = list(row)
        told[REASON] = REFUSED.format(row[REASON], self.refusals[key])
        return (*told, None)

    def _run_alike(self, keys: Collection[Key], alike: AlikeAlarms) -> None:
        """Find out about one alarm of each kind, and of what it cannot end about all of them."""
        groups, usual = alike.groups(keys), self._only
        if len(groups) < len(keys):
            self._only = only(self._change, groups)
        self.run(sorted(groups, key=repr))
        self._only = usual
        left = []
        for first, others in groups.items():
            if others and first in self._made:
                write = self._texts.writer(self._made[first])
                self.commands.update((key, write(key[len(LANE_COLUMNS) :])) for key in others)
            else:
                left += others
        self.run(sorted(left, key=repr))

    def run(self, keys: Sequence[Key]) -> None:
        """Find out what the remedy does about alarms; one that it cannot end stops no other."""
        if missing := self._control.not_chosen(self._values):
            self.commands.update(dict.fromkeys(keys, _to_be_chosen(missing)))
            return
        misfits = {key: why for key in keys if (why := self._misfit(key))}
        self.refusals.update(misfits)
        self._rehearse([key for key in keys if key not in misfits])

    def _misfit(self, key: Key) -> str:
        """Return why a value that the user chose cannot be applied to a row, if it cannot."""
        account_id, region = map(str, key[: len(LANE_COLUMNS)])
        for name, parameter in self._control.asked.items():
            if parameter.forms and account_id not in self._account_ids:
                return WITHOUT_ACCOUNT
            if not parameter.fits(self._values[name], account_id, region):
                return (
                    f"{name}={self._values[name]!s} is not of its account and region. It takes "
                    f"{parameter.wanted_in(account_id, region)}; write {parameter.place_holders} "
                    "in one that is for several"
                )
        return ""

    @property
    def _account_ids(self) -> Collection[str]:
        """The ids of accounts that AWS told."""
        return self._connection.executor.log.account_ids.values()

    def _rehearse(self, keys: Sequence[Key]) -> None:
        if not keys:
            return
        try:
            left = self._left_alone(keys)
            self.refusals.update(left)
            keys = [key for key in keys if key not in left]
            changes, still = self._changes(keys)
        except (apsw.InterruptError, apsw.ThreadingViolationError):
            raise
        except (apsw.Error, UsageError) as error:
            if len(keys) == 1:
                self.refusals[keys[0]] = str(error)
                return
            middle = len(keys) // 2
            self._rehearse(keys[:middle])
            self._rehearse(keys[middle:])
            return
        for key in keys:
            found = changes.get(key, [])
            if key in still or not found:
                self.refusals[key] = self._with_chosen(STILL if found else NOTHING)
            elif any(map(_names_a_stand_in, found)):
                self.refusals[key] = WITHOUT_ACCOUNT
            else:
                self.commands[key] = self._texts.text(found)
                self._made[key] = found

    def _with_chosen(self, why: str) -> str:
        """Return why there are no commands, with the values that the user chose."""
        chosen = ", ".join(f"{name}={self._values[name]!s}" for name in self._control.asked)
        return f"with {chosen}, {why}" if chosen else why

    def _left_alone(self, keys: Sequence[Key]) -> dict[Key, str]:
        """Return why rows are left alone: those of which the control says that AWS would refuse."""
        if not self._change.leaves:
            return {}
        values = {**self._values, "in_alarm": json.dumps(keys)}
        with self._connection.rehearsal(self._control.name):
            rows = self._connection.execute(
                f"{among(self._change)}\n{self._change.left_sql}{self._only}", values
            )
            return {tuple(key): str(reason) for *key, reason in rows}

    def _changes(self, keys: Sequence[Key]) -> tuple[dict[Key, list[Change]], set[Key]]:
        """Return the changes that the remedy makes, by row, and the rows not ok then."""
        ids = self._connection.executor.log.account_ids
        values = {**self._values, "in_alarm": json.dumps(keys)}
        found: defaultdict[Key, list[Change]] = defaultdict(list)
        still: set[Key] = set()
        with self._connection.rehearsal(self._control.name) as made:
            self._connection.execute(
                f"{among(self._change)}\n{self._change.sql}{self._only}", values
            )
            for change in made():
                account_id = id_or_stand_in(change.lane.account.label, ids)
                key = (account_id, change.lane.region, *change.key.values())
                found[key].append(change)
            if self._proven and not self._change.makes_certificate:
                still = self._not_ok(values, (ALARM, ERROR))
        if self._proven and self._change.makes_certificate:
            still = self._not_ok_with_certificates(keys)
        return found, still

    def _not_ok(self, values: Mapping[str, SqlValue], bad: Collection[str]) -> set[Key]:
        """Return the rows that the control finds in one of the `bad` statuses now."""
        rows = self._connection.execute(self._control.sql, values)
        return {self.key_of(row) for row in rows if row[STATUS] in bad}

    def _not_ok_with_certificates(self, keys: Sequence[Key]) -> set[Key]:
        """Return the rows in alarm after each account and region has got a new certificate.

        When one ends that is not made yet, AWS does not say: an error is no alarm here.
        """
        lanes: defaultdict[Key, list[Key]] = defaultdict(list)
        for key in keys:
            lanes[key[: len(LANE_COLUMNS)]].append(key)
        with self._connection.rehearsal(self._control.name) as made:
            for lane, some in lanes.items():
                self._connection.execute(MAKE_CERTIFICATE, lane)
                placeholder = made()[-1].placeholder
                values = {NEW_CERTIFICATE: placeholder, "in_alarm": json.dumps(some)}
                sql = f"{among(self._change)}\n{self._change.sql}"
                self._connection.execute(sql, {**self._values, **values})
            return self._not_ok(self._values, (ALARM,))

    def _text(self, changes: Sequence[Change]) -> str:
        try:
            return "\n".join(self._lines(changes))
        except UsageError as error:
            # A profile, say, whose name no shell can be given; that does not stop `remediate`.
            self._connection.executor.log.warn(str(error))
            return ""

    def _lines(self, changes: Sequence[Change]) -> Iterator[str]:
        """Yield the commands for a row, and notes."""
        write = CLIENT_CERTIFICATES.insert
        if self._change.makes_certificate and write:
            yield from self._with_certificate(changes, write)
            yield _note(UNDEPLOYED.format(control=self._control.name))
        else:
            yield from aws_cli.commands(changes)
        for line in not_live_yet(changes):
            yield _note(line)

    def _with_certificate(self, changes: Sequence[Change], write: Write) -> Iterator[str]:
        """Yield the commands for changes that need a new certificate.

        It is one for its account and region, as in `remediate`: its variable outlives the row, and
        the rows that are pasted after it into the same shell find it.
        """
        lane = changes[0].lane
        whose = id_or_stand_in(lane.account.label, self._connection.executor.log.account_ids)
        where = re.sub("[^A-Za-z0-9]", "_", f"{whose}_{lane.region}")
        variable = f"{MADE}_{where}"
        (column,) = CLIENT_CERTIFICATES.key
        new = {"description": self._label} if self._label else {}
        made = Change(
            0, CLIENT_CERTIFICATES, write, lane, {column: variable}, new=new, placeholder=variable
        )
        attached = [change.with_ids({(column, MADE): variable}) for change in changes]
        first, *rest = aws_cli.commands([made, *attached])
        yield f'test -n "{variable}" || {first}'
        yield from rest


def _label_of(control: SavedQuery) -> str:
    """Return the description that `remediate` gives to a certificate for a control's alarms."""
    remedy = remedy_file(control)
    return remedy.header["label"] if remedy else ""


def _to_be_chosen(missing: Sequence[Parameter]) -> str:
    """Return the line that stands for the commands while values are missing."""
    names = " and ".join(f"{one.name} (such as {one.default})" for one in missing)
    given = " ".join(f"--param {one.name}=VALUE" for one in missing)
    words = (
        f"To be chosen by you: {names}. Add {given} to check, for the commands, "
        "or to remediate, which makes the change."
    )
    return f"{_note(words)} && false"


def _note(text: str) -> str:
    """Return a line that says something and does nothing, in any shell."""
    return f": {word(' '.join(text.split()))}"


def _names_a_stand_in(change: Change) -> bool:
    """Return whether a value has what stands for an account's id where AWS did not tell it."""
    stand_in = by_profile(change.lane.account.label)
    return any(stand_in in str(value) for value in change.new.values())


def with_commands(
    connection: Connection,
    control: SavedQuery,
    columns: Sequence[str],
    rows: Sequence[Row],
    values: Mapping[str, SqlValue],
) -> tuple[tuple[str, ...], list[Row]]:
    """Return a control's columns and rows, in their order, with the column `remediation`.

    As `completed`, with what the remedy does about all rows at once.
    """
    if not control.remedy:
        return tuple(columns), list(rows)
    rehearsal = Rehearsal(connection, control, columns, values, proven=False)
    return (*columns, COLUMN), list(rehearsal.completed(rows))


def completed(
    connection: Connection,
    control: SavedQuery,
    columns: Sequence[str],
    rows: Iterable[Row],
    values: Mapping[str, SqlValue],
    copies: Copies | None = None,
    *,
    proven: bool,
) -> tuple[tuple[str, ...], Iterable[Row]]:
    """Return a control's columns and rows with the column `remediation`.

    An alarm that the remedy cannot end gets no commands, and its reason says why; with `proven`,
    this is found out by running the control again over what the remedy does. Columns and rows come
    back unchanged where the control declares no change. `copies` may have its table. Raises
    UsageError for a remedy that is not valid.
    """
    if not control.remedy:
        return tuple(columns), rows
    rehearsal = Rehearsal(connection, control, columns, values, copies, proven=proven)
    is_known = isinstance(rows, PackedRows) and len(rows) <= MOST_AT_ONCE
    if proven or (is_known and cast(PackedRows, rows).count(ALARM) <= AT_ONCE):
        return (*columns, COLUMN), rehearsal.completed(list(rows))
    return (*columns, COLUMN), rehearsal.place_by_place(rows)


def refusal_in(reason: str) -> str:
    """Return why an alarm has no commands, as its reason tells it; empty where it has some."""
    before, after = REFUSED.format("|", "|").split("|")[1:]
    return reason.partition(before)[2].removesuffix(after)


def _change_of(control: SavedQuery, columns: Sequence[str]) -> DeclaredChange:
    change = declared_change(control)
    assert change is not None
    refuse_missing(control, change.columns, columns)
    return change
