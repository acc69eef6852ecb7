"""A value as text."""

from __future__ import annotations

from collections.abc import Sequence

from apigw_vtab.output.terminal import harmless
from apigw_vtab.tables.values import SqlValue

Row = Sequence[SqlValue]


NULL = "<null>"


def text_of(value: SqlValue) -> str:
    """Return a value as text; bytes as hexadecimal digits."""
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def visible_text(value: SqlValue) -> str:
    """Return a value for display, with NULL made visible and control characters escaped."""
    if value is None:
        return NULL
    return harmless(text_of(value))
