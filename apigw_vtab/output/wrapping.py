"""Text in lines of a width, and columns side by side, as a terminal shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

GAP = "  "
# Where a word that is wider than a line may be broken: behind a mark in a name or an ARN.
_PARTS = re.compile(r"[^/_:,-]*[/_:,-]+|[^/_:,-]+")


def width_of(text: str) -> int:
    """Return the places that a text takes on a terminal, where some characters take two."""
    from wcwidth import wcswidth

    return max(int(wcswidth(text)), 0)


def wrapped(text: str, width: int) -> list[str]:
    """Return a text as lines of at most `width` places; a word is broken only if it must be."""
    lines, line = [], ""
    for piece in _fitting(text, max(width, 2)):
        if width_of((line + piece).rstrip()) > width and line.strip():
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _fitting(text: str, width: int) -> Iterator[str]:
    """Yield the pieces of a text, between which a line may end; none is wider than the line."""
    for word in re.findall(r"\s+|\S+", text):
        whole = word.isspace() or width_of(word) <= width
        for piece in [word] if whole else _PARTS.findall(word):
            part = ""
            for character in piece:
                if width_of(part + character) > width and part:
                    yield part
                    part = ""
                part += character
            yield part


def in_columns(rows: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    """Return each row as lines, its values side by side and wrapped to fit into `width`.

    Columns are as wide as their widest value, and the widest one shrinks first, if that breaks no
    word.
    """
    if not rows:
        return []
    columns = list(zip(*rows, strict=True))
    widths = [max(1, *map(width_of, column)) for column in columns]
    words = [max(2, *map(width_of, " ".join(column).split(" "))) for column in columns]
    room = max(width - len(GAP) * (len(widths) - 1), 2 * len(widths))
    for least in (words, [2] * len(columns)):
        while sum(widths) > room and (
            wide := [i for i in range(len(widths)) if widths[i] > least[i]]
        ):
            widths[max(wide, key=lambda i: widths[i])] -= 1
    return [_side_by_side(row, widths) for row in rows]


def _side_by_side(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    cells = [wrapped(value, width) for value, width in zip(row, widths, strict=True)]
    lines = []
    for number in range(max(map(len, cells))):
        parts = [cell[number] if number < len(cell) else "" for cell in cells]
        padded = (
            part + " " * (width - width_of(part)) for part, width in zip(parts, widths, strict=True)
        )
        lines.append(GAP.join(padded).rstrip())
    return lines
