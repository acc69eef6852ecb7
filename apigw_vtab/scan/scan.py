"""A plan's calls, made ahead of the reader, as batches of rows in a fixed order.

The calls of a scan form a tree: a page is followed by the calls for its rows' children and then
by the next page. The tree in depth-first order is the order of the rows; the calls are started
in the same order, and their answers may arrive in any order.
"""

from __future__ import annotations

import functools
import heapq
import itertools
import math
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Answer, Call, parameters_of
from apigw_vtab.aws.causes import REPEATED_TOKEN, UNREADABLE
from apigw_vtab.aws.estate import Estate, Failed
from apigw_vtab.aws.failures import GONE, CallFailed
from apigw_vtab.errors import ApigwVtabError
from apigw_vtab.scan.batch import Batch
from apigw_vtab.scan.listing import Listing
from apigw_vtab.scan.plan import Plan
from apigw_vtab.tables.columns import Origin
from apigw_vtab.tables.declaration import Read, Scope, Table
from apigw_vtab.tables.keys import Keys

# Calls ahead of the reader where SQLite is known to want few rows; each one read makes room for
# two, so the window doubles in the time that one answer takes.
FIRST_WINDOW = 4
# The most calls of one lane that are submitted and unanswered: more than AWS's burst of 40.
MOST_UNDER_WAY = 64
# Consecutive pages with nothing new, and pages of one list, before the list counts as endless:
# with 500 items to a page, many times what a lane can hold.
MOST_BARREN, MOST_PAGES = 25, 1_000
# What AWS's ids look like; anything else would ask for another path.
_ID = re.compile(r"\w[\w.-]*")
_OTHER_PATHS = frozenset(("", ".", ".."))
# Answers that wait for the reader uncompressed; any more are packed.
MOST_UNPACKED = 1024


# Takes the place of a node's future once the node has its answer.
ARRIVED: Future[Answer] = Future()
ARRIVED.set_result(Answer([]))


class _Node:
    """A call of the tree; `children` are unknown until its answer is there."""

    __slots__ = (
        "answer",
        "call",
        "children",
        "endless",
        "future",
        "listing",
        "path",
        "table",
        "twice",
        "without_key",
    )

    def __init__(
        self, path: tuple[int, ...], table: Table, call: Call, listing: Listing | None = None
    ) -> None:
        self.path = path
        self.table = table
        self.call = call
        self.listing = listing
        self.future: Future[Answer] | None = None
        self.answer: Answer | None = None
        self.children: list[_Node] | None = None
        self.twice: frozenset[int] = frozenset()
        self.endless = self.without_key = False

    @property
    def has_failed(self) -> bool:
        """Whether the call ended without an answer."""
        future = self.future
        if future is None or not future.done():
            return False
        return future.cancelled() or future.exception() is not None

    def __lt__(self, other: _Node) -> bool:
        return self.path < other.path


