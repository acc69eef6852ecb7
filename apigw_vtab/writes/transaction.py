"""What a connection may change, and when that is sent: SQL rows in, changes out.

Only `commit` sends anything, and only if writes were explicitly allowed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.estate import Estate
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.local_executor import LocalExecutor
from apigw_vtab.errors import UsageError, WriteFailed, WriteRefused, did_you_mean
from apigw_vtab.tables.declaration import Read, Table, Write
from apigw_vtab.tables.keys import Keys
from apigw_vtab.tables.tagging import TAGS
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes.apply import apply_changes
from apigw_vtab.writes.changes import Change, Key
from apigw_vtab.writes.journal import Journal
from apigw_vtab.writes.pending_changes import PendingChanges
from apigw_vtab.writes.pending_rows import Overlay
from apigw_vtab.writes.policy import FLAG, WritePolicy
from apigw_vtab.writes.readings import Readings
from apigw_vtab.writes.results import ChangeResult, State, account_of
from apigw_vtab.writes.sequence import read_beside, settable, write_of_updates
from apigw_vtab.writes.uses import Uses

LANE_COLUMNS = ("account_id", "region")


class Transaction:
    """The writes of one connection: which are allowed, which are pending, and sending them."""

    def __init__(
        self,
        estate: Estate,
        executor: LocalExecutor,
        tables: Sequence[Table],
        policy: WritePolicy,
    ) -> None:
        self.estate = estate
        self._executor = executor
        self._tables = tables
        self._journal = Journal(policy.journal) if policy.journal else None
        self.policy = policy
        self.changes = PendingChanges()
        # The changes of the last statement that inserted rows.
        self.inserted: list[Change] = []
        self.is_open = False
        self.readings = Readings(executor.log)
        self._before: dict[str, int] = {}
        # The operations that a rehearsal would have asked anew; None outside of one.
        self._rehearsed: set[Read] | None = None

    def check(self, table: Table, verb: str, column: str | None = None) -> Write:
        """Return the operation behind INSERT INTO, UPDATE or DELETE FROM.

        Raises WriteRefused if writes are not allowed, and UsageError if there is no such
        operation, or none that sets the column.
        """
        self._check_allowed(table)
        operations = {
            "INSERT INTO": table.insert,
            "UPDATE": write_of_updates(table),
            "DELETE FROM": table.delete,
        }
        write = operations[verb]
        if verb == "UPDATE" and column and column in table.instead:
            raise UsageError(f"{column} of {table.name} cannot be changed. {table.instead[column]}")
        if write is None:
            raise UsageError(f"{verb} {table.name} is not possible. {self._possible(table)}")
        if verb == "UPDATE" and column and column not in settable(table):
            raise UsageError(
                f"{column} of {table.name} cannot be changed."
                f"{did_you_mean(column, settable(table))} {self._possible(table)}"
            )
        return write

    def begin(self, table: Table) -> None:
        """Begin to write to a table. Raises WriteRefused if that is not allowed."""
        self._check_allowed(table)
        if self._rehearsed is None:
            self._ask_anew(frozenset(table.reads))
        else:
            self._rehearsed.update(table.reads)
        self.is_open = True

    def _ask_anew(self, reads: Collection[Read]) -> None:
        """Forget some answers: a write must not be based on rows that are minutes old."""
        self._executor.forget_those(lambda call: call.operation in reads)

    @contextlib.contextmanager
    def rehearsing(self) -> Iterator[None]:
        """Let changes be made that the caller rolls back: they read what is cached.

        SQLite does not say again that a transaction begins to write to a table, so what was read
        for it is forgotten afterwards.
        """
        policy, self._rehearsed = self.policy, set()
        self.policy = replace(policy, dry_run=lambda _: None)
        try:
            yield
        finally:
            rehearsed, self._rehearsed = self._rehearsed, None
            self.policy = policy
            if self.is_open:
                self._ask_anew(rehearsed)

    def _check_allowed(self, table: Table) -> None:
        if not (self.policy.allowed or self.policy.dry_run):
            raise WriteRefused(f"{table.name} cannot be written to: this needs {FLAG}.")

    def statement_began(self) -> None:
        """Note what was changed before a statement."""
        self._before = self.changes.lengths()

    def statement_failed(self, *, in_transaction: bool) -> None:
        """Take back what a statement changed before one of our own callbacks failed it.

        SQLite rolls the statement back, or its whole transaction. But apsw tells no table so while
        an exception is on its way: https://rogerbinns.github.io/apsw/vtable.html
        """
        if in_transaction:
            self.changes.cut(self._before)
        else:
            self.roll_back()

    def overlay(self, table: Table) -> Overlay | None:
        """Return a table's pending changes as a reader sees them; None if there are none."""
        return self.changes.overlay(table)

    def insert(self, table: Table, values: Mapping[str, SqlValue]) -> Change:
        """Record a row to be made. Raises UsageError for values that AWS does not take."""
        write = self.check(table, "INSERT INTO")
        taken = (*LANE_COLUMNS, *write.parameters.values())
        given = {name: value for name, value in values.items() if value is not None}
        for name in given:
            if name not in taken:
                raise UsageError(
                    f"{name} cannot be set in a new row of {table.name}. "
                    f"INSERT takes {', '.join(taken)}."
                )
        lane = self._lane(table, given)
        key = {name: str(given.pop(name)) for name in table.key if name in given}
        for name in table.key[:-1]:
            if name not in key:
                raise UsageError(f"INSERT INTO {table.name} needs {name}.")
        new = {name: value for name, value in given.items() if name not in LANE_COLUMNS}
        change = self.changes.insert(table, lane, key, new)
        self.inserted.append(change)
        return change

    def update(
        self,
        table: Table,
        lane: Lane,
        key: Key,
        new: Mapping[str, SqlValue],
        value: Callable[[str], SqlValue],
    ) -> None:
        """Record new values of a row, of which `value` returns what AWS has in a column.

        Raises UsageError for columns that cannot be changed.
        """
        for name in new:
            self.check(table, "UPDATE", name)
        if TAGS in new and any(
            value and self.changes.stands_for_an_id(name, value) for name, value in key.items()
        ):
            raise UsageError(
                f"The tags of a row of {table.name} that is not made yet cannot be changed: give "
                "them in the INSERT."
            )
        old = {name: value(name) for name in new}
        beside = {name: value(name) for name in read_beside(table, new)}
        self.changes.update(table, lane, key, old, new, beside)

    def delete(self, table: Table, lane: Lane, key: Key, old: Any) -> None:
        """Record a row to be deleted. Raises UsageError for a table whose rows cannot be."""
        self.check(table, "DELETE FROM")
        self.changes.delete(table, lane, key, old)

    def commit(self) -> None:
        """Send what is pending. Raises WriteRefused or WriteFailed, which ends the transaction."""
        self.is_open = False
        pending = self.changes.pending
        refused, changes = self._shared_out(pending)
        if not (refused or changes):
            self.changes.clear()
            return
        if self.readings.files:
            raise WriteRefused(
                f"This transaction changes AWS and {', '.join(sorted(self.readings.files))}. "
                "SQLite cannot make the two one, so nothing was sent. Write to each in a "
                "transaction of its own, AWS first."
            )
        if self.policy.dry_run:
            used, changes = self._still_used(changes)
            self.changes.plan()
            self.policy.dry_run(changes)
            self._account([*refused, *used])
        else:
            self._send(changes, refused, [change.number for change in pending])

    def _shared_out(self, changes: Sequence[Change]) -> tuple[list[ChangeResult], list[Change]]:
        """Part changes that rest on what could not be read from those that can be sent."""
        missing = self.readings.missing()
        refused, left = [], []
        for change in changes:
            if failure := missing.of(change.lane):
                reason = f"it rests on what could not be read: {failure}"
                refused.append(ChangeResult(change, State.REFUSED, reason=reason))
            else:
                left.append(change)
        return refused, left

    def _still_used(self, changes: Sequence[Change]) -> tuple[list[ChangeResult], list[Change]]:
        """Part changes that delete what something uses: a COMMIT would refuse them, too."""
        uses: dict[Lane, Uses] = {}
        refused, left = [], []
        for change in changes:
            if change.lane not in uses:
                uses[change.lane] = Uses(self._executor, self.changes.overlay)
            if reason := uses[change.lane].why_not(change):
                refused.append(ChangeResult(change, State.REFUSED, reason=reason))
            else:
                left.append(change)
        return refused, left

    def _send(
        self, changes: Sequence[Change], refused: Sequence[ChangeResult], order: Sequence[int]
    ) -> None:
        if changes and self.policy.ask and not self.policy.ask(changes, refused):
            raise WriteRefused("Nothing was sent.")
        if self._journal:
            self._identify(changes)
        executor = self._executor
        with self.policy.shown(executor) if self.policy.shown else contextlib.nullcontext():
            made = apply_changes(changes, executor, self._tables, self._journal)
        self.changes.clear()
        keys = {result.change.number: result.key for result in made}
        self.inserted = [
            change.at(keys[change.number] or change.key)
            for change in self.inserted
            if change.number in keys
        ]
        every = {result.change.number: result for result in (*made, *refused)}
        results = [every[number] for number in order]
        self._account(results)
        if self.policy.told:
            self.policy.told(results)

    @staticmethod
    def _account(results: Sequence[ChangeResult]) -> None:
        """Raise WriteFailed, with an account of each change, where not all of them were made."""
        if any(result.state is not State.MADE for result in results):
            raise WriteFailed(account_of(results))

    def _identify(self, changes: Sequence[Change]) -> None:
        """Find out the ids of the changes' accounts, as far as possible."""
        for account in {change.lane.account for change in changes}:
            with contextlib.suppress(CallFailed):
                self.estate.account_id(account)

    def roll_back(self) -> None:
        """Drop what is pending."""
        self.is_open = False
        self.inserted.clear()
        self.changes.clear()

    def plan_with(self, dry_run: Callable[[Sequence[Change]], None] | None) -> None:
        """Pass changes to `dry_run` instead of AWS; None ends it, and forgets what was planned."""
        self.policy = replace(self.policy, dry_run=dry_run)
        if dry_run is None:
            self.changes.forget_plan()

    def close(self) -> None:
        """Close the journal."""
        if self._journal:
            self._journal.close()

    def _possible(self, table: Table) -> str:
        """Return what can be done with a table or, if that is nothing, with which others."""
        if words := list(_possible_with(table)):
            return f"What can be done: {'; '.join(words)}."
        others = (one.name for one in self._tables if any(_possible_with(one)))
        return f"Tables that can be written to: {', '.join(others)}."

    def _lane(self, table: Table, given: Mapping[str, SqlValue]) -> Lane:
        """Return the one lane that a new row belongs to."""
        pinned = {name: (str(given[name]),) for name in LANE_COLUMNS if name in given}
        if "region" not in pinned:
            raise UsageError(f"INSERT INTO {table.name} needs a region.")
        lanes = list(self.estate.lanes(Keys(None, pinned, {}), _raise))
        if not lanes:
            where = " and ".join(f"{name} {value}" for name, (value,) in pinned.items())
            raise UsageError(
                f"Nothing is read from {where}, so nothing is written there either. "
                f"Check it, --profile and --region."
            )
        if len(lanes) > 1:
            raise UsageError(
                f"INSERT INTO {table.name} needs an account_id: this connection has "
                f"{len(lanes)} accounts."
            )
        return lanes[0]


def _possible_with(table: Table) -> Iterator[str]:
    if table.insert:
        columns = dict.fromkeys((*LANE_COLUMNS, *table.insert.parameters.values()))
        yield f"INSERT INTO {table.name} ({', '.join(columns)})"
    if settable(table):
        yield f"UPDATE {table.name} SET {', '.join(settable(table))}"
    if table.delete:
        yield f"DELETE FROM {table.name}"


def _raise(_call: Call, failure: CallFailed) -> None:
    raise failure
