"""Two columns that AWS takes only together: which are sent, and which change is refused. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from apigw_vtab.errors import UsageError
from apigw_vtab.tables.declaration import Needs, Write
from apigw_vtab.tables.values import SqlValue

Values = Mapping[str, SqlValue]


def check_needs(write: Write, old: Values, new: Values, beside: Values) -> None:
    """Raise UsageError for a value without the column that it needs, and for one in vain."""
    needs = write.needs
    if needs is None or not _changed(needs, old, new):
        return
    values = {**beside, **new}
    value, other = values.get(needs.column), values.get(needs.other)
    if _applies(needs, value):
        if other in (None, ""):
            raise UsageError(
                f"{needs.column} {value!s} needs {needs.other}: set both in one UPDATE."
            )
    elif needs.goes_along and other not in (None, "", old.get(needs.other, other)):
        takers = " or ".join(needs.values)
        raise UsageError(
            f"{needs.other} is taken with {needs.column} {takers} only, and it is "
            f"{value or 'not set'!s}: set both in one UPDATE."
        )


def goes_along(write: Write, old: Values, new: Values, beside: Values) -> dict[str, SqlValue]:
    """Return the columns that do not change, and have to be sent with those that do."""
    needs = write.needs
    if needs is None or not needs.goes_along:
        return {}
    changed, values = _changed(needs, old, new), {**beside, **new}
    if not changed or not _applies(needs, values.get(needs.column)):
        return {}
    return {name: values.get(name) for name in (needs.column, needs.other) if name not in changed}


def _changed(needs: Needs, old: Values, new: Values) -> set[str]:
    pair = (needs.column, needs.other)
    return {name for name in pair if name in new and new[name] != old.get(name)}


def _applies(needs: Needs, value: SqlValue) -> bool:
    return any(fnmatchcase(str(value), pattern) for pattern in needs.values)
