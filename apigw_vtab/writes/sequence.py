"""From the change of a row to AWS's operations: its update, what that cannot erase, its tags."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace

from apigw_vtab.errors import UsageError
from apigw_vtab.tables.declaration import Table, Write
from apigw_vtab.tables.tagging import ARN, TAGS, tagging_of
from apigw_vtab.writes import members
from apigw_vtab.writes.changes import Change
from apigw_vtab.writes.needs import check_needs
from apigw_vtab.writes.tags import tag_changes


def settable(table: Table) -> tuple[str, ...]:
    """Return the columns that an UPDATE of a table can set; none where it has no operation."""
    update = table.update
    own = (*update.patches, *update.members) if update else ()
    return (*own, TAGS) if tagging_of(table) else own


def write_of_updates(table: Table) -> Write | None:
    """Return the operation that stands for an UPDATE of a table, if there is one."""
    tagging = tagging_of(table)
    return table.update or (tagging and tagging.add)


def read_beside(table: Table, columns: Iterable[str]) -> Iterator[str]:
    """Yield the columns whose values the operations need that change some columns."""
    changed = set(columns)
    needs = table.update.needs if table.update else None
    if needs and {needs.column, needs.other} & changed:
        yield from {needs.column, needs.other} - changed
    if TAGS in changed:
        yield ARN


def in_sequence(change: Change, numbers: Iterator[int]) -> Iterator[Change]:
    """Yield the operations of a change, in the order in which they are sent.

    The first has the change's number; `numbers` has those of the others. Raises UsageError for
    what AWS cannot take, or cannot do.
    """
    if not change.is_update:
        yield change
        return
    number = change.number
    for one in _operations(change):
        yield replace(one, number=number)
        number = next(numbers)


def check(change: Change) -> None:
    """Raise UsageError for a value that AWS cannot take, before anything is sent."""
    for one in in_sequence(change, itertools.count()):
        _ = one.parameters


def _operations(change: Change) -> Iterator[Change]:
    """Yield the operations of an UPDATE, those that would change nothing left out."""
    update = change.table.update
    if update:
        check_needs(update, change.old, change.new, change.beside)
        own = _of_columns(change, update, *update.patches, *update.members)
        if own.body:
            yield own
        yield from _erasures(change, update)
    yield from _tagging(change)


def _erasures(change: Change, update: Write) -> Iterator[Change]:
    """Yield the operations that erase what the update cannot."""
    for name, member in update.members.items():
        if name in change.new and member.erased_by:
            column = change.table.columns[change.table.index[name]]
            one = _of_columns(change, member.erased_by, name)
            old, new = change.old.get(name), change.new[name]
            for given in members.erased(column, member, old, new):
                yield replace(one, given=given)


def _tagging(change: Change) -> Iterator[Change]:
    tagging = tagging_of(change.table)
    if not tagging or TAGS not in change.new:
        return
    column = change.table.columns[change.table.index[TAGS]]
    added, removed = tag_changes(column, change.old.get(TAGS), change.new[TAGS])
    if (added or removed) and not change.beside.get(ARN):
        raise UsageError("The tags of a resource without an ARN cannot be changed.")
    if added:
        one = _of_columns(change, tagging.add, TAGS)
        yield replace(one, given={tagging.tags: added})
    if removed:
        one = _of_columns(change, tagging.remove, TAGS)
        yield replace(one, given={tagging.keys: removed})


def _of_columns(change: Change, write: Write, *columns: str) -> Change:
    """Return the part of a change that is about some columns, as an operation."""
    old, new = (
        {name: value for name, value in values.items() if name in columns}
        for values in (change.old, change.new)
    )
    return replace(change, write=write, old=old, new=new)
