"""What can come next in a line: pure functions, so completion never waits and never calls AWS.

A catalogue of names and the text before and after the cursor go in; suggestions come out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from apigw_vtab.sqlite.tokens import bare, tokens

LONGEST_NOTE = 60
_WORD = re.compile(r"[\w.$-]*\Z")
_BEFORE_TABLE = frozenset(("from", "join", "into", "update", "table"))
# These end a list of table names.
_CLAUSES = frozenset(
    (
        *("where", "on", "using", "group", "order", "having", "limit", "set", "values", "select"),
        *("returning", "window", "union", "intersect", "except"),
    )
)
_NO_ALIAS = _CLAUSES | frozenset(
    ("join", "left", "right", "full", "inner", "outer", "cross", "natural", "as", "indexed", "not")
)
_QUOTED = re.compile(
    r"""\b(\w+)["`\]]?\s*
    (?:=|==|<>|!=|\b(?:like|glob|is|is\s+not)\b|\b(?:not\s+)?in\s*\((?:\s*'[^']*'\s*,)*)
    \s*'([^']*)\Z""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class Suggestion:
    """Text that replaces the last `length` characters, with a note on what it is."""

    text: str
    note: str = ""
    length: int = 0


@dataclass
class Catalogue:
    """The known names, each with a note; `columns` is keyed by table."""

    tables: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    keywords: Sequence[str] = ()
    functions: Sequence[str] = ()
    queries: Mapping[str, str] = field(default_factory=dict)
    commands: Mapping[str, str] = field(default_factory=dict)
    # What can follow a command: words, or a marker for one of the other lists.
    arguments: Mapping[str, Sequence[str]] = field(default_factory=dict)
    regions: Sequence[str] = ()
    profiles: Sequence[str] = ()
    parameters: Mapping[str, Sequence[str]] = field(default_factory=dict)


def suggest(before: str, after: str, known: Catalogue) -> list[Suggestion]:
    """Return what can come at the cursor, most likely first."""
    line = before.lstrip()
    if line.startswith("."):
        return _of_command(line, after, known)
    if quoted := _QUOTED.search(before):
        return _in_quotes(quoted[1].lower(), quoted[2], known)
    word = _WORD.search(before)
    typed = word[0] if word else ""
    if _in_string(before):
        return []
    if "." in typed:
        alias, _, start = typed.lower().rpartition(".")
        table = tables_of(before + after, known).get(alias, alias)
        names = known.tables if alias == "temp" else known.columns.get(table, {})
        return _matching(start, names.items())
    done = before[: len(before) - len(typed)]
    if _wants_table(done):
        return _matching(typed, known.tables.items())
    return _matching(typed, _names(done, before + after, known))


def tables_of(sql: str, known: Catalogue) -> dict[str, str]:
    """Return the tables of a statement by alias and by name."""
    found: dict[str, str] = {}
    words = [token.text for token in tokens(sql)]
    expects = False
    for position, word in enumerate(words):
        text = bare(word)
        if text in _BEFORE_TABLE or (word == "," and expects):
            expects = True
        elif text in _CLAUSES:
            expects = False
        elif expects and text in known.tables and _opens_table(words, position):
            found[text] = text
            following = [bare(one) for one in words[position + 1 : position + 3]]
            if following[:1] == ["as"]:
                following = following[1:]
            if following and following[0].isidentifier() and following[0] not in _NO_ALIAS:
                found[following[0]] = text
    return found


def _opens_table(words: Sequence[str], position: int) -> bool:
    previous = bare(words[position - 1]) if position else ""
    return previous in _BEFORE_TABLE or previous in (",", ".", "(")


def _wants_table(done: str) -> bool:
    """Whether a table name comes next."""
    words = [bare(token.text) for token in tokens(done)]
    if not words:
        return False
    if words[-1] in _BEFORE_TABLE:
        return True
    clause = next((w for w in reversed(words) if w in _CLAUSES or w in _BEFORE_TABLE), "")
    return words[-1] == "," and clause in ("from", "join")


def _names(done: str, sql: str, known: Catalogue) -> Iterator[tuple[str, str]]:
    """Yield the columns of the statement's tables, then keywords, functions and tables."""
    seen = set(tables_of(sql, known).values())
    for table in known.tables if not seen and done.strip() else seen:
        yield from known.columns.get(table, {}).items()
    yield from ((word, "") for word in known.keywords)
    yield from ((f"{name}(", "function") for name in known.functions)
    yield from known.tables.items()


def _of_command(line: str, after: str, known: Catalogue) -> list[Suggestion]:
    name, space, rest = line[1:].partition(" ")
    if not space:
        return [
            Suggestion(f".{one}", _short(note), len(line))
            for one, note in known.commands.items()
            if one.startswith(name.lower())
        ]
    if name == "explain":
        return suggest(rest, after, known)
    if name == "watch":
        return suggest(rest.partition(" ")[2], after, known) if " " in rest else []
    *earlier, typed = rest.split(" ")
    typed = typed.lstrip("'\"")
    if name == "run" and earlier:
        names = (f"{one}=" for one in known.parameters.get(earlier[0], ()))
        return _matching(typed, ((one, "parameter") for one in names))
    return _matching(typed, _arguments(name, known))


def _arguments(name: str, known: Catalogue) -> Iterable[tuple[str, str]]:
    for one in known.arguments.get(name, ()):
        if one == "TABLE":
            yield from known.tables.items()
        elif one == "QUERY":
            yield from known.queries.items()
        elif one == "REGION":
            yield from ((region, "") for region in known.regions)
        elif one == "PROFILE":
            yield from ((profile, "") for profile in known.profiles)
        elif one == "COMMAND":
            yield from known.commands.items()
        else:
            yield one, ""


def _in_quotes(column: str, typed: str, known: Catalogue) -> list[Suggestion]:
    values = {"region": known.regions, "profile": known.profiles}.get(column, ())
    return _matching(typed, ((value, "") for value in values))


def _in_string(before: str) -> bool:
    # An unclosed quote is a token of its own.
    return any(token.text == "'" for token in tokens(before))


def _matching(typed: str, names: Iterable[tuple[str, str]]) -> list[Suggestion]:
    """Return the names that begin with what was typed, then those that contain it."""
    wanted = typed.lower()
    found: dict[str, Suggestion] = {}
    inside: dict[str, Suggestion] = {}
    for name, note in names:
        lower = name.lower()
        if lower.startswith(wanted):
            found.setdefault(name, Suggestion(name, _short(note), len(typed)))
        elif len(wanted) > 1 and wanted in lower:
            inside.setdefault(name, Suggestion(name, _short(note), len(typed)))
    return [*found.values(), *inside.values()]


def _short(note: str) -> str:
    """Return the first sentence of a note, cut to fit a menu."""
    sentence = re.split(r"(?<=\.)\s", note, maxsplit=1)[0]
    return sentence if len(sentence) <= LONGEST_NOTE else sentence[: LONGEST_NOTE - 1] + "…"
