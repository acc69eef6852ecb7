"""Commands for many rows: of those that differ in nothing but their ids, one is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from apigw_vtab.aws.accounts import Lane
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
        change = changes[0]
        is_simple = len(changes) == 1 and not change.given and not change.placeholder
        if not is_simple or not all(_SIMPLE.fullmatch(one or "") for one in change.key.values()):
            return self._write(changes)
        values = repr((change.old, change.new, change.beside))
        kind = (change.lane, change.table.name, change.write.name, tuple(change.key), values)
        if kind not in self._pieces:
            self._pieces[kind] = self._made(change)
        pieces = self._pieces[kind]
        if pieces is None:
            return self._write(changes)
        ids = {_ONE.format(number): one for number, one in enumerate(change.key.values())}
        return "".join([str(ids.get(piece, piece)) for piece in pieces])

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
