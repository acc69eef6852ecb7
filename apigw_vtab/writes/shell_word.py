"""Words that sh, bash, zsh and fish read alike, and that the AWS CLI leaves as they are. Pure.

In JSON anything can be written in ASCII without quotes and line breaks, so values stand in JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from apigw_vtab.errors import UsageError

# No shell expands it, and the CLI takes it for neither an option nor a file nor a URL.
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
# No shell expands it.
_BARE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:/@-]*")
# What no shell touches between single quotes, however the word is quoted or pasted.
_LITERAL = frozenset(map(chr, range(0x20, 0x7F))) - frozenset("""'"\\$`!""")
# A backslash is one in fish's single quotes, and two quoted parts that touch are a quote in zsh's
# RC_QUOTES: both characters stand outside of the quotes.
_OUTSIDE = re.compile(r"([\\']+)")


class Variable(str):
    """A shell variable that holds an id to come: `$certificate_1`. Any other text is a text."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return itself, so that it is still a variable where the value is made a text."""
        return self

    @property
    def name(self) -> str:
        """The variable's name."""
        return self.removeprefix("$")


def is_plain(text: str) -> bool:
    """Return whether a text can be the value of an AWS CLI option, in any shell."""
    return isinstance(text, Variable) or bool(_PLAIN.fullmatch(text))


def word(text: str) -> str:
    """Return a text as one word of a command. Raises UsageError for a control character."""
    if isinstance(text, Variable):
        return f'"{text}"'
    if _BARE.fullmatch(text):
        return text
    if not text.isprintable():
        raise UsageError(f"{text!r} has a character that cannot be pasted, so no command has it.")
    return "".join(map(_quoted, filter(None, _OUTSIDE.split(text)))) or "''"


def option(name: str, text: str) -> str:
    """Return an option with its value, also where the value looks like an option."""
    return f"--{name}{'=' if text.startswith('-') else ' '}{word(text)}"


def json_word(value: Mapping[str, Any]) -> str:
    """Return a JSON object as one word: the same text for each shell, and JSON for the AWS CLI."""
    return f"'{_json(value)}'"


def _quoted(part: str) -> str:
    if _OUTSIDE.match(part):
        return "".join(f"\\{character}" for character in part)
    return f"'{part}'"


def _json(value: Any) -> str:
    if isinstance(value, Variable):
        # The single quotes end before it and begin after it.
        return f"""\"'"{value}"'\""""
    if isinstance(value, str):
        return f'"{"".join(map(_escaped, value))}"'
    if isinstance(value, Mapping):
        members = (f"{_json(str(name))}:{_json(inner)}" for name, inner in value.items())
        return f"{{{','.join(members)}}}"
    if isinstance(value, Sequence):
        return f"[{','.join(map(_json, value))}]"
    return json.dumps(value)


def _escaped(character: str) -> str:
    if character in _LITERAL:
        return character
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
