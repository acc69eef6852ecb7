"""How changes that were not sent look to a reader of their table."""

from __future__ import annotations

from collections.abc import Iterable

from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.estate import Estate, Failed
from apigw_vtab.scan.batch import Batch, Identity
from apigw_vtab.tables.keys import Keys
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes.changes import Change
from apigw_vtab.writes.patches import document


class Overlay:
    """How the changes of a table look to whoever reads it."""

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        self.inserted: dict[Identity, Change] = {}
        self.updated: dict[Identity, dict[str, SqlValue]] = {}
        self.deleted: set[Identity] = set()
        for change in changes:
            self.add(change)

    def add(self, change: Change) -> None:
        """Add the change that SQL made last."""
        if change.is_insert:
            self.inserted[change.identity] = change
        elif change.is_update:
            self.updated.setdefault(change.identity, {}).update(change.new)
        else:
            self.deleted.add(change.identity)

    def __bool__(self) -> bool:
        return bool(self.inserted or self.updated or self.deleted)


def batch_of(change: Change, keys: Keys, estate: Estate, failed: Failed) -> Batch:
    """Return the row that a change will make, as far as it is known by now."""
    table, get = change.table, change.table.reads[0]
    values = {**change.new, **change.key}
    item = {
        column.member: document(column, values[column.name])
        if column.kind == "map"
        else values[column.name]
        for column in table.columns
        if column.member and column.name in values
    }
    parameters = tuple((name, change.key[column]) for name, column in get.parameters.items())
    call = Call(change.lane, get, parameters)
    return Batch(table, call, Answer([item]), keys, estate, failed)
