"""Which worker has which account: all calls of an account, and so its quotas, are with one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Generic, TypeVar

Owner = TypeVar("Owner", bound=Hashable)
Owned = TypeVar("Owned", bound=Hashable)


class Assignment(Generic[Owned, Owner]):
    """Gives each new account to the worker that has the fewest, the first of several."""

    def __init__(self, owners: list[Owner]) -> None:
        self._owners: dict[Owned, Owner] = {}
        self._counts: Counter[Owner] = Counter(dict.fromkeys(owners, 0))

    def owner(self, owned: Owned) -> Owner | None:
        """Return whose it is, from now on; None where nobody is left."""
        owner = self._owners.get(owned)
        if owner is None and self._counts:
            owner = self._owners[owned] = min(self._counts, key=self._counts.__getitem__)
            self._counts[owner] += 1
        return owner

    def lose(self, owner: Owner) -> int:
        """Take all from one that is lost, to be given anew; return how many it had."""
        lost = self._counts.pop(owner, 0)
        self._owners = {owned: one for owned, one in self._owners.items() if one != owner}
        return lost
