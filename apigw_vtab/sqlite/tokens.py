"""SQL as tokens: enough to tell strings, comments and names apart. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# https://sqlite.org/lang_expr.html#literal_values_constants_ and https://sqlite.org/lang_comment.html
_TOKEN = re.compile(
    r"""--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|\w+|\S""",
    re.DOTALL,
)


class Token(NamedTuple):
    """A token with its place, and how many parentheses enclose it."""

    text: str
    start: int
    end: int
    depth: int


def tokens(sql: str) -> Iterator[Token]:
    """Yield the tokens of SQL, but no comments; what is not SQL comes character by character."""
    depth = 0
    for found in _TOKEN.finditer(sql):
        text = found[0]
        if text.startswith(("--", "/*")):
            continue
        depth += {"(": 1, ")": -1}.get(text, 0)
        yield Token(text, found.start(), found.end(), depth)


def bare(name: str) -> str:
    """Return a name without its quotes, in lower case."""
    return name.strip('"`[]').lower()


def quoted(name: str) -> str:
    """Return a name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'