class Scan:
    """A plan being run: iterate over its batches, and close it when no more are wanted.

    `parents` gives the table whose rows carry a key column, for keys that the statement does
    not give. `failed` gets every call whose rows are missing, and may raise. `is_unmade` says
    whether a key is one that AWS has not assigned yet. `lanes` are those that are read, once the
    scan has started.
    """

    def __init__(
        self,
        plan: Plan,
        keys: Keys,
        estate: Estate,
        parents: Callable[[str], Table],
        failed: Failed,
        is_unmade: Callable[[str, str], bool],
    ) -> None:
        self._table = plan.table
        self._keys = keys
        self._estate = estate
        self._parents = parents
        self._failed = failed
        self._is_unmade = is_unmade
        self._window: float = math.inf if keys.limit == math.inf else min(FIRST_WINDOW, keys.limit)
        self._unread = self._held = 0
        self.lanes: list[Lane] = []
        self._to_read: list[_Node] = []
        # For a key that comes row by row, one call for the parent's list finds its lane.
        self._through_parent = plan.by_row is not None and len(keys.pinned.get("region", ())) != 1
        # Each lane's calls to come, in row order, and how many are under way.
        self._waiting: dict[Lane, list[_Node]] = {}
        self._under_way: Counter[Lane] = Counter()
        self._started: dict[_Node, None] = {}
        self._lock = threading.RLock()
        self._pumping = self._closed = False

    def start(self) -> None:
        """Start the first calls, without waiting for their answers."""
        if self._table.scope is not Scope.CONNECTION:
            self._to_read = self._roots()
            self._to_read.reverse()
            self._add(self._to_read)
            if self._window == math.inf and any(
                one.table is not self._table for one in self._to_read
            ):
                # While the lists are under way there is time to get ready for the rest.
                self._estate.executor.expect(len(self._to_read))

    def batches(self) -> Iterator[Batch]:
        """Yield the rows, batch by batch, in their fixed order."""
        if self._table.scope is Scope.CONNECTION:
            rows = self._estate.executor.log.rows(self._table.name)
            yield self._batch(None, Answer(rows))
        while self._to_read:
            node = self._to_read.pop()
            answer = self._result(node)
            with self._lock:
                children = self._expand(node, answer) if answer else []
                self._started.pop(node, None)
                self._unread -= 1
                self._held -= 1
                # The reader has come this far: what follows is likely to be wanted, too.
                self._window += 1
            if self._window < math.inf:
                self._pump()
            if answer is None:
                continue
            self._to_read.extend(reversed(children))
            if node.call.read.is_get and not self._is_what_was_asked(node.call, answer):
                detail = "The answer is about another resource."
                self._failed(node.call, node.call.failed(UNREADABLE, detail))
            elif answer.count and node.table is self._table:
                batch = self._batch(node.call, answer)
                batch.leave_out(node.twice)
                yield batch
            if node.endless:
                self._failed(node.call, node.call.failed(REPEATED_TOKEN, ""))
            if node.without_key:
                detail = "A resource has no valid id, so what belongs to it cannot be read."
                self._failed(node.call, node.call.failed(UNREADABLE, detail))

    def _is_what_was_asked(self, call: Call, answer: Answer) -> bool:
        asked = dict(call.parameters)
        columns = [self._table.columns[self._table.index[name]] for name in self._table.key]
        return all(
            answer.items[0].get(column.member) == asked[parameter]
            for parameter, name in call.operation.parameters.items()
            for column in columns
            if column.name == name and column.origin is Origin.MEMBER
        )

    def batches_to_come(self) -> Iterator[Batch | None]:
        """Yield the batches after the current one without waiting; None where one is not there."""
        to_read = list(self._to_read)
        while to_read:
            node = to_read[-1]
            if node.answer is None and not node.has_failed:
                yield None
                continue
            to_read.pop()
            if node.answer is not None:
                with self._lock:
                    to_read.extend(reversed(self._expand(node, node.answer)))
                if node.table is self._table:
                    yield self._batch(node.call, node.answer)

    def _batch(self, call: Call | None, answer: Answer) -> Batch:
        return Batch(self._table, call, answer, self._keys, self._estate, self._failed)

    def close(self) -> None:
        """Take back the calls that have not been sent yet."""
        with self._lock:
            self._closed = True
            for lane, waiting in self._waiting.items():
                self._estate.executor.foresee(lane, -len(waiting))
            self._waiting.clear()
            started, self._started = self._started, {}
        for node in started:
            self._estate.executor.abandon(node.call)

    def _roots(self) -> list[_Node]:
        read, estate = self._keys.read, self._estate
        assert read is not None
        find = estate.home_lanes if self._table.scope is Scope.ACCOUNT else estate.lanes
        self.lanes = list(find(self._keys, self._failed))
        first = [call for lane in self.lanes for call in self._first_calls(self._table, read, lane)]
        estate.executor.prepare([call for _, call in first])
        return [_Node((place,), table, call) for place, (table, call) in enumerate(first)]

    def _first_calls(self, table: Table, read: Read, lane: Lane) -> Iterator[tuple[Table, Call]]:
        """Yield the calls that a lane begins with: the table's own, or its parent's."""
        for column in read.parameters.values():
            if column not in self._keys.pinned or (self._through_parent and table is self._table):
                parent = self._parents(column)
                yield from self._first_calls(parent, parent.reads[-1], lane)
                return
        values = (self._keys.pinned[column] for column in read.parameters.values())
        columns = tuple(read.parameters.values())
        for key in itertools.product(*values):
            # Do not ask AWS for what it has not made yet, nor for a key that names nothing.
            if any(map(self._is_unmade, columns, key)) or not _OTHER_PATHS.isdisjoint(key):
                continue
            if not all(map(self._keys.admits, columns, key)):
                continue
            yield table, Call(lane, read, parameters_of(read, key))

    def _expand(self, node: _Node, answer: Answer) -> list[_Node]:
        """Return what follows from an answer: its rows' children, then the next page."""
        if node.children is not None:
            return node.children
        node.children = []
        self._read_on(node, answer)
        if node.table is not self._table:
            node.children += self._children_of_rows(node, answer)
        if answer.token and not node.endless:
            path = (*node.path, answer.count)
            call = node.call.turn_page(answer.token)
            node.children.append(_Node(path, node.table, call, node.listing))
        self._queue(node.call.lane, node.children)
        return node.children

    def _queue(self, lane: Lane, nodes: Sequence[_Node]) -> None:
        waiting = self._waiting.setdefault(lane, [])
        for node in nodes:
            heapq.heappush(waiting, node)
        if nodes:
            self._estate.executor.foresee(lane, len(nodes))

    @staticmethod
    def _read_on(node: _Node, answer: Answer) -> None:
        """Keep track of a list: of what comes twice, and of whether its pages end."""
        if not node.table.key or (answer.count < 2 and not answer.token and not node.listing):
            return
        member = node.table.columns[node.table.index[node.table.key[-1]]].member
        listing = node.listing or Listing(member)
        if answer.token:
            node.listing = listing
        node.twice = listing.twice_in(answer, member)
        listing.barren = listing.barren + 1 if len(node.twice) == answer.count else 0
        listing.pages += 1
        node.endless = bool(answer.token) and (
            answer.token in listing.tokens
            or listing.barren > MOST_BARREN
            or listing.pages >= MOST_PAGES
        )
        if answer.token:
            listing.tokens.add(answer.token)

    def _children_of_rows(self, node: _Node, answer: Answer) -> Iterator[_Node]:
        read = self._keys.read
        assert read is not None
        (column,) = (name for name in read.parameters.values() if name in node.table.key)
        member = node.table.columns[node.table.index[column]].member
        for position, item in enumerate(answer.items):
            key = item.get(member)
            if not isinstance(key, str) or not _ID.fullmatch(key):
                node.without_key = True
            elif position not in node.twice and self._keys.admits(column, key):
                call = Call(node.call.lane, read, parameters_of(read, (key,)))
                yield _Node((*node.path, position), self._table, call)

    def _add(self, nodes: Sequence[_Node]) -> None:
        with self._lock:
            for node in sorted(nodes):
                self._queue(node.call.lane, [node])
        self._pump()

    def _pump(self, lane: Lane | None = None) -> None:
        """Start calls of one lane, or of all, in row order and while there is room."""
        with self._lock:
            if self._pumping or self._closed:
                return
            self._pumping = True
            try:
                # Lanes come in row order, so a small window goes to the first ones.
                for one in [lane] if lane else list(self._waiting):
                    self._pump_lane(one)
            finally:
                self._pumping = False

    def _pump_lane(self, lane: Lane) -> None:
        waiting = self._waiting.get(lane, [])
        while waiting and self._unread < self._window and self._under_way[lane] < MOST_UNDER_WAY:
            node = heapq.heappop(waiting)
            self._estate.executor.foresee(lane, -1)
            if node.future is None and not self._is_ready(node):
                self._start(node)

    def _is_ready(self, node: _Node) -> bool:
        """Take a node's answer from the cache if it is there, and return whether it was."""
        answer = self._estate.executor.ready(node.call)
        if answer is None:
            return False
        self._unread += 1
        self._held += 1
        node.answer, node.future = answer, ARRIVED
        self._expand(node, answer)
        return True

    def _start(self, node: _Node) -> Future[Answer]:
        self._unread += 1
        self._under_way[node.call.lane] += 1
        self._started[node] = None
        node.future = self._estate.executor.submit(node.call)
        node.future.add_done_callback(functools.partial(self._arrived, node))
        return node.future

    def _arrived(self, node: _Node, future: Future[Answer]) -> None:
        if future.cancelled():
            return
        lane, to_pack = node.call.lane, None
        with self._lock:
            self._held += 1
            self._under_way[lane] -= 1
            if future.exception() is None and not self._closed:
                answer = node.answer = future.result()
                # A future is larger than most packed answers.
                node.future = ARRIVED
                self._expand(node, answer)
                to_pack = (
                    answer if self._held > MOST_UNPACKED and node.table is self._table else None
                )
        if to_pack:
            to_pack.pack()
        self._pump(lane if self._window == math.inf else None)

    def _result(self, node: _Node) -> Answer | None:
        """Wait for a node's answer and return it; None if there is nothing to read."""
        if self._estate.is_left_out(node.call.lane):
            return None
        with self._lock:
            # The window may be full of calls that come later in row order.
            future = node.future or self._start(node)
        try:
            return node.answer or future.result()
        except CancelledError:
            raise ApigwVtabError("The connection was closed while a statement ran.") from None
        except CallFailed as failure:
            # Deleted since its key was read, or never there: no row, and no error.
            gone = failure.code in GONE and node.call.operation.parameters
            if not gone and self._estate.is_enabled(node.call.lane, failure):
                self._failed(node.call, failure)
            return None
