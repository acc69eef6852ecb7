"""Commands for many rows: of those that differ in nothing but their ids, one is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes.changes import Change

# Ids that no shell and no option takes for anything else, so that a text has them as they are.
_SIMPLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
# Stand for ids; a text in which the one and the other stand has the ids in the same places.
_ONE, _OTHER = ("qFirstIdq{}q", "qAnotherLongerIdq{}q")
_Kind = tuple[Lane, str, str, tuple[str, ...], str]


class Templates:
    """Writes texts of changes with `write`, once for all that differ only in the row's key."""

    def __init__(self, write: Callable[[Sequence[Change]], str]) -> None:
        self._write = write
        # The pieces of a text; those that are marks stand for ids. None where there is no template.
        self._pieces: dict[_Kind, list[str] | None] = {}

    def text(self, changes: Sequence[Change]) -> str:
        """Return the text that `write` makes of the changes of one row."""
        return self.writer(changes)(tuple(changes[0].key.values()))

    def writer(self, changes: Sequence[Change]) -> Callable[[Sequence[SqlValue]], str]:
        """Return what writes the text of the same changes of any row, given its ids."""
        change = changes[0]
        pieces = None
        if len(changes) == 1 and not change.given and not change.placeholder:
            values = repr((change.old, change.new, change.beside))
            kind = (change.lane, change.table.name, change.write.name, tuple(change.key), values)
            if kind not in self._pieces:
                self._pieces[kind] = self._made(change)
            pieces = self._pieces[kind]
        marks = [_ONE.format(number) for number in range(len(change.key))]

        def write(values: Sequence[SqlValue]) -> str:
            ids = [None if value is None else str(value) for value in values]
            if pieces is None or not all(_SIMPLE.fullmatch(one or "") for one in ids):
                return self._write(
                    [one.at(dict(zip(one.key, ids, strict=True))) for one in changes]
                )
            of_marks = dict(zip(marks, ids, strict=True))
            return "".join([of_marks.get(piece) or piece for piece in pieces])

        return write

    def _made(self, change: Change) -> list[str] | None:
        """Return a text's pieces, if it depends on the ids only in that it has them."""
        one, other = (
            {name: mark.format(number) for number, name in enumerate(change.key)}
            for mark in (_ONE, _OTHER)
        )
        text = self._write([change.at(one)])
        pieces = re.split(f"({'|'.join(one.values())})", text)
        others = dict(zip(one.values(), other.values(), strict=True))
        told = "".join(others.get(piece, piece) for piece in pieces)
        return pieces if told == self._write([change.at(other)]) else None
