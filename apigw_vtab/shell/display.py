"""Results on a screen: wrapped, expanded if they are too wide, paged if they are too long."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import IO

import click

from apigw_vtab.output.cells import NULL, Row
from apigw_vtab.output.style import Style
from apigw_vtab.output.table import NARROWEST_COLUMN, table
from apigw_vtab.output.terminal import harmless, terminal_width
from apigw_vtab.tables.values import SqlValue

GAP = 2


def show(
    columns: Sequence[str],
    rows: Sequence[Row],
    file: IO[str],
    *,
    expanded: bool = False,
    pretty: bool = False,
    paged: bool = False,
) -> None:
    """Write rows as a table, or one value per line if asked for or if a table is too wide."""
    text = "".join(_lines(columns, rows, file, expanded, pretty))
    if paged and file is sys.stdout:
        page(text)
    else:
        file.write(text)


def page(text: str) -> None:
    """Write text to the terminal, through a pager if it is longer than the screen."""
    if is_longer_than_the_screen(text):
        # Quit if the text fits, pass colours on, and leave the text on the screen.
        os.environ.setdefault("LESS", "FRX")
        click.echo_via_pager(text)
    else:
        sys.stdout.write(text)


@contextlib.contextmanager
def printing_paged() -> Iterator[None]:
    """Page what the block prints to the terminal."""
    kept = _Kept()
    try:
        with contextlib.redirect_stdout(kept):
            yield
    finally:
        page(kept.getvalue())


class _Kept(io.StringIO):
    """Text kept for a terminal; it counts as a terminal so that colours are kept."""

    def isatty(self) -> bool:
        return True


def is_longer_than_the_screen(text: str) -> bool:
    """Whether a text has more lines than the terminal."""
    return text.count("\n") >= shutil.get_terminal_size().lines


def _lines(
    columns: Sequence[str], rows: Sequence[Row], file: IO[str], expanded: bool, pretty: bool
) -> Iterator[str]:
    style = Style(width=terminal_width(file))
    if expanded or is_too_wide(columns, style.width):
        yield from line(columns, rows, pretty)
    elif rows:
        yield from table(columns, rows, style)


def is_too_wide(columns: Sequence[str], width: int | None) -> bool:
    """Whether there are too many columns to fit side by side."""
    return width is not None and len(columns) * (NARROWEST_COLUMN + GAP) > width + GAP


def line(columns: Sequence[str], rows: Sequence[Row], pretty: bool) -> Iterator[str]:
    """Yield one value per line, each row under its number."""
    columns = [harmless(name) for name in columns]
    width = max((len(name) for name in columns), default=0)
    for number, row in enumerate(rows, 1):
        yield f"{f'-- row {number} '.ljust(width + 3, '-')}\n"
        for name, value in zip(columns, row, strict=True):
            text = ("\n" + " " * (width + 3)).join(_texts(value, pretty))
            yield f"{name:>{width}} = {text}\n"


def _texts(value: SqlValue, pretty: bool) -> list[str]:
    """Return a value as lines, with JSON indented if `pretty`."""
    if pretty and isinstance(value, str) and value[:1] in ("{", "["):
        # AWS returns policies with their quotes escaped.
        for text in (value, f'"{value}"'):
            with contextlib.suppress(ValueError, RecursionError):
                found = json.loads(text)
                found = json.loads(found) if isinstance(found, str) else found
                lines = json.dumps(found, indent=2, ensure_ascii=False).splitlines()
                return [harmless(one) for one in lines]
    return [NULL if value is None else harmless(_plain(value))]


def _plain(value: SqlValue) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
