"""Whether each row of a control rests on one row of its own table, and on no other of it. Pure.

Then a list of that table that could not be read takes rows away, and no verdict: those of the rows
that were read stand. Where rows are counted, compared or chosen, one that is missing may decide.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeAlias

from apigw_vtab.sqlite.tokens import bare, tokens

# Words, and in a list what parentheses enclose.
Part: TypeAlias = "str | list[Part]"
Parts: TypeAlias = "Sequence[Part]"

# Functions of many rows: https://sqlite.org/lang_aggfunc.html. The first two have a form for the
# values of one row, which takes more than one.
_OF_ONE_OR_MANY = frozenset(("max", "min"))
_OF_MANY = _OF_ONE_OR_MANY | {
    *("avg", "count", "group_concat", "string_agg", "sum", "total", "median", "percentile"),
    *("percentile_cont", "percentile_disc", "json_group_array", "json_group_object"),
    *("jsonb_group_array", "jsonb_group_object"),
}
_BEGIN_SELECT = frozenset(("select", "with", "values"))
_AFTER_FROM = frozenset(("where", "group", "having", "window", "order", "limit"))
# Joins whose rows may come without one of a table on either side, or match by what nobody names.
_OUTER_OR_UNSAID = frozenset(("full", "right", "natural"))


class _UnclearError(Exception):
    """Rows of the table are put together in a way that is not known to keep them apart."""


def is_row_by_row(
    sql: str, table: str, key: Collection[str], views: Mapping[str, str] | None = None
) -> bool:
    """Return whether each row of a SELECT rests on one row of a table at most.

    `key` are the columns that tell the table's rows apart; to group or join by all of them puts no
    two rows together. `views` are the statements that made the views, by name. False also where it
    cannot be told.
    """
    keyed = _KeyedRows(frozenset(key), views or {})
    try:
        return keyed.has_rows(_tree(sql), {table})
    except _UnclearError:
        return False


def _tree(sql: str) -> list[Part]:
    """Return the words of SQL, with lists for what is in parentheses."""
    whole: list[Part] = []
    open_ = [whole]
    for token in tokens(sql):
        if token.text == "(":
            inner: list[Part] = []
            open_[-1].append(inner)
            open_.append(inner)
        elif token.text == ")" and len(open_) > 1:
            open_.pop()
        elif token.text != ";":
            open_[-1].append(bare(token.text))
    return whole


class _KeyedRows:
    """What is known while the parts of one statement are gone through."""

    def __init__(self, key: Collection[str], views: Mapping[str, str]) -> None:
        self._key = frozenset(key)
        self._views = {name: _select_of(_tree(sql)) for name, sql in views.items()}

    def has_rows(self, parts: Parts, names: Collection[str]) -> bool:
        """Return whether rows of `names` come out of a SELECT, one by one.

        Raises _UnclearError if they are put together.
        """
        known = set(names)
        if parts[:1] == ["with"]:
            parts = self._with(parts, known)
        found = False
        some: list[Part] = []
        for part in (*parts, "union"):
            if part not in ("union", "except", "intersect"):
                some.append(part)
                continue
            one = self._select(some[1:] if some[:1] == ["all"] else some, known)
            found = found or one
            some = []
        # Which rows are left then depends on others.
        if found and ("except" in parts or "intersect" in parts):
            raise _UnclearError
        return found

    def _with(self, parts: Parts, known: set[str]) -> Parts:
        """Add the common table expressions that have rows of `known`; return what follows them."""
        place, name = 1, ""
        while place < len(parts) and parts[place] != "select":
            part = parts[place]
            if part == "as":
                # Between the two, it may name its columns.
                words = [one for one in parts[place - 2 : place] if isinstance(one, str)]
                name = words[-1] if words else ""
            elif isinstance(part, list) and part and part[0] in _BEGIN_SELECT:
                is_one = self.has_rows(part, known)
                known.discard(name)
                if is_one:
                    if "recursive" in parts[:2]:
                        raise _UnclearError
                    known.add(name)
            place += 1
        return parts[place:]

    def _select(self, parts: Parts, known: Collection[str]) -> bool:
        """As `has_rows`, for one SELECT without others beside it."""
        start = next(_places(parts, ("from",)), len(parts))
        end = next((at for at in _places(parts, _AFTER_FROM) if at > start), len(parts))
        if any(self._mentions(part, known) for part in (*parts[:start], *parts[end:])):
            raise _UnclearError
        if not self._from(parts[start:end], known):
            return False
        rest = [*parts[:start], *parts[end:]]
        if {"over", "window", "limit"} & {one for one in rest if isinstance(one, str)}:
            raise _UnclearError
        if "group" in rest:
            is_apart = self._key <= _columns(rest[rest.index("group") + 2 :])
        elif "distinct" in parts[:2]:
            is_apart = self._key <= _columns(parts[2:start])
        else:
            is_apart = not _puts_together(rest)
        if not is_apart:
            raise _UnclearError
        return True

    def _from(self, parts: Parts, known: Collection[str]) -> bool:
        """Return whether a FROM clause has rows of `known`; each with no other of them."""
        found = False
        for place, part in enumerate(parts):
            before = parts[place - 1] if place else None
            if before not in ("from", "join", ","):
                if isinstance(part, list) and self._mentions(part, known):
                    raise _UnclearError
                continue
            if not self._is_source(parts, place, known):
                continue
            join = [one for one in parts[max(0, place - 3) : place] if isinstance(one, str)]
            if found and not self._key <= _using(parts[place + 1 :]):
                raise _UnclearError
            if not found and {"left", "outer"} & set(join):
                raise _UnclearError
            found = True
        if found and _OUTER_OR_UNSAID & {one for one in parts if isinstance(one, str)}:
            raise _UnclearError
        return found

    def _is_source(self, parts: Parts, place: int, known: Collection[str]) -> bool:
        """Return whether the source at a place of a FROM clause has rows of `known`."""
        part = parts[place]
        if isinstance(part, list):
            is_select = bool(part) and part[0] in _BEGIN_SELECT
            return self.has_rows(part, known) if is_select else self._from(["from", *part], known)
        if parts[place + 1 : place + 2] == ["."]:
            part = parts[place + 2]
        return self._is_known(str(part), known)

    def _is_known(self, name: str, known: Collection[str]) -> bool:
        return name in known or (name in self._views and self.has_rows(self._views[name], known))

    def _mentions(self, part: Part, known: Collection[str]) -> bool:
        """Return whether a part may read rows of `known`, however deep."""
        if isinstance(part, str):
            return False
        return any(
            self._mentions(one, known)
            if isinstance(one, list)
            else self._is_known(one, known)
            and part[at + 1 : at + 2] != ["."]
            and part[max(0, at - 1) : at] not in (["as"], ["."])
            for at, one in enumerate(part)
        )


def _select_of(parts: Parts) -> Parts:
    """Return the SELECT of a statement that makes a view."""
    starts = (place for place, part in enumerate(parts) if part in ("select", "with"))
    return parts[next(starts, 0) :]


def _places(parts: Parts, words: Collection[str]) -> Iterator[int]:
    """Yield where these words stand, but not the end of `is distinct from`."""
    for place, part in enumerate(parts):
        if isinstance(part, str) and part in words and parts[max(0, place - 1)] != "distinct":
            yield place


def _using(parts: Parts) -> set[str]:
    """Return the columns that the source before is joined by, if all have the same names."""
    for place, part in enumerate(parts):
        if part == "using":
            (columns,) = parts[place + 1 : place + 2] or ([],)
            return _columns(columns)
        if part in ("join", ",", "on"):
            break
    return set()


def _columns(parts: Parts) -> set[str]:
    """Return the names in a list of terms that are no more than the name of a column."""
    found: set[str] = set()
    term: list[Part] = []
    for part in (*parts, ","):
        if isinstance(part, list) or (part != "," and part not in _AFTER_FROM):
            term.append(part)
            continue
        name = term[-1] if len(term) == 1 or (term[1:2] == ["."] and len(term) == 3) else None
        found |= {name} if isinstance(name, str) else set()
        term = []
    return found


def _puts_together(parts: Parts) -> bool:
    """Return whether an expression is about many rows, apart from those of a SELECT within it."""
    for place, part in enumerate(parts):
        if not isinstance(part, list) or (part[:1] and part[0] in _BEGIN_SELECT):
            continue
        name = parts[place - 1] if place else ""
        if name in _OF_MANY and not (name in _OF_ONE_OR_MANY and "," in part):
            return True
        if _puts_together(part):
            return True
    return False
