"""The tests that a key's value must pass: comparisons, LIKE and GLOB as SQLite does them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from apigw_vtab.scan.plan import GLOB, LIKE, NOT_EQUAL


def _like(pattern: str) -> Callable[[str], bool]:
    """Test as SQLite's LIKE does: with `%` and `_`, and ignoring case in ASCII."""
    if "\0" in pattern:
        # For SQLite the pattern ends there; let everything through.
        return lambda value: True
    return _matcher(pattern, "%", "_", re.IGNORECASE)


def _glob(pattern: str) -> Callable[[str], bool]:
    """Test as SQLite's GLOB does, except that sets of characters let everything through."""
    if "[" in pattern or "\0" in pattern:
        return lambda value: True
    return _matcher(pattern, "*", "?", 0)


def _matcher(pattern: str, many: str, one: str, flags: int) -> Callable[[str], bool]:
    """Test piece by piece: each has a fixed length, so the first place where it fits is the best.

    One regular expression for the whole pattern would backtrack exponentially.
    """
    texts = pattern.split(many)
    first, *others = [
        re.compile("".join("[\\s\\S]" if char == one else re.escape(char) for char in text), flags)
        for text in texts
    ]
    if not others:
        return lambda value: first.fullmatch(value) is not None
    *middle, last = others

    def matches(value: str) -> bool:
        found = first.match(value)
        for piece in middle:
            found = found and piece.search(value, found.end())
        place = len(value) - len(texts[-1])
        return found is not None and found.end() <= place and bool(last.match(value, place))

    return matches


# Text compares by its UTF-8 bytes in SQLite, and so by code points here.
TESTS: dict[str, Callable[[str], Callable[[str], bool]]] = {
    "<": lambda bound: lambda value: value < bound,
    "<=": lambda bound: lambda value: value <= bound,
    ">": lambda bound: lambda value: value > bound,
    ">=": lambda bound: lambda value: value >= bound,
    NOT_EQUAL: lambda bound: lambda value: value != bound,
    LIKE: _like,
    GLOB: _glob,
}
