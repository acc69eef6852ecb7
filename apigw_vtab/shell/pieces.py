r"""Splits lines into runnable pieces: SQL up to its semicolon or \G, or a dot-command. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import apsw

from apigw_vtab.sqlite.tokens import tokens

_EXPANDED = re.compile(r"\\G\s*;?\s*\Z")
# What newcomers to this shell type; no SQL begins with these words.
BARE_WORDS = frozenset(("exit", "quit", "help"))


class Piece(NamedTuple):
    """Text that can be run, and the line it begins on."""

    text: str
    line: int


def pieces(lines: Iterable[str]) -> Iterator[Piece]:
    """Yield the pieces of some lines; the last may end without a semicolon."""
    held, first = "", 1
    for number, line in enumerate(lines, 1):
        text = line.rstrip("\r\n")
        word = text.strip(" ;").lower()
        if word in BARE_WORDS and not has_sql(held):
            text = f".{word}"
        if not has_sql(held) and (_is_command(text) or not held.strip()):
            held, first = text, number
        else:
            held += f"\n{text}"
        if _is_command(held) or (held.strip() and ends(held)):
            yield Piece(held, first)
            held = ""
    if has_sql(held):
        yield Piece(held, first)


def is_whole(text: str) -> bool:
    r"""Whether Enter runs this: commands, an empty line, or SQL up to a semicolon or \G."""
    found = list(pieces(text.strip().split("\n")))
    return not found or _is_command(found[-1].text) or ends(found[-1].text)


def ends(text: str) -> bool:
    r"""Whether this is SQL up to a semicolon or \G; true for what apsw rejects, so it says why."""
    try:
        return apsw.complete(text) or is_expanded(text)
    except ValueError:
        return True


def is_expanded(text: str) -> bool:
    r"""Whether SQL ends with \G, rather than with a string that does."""
    return apsw.complete(without_mark(text)) if _EXPANDED.search(text) else False


def without_mark(text: str) -> str:
    r"""Return SQL with a semicolon in place of \G."""
    return _EXPANDED.sub(";", text)


def has_sql(text: str) -> bool:
    """Whether text holds more than comments and white space."""
    return next(tokens(text), None) is not None


def _is_command(text: str) -> bool:
    return text.lstrip().startswith(".")
