"""Rows as table, CSV, JSON and so on. A format is one function: columns and rows in, text out."""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from apigw_vtab.aws.failures import UsageError
from apigw_vtab.tables.declaration import SqlValue

Row = Sequence[SqlValue]
NULL = "<null>"
NARROWEST_COLUMN = 12
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

# What makes a spreadsheet take text for a formula, but not a number that is negative.
_FORMULA = re.compile(r"[=+@\t\r]|-(?!\d+(\.\d+)?\Z)")


@dataclass(frozen=True)
class Style:
    """How to write rows. `width` is the terminal's, in characters; None where there is none.

    `raw` leaves text in CSV as it is that a spreadsheet would run as a formula.
    """

    header: bool = True
    separator: str = ","
    width: int | None = None
    raw: bool = False


def table(columns: Sequence[str], rows: Iterable[Row], style: Style) -> Iterator[str]:
    """Give aligned columns, wrapped to the terminal's width."""
    import tabulate

    columns = [harmless(name) for name in columns]
    # Otherwise every column is two wider than its name.
    tabulate.MIN_PADDING = 0
    cells = [[_visible(value) for value in row] for row in rows]
    numbers = [
        "right" if all(_is_number(row[i]) for row in cells) else "left" for i in range(len(columns))
    ]
    widths = _fit(columns, cells, style.width) if cells else None
    text = tabulate.tabulate(
        cells,
        headers=list(columns) if style.header else (),
        tablefmt="simple",
        disable_numparse=True,
        colalign=numbers if cells else None,
        maxcolwidths=widths,
        maxheadercolwidths=widths if style.header else None,
    )
    if text:
        yield text + "\n"


def csv(columns: Sequence[str], rows: Iterable[Row], style: Style) -> Iterator[str]:
    """Give RFC 4180, where NULL is an empty field and an empty string is two quotes."""
    special = re.compile(f'["\r\n{re.escape(style.separator)}]')

    def field(value: SqlValue) -> str:
        if value is None:
            return ""
        text = _text(value)
        if isinstance(value, str) and not style.raw and _FORMULA.match(text):
            # https://owasp.org/www-community/attacks/CSV_Injection
            text = f"'{text}"
        if style.width is not None:
            text = harmless(text)
        if text == "" or special.search(text):
            return '"' + text.replace('"', '""') + '"'
        return text

    if style.header:
        yield style.separator.join(map(field, columns)) + "\r\n"
    for row in rows:
        yield style.separator.join(map(field, row)) + "\r\n"


def jsonl(columns: Sequence[str], rows: Iterable[Row], _style: Style) -> Iterator[str]:
    """Give one JSON object a line."""
    names = _distinct(columns)
    for row in rows:
        yield _object(names, row) + "\n"


def json_array(columns: Sequence[str], rows: Iterable[Row], _style: Style) -> Iterator[str]:
    """Give one JSON array, an object a line."""
    before, names = "[\n", _distinct(columns)
    for row in rows:
        yield f"{before}  {_object(names, row)}"
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def markdown(columns: Sequence[str], rows: Iterable[Row], _style: Style) -> Iterator[str]:
    """Give a table in GitHub's Markdown."""

    def line(values: Iterable[SqlValue]) -> str:
        return "| " + " | ".join(_in_markdown(value) for value in values) + " |\n"

    yield line(columns)
    yield line("---" for _ in columns)
    for row in rows:
        yield line(row)


def line(columns: Sequence[str], rows: Iterable[Row], _style: Style) -> Iterator[str]:
    """Give a line a value, and an empty line between rows."""
    columns = [harmless(name) for name in columns]
    width = max((len(name) for name in columns), default=0)
    between = ""
    for row in rows:
        yield between
        for name, value in zip(columns, row, strict=True):
            yield f"{name:>{width}} = {_visible(value)}\n"
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
SUFFIXES = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".md": "markdown",
    ".txt": "table",
}


