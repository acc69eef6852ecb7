"""A change as the AWS CLI command that would do the same, ready to paste."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from apigw_vtab.writes.changes import Change

# What the CLI's shorthand syntax takes without quotes of its own:
# https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html
_PLAIN = re.compile(r"[\w./:*~$-]+")
# What is literal between double quotes, except for placeholders.
_SAFE = re.compile(r"[\w./:*~$=, -]+")
# A placeholder between single quotes, where a shell would not expand it.
_HIDDEN = re.compile(r"\$([a-z]+_\d+)")


def commands(changes: Sequence[Change]) -> Iterator[str]:
    """Yield the command for each change; an id that a later one needs goes into a variable."""
    needed = {name for change in changes for name in _placeholders(change)}
    for change in changes:
        command = " ".join(_words(change))
        if change.placeholder in needed:
            assert change.placeholder is not None
            member = next(
                column.member
                for column in change.table.columns
                if column.name == change.table.key[-1]
            )
            name = change.placeholder.removeprefix("$")
            command = f"{name}=$({command} --query {member} --output text)"
        yield command


def _words(change: Change) -> Iterator[str]:
    from botocore import xform_name

    account = change.lane.account
    yield f"aws {change.write.service} {xform_name(change.write.name, '-')}"
    if account.profile != "default":
        yield f"--profile {shlex.quote(account.profile)}"
    yield f"--region {shlex.quote(change.lane.region)}"
    if account.endpoint_url and not account.is_sandbox:
        yield f"--endpoint-url {shlex.quote(account.endpoint_url)}"
    for name, value in change.parameters.items():
        yield f"--{xform_name(name, '-')}"
        yield from map(_quoted, _texts(value))


def _texts(value: Any) -> list[str]:
    """Return a parameter's value as the CLI's words: text, shorthand or, if necessary, JSON."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and all(_PLAIN.fullmatch(v) for one in value for v in one.values()):
        return [",".join(f"{k}={v}" for k, v in one.items()) for one in value]
    return [json.dumps(value, ensure_ascii=False)]


def _quoted(text: str) -> str:
    """Quote a text for a POSIX shell, but let it expand the placeholders."""
    if _HIDDEN.search(text) and _SAFE.fullmatch(text):
        return f'"{text}"'
    return _HIDDEN.sub(r"""'"$\1"'""", shlex.quote(text))


def _placeholders(change: Change) -> Iterator[str]:
    own = change.placeholder
    text = json.dumps([change.parameters, dict(change.key)])
    yield from (f"${name}" for name in _HIDDEN.findall(text) if f"${name}" != own)
