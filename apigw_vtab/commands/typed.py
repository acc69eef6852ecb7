"""The command that was typed, and the one that goes on with the same work."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from apigw_vtab.errors import UsageError
from apigw_vtab.writes.shell_word import option, word

if TYPE_CHECKING:
    from apigw_vtab.controls.saved_query import SavedQuery

# What says which accounts and regions are read, and where they are.
WHERE = (
    *("profile", "organization", "assume-role", "external-id", "role-session-name", "account"),
    *("ou", "accounts-from", "sso-role", "no-credential-cache"),
    *("region", "endpoint-url", "sandbox"),
)


@dataclass(frozen=True)
class Typed:
    """A command as the user gave it: its words, and its options with their values, by name.

    A flag has no value. What the environment gave is among the options, as another shell may not
    have it.
    """

    words: Sequence[str] = ()
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def again(self, *flags: str, without: Collection[str] = ()) -> str:
        """Return the command with other flags, quoted for any shell."""
        left = {name: some for name, some in self.options.items() if name not in without}
        return _line(self.words, {flag: () for flag in flags} | left)

    def other(self, *words: str) -> str:
        """Return another command over the same accounts and regions."""
        return _line(words, {name: some for name, some in self.options.items() if name in WHERE})


def the_one(found: Sequence[SavedQuery], typed: Typed) -> SavedQuery:
    """Return the query of a name. Raises UsageError, with what to type, if it has several."""
    if len(found) == 1:
        return found[0]
    command, name = typed.words[:2]
    lines = [_line_of(one, command, typed.options) for one in found]
    raise UsageError(
        f"{name} is answered by {len(found)} controls. Take one after the other:\n  "
        + "\n  ".join(lines)
    )


def _line_of(query: SavedQuery, command: str, options: Mapping[str, Sequence[str]]) -> str:
    """Return the command for one of the controls of a rule, with the parameters of the rule."""
    given = [f"{name}={value}" for name, value in query.preset.items()]
    if command.startswith("."):
        return " ".join([command, query.short, *map(_quoted, given)])
    takes = {*query.defaults, *query.asked} - {*query.preset}
    own = [one for one in options.get("param", ()) if one.partition("=")[0] in takes]
    rest = {name: some for name, some in options.items() if name != "param"}
    more = {"param": [*own, *given]} if own or given else {}
    return _line((command, query.short), {**rest, **more})


def _line(words: Sequence[str], options: Mapping[str, Sequence[str]]) -> str:
    parts = ["apigw-vtab", *map(_quoted, words)]
    for name, values in options.items():
        parts += [_option(name, value) for value in values] or [f"--{name}"]
    return " ".join(parts)


def _option(name: str, value: str) -> str:
    try:
        return option(name, value)
    except UsageError:
        # With a line break, say: no line that can be pasted, but one that can be read.
        return f"--{name} {shlex.quote(value)}"


def _quoted(text: str) -> str:
    try:
        return word(text)
    except UsageError:
        return shlex.quote(text)
