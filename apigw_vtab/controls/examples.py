"""The examples of a control: rows of the tables that it reads, and the verdict that is wanted.

They are in a YAML file beside the control's .sql file, and of the same name: a list of examples,
each with rows by table, the parameters that differ from their defaults, and what is wanted.
docs/writing-controls.md describes them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import apsw.ext

from apigw_vtab.controls.choosing import why_broken
from apigw_vtab.controls.faults import place_of
from apigw_vtab.controls.findings import REQUIRED, STATUSES, Finding
from apigw_vtab.controls.packed import PackedRows
from apigw_vtab.controls.run import ControlResult
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.controls.verdicts import NO_STATUS, checked
from apigw_vtab.controls.yaml_files import read_yaml
from apigw_vtab.errors import UsageError, did_you_mean
from apigw_vtab.sqlite.errors import explain_error
from apigw_vtab.sqlite.functions import add_functions, add_views
from apigw_vtab.sqlite.tokens import tokens
from apigw_vtab.tables.columns import Column, Origin
from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.registry import TABLES
from apigw_vtab.tables.values import SqlValue, plain

SUFFIX = ".yaml"
_PLACE = {"account_id": "111122223333", "region": "us-east-1"}
NAME, PARAMETERS, WANTED = "name", "params", "wanted"
_LINE = "__line__"
_NOW = "now"

Row = dict[str, SqlValue]


@dataclass(frozen=True)
class Example:
    """One example: where it is, its rows by table, its parameters, and what is wanted.

    `wanted` is a status, or a status and a part of the reason, for each row of the control.
    """

    place: str
    name: str
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    parameters: Mapping[str, SqlValue]
    wanted: tuple[tuple[str, str], ...]


def examples_of(control: SavedQuery) -> list[Example]:
    """Return the examples of a control; none if it has no file of them.

    Raises UsageError, with the line, for a file that is not valid.
    """
    path = Path(control.path).with_suffix(SUFFIX)
    if not control.path or not path.exists():
        return []
    return [_example(entry, path) for entry in _entries(path)]


def failures(control: SavedQuery, examples: Sequence[Example]) -> Iterator[str]:
    """Yield, in words, each example that a control gives another verdict or that is not valid."""
    connection = plain_tables()
    try:
        for example in examples:
            connection.execute("begin")
            try:
                fill(connection, rows_of(example))
                found = findings(connection, control, example)
            except UsageError as error:
                # It takes nothing from the other examples.
                wrong = [str(error)]
            else:
                wrong = list(_differences(example, found))
            connection.execute("rollback")
            yield from wrong
    finally:
        connection.close()


def columns_of(query: SavedQuery, *, must_run: bool) -> tuple[str, ...]:
    """Return the columns of a query, or none if it cannot be run.

    Raises UsageError, with the line, if it `must_run` as a control and could not: for SQL that does
    not compile or has several statements, and for other columns than those of a control.
    """
    connection = plain_tables()
    try:
        if query.fault:
            return ()
        info = apsw.ext.query_info(connection, query.sql)
        columns = tuple(name for name, *_ in info.description)
        if must_run:
            _refuse_what_is_no_control(query, columns, info.query_remaining or "")
        return columns
    except apsw.Error as error:
        if must_run:
            raise UsageError(f"{place_of(error, query)}: {explain_error(error)}") from None
        return ()
    finally:
        connection.close()


def _refuse_what_is_no_control(query: SavedQuery, columns: Sequence[str], more: str) -> None:
    """Raise UsageError for columns that a control does not have, and for a second statement."""
    if any(tokens(more)):
        raise UsageError(f"{query.path}: It has more than one statement.")
    if tuple(columns[:5]) != REQUIRED:
        raise UsageError(why_broken(query, columns))


def without_examples(control: SavedQuery) -> Iterator[str]:
    """Yield what is wrong with the statuses of a control over a made-up row of each table."""
    rows: Mapping[str, list[Row]] = {name: [{}] for name in tables_by_name()}
    example = Example(control.path, "", rows, {}, ())
    connection = plain_tables()
    try:
        fill(connection, rows_of(example))
        found = findings(connection, control, example)
        yield from (one.reason for one in found if one.reason.startswith(NO_STATUS))
    except UsageError as error:
        yield str(error)
    finally:
        connection.close()


def plain_tables(*, typed: bool = True) -> apsw.Connection:
    """Return an SQLite database with plain tables of the names and columns of ours, and the views.

    With `typed=False` its columns keep each value as it is.
    """
    connection = apsw.Connection(":memory:")
    add_functions(connection)
    for table in tables_by_name().values():
        types = {one.name: one.type if typed else "" for one in table.columns}
        columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
        connection.execute(f'create temp table "{table.name}" ({columns})')
    add_views(connection)
    return connection


@functools.cache
def tables_by_name() -> Mapping[str, Table]:
    """Return the tables that can have rows in an example."""
    return {table.name: table for table in TABLES if table.columns}


def _entries(path: Path) -> list[dict[str, Any]]:
    import yaml

    class Loader(yaml.SafeLoader):
        """Keeps the line of each example."""

    def mapping(loader: Loader, node: yaml.MappingNode) -> dict[Any, Any]:
        found = dict(yaml.SafeLoader.construct_mapping(loader, node, deep=True))
        return found | {_LINE: node.start_mark.line + 1}

    Loader.add_constructor("tag:yaml.org,2002:map", mapping)
    entries = read_yaml(path, Loader)
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise UsageError(f"{path}: examples are a list, each with rows by table and `{WANTED}`.")
    return entries


def _example(entry: dict[str, Any], path: Path) -> Example:
    place = f"{path}, line {entry.pop(_LINE)}"
    if WANTED not in entry:
        raise UsageError(f"{place}: the example does not say what is {WANTED}.")
    wanted, parameters = entry.pop(WANTED), entry.pop(PARAMETERS, {})
    name = str(entry.pop(NAME, ""))
    if not isinstance(parameters, dict):
        raise UsageError(f"{place}: {PARAMETERS} are names with values.")
    parameters.pop(_LINE, None)
    for table, rows in entry.items():
        if table not in tables_by_name():
            near = did_you_mean(str(table), [*tables_by_name(), NAME, PARAMETERS, WANTED])
            raise UsageError(f"{place}: there is no table {table!r}.{near}")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise UsageError(f"{place}: the rows of {table} are a list, each with its columns.")
    verdicts = wanted if isinstance(wanted, list) else [wanted]
    return Example(place, name, entry, parameters, tuple(_wanted(one, place) for one in verdicts))


def _wanted(verdict: object, place: str) -> tuple[str, str]:
    whole: dict[str, object] = verdict if isinstance(verdict, dict) else {"status": verdict}
    status = whole.get("status")
    if status not in STATUSES:
        raise UsageError(f"{place}: {status!r} is not a status: write {', '.join(STATUSES)}.")
    return str(status), str(whole.get("reason", ""))


def rows_of(example: Example) -> dict[str, list[Row]]:
    """Return the rows of an example, and a row for each parent that it leaves out."""
    rows = {
        name: [_row(tables_by_name()[name], row, example.place) for row in some]
        for name, some in example.rows.items()
    }
    for name in list(rows):
        for table in _owners(tables_by_name()[name]):
            if table.name in example.rows:
                continue
            known = rows.setdefault(table.name, [])
            for row in rows[name]:
                shared = {one: row[one] for one in (*table.key, *_PLACE) if one in row}
                made = _row(table, shared, example.place)
                if made not in known:
                    known.append(made)
    return rows


def fill(connection: apsw.Connection, rows: Mapping[str, Sequence[Row]]) -> None:
    """Put rows into the tables."""
    for name, some in rows.items():
        marks = ", ".join("?" * len(tables_by_name()[name].columns))
        for row in some:
            values = tuple(_in_time(connection, value) for value in row.values())
            connection.execute(f'insert into temp."{name}" values ({marks})', values)


def _owners(table: Table) -> Iterator[Table]:
    """Yield the tables without whose rows a table has none."""
    if table.outer:
        yield table.outer
    yield from table.ancestors


def _row(table: Table, given: Mapping[str, Any], place: str) -> Row:
    """Return a whole row: what an example gives, with keys and an ARN where it has none."""
    known = table.index
    for name in given:
        if name not in known and name != _LINE:
            near = did_you_mean(str(name), list(known))
            raise UsageError(f"{place}: {table.name} has no column {name!r}.{near}")
    row: Row = {}
    for column in table.columns:
        if column.name in given:
            row[column.name] = _cell(column, given[column.name])
        else:
            row[column.name] = _usual(table, column)
    if "arn" in row and "arn" not in given and table.arn:
        row["arn"] = table.arn.format_map({"partition": "aws", **row})
    return row


def _usual(table: Table, column: Column) -> SqlValue:
    """Return the value of a column that an example does not give."""
    if column.name in _PLACE:
        return _PLACE[column.name]
    if column.name in table.choices:
        return table.choices[column.name][0]
    is_key = column.name in table.key or column.origin is Origin.PARAMETER
    return f"{column.name.removesuffix('_id').removesuffix('_name')}1" if is_key else None


def _cell(column: Column, value: Any) -> SqlValue:
    """Return a value as the column would have it, had AWS sent it."""
    if isinstance(value, dict | list):
        value = without_lines(value)
    if column.kind == "timestamp" and isinstance(value, str):
        return value
    if column.type == "TEXT" and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return (column.convert or plain)(value)


def without_lines(value: Any) -> Any:
    """Return a value of an example as the file has it."""
    if isinstance(value, dict):
        return {name: without_lines(one) for name, one in value.items() if name != _LINE}
    return [without_lines(one) for one in value] if isinstance(value, list) else value


def _in_time(connection: apsw.Connection, value: SqlValue) -> SqlValue:
    """Return a value, in which `now +30 days` is the time that SQLite makes of it."""
    if isinstance(value, str) and (value == _NOW or value.startswith(f"{_NOW} ")):
        shift = value.removeprefix(_NOW).strip() or "+0 days"
        made: SqlValue = connection.execute("select datetime('now', ?)", (shift,)).get
        return made
    return value


def findings(connection: apsw.Connection, control: SavedQuery, example: Example) -> list[Finding]:
    """Return what a control finds in the tables, with the parameters of an example."""
    try:
        values = control.bound(example.parameters)
        info = apsw.ext.query_info(connection, control.sql)
        columns = tuple(name for name, *_ in info.description)
        rows = PackedRows(checked(control, columns, connection.execute(control.sql, values)))
    except UsageError as error:
        raise UsageError(f"{example.place}: {error}") from None
    except apsw.Error as error:
        raise UsageError(f"{control.path}: {explain_error(error)}") from None
    found = ControlResult(control, columns, rows).findings(1) if len(rows) else []
    return sorted(found, key=lambda one: STATUSES.index(one.status))


def _differences(example: Example, found: Sequence[Finding]) -> Iterator[str]:
    """Yield what is wrong with the findings of an example; both are in the order of STATUSES."""
    wanted = sorted(example.wanted, key=lambda one: STATUSES.index(one[0]))
    is_right = len(wanted) == len(found) and all(
        one.status == status and reason in one.reason
        for one, (status, reason) in zip(found, wanted, strict=True)
    )
    if not is_right:
        words = "; ".join(f"{one.status}: {one.reason}" for one in found) or "no row"
        hoped = "; ".join(": ".join(filter(None, one)) for one in wanted) or "no row"
        name = f" ({example.name})" if example.name else ""
        yield f"{example.place}{name}: wanted {hoped}, but got {words}"
