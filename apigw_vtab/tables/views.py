"""The views over the tables: rows that several saved queries share, an .sql file for each."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

# A wheel has the queries inside the package; a checkout, even if installed as editable, beside it.
_PACKAGE = Path(__file__).parents[1]
_INSIDE = _PACKAGE / "queries"
QUERIES = _INSIDE if _INSIDE.is_dir() else _PACKAGE.parent / "queries"


@dataclass(frozen=True)
class SharedView:
    """A view: its name, what its rows are, and its SELECT."""

    name: str
    description: str
    sql: str


@functools.cache
def shipped_views() -> tuple[SharedView, ...]:
    """Return the views of the folder queries/views, by name.

    The comment that a file begins with is the view's description.
    """
    return tuple(
        SharedView(path.stem, *_parted(path.read_text("utf-8")))
        for path in sorted((QUERIES / "views").glob("*.sql"))
    )


def _parted(text: str) -> tuple[str, str]:
    remark, _, sql = text.partition("\n\n")
    return " ".join(line.removeprefix("-- ") for line in remark.splitlines()), sql.strip()
