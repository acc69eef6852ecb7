"""How to write rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """How to write rows. `width` is the terminal's, in characters, or None without a terminal.

    `raw` turns off the escaping of CSV text that a spreadsheet would run as a formula.
    """

    header: bool = True
    separator: str = ","
    width: int | None = None
    raw: bool = False
