"""Look-ups by an ARN, which says in which account and region its row is, and what comes next.

Other tables name such rows: while SQLite goes through one of them, the look-ups for its next rows
can be under way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Call, call_of
from apigw_vtab.aws.causes import DENIED
from apigw_vtab.aws.estate import Estate, Failed
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.regions import partition_by_name
from apigw_vtab.scan.batch import RowKey
from apigw_vtab.scan.readahead import Leader
from apigw_vtab.tables.arns import ArnPlace, place_of
from apigw_vtab.tables.declaration import Read, Table
from apigw_vtab.tables.keys import Keys
from apigw_vtab.tables.values import SqlValue

# The ARNs to look up in each lane, in the order of the rows.
Places = Mapping[Lane, Sequence[str]]


def arns_of(table: Table, keys: Keys) -> tuple[str, ...] | None:
    """Return the ARNs that a scan is limited to; None where it is not."""
    return keys.pinned.get(table.key[0]) if table.key_arn else None


def places_of(table: Table, keys: Keys, estate: Estate, failed: Failed) -> Places:
    """Return the lane of each ARN that a scan is limited to, in whatever region that is.

    Those of accounts that are not read have none. A single account is not asked for its id: if it
    is another one, AWS refuses. `failed` gets each call for an id that got no answer.
    """
    wanted = {}
    for arn in arns_of(table, keys) or ():
        place = place_of(table.key_arn, arn)
        if place and _is_real(place) and keys.admits("region", place.region):
            wanted[arn] = place
    if not wanted:
        return {}
    ids = estate.executor.log.account_ids
    places: dict[Lane, list[str]] = {}
    for account in estate.accounts_of(keys, failed):
        own = ids.get(account.label)
        for arn, place in sorted(wanted.items(), key=lambda item: (item[1].region, item[0])):
            if own in (None, place.account_id):
                places.setdefault(account.lane(place.region), []).append(arn)
    return places


def is_elsewhere(table: Table, call: Call, failure: CallFailed, estate: Estate) -> bool:
    """Return whether AWS refused a look-up because the ARN is of an account that is not read."""
    place = place_of(table.key_arn, arn_of(call))
    if place is None or failure.code not in DENIED.codes:
        return False
    try:
        return estate.account_id(call.lane.account) != place.account_id
    except CallFailed:
        return False


def arn_of(call: Call) -> str:
    """Return the ARN that a call looks up; empty for a list."""
    names = call.operation.parameters
    return next((str(value) for name, value in call.parameters if name in names), "")


def _is_real(place: ArnPlace) -> bool:
    return partition_by_name(place.region) == place.partition


@dataclass(frozen=True)
class Naming:
    """The rows of an open scan, by the ARNs that they name: what look-ups follow in a join.

    `path` is the column, and inside its JSON the steps to the ARNs.
    """

    leader: Leader
    path: tuple[str, ...]

    def names(self, arn: str) -> Lane | None:
        """Return the lane of the row that SQLite is at, if it names an ARN."""
        key = self.leader.current_key(self.path[:1])
        if key is None:
            return None
        lane, (value,) = key
        return lane if arn in _texts(value, self.path[1:]) else None

    def next_keys(self, columns: Sequence[str]) -> Iterator[RowKey | None]:
        """Yield the ARNs that the next rows name; None where an answer is not there yet."""
        for key in self.leader.next_keys(self.path[:1]):
            if key is None:
                yield None
                continue
            lane, (value,) = key
            for arn in _texts(value, self.path[1:]):
                yield lane, (arn,)


def namings(table: Table, cursors: Mapping[str, Sequence[Leader]]) -> Iterator[Naming]:
    """Yield the open scans of the tables that name rows of a table, the innermost first."""
    for other, paths in table.named_by.items():
        for cursor in reversed(cursors.get(other.name, ())):
            for path in paths:
                yield Naming(cursor, tuple(path.split(".")))


@dataclass(frozen=True)
class Following:
    """Makes the calls of the look-ups that follow one, whose row was named in a `lane`."""

    table: Table
    read: Read
    keys: Keys
    columns: frozenset[str]
    estate: Estate
    lane: Lane

    def __call__(self, coming: RowKey) -> Call | None:
        """Return the call for an ARN; None where no look-up will ask for it."""
        lane, (arn,) = coming
        pinned: dict[str, tuple[str, ...]] = {self.table.key[0]: (str(arn),)}
        for name in ("account_id", "region"):
            values = self.keys.pinned.get(name)
            if values is not None:
                # A value of the row that is now looked up for: the next one has its own.
                is_of_row = self._of(name, self.lane) in values
                pinned[name] = (self._of(name, lane),) if is_of_row else values
        keys = Keys(self.read, pinned, self.keys.tests)
        places = places_of(self.table, keys, self.estate, lambda *_: None)
        for where, arns in places.items():
            values_of_call = {self.table.key[0]: arns[0]}
            return call_of(where, self.read, values_of_call, self.columns)
        return None

    def _of(self, name: str, lane: Lane) -> str:
        if name == "region":
            return lane.region
        return self.estate.executor.log.account_ids.get(lane.account.label, "")


def _texts(value: SqlValue, path: Sequence[str]) -> Iterator[str]:
    """Yield the texts in a cell, or at the end of a path in its JSON, each as often as there."""
    if not isinstance(value, str):
        return
    if not path:
        yield value
        return
    try:
        yield from _inside(json.loads(value), path)
    except ValueError:
        return


def _inside(value: Any, path: Sequence[str]) -> Iterator[str]:
    if not path:
        if isinstance(value, str):
            yield value
    elif isinstance(value, list) and path[0] == "*":
        for one in value:
            yield from _inside(one, path[1:])
    elif isinstance(value, dict):
        yield from _inside(value.get(path[0]), path[1:])
