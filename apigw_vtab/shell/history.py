"""The history of statements, without those that hold a secret."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import click
import platformdirs
from prompt_toolkit.history import FileHistory, InMemoryHistory

from apigw_vtab.analysis.secrets import secret_in
from apigw_vtab.analysis.secrets_names import Says, hint
from apigw_vtab.analysis.secrets_shapes import known_form, long_random

HISTORY_MODE = 0o600
# Characters; nobody looks for a longer statement with Ctrl-R, and looking through it takes long.
LONGEST = 5_000
# A name and what it is set to: password = 'x', "password": "x", password 'x', '$.password', 'x',
# --password x. A value that is a parameter is none.
_PAIR = re.compile(
    r"""(?P<dashes>--?)?(?<!\w)(?P<name>[^\W\d][\w.$@-]{0,63})(?!\w) (?= ["'`\])]{0,3} (?:
      \s{0,9}(?::=|=>|==?|(?<!:):(?!:)|\|\|)\s{0,9} | \s{0,9},\s{0,9}(?=["'])
      | \s{1,9}(?:to|is|by)\s{1,9}(?=["']) | (?P<space>\s{1,9}) )
    (?P<quote>["'`\[({]{1,3})? (?![?:@$]\w*\s*(?:[;,)]|$))
    (?P<value>(?(quote)[^"'`]{1,512}|[^\s"'`]{1,512})) )""",
    re.VERBOSE | re.IGNORECASE,
)
_LITERAL = re.compile(r"'((?:[^']|'')*)'|\"([^\"]*)\"|(\S+)")
_NAME = re.compile(r"[^\W\d][\w.$@-]*")
_SETS = re.compile(r"\s*(?:insert|replace|update|values|create|with)\b", re.IGNORECASE)
_COMMAND_WITH_VALUES = re.compile(r"\s*\.(?:parameter|param|print|echo)\b", re.IGNORECASE)
# The value of an API key is in a column of a plain name.
_API_KEY = re.compile(
    r"\b(?:api_keys|usage_plan_keys)\b.*\bvalue\b|\bvalue\b.*\b(?:api_keys|usage_plan_keys)\b",
    re.I | re.S,
)
# Letters of a name that people write otherwise: `p4ssw0rd`.
_LETTERS = str.maketrans("0134@5$", "oieaass")
# A secret access key of AWS: 40 characters, with upper case, lower case and digits.
_KEY = re.compile(
    r"(?<![\w/+=])(?=[^\s']*[a-z])(?=[^\s']*[A-Z])(?=[^\s']*\d)[\w/+]{40}(?![\w/+=])|-----BEGIN"
)


class History(FileHistory):
    """The statements of all sessions, except those with a secret; readable by the owner alone."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_APPEND, HISTORY_MODE))
        path.chmod(HISTORY_MODE)
        super().__init__(path)

    def store_string(self, string: str) -> None:
        """Save a statement for later sessions, unless it holds a secret."""
        if not holds_secret(string):
            super().store_string(string)


def history_file() -> Path:
    """Return the path of the history file, in the user's state folder."""
    return platformdirs.user_state_path("apigw-vtab") / "history"


def history() -> FileHistory | InMemoryHistory:
    """Return the history of all sessions, or of this one alone if the file cannot be opened."""
    path = history_file()
    try:
        return History(path)
    except OSError as error:
        click.echo(f"apigw-vtab: the history cannot be saved: {path}: {error.strerror}.", err=True)
        return InMemoryHistory()


def holds_secret(statement: str) -> bool:
    """Whether a statement or a dot-command holds a secret, or sets what is named like one.

    In doubt it does: a statement that is missing from the history is typed again.
    """
    if len(statement) > LONGEST:
        return True
    if known_form(statement) or _KEY.search(statement) or long_random(statement):
        return True
    if any(secret_in("", text) for text in _texts(statement)):
        return True
    if any(_is_secret(statement, found) for found in _PAIR.finditer(statement)):
        return True
    if _API_KEY.search(statement) and "'" in statement:
        return True
    # Here a name and its value stand apart: insert into users (name, password) values ('a', 'b').
    names = [found for found in _NAME.finditer(statement) if _is_secret_name(found[0])]
    return bool(names and _SETS.match(statement) and "'" in statement)


def _texts(statement: str) -> Iterator[str]:
    for found in _LITERAL.finditer(statement):
        yield next(filter(None, found.groups()), "")


def _is_secret(statement: str, pair: re.Match[str]) -> bool:
    name, value = pair["name"], pair["value"].strip()
    if pair["space"] and not (
        pair["quote"] or pair["dashes"] or _COMMAND_WITH_VALUES.match(statement)
    ):
        # `select secret from t` sets nothing.
        return False
    return _is_secret_name(name) or secret_in(name, value) is not None


def _is_secret_name(name: str) -> bool:
    """Whether a name is that of a secret, however it is written: `PassWord`, `pass-word`."""
    joined = re.sub(r"[\W_]", "", name).lower()
    spelled = {name, joined, joined.translate(_LETTERS)}
    return any(hint(one).says is Says.SECRET for one in spelled)
