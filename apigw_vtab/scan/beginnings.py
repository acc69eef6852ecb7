"""How a scan begins: account by account, each as soon as its regions are known.

One that is slow to tell them holds up no other: its rows come in their turn, and the calls of those
after it are made meanwhile.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

from apigw_vtab.aws.account_calls import regions_call
from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.estate import Estate, Failed
from apigw_vtab.aws.reply import Reply
from apigw_vtab.scan.tree import CallTree, Node
from apigw_vtab.tables.keys import Keys


class Beginnings:
    """The first calls of a scan of some accounts, in the accounts' order.

    `begun` gets an account's lanes and calls as soon as they are known, on any thread and in any
    order; with `in_order`, none before those of the accounts that come first. But for `ask` and
    `wait`, the scan's lock is held.
    """

    def __init__(
        self,
        tree: CallTree,
        keys: Keys,
        estate: Estate,
        failed: Failed,
        begun: Callable[[Sequence[Lane], Sequence[Node]], None],
        in_order: bool,
    ) -> None:
        self._tree, self._keys, self._estate = tree, keys, estate
        self._begun, self._in_order = begun, in_order
        self._accounts = accounts = estate.accounts_to_read(keys, failed)
        self._nodes: list[list[Node] | None] = [None] * len(accounts)
        self._known: dict[int, list[Lane]] = {}
        self._replies: list[Reply] = []
        # The first account that has not begun, where they begin in order, and that is not taken.
        self._next = self.taken = 0
        self._lanes = estate.lanes_by_account(accounts, keys, failed)

    @property
    def accounts(self) -> int:
        """How many accounts there are."""
        return len(self._accounts)

    def ask(self, answered: Callable[[int, Reply], None]) -> None:
        """Ask all accounts for their regions; `answered` gets each reply with its place."""
        self._replies = [self._estate.regions_answer(account) for account in self._accounts]
        for place, reply in enumerate(self._replies):
            if reply.done():
                # What is wrong with the calls that follow is raised here.
                answered(place, reply)
            else:
                reply.add_done_callback(functools.partial(answered, place))

    def answered(self, place: int, reply: Reply) -> None:
        """Begin with an account that has told its regions; what has failed is for the reader."""
        if reply.cancelled() or reply.answer is None:
            return
        lanes = self._estate.listed_lanes(self._accounts[place], self._keys, reply.answer)
        if lanes is not None:
            self._known[place] = lanes
            self._begin_known(place)

    def wait(self) -> list[Lane] | None:
        """Wait for the regions of the next account, and return its lanes; None after the last.

        Without the lock: an answer may take its time.
        """
        return next(self._lanes, None)

    def take(self, lanes: list[Lane]) -> list[Node]:
        """Return the calls of the account that was waited for."""
        place = self.taken
        self.taken += 1
        self._known.setdefault(place, lanes)
        self._begin_known(place)
        nodes, self._known[place] = self._nodes[place] or [], []
        # What has been read is nobody's any more, and may be much.
        self._nodes[place] = []
        return nodes

    def at(self, place: int) -> list[Node] | None:
        """Return the calls of an account that is not taken; None as long as they are not known."""
        return self._nodes[place]

    def close(self) -> None:
        """Take back the calls for regions that have not been sent yet."""
        for account, reply in zip(self._accounts, self._replies, strict=False):
            if not reply.done():
                self._estate.executor.abandon(regions_call(account))

    def _begin_known(self, place: int) -> None:
        if not self._in_order:
            self._begin(place)
            return
        while self._next in self._known:
            self._begin(self._next)
            self._next += 1

    def _begin(self, place: int) -> None:
        if self._nodes[place] is None:
            lanes = self._known[place]
            # As if each account had as many.
            lanes_of_all = len(lanes) * len(self._accounts)
            self._nodes[place] = nodes = self._tree.roots(lanes, place, lanes_of_all)
            self._begun(lanes, nodes)
