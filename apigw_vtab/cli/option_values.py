"""How the values of options are read: several in one variable, and separators with escapes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click


class _Names(click.types.StringParamType):
    """Names or patterns, which may have spaces: what reads them parts them by commas."""

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """Return a variable's value as it is; click would part it by spaces."""
        return [rv]


class _Codes(click.types.StringParamType):
    """Codes, which have no spaces."""

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """Return the codes of a variable, parted by commas or spaces or both."""
        return re.split(r"\s*,\s*|\s+", rv.strip())


NAMES, CODES = _Names(), _Codes()


def parted_by(text: str) -> str:
    """Return a separator, in which an escape stands for a tab. Raises click.UsageError."""
    try:
        parted = text.encode("ascii", "backslashreplace").decode("unicode_escape")
    except UnicodeDecodeError:
        parted = ""
    if not parted or set(parted) & set('"\r\n'):
        raise click.UsageError(
            f"{text!r} cannot separate CSV fields: give a character such as ; or \\t."
        )
    return parted
