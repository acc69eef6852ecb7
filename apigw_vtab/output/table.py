"""Rows as an aligned table, wrapped to the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from apigw_vtab.output.cells import NULL, Row, visible_text
from apigw_vtab.output.style import Style
from apigw_vtab.output.terminal import harmless

NARROWEST_COLUMN = 12


def table(columns: Sequence[str], rows: Iterable[Row], style: Style) -> Iterator[str]:
    """Yield aligned columns, wrapped to the terminal's width."""
    import tabulate

    columns = [harmless(name) for name in columns]
    # Otherwise tabulate makes every column two wider than its name.
    tabulate.MIN_PADDING = 0
    cells = [[visible_text(value) for value in row] for row in rows]
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


def _is_number(text: str) -> bool:
    return text == NULL or re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def _fit(
    columns: Sequence[str], cells: Sequence[Sequence[str]], width: int | None
) -> list[int] | None:
    """Return column widths that fit into the terminal, or None if the columns fit already.

    The widest column shrinks first; names are wrapped only if wrapping values is not enough.
    """
    if width is None:
        return None
    from wcwidth import wcswidth

    names = [wcswidth(name) for name in columns]
    # A wide character takes two places: tabulate would loop forever trying to fit it into one.
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
