"""The rows that lie in an answer: its items or, for some tables, what lies inside them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from apigw_vtab.aws.call import Answer, Call, Rows
from apigw_vtab.tables.columns import Origin
from apigw_vtab.tables.declaration import Read, Table
from apigw_vtab.tables.values import SqlValue


def rows_of(answer: Answer, table: Table, read: Read) -> Rows:
    """Return a table's rows in an answer; made once, so that cells are made once, too."""
    rows = answer.views.get(table)
    if rows is None:
        is_inside = table.outer is not None and table.is_inside(read)
        rows = _inside(answer, table) if is_inside else Rows(answer)
        answer.views[table] = rows
    return rows


def raw_cells(
    table: Table, call: Call, rows: Rows, name: str
) -> tuple[Callable[[int], Any], bool] | None:
    """Return how to read a column as AWS sent it, by position, and whether it differs by row.

    None if the table has no such column. Makes no cells, so that an answer can still be packed.
    """
    if name in rows.outer:
        return rows.outer[name].__getitem__, True
    if name not in table.index:
        return None
    column = table.columns[table.index[name]]
    if column.origin is Origin.MEMBER:
        items, member = rows.items, column.member
        return lambda position: items[position].get(member), True
    value = parameter(call, name)
    return lambda position: value, False


def parameter(call: Call, name: str) -> SqlValue:
    """Return the value that a call was made with for a column; None if it was left out."""
    for sent, column in call.operation.parameters.items():
        if column == name:
            value: SqlValue = dict(call.parameters).get(sent)
            return value
    return None


def keys_of(table: Table, call: Call, rows: Rows) -> Iterator[tuple[int, object]]:
    """Yield position and key of the rows whose key AWS gave, as far as they differ by row."""
    member = _only_member(table)
    if member and not rows.outer:
        for position, item in enumerate(rows.items):
            value = item.get(member)
            if isinstance(value, str):
                yield position, value
        return
    readers = [
        found[0] for name in table.key if (found := raw_cells(table, call, rows, name)) and found[1]
    ]
    for position in range(rows.count):
        key = tuple(read(position) for read in readers)
        if all(part is None or isinstance(part, (str, int)) for part in key) and any(key):
            yield position, key


@functools.cache
def _only_member(table: Table) -> str:
    """Return the member that is the key, where one alone is; else an empty text."""
    columns = [table.columns[table.index[name]] for name in table.key]
    members = [one.member for one in columns if one.origin is Origin.MEMBER]
    return members[0] if len(members) == 1 else ""


def positions_of(table: Table, rows: Rows, column: int, values: Sequence[str]) -> Sequence[int]:
    """Return the positions of the rows that have one of these values in a column."""
    index = rows.index.get(column)
    if index is None:
        index = {}
        for position, value in enumerate(cells_of(table, rows, column)):
            index.setdefault(value, []).append(position)
        rows.index[column] = index
    if len(values) == 1:
        return index.get(values[0], ())
    return sorted(position for one in values for position in index.get(one, ()))


def cells_of(table: Table, rows: Rows, position: int) -> list[SqlValue]:
    """Return the cells of a column that differs by row."""
    cells = rows.cells.get(position)
    if cells is None:
        column = table.columns[position]
        outside = rows.outer.get(column.name)
        made = column.cells(rows.items) if outside is None else column.converted(outside)
        cells = rows.cells[position] = made
    return cells


def differs_by_row(table: Table, rows: Rows, name: str) -> bool:
    """Return whether a column comes from the answer, and not from the call."""
    return name in rows.outer or table.columns[table.index[name]].origin is Origin.MEMBER


def _inside(answer: Answer, table: Table) -> Rows:
    """Return the rows inside an answer's items, with what they take from around them."""
    rows = Rows(answer, [])
    outer = table.outer
    assert outer is not None
    names = [step[1:-1] for step in table.path if step.startswith("{")]
    members = {
        name: outer.columns[outer.index[name]].member
        for name in (*outer.key, *table.carried)
        if outer.columns[outer.index[name]].origin is Origin.MEMBER
    }
    rows.outer = {name: [] for name in (*members, *names)}
    for item in answer.items:
        for inner, keys in _walk(item, table.path, {}, rows):
            if not isinstance(inner, Mapping):
                rows.is_broken = True
                continue
            rows.add(inner)
            for name, member in members.items():
                rows.outer[name].append(item.get(member))
            for name, key in keys.items():
                rows.outer[name].append(key)
    return rows


def _walk(
    value: Any, path: Sequence[str], keys: dict[str, str], rows: Rows
) -> Iterator[tuple[Any, dict[str, str]]]:
    if value is None:
        return
    if not path:
        yield value, keys
        return
    step, *rest = path
    if isinstance(value, list) and step == "*":
        for one in value:
            yield from _walk(one, rest, keys, rows)
    elif not isinstance(value, Mapping) or step == "*":
        rows.is_broken = True
    elif step.startswith("{"):
        for key, one in value.items():
            yield from _walk(one, rest, {**keys, step[1:-1]: key}, rows)
    else:
        yield from _walk(value.get(step), rest, keys, rows)
