"""Writes rows to several places at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import IO

from apigw_vtab.output.cells import Row
from apigw_vtab.output.formats import FORMATS
from apigw_vtab.output.style import Style
from apigw_vtab.output.terminal import terminal_width


def write_rows(
    columns: Sequence[str],
    rows: Iterable[Row],
    sinks: Sequence[tuple[IO[str], str]],
    style: Style,
) -> int:
    """Write rows to every sink, streaming if there is only one; return the number of rows."""
    count = 0

    def counted() -> Iterator[Row]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    streamed: Iterable[Row] = counted() if len(sinks) == 1 else list(counted())
    for file, name in sinks:
        write_table(columns, streamed, file, name, style)
    return count


def write_table(
    columns: Sequence[str], rows: Iterable[Row], file: IO[str], name: str, style: Style
) -> None:
    """Write rows to a file in a format, as they come."""
    fitted = replace(style, width=terminal_width(file))
    file.writelines(FORMATS[name](columns, rows, fitted))
