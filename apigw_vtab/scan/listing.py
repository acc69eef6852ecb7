"""The pages of one list: what came twice, and whether they end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from apigw_vtab.aws.call import Rows

# Positions of rows, each with its key.
KeysOfRows = Callable[[], Iterable[tuple[int, object]]]
NONE: frozenset[int] = frozenset()


@dataclass
class Listing:
    """What the pages of one list have given so far: their tokens, and their rows' keys.

    A resource that moves while a list is read can be on two pages; its row must come only once.
    """

    # The table whose rows are told apart, then what names the pages so far.
    mark: object
    tokens: set[str] = field(default_factory=set)
    keys: set[object] = field(default_factory=set)
    # Pages whose keys are not among `keys` yet.
    unread: list[KeysOfRows] = field(default_factory=list)
    # Consecutive pages with nothing new, and all pages.
    barren: int = 0
    pages: int = 0

    def twice_in(self, rows: Rows, keys_of: KeysOfRows) -> frozenset[int]:
        """Return the positions of the rows that came before.

        An answer keeps them: a join scans the same list once for each row of the outer table.
        """
        known = rows.twice
        if known is None or known[0] != self.mark:
            for one in self.unread:
                self.keys.update(key for _, key in one())
            self.unread.clear()
            twice = []
            for position, key in keys_of():
                if key in self.keys:
                    twice.append(position)
                self.keys.add(key)
            known = rows.twice = self.mark, frozenset(twice), object()
        else:
            self.unread.append(keys_of)
        self.mark = known[2]
        return known[1]


def twice_on_page(rows: Rows, mark: object, keys_of: KeysOfRows) -> frozenset[int]:
    """Return the positions of the rows that came before on the only page of a list."""
    if rows.twice is None or rows.twice[0] != mark:
        keys = list(keys_of())
        is_each_new = len({key for _, key in keys}) == len(keys)
        if not is_each_new:
            return Listing(mark).twice_in(rows, lambda: keys)
        # No page follows, so nothing asks what names this one.
        rows.twice = mark, NONE, mark
    return rows.twice[1]