def format_of(path: Path) -> str:
    """Give the format that a file's suffix asks for. Raises UsageError for an unknown one."""
    try:
        return SUFFIXES[path.suffix.lower()]
    except KeyError:
        raise UsageError(
            f"Cannot tell the format of {str(path)!r}: end its name in {', '.join(SUFFIXES)}."
        ) from None


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[IO[str]]:
    """Open a file to be written whole or not at all: a temporary one beside it, then renamed.

    Raises UsageError when the folder cannot be written to.
    """
    # A link goes on being a link: what it leads to is replaced.
    target = Path(os.path.realpath(path))
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise UsageError(f"Cannot write {path}: {error.strerror}.") from None
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        os.chmod(temporary, _mode_for(target))
        os.replace(temporary, target)
    except BaseException as error:
        os.unlink(temporary)
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            raise UsageError(f"Cannot write {path}: {error.strerror}.") from None
        raise


def terminal_width(file: IO[str]) -> int | None:
    """Give the width of the terminal that a file is, in characters; None where it is none."""
    return shutil.get_terminal_size().columns if file.isatty() else None


def _mode_for(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _text(value: SqlValue) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _visible(value: SqlValue) -> str:
    """Give a value for eyes: NULL is told from empty, and no control character gets through."""
    if value is None:
        return NULL
    return harmless(_text(value))


def harmless(text: str) -> str:
    """Give a text in which no character steers a terminal: each is told by its number."""
    return _CONTROL.sub(lambda found: _escape(found[0]), text)


def harmless_lines(text: str) -> str:
    """Give a text of several lines, each made harmless."""
    return "\n".join(map(harmless, text.split("\n")))


def _escape(character: str) -> str:
    return json.dumps(character)[1:-1] if character < "\x7f" else f"\\u{ord(character):04x}"


def _in_markdown(value: SqlValue) -> str:
    if value is None:
        return ""
    text = re.sub(r"([\\|`*_<>&\[\]])", r"\\\1", _text(value))
    return _CONTROL.sub(lambda found: _escape(found[0]), re.sub(r"\r?\n", "<br>", text))


def _object(columns: Sequence[str], row: Row) -> str:
    # JSON has the same escapes: what reads it gets every character back.
    return harmless(
        json.dumps(dict(zip(columns, map(_in_json, row), strict=True)), ensure_ascii=False)
    )


def _in_json(value: SqlValue) -> SqlValue:
    # JSON has neither bytes nor infinity.
    if isinstance(value, bytes) or (isinstance(value, float) and math.isinf(value)):
        return _text(value)
    return value


def _distinct(columns: Sequence[str]) -> list[str]:
    """Give each column a name of its own, as SQLite does it in a subquery: `name:1`."""
    names: dict[str, None] = {}
    for column in columns:
        tries = (f"{column}:{number}" if number else column for number in itertools.count())
        names.setdefault(next(name for name in tries if name not in names))
    return list(names)


def _is_number(text: str) -> bool:
    return text == NULL or re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def _fit(
    columns: Sequence[str], cells: Sequence[Sequence[str]], width: int | None
) -> list[int] | None:
    """Give each column's width so that all fit into the terminal; None where they do already.

    The widest column gives way first; names are wrapped only where values alone are not enough.
    """
    if width is None:
        return None
    from wcwidth import wcswidth

    names = [wcswidth(name) for name in columns]
    # A wide character takes two places: tabulate would look for ever for a way to fit it in one.
    room = max(width - 2 * (len(columns) - 1), 2 * len(columns))
    widest = [
        min(room, max(names[i], *(wcswidth(row[i]) for row in cells))) for i in range(len(columns))
    ]
    if sum(widest) <= room and all(
        wcswidth(row[i]) <= room for row in cells for i in range(len(columns))
    ):
        return None
    for least in (max(NARROWEST_COLUMN, *names), NARROWEST_COLUMN):
        while sum(widest) > room and max(widest) > least:
            widest[widest.index(max(widest))] -= 1
    return widest
