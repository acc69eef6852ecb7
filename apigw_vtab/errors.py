"""The errors that this package raises, and the nearest known name for a misspelt one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ApigwVtabError(Exception):
    """Anything that this package tells its user; the text is written for them."""


class UsageError(ApigwVtabError):
    """The request cannot be carried out as it was put: an unknown profile, a wrong pattern."""


class WriteRefused(ApigwVtabError):  # noqa: N818
    """A write that was not sent, because it is not allowed, or was not agreed to."""


class WriteFailed(ApigwVtabError):  # noqa: N818
    """Changes of which some were not made; the text names each, and what became of it."""


def nearest(word: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Give at most `count` of the `known` words that look like `word`, the likest first."""
    by_lower = {name.lower(): name for name in known}
    return [by_lower[hit] for hit in difflib.get_close_matches(word.lower(), by_lower, count, 0.5)]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Give ` Did you mean a, b or c?`, or nothing where no known word is near."""
    near = nearest(word, known)
    if not near:
        return ""
    *others, last = near
    return f" Did you mean {', '.join(others)}{' or ' if others else ''}{last}?"
