r"""Lines as pieces that can be run: SQL up to its semicolon or \G, or a dot-command. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import apsw

from apigw_vtab.sqlite.tokens import tokens

_EXPANDED = re.compile(r"\\G\s*;?\s*\Z")
# What people type who do not know this shell yet; no SQL begins with them.
BARE_WORDS = frozenset(("exit", "quit", "help"))


class Piece(NamedTuple):
    """A text that can be run, and the line that it begins in."""

    text: str
    line: int


def pieces(lines: Iterable[str]) -> Iterator[Piece]:
    """Give the pieces of some lines; the last may end without a semicolon."""
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
    r"""Whether this is SQL up to a semicolon or \G; what apsw cannot take is, for it to say so."""
    try:
        return apsw.complete(text) or is_expanded(text)
    except ValueError:
        return True


def is_expanded(text: str) -> bool:
    r"""Whether SQL ends with \G, and not with a string that does."""
    return apsw.complete(without_mark(text)) if _EXPANDED.search(text) else False


def without_mark(text: str) -> str:
    r"""Give SQL with a semicolon in place of \G."""
    return _EXPANDED.sub(";", text)


def has_sql(text: str) -> bool:
    """Whether there is more than comments and space."""
    return next(tokens(text), None) is not None


def _is_command(text: str) -> bool:
    return text.lstrip().startswith(".")
