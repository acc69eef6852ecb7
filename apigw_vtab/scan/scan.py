"""A plan's calls, made ahead of the reader, as batches of rows in a fixed order.

The calls are started in the order of the tree (tree.py), and their answers may arrive in any order.
"""

from __future__ import annotations

import functools
import heapq
import math
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.causes import REPEATED_TOKEN, UNREADABLE
from apigw_vtab.aws.estate import Estate, Failed
from apigw_vtab.aws.failures import GONE, CallFailed
from apigw_vtab.aws.reply import Reply
from apigw_vtab.errors import ApigwVtabError
from apigw_vtab.scan.batch import Batch
from apigw_vtab.scan.beginnings import Beginnings
from apigw_vtab.scan.neighbours import arn_of, arns_of, is_elsewhere, places_of
from apigw_vtab.scan.plan import Plan
from apigw_vtab.scan.tree import CallTree, Node
from apigw_vtab.tables.columns import Origin
from apigw_vtab.tables.declaration import Scope
from apigw_vtab.tables.keys import Keys

# Calls ahead of the reader where SQLite is known to want few rows; each one read makes room for
# two, so the window doubles in the time that one answer takes.
FIRST_WINDOW = 4
# The most calls of one lane that are submitted and unanswered: more than AWS's burst of 40.
MOST_UNDER_WAY = 64
# Answers that wait for the reader uncompressed; any more are packed.
MOST_UNPACKED = 1024

# Takes the place of a node's future once the node has its answer.
ARRIVED = Reply()
ARRIVED.set_result(Answer([]))


