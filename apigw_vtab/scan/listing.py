"""The pages of one list: what came twice, and whether they end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from apigw_vtab.aws.call import Answer


@dataclass
class Listing:
    """What the pages of one list have given so far: their tokens, and their rows' keys.

    A resource that moves while a list is read can be on two pages; its row must come only once.
    """

    # The member that tells rows apart, then what names the pages so far.
    mark: object
    tokens: set[str] = field(default_factory=set)
    keys: set[object] = field(default_factory=set)
    # Pages whose keys are not among `keys` yet.
    unread: list[Answer] = field(default_factory=list)
    # Consecutive pages with nothing new, and all pages.
    barren: int = 0
    pages: int = 0

    def twice_in(self, answer: Answer, member: str) -> frozenset[int]:
        """Return the positions of the rows that came before.

        An answer keeps them: a join scans the same list once for each row of the outer table.
        """
        known = answer.twice
        if known is None or known[0] != self.mark:
            for one in self.unread:
                self.keys.update(_keys(one, member))
            self.keys.discard(None)
            self.unread.clear()
            twice = []
            for position, key in enumerate(_keys(answer, member)):
                if key in self.keys:
                    twice.append(position)
                elif key is not None:
                    self.keys.add(key)
            known = answer.twice = self.mark, frozenset(twice), object()
        else:
            self.unread.append(answer)
        self.mark = known[2]
        return known[1]


def _keys(answer: Answer, member: str) -> Iterator[str | None]:
    for item in answer.items:
        key = item.get(member)
        yield key if isinstance(key, str) else None
