"""The errors that this package raises, and what their texts need: near names, a few of many."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


class ApigwVtabError(Exception):
    """Any error that this package reports to its user; the text is written for them."""


class UsageError(ApigwVtabError):
    """The request cannot be carried out as given: an unknown profile, a wrong pattern."""


class WriteRefused(ApigwVtabError):  # noqa: N818
    """A write that was not sent, because it is not allowed or was not confirmed."""


class WriteFailed(ApigwVtabError):  # noqa: N818
    """Some changes were not made; the text names each change, and what became of it."""


def nearest(word: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return at most `count` of the `known` words that look like `word`, most similar first."""
    by_lower = {name.lower(): name for name in known}
    return [by_lower[hit] for hit in difflib.get_close_matches(word.lower(), by_lower, count, 0.5)]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ` Did you mean a, b or c?`, or an empty string if no known word is near."""
    near = nearest(word, known)
    if not near:
        return ""
    *others, last = near
    return f" Did you mean {', '.join(others)}{' or ' if others else ''}{last}?"


def examples(names: Sequence[str], most: int = 5) -> str:
    """Return some of many names, and how many more there are."""
    shown = ", ".join(names[:most]) or "none"
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown
