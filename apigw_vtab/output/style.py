"""How rows are to be written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """How to write rows. `width` is the terminal's, in characters; None where there is none.

    `raw` leaves text in CSV as it is that a spreadsheet would run as a formula.
    """

    header: bool = True
    separator: str = ","
    width: int | None = None
    raw: bool = False
