"""Rows as table, CSV, JSON and so on. A format is one function: columns and rows in, text out."""

from __future__ import annotations

import functools
import itertools
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from apigw_vtab.errors import UsageError
from apigw_vtab.output.cells import Row, text_of, visible_text
from apigw_vtab.output.groups import groups_of
from apigw_vtab.output.links import markdown_text
from apigw_vtab.output.style import Style
from apigw_vtab.output.table import table
from apigw_vtab.output.terminal import CONTROL, escaped, harmless
from apigw_vtab.tables.values import SqlValue

# What makes a spreadsheet take text for a formula, which some do after skipping what cannot be
# seen: https://owasp.org/www-community/attacks/CSV_Injection. Negative numbers are fine.
_UNSEEN = rf"(?:\s|{CONTROL.pattern}|[\xad\u200c\u200d])*"
_FORMULA = re.compile(rf"[\t\r\n]|(?!-\d+(?:\.\d+)?\Z){_UNSEEN}[=+\-@\uff1d\uff0b\uff0d\uff20]")


_JSON = json.JSONEncoder(ensure_ascii=False)
# Fields whose text is kept: most columns have few values, each again and again.
MOST_FIELDS = 512


def csv(columns: Sequence[str], rows: Iterable[Row], style: Style) -> Iterator[str]:
    """Yield CSV by RFC 4180, with NULL as an empty field and an empty string as two quotes."""
    special = re.compile(f'["\r\n{re.escape(style.separator)}]')

    @functools.lru_cache(MOST_FIELDS, typed=True)
    def field(value: SqlValue) -> str:
        if value is None:
            return ""
        text = text_of(value)
        if isinstance(value, str) and not style.raw and _FORMULA.match(text):
            text = f"'{text}"
        if style.width is not None:
            text = harmless(text)
        if text == "" or special.search(text):
            return '"' + text.replace('"', '""') + '"'
        return text

    if style.header:
        yield style.separator.join(map(field, columns)) + "\r\n"
    for shared, some in groups_of(rows):
        form = style.separator.replace("%", "%%").join(_fields(shared, len(columns), field))
        for row in some:
            yield form % tuple(map(field, row)) + "\r\n"


def jsonl(columns: Sequence[str], rows: Iterable[Row], _style: Style) -> Iterator[str]:
    """Yield one JSON object per line."""
    for text in _objects(columns, rows):
        yield text + "\n"


def json_array(columns: Sequence[str], rows: Iterable[Row], _style: Style) -> Iterator[str]:
    """Yield one JSON array, with one object per line."""
    before = "[\n"
    for text in _objects(columns, rows):
        yield f"{before}  {text}"
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def markdown(columns: Sequence[str], rows: Iterable[Row], _style: Style) -> Iterator[str]:
    """Yield a table in GitHub's Markdown."""

    def line(values: Iterable[SqlValue]) -> str:
        return "| " + " | ".join(_in_markdown(value) for value in values) + " |\n"

    yield line(columns)
    yield line("---" for _ in columns)
    for row in rows:
        yield line(row)


def line(columns: Sequence[str], rows: Iterable[Row], _style: Style) -> Iterator[str]:
    """Yield one value per line, and an empty line between rows."""
    columns = [harmless(name) for name in columns]
    width = max((len(name) for name in columns), default=0)
    between = ""
    for row in rows:
        yield between
        for name, value in zip(columns, row, strict=True):
            yield f"{name:>{width}} = {visible_text(value)}\n"
        between = "\n"


Format = Callable[[Sequence[str], Iterable[Row], Style], Iterator[str]]
FORMATS: dict[str, Format] = {
    "table": table,
    "csv": csv,
    "json": json_array,
    "jsonl": jsonl,
    "markdown": markdown,
    "line": line,
}
ROW_SUFFIXES = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".md": "markdown",
    ".txt": "table",
}


def row_format_of(path: Path) -> str:
    """Return the format that a file's suffix asks for. Raises UsageError for an unknown one."""
    try:
        return ROW_SUFFIXES[path.suffix.lower()]
    except KeyError:
        raise UsageError(
            f"Cannot tell the format of {str(path)!r}: end its name in {', '.join(ROW_SUFFIXES)}."
        ) from None


def _in_markdown(value: SqlValue) -> str:
    if value is None:
        return ""
    text = markdown_text(text_of(value))
    return CONTROL.sub(lambda found: escaped(found[0]), re.sub(r"\r?\n", "<br>", text))


def _objects(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Yield each row as JSON, as json.dumps would write it."""

    # JSON has the same escapes, so a reader gets every character back.
    @functools.lru_cache(MOST_FIELDS, typed=True)
    def field(value: SqlValue) -> str:
        plain = value if isinstance(value, str) else _in_json(value)
        return harmless(_JSON.encode(plain))

    names = [field(name).replace("%", "%%") for name in _distinct(columns)]
    for shared, some in groups_of(rows):
        values = _fields(shared, len(columns), field)
        told = (f"{name}: {value}" for name, value in zip(names, values, strict=True))
        form = f"{{{', '.join(told)}}}"
        for row in some:
            yield form % tuple(map(field, row))


def _fields(
    shared: Mapping[int, SqlValue], width: int, field: Callable[[SqlValue], str]
) -> Iterator[str]:
    """Yield, for each column, what all rows have there, or the mark for what a row has."""
    for place in range(width):
        yield field(shared[place]).replace("%", "%%") if place in shared else "%s"


def _in_json(value: SqlValue) -> SqlValue:
    # JSON has neither bytes nor infinity.
    if isinstance(value, bytes) or (isinstance(value, float) and math.isinf(value)):
        return text_of(value)
    return value


def _distinct(columns: Sequence[str]) -> list[str]:
    """Make column names unique, as SQLite does in a subquery: `name:1`."""
    names: dict[str, None] = {}
    for column in columns:
        tries = (f"{column}:{number}" if number else column for number in itertools.count())
        names.setdefault(next(name for name in tries if name not in names))
    return list(names)