class Scan:
    """A plan being run: iterate over its batches, and close it when no more are wanted.

    `failed` gets every call whose rows are missing, and `answered` every other one that was read;
    both may raise. `is_unmade` says whether a key is one that AWS has not assigned yet. `lanes` are
    those that are read, once the scan has started.
    """

    def __init__(
        self,
        plan: Plan,
        keys: Keys,
        estate: Estate,
        failed: Failed,
        answered: Callable[[Call], None],
        is_unmade: Callable[[str, str], bool],
    ) -> None:
        self._table = plan.table
        self._keys = keys
        self._estate = estate
        self._failed = failed
        self._answered = answered
        self._tree = CallTree(plan, keys, estate.executor, is_unmade)
        self._window: float = math.inf if keys.limit == math.inf else min(FIRST_WINDOW, keys.limit)
        self._unread = self._held = 0
        self.lanes: list[Lane] = []
        self._plan = plan
        self._by_arn = arns_of(plan.table, keys) is not None
        self._beginnings: Beginnings | None = None
        self._to_read: list[Node] = []
        # Each lane's calls to come, in row order, and how many are under way.
        self._waiting: dict[Lane, list[Node]] = {}
        # Under a LIMIT, those lanes once more: first the one whose rows come first.
        self._in_line: list[tuple[tuple[int, ...], Lane]] = []
        self._under_way: Counter[Lane] = Counter()
        self._started: dict[Node, None] = {}
        self._lock = threading.RLock()
        self._pumping = self._closed = False

    def start(self) -> None:
        """Start the first calls, without waiting for their answers."""
        if self._table.scope is Scope.CONNECTION:
            return
        self._to_read = self._roots()
        self._to_read.reverse()
        self._add(self._to_read)
        if self._beginnings:
            self._beginnings.ask(self._told_regions)
        if self._window == math.inf and any(one.step.after for one in self._to_read):
            # While the lists are under way there is time to get ready for the rest.
            self._estate.executor.expect(len(self._to_read))

    def batches(self) -> Iterator[Batch]:
        """Yield the rows, batch by batch, in their fixed order."""
        if self._table.scope is Scope.CONNECTION:
            rows = self._estate.executor.log.rows(self._table.name)
            yield self._batch(None, Answer(rows))
        while (node := self._next()) is not None:
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
            # A rehearsal answers with nothing.
            is_get = node.call.read.is_get and answer.count > 0
            if is_get and not self._is_what_was_asked(node, answer):
                detail = "The answer is about another resource."
                self._failed(node.call, node.call.failed(UNREADABLE, detail))
            elif answer.count and node.step.after is None:
                batch = self._batch(node.call, answer)
                batch.leave_out(node.twice)
                yield batch
            if node.endless:
                self._failed(node.call, node.call.failed(REPEATED_TOKEN, ""))
            if node.problem:
                self._failed(node.call, node.call.failed(UNREADABLE, node.problem))

    def _next(self) -> Node | None:
        """Take the next call in row order; where it takes an account's regions, wait for them."""
        while not self._to_read:
            lanes = self._beginnings.wait() if self._beginnings else None
            if self._beginnings is None or lanes is None:
                return None
            with self._lock:
                self._to_read = self._beginnings.take(lanes)[::-1]
            self._pump()
        return self._to_read.pop()

    @staticmethod
    def _is_what_was_asked(node: Node, answer: Answer) -> bool:
        asked, read = dict(node.call.parameters), node.call.read
        table = node.step.table.owner(read)
        columns = [table.columns[table.index[name]] for name in table.key]
        return all(
            answer.items[0].get(column.member) == asked.get(parameter)
            for parameter, name in read.parameters.items()
            for column in columns
            if column.name == name and column.origin is Origin.MEMBER
        )

    def batches_to_come(self) -> Iterator[Batch | None]:
        """Yield the batches after the current one without waiting; None where one is not there."""
        to_read = list(self._to_read)
        place = self._beginnings.taken if self._beginnings else 0
        while to_read or (self._beginnings and place < self._beginnings.accounts):
            if not to_read:
                begun = self._beginnings.at(place) if self._beginnings else None
                if begun is None:
                    yield None
                else:
                    to_read, place = begun[::-1], place + 1
                continue
            node = to_read[-1]
            if node.answer is None and not node.has_failed:
                yield None
                continue
            to_read.pop()
            if node.answer is not None:
                with self._lock:
                    to_read.extend(reversed(self._expand(node, node.answer)))
                if node.step.after is None:
                    yield self._batch(node.call, node.answer)

    def _batch(self, call: Call | None, answer: Answer) -> Batch:
        return Batch(self._table, call, answer, self._keys, self._estate, self._failed)

    def close(self) -> None:
        """Take back the calls that have not been sent yet."""
        with self._lock:
            self._closed = True
            for lane, waiting in self._waiting.items():
                self._foresee(lane, waiting, -1)
            self._waiting.clear()
            self._in_line.clear()
            started, self._started = self._started, {}
        for node in started:
            self._estate.executor.abandon(node.call)
        if self._beginnings:
            self._beginnings.close()

    def _roots(self) -> list[Node]:
        estate = self._estate
        if self._by_arn:
            places = places_of(self._table, self._keys, estate, self._failed)
            self.lanes = list(places)
            roots = self._tree.look_ups(places)
            estate.executor.prepare([node.call for node in roots])
            return roots
        if self._is_account_by_account():
            is_limited = self._window < math.inf
            self._beginnings = Beginnings(
                self._tree, self._keys, estate, self._failed, self._begin, is_limited
            )
            return []
        find = estate.home_lanes if self._table.scope is Scope.ACCOUNT else estate.lanes
        self.lanes = list(find(self._keys, self._failed))
        self._identify(self.lanes)
        roots = self._tree.roots(self.lanes)
        estate.executor.prepare([node.call for node in roots])
        return roots

    def _is_account_by_account(self) -> bool:
        """Return whether accounts have to tell their regions, and what they hold is wanted all."""
        if self._table.scope is not Scope.LANE or self._plan.by_row:
            return False
        return not self._estate.has_named_regions(self._keys)

    def _identify(self, lanes: Sequence[Lane]) -> None:
        """Have accounts asked for their ids where rows need them, without waiting."""
        if "account_id" in self._plan.columns and self._table.scope is Scope.LANE:
            self._estate.identify({lane.account: None for lane in lanes})

    def _told_regions(self, place: int, reply: Reply) -> None:
        with self._lock:
            if not self._closed and self._beginnings:
                self._beginnings.answered(place, reply)
        self._pump()

    def _begin(self, lanes: Sequence[Lane], nodes: Sequence[Node]) -> None:
        """Queue the first calls of an account, whose regions have become known."""
        self.lanes += lanes
        self._identify(lanes)
        for node in sorted(nodes):
            self._queue(node.call.lane, [node])

    def _expand(self, node: Node, answer: Answer) -> list[Node]:
        """Return what follows from an answer, after its calls were queued."""
        if node.children is not None:
            return node.children
        children = self._tree.expand(node, answer)
        self._queue(node.call.lane, children)
        return children

    def _queue(self, lane: Lane, nodes: Sequence[Node]) -> None:
        if not nodes:
            return
        waiting = self._waiting.get(lane)
        if waiting is None:
            waiting = self._waiting[lane] = []
            if self._window < math.inf:
                # All calls of a lane descend from roots that are next to each other.
                heapq.heappush(self._in_line, (nodes[0].path[:2], lane))
        for node in nodes:
            heapq.heappush(waiting, node)
        self._foresee(lane, nodes, 1)

    def _foresee(self, lane: Lane, nodes: Sequence[Node], sign: int) -> None:
        seconds = 0.0
        if self._tree.has_own_quota:
            seconds = sum(node.step.read.seconds_each or 0.0 for node in nodes)
        self._estate.executor.foresee(lane, sign * len(nodes), sign * seconds)

    def _add(self, nodes: Sequence[Node]) -> None:
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
                if self._window < math.inf:
                    self._pump_in_line()
                else:
                    for one in [lane] if lane else list(self._waiting):
                        self._pump_lane(one)
            finally:
                self._pumping = False

    def _pump_in_line(self) -> None:
        """Start calls in row order, so that a small window goes to the first lanes."""
        busy = []
        while self._in_line and self._unread < self._window:
            place, lane = heapq.heappop(self._in_line)
            self._pump_lane(lane)
            if lane in self._waiting:
                busy.append((place, lane))
        for one in busy:
            heapq.heappush(self._in_line, one)

    def _pump_lane(self, lane: Lane) -> None:
        waiting = self._waiting.get(lane, [])
        taken = []
        try:
            while waiting and self._has_room(lane):
                node = heapq.heappop(waiting)
                taken.append(node)
                if node.future is None and not self._is_ready(node):
                    self._start(node)
        finally:
            if taken:
                self._foresee(lane, taken, -1)
        if not waiting:
            # A lane that waits for nothing costs nothing.
            self._waiting.pop(lane, None)

    def _has_room(self, lane: Lane) -> bool:
        return self._unread < self._window and self._under_way[lane] < MOST_UNDER_WAY

    def _is_ready(self, node: Node) -> bool:
        """Take a node's answer from the cache if it is there, and return whether it was."""
        answer = self._estate.executor.ready(node.call)
        if answer is None:
            return False
        self._unread += 1
        self._held += 1
        node.answer, node.future = answer, ARRIVED
        self._expand(node, answer)
        return True

    def _start(self, node: Node) -> Reply:
        self._unread += 1
        self._under_way[node.call.lane] += 1
        self._started[node] = None
        node.future = self._estate.executor.submit(node.call)
        node.future.add_done_callback(functools.partial(self._arrived, node))
        return node.future

    def _arrived(self, node: Node, future: Reply) -> None:
        if future.cancelled():
            return
        lane, to_pack = node.call.lane, None
        with self._lock:
            self._held += 1
            self._under_way[lane] -= 1
            if not self._under_way[lane]:
                del self._under_way[lane]
            if future.exception() is None and not self._closed:
                answer = node.answer = future.result()
                # A future is larger than most packed answers.
                node.future = ARRIVED
                self._expand(node, answer)
                to_pack = answer if self._held > MOST_UNPACKED and node.step.after is None else None
        if to_pack:
            to_pack.pack()
        self._pump(lane if self._window == math.inf else None)

    def _result(self, node: Node) -> Answer | None:
        """Wait for a node's answer and return it; None if there is nothing to read."""
        with self._lock:
            # The window may be full of calls that come later in row order.
            future = node.future or self._start(node)
        try:
            answer = node.answer or future.result()
        except CancelledError:
            raise ApigwVtabError("The connection was closed while a statement ran.") from None
        except CallFailed as failure:
            # Deleted since its key was read, or never there: no row, and no error.
            gone = failure.code in GONE and bool(node.call.operation.parameters)
            gone = gone or (failure.code in node.none_here and not failure.is_foreign)
            if gone:
                self._answered(node.call)
            elif self._is_missing(node.call, failure):
                self._failed(node.call, failure)
            return None
        self._answered(node.call)
        return answer

    def _is_missing(self, call: Call, failure: CallFailed) -> bool:
        """Return whether rows are missing without an answer."""
        if not self._by_arn:
            return self._estate.is_enabled(call.lane, failure)
        failure.resource = arn_of(call)
        return not is_elsewhere(self._table, call, failure, self._estate)
