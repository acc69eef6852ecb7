"""One value of SQL as AWS's model has it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from apigw_vtab.errors import UsageError, did_you_mean
from apigw_vtab.tables.columns import Column
from apigw_vtab.tables.declaration import Form
from apigw_vtab.tables.values import SqlValue


def scalar(column: Column, value: SqlValue) -> bool | int | float | str:
    """Return a value of the column's type; NULL is false or the empty text.

    Raises UsageError for a value of another type.
    """
    if column.kind == "boolean":
        if value not in (0, 1, None):
            raise UsageError(f"{column.name} must be 0 or 1, not {value!r}.")
        return bool(value)
    if value is None or value == "":
        return ""
    if isinstance(value, bytes):
        raise UsageError(f"{column.name} must be a text, not a BLOB.")
    if column.kind in ("integer", "long", "float", "double"):
        return _number(column, value)
    return str(value)


def _number(column: Column, value: int | float | str) -> int | float:
    try:
        number = float(value)
    except ValueError:
        raise UsageError(f"{column.name} must be a number, not {value!r}.") from None
    if column.kind in ("float", "double"):
        return number
    if not number.is_integer():
        raise UsageError(f"{column.name} must be a whole number, not {value!r}.")
    return int(number)


def check_listed(column: Column, text: str, one_of: Sequence[str] = ()) -> None:
    """Raise UsageError for a text that is none of those that AWS lists, if it lists them."""
    listed = one_of or column.one_of
    if listed and text not in listed:
        raise UsageError(
            f"{column.name} cannot be {text!r}.{did_you_mean(text, listed)} "
            f"It takes: {', '.join(listed)}."
        )


def check_form(column: Column, text: str, form: Form | None) -> None:
    """Raise UsageError for a text of another form than AWS takes, where that is declared."""
    if form and not re.fullmatch(form.pattern, text, re.ASCII):
        raise UsageError(f"{column.name} cannot be {text!r}: write it in the form {form.example}.")


def check_least(name: str, value: Any, least: int | None) -> None:
    """Raise UsageError for a number that is less than AWS takes, or for what is no number."""
    if least is None:
        return
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not value >= least:
        raise UsageError(f"{name} must be a number of {least} or more, not {value!r}.")


def same(before: Any, after: Any) -> bool:
    """Return whether two values of JSON are the same: 1 is 1.0, and neither is true."""
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(same(before[k], after[k]) for k in before)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(same, before, after))
    return bool(before == after) and isinstance(before, bool) == isinstance(after, bool)
