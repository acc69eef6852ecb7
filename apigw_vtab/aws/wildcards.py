"""Patterns in which * stands for any text and ? for one character, and nothing else is special."""

from __future__ import annotations

import fnmatch


def is_like(text: str, pattern: str) -> bool:
    """Return whether a text matches a pattern; case matters, and [ stands for itself."""
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))
