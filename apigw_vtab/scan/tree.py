"""The tree of a scan's calls: which come first, and which follow from an answer.

A page is followed by the calls for its rows' children, and then by the next page. The tree in
depth-first order is the order of the rows.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.call import Answer, Call, Rows, call_of
from apigw_vtab.aws.executor import Executor
from apigw_vtab.aws.reply import Reply
from apigw_vtab.scan.listing import Listing, twice_on_page
from apigw_vtab.scan.plan import Plan
from apigw_vtab.scan.rows import (
    cells_of,
    differs_by_row,
    keys_of,
    parameter,
    positions_of,
    raw_cells,
    rows_of,
)
from apigw_vtab.tables.account import IDENTITY, KNOWN_IDENTITY
from apigw_vtab.tables.arns import place_of
from apigw_vtab.tables.columns import Origin
from apigw_vtab.tables.declaration import Read, Table
from apigw_vtab.tables.keys import Keys

# Consecutive pages with nothing new, and pages of one list, before the list counts as endless:
# with 500 items to a page, many times what a lane can hold.
MOST_BARREN, MOST_PAGES = 25, 1_000
# What AWS's ids and names look like, such as `$default` and `*.example.com`; anything else would
# ask for another path.
_ID = re.compile(r"(\*\.|\$)?\w[\w.-]*")
_OTHER_PATHS = frozenset(("", ".", ".."))


@dataclass(frozen=True, eq=False)
class Level:
    """One level of the tree: an operation, the table whose rows it returns, and what follows.

    With what its rows hold, the operation of the step `after` is asked. The last step's rows are
    those of the scan.
    """

    table: Table
    read: Read
    after: Level | None = None


class Node:
    """A call of the tree; `children` are unknown until its answer is there.

    `none_here` are the codes of refusals by which AWS says that there is nothing. `problem` is why
    what follows from the answer cannot be asked.
    """

    __slots__ = (
        "answer",
        "call",
        "children",
        "endless",
        "future",
        "listing",
        "none_here",
        "path",
        "problem",
        "step",
        "twice",
    )

    def __init__(
        self,
        path: tuple[int, ...],
        step: Level,
        call: Call,
        none_here: frozenset[str] = frozenset(),
        listing: Listing | None = None,
    ) -> None:
        self.path = path
        self.step = step
        self.call = call
        self.none_here = none_here
        self.listing = listing
        self.future: Reply | None = None
        self.answer: Answer | None = None
        self.children: list[Node] | None = None
        self.twice: frozenset[int] = frozenset()
        self.endless = False
        self.problem = ""

    @property
    def has_failed(self) -> bool:
        """Whether the call ended without an answer."""
        future = self.future
        if future is None or not future.done():
            return False
        return future.cancelled() or future.exception() is not None

    def __lt__(self, other: Node) -> bool:
        return self.path < other.path


class CallTree:
    """The calls of one scan, by its plan and the keys that it is limited to.

    `is_unmade` says whether a key is one that AWS has not assigned yet.
    """

    def __init__(
        self, plan: Plan, keys: Keys, executor: Executor, is_unmade: Callable[[str, str], bool]
    ) -> None:
        self._plan = plan
        self._keys = keys
        self._executor = executor
        self._is_unmade = is_unmade
        levels = (plan.table, *plan.table.ancestors)
        columns = plan.table.columns
        self._needs_no_answer = not any(
            one.origin is not Origin.LANE and one.member != IDENTITY.names
            for one in columns
            if one.name in plan.columns
        )
        self.has_own_quota = any(read.seconds_each for one in levels for read in one.reads)

    def look_ups(self, places: Mapping[Lane, Sequence[str]]) -> list[Node]:
        """Return the calls for single resources by their ARNs, each in its own lane."""
        table, read = self._plan.table, self._keys.read
        assert read is not None
        step, (column,) = Level(table, read), table.key
        calls = [
            self._call(lane, read, {column: arn}) for lane, arns in places.items() for arn in arns
        ]
        return [Node((0, place), step, call, _none_here(read)) for place, call in enumerate(calls)]

    def roots(self, lanes: Sequence[Lane], part: int = 0, of: int | None = None) -> list[Node]:
        """Return the calls that begin the scan of some lanes, one part of so many lanes."""
        read = self._keys.read
        assert read is not None
        direct = self._steps(read, is_through=False)
        through = direct
        # A look-up for a row of one region: there is nothing to weigh.
        is_looked_up = self._plan.by_row and len(self._keys.pinned.get("region", ())) == 1
        if read.needs and not read.is_get and (not is_looked_up or read.depends_on_parent):
            through = self._steps(read, is_through=True)
        always = through is not direct and self._is_better_through(
            read, through, len(lanes) if of is None else of
        )
        found = []
        for lane in lanes:
            step = through if always or self._is_listed(lane, direct, through) else direct
            found += [(step, call) for call in self._first_calls(step, lane)]
        return [
            Node((part, place), step, call, _none_here(step.read))
            for place, (step, call) in enumerate(found)
        ]

    def expand(self, node: Node, answer: Answer) -> list[Node]:
        """Return what follows from an answer: its rows' children, then the next page."""
        if node.children is not None:
            return node.children
        node.children = []
        try:
            self._read_on(node, answer)
            if node.step.after and answer.count:
                node.children += self._children_of_rows(node, node.step.after, answer)
        except Exception as error:
            # On the thread of an answer nobody would see it, and rows would be missing.
            node.problem = f"What belongs to it cannot be read ({type(error).__name__}: {error})."
        if answer.token and not node.endless:
            path = (*node.path, answer.count)
            call = node.call.turn_page(answer.token)
            node.children.append(Node(path, node.step, call, node.none_here, node.listing))
        return node.children

    def _steps(self, read: Read, *, is_through: bool) -> Level:
        """Return the first of the steps that lead to a read: where all that it needs is pinned.

        `is_through` goes through the lists of all parents, also where the keys are pinned.
        """
        table = self._plan.table
        step = Level(table, read)
        while step.read.needs:
            known = self._keys.pinned.keys()
            if known >= set(step.read.needs) and (not is_through or step.read.is_get):
                break
            # A single resource is found by the list of its own table.
            before = step.table if step.read.is_get else step.table.parent
            if before is None:
                break
            step = Level(before, before.reads[-1], step)
        return step

    def _is_better_through(self, read: Read, through: Level, lanes: int) -> bool:
        """Return whether the parents' lists, which say where a key lives, save calls."""
        if read.depends_on_parent:
            return True
        pinned = self._keys.pinned
        if self._plan.by_row is not None:
            # For a key that comes row by row, one call for the parent's list finds its lane.
            return True
        if not pinned.keys() >= set(read.needs):
            return False
        wanted = math.prod(len(pinned[column]) for column in read.needs)
        lists = lanes * math.prod(len(some) for some in through.read.choices.values())
        return (
            through.after is not None
            and through.after.after is None
            and (wanted * lanes > lists + wanted)
        )

    def _is_listed(self, lane: Lane, direct: Level, through: Level) -> bool:
        """Return whether a lane's list is in the cache, and so says which keys live there."""
        if through is direct:
            return False
        calls = list(self._first_calls(through, lane))
        return bool(calls) and all(map(self._executor.ready, calls))

    def _first_calls(self, step: Level, lane: Lane) -> Iterator[Call]:
        """Yield the calls of a step whose keys are all pinned."""
        read = step.read
        columns = tuple(read.parameters.values())
        for values in itertools.product(*(self._pinned(read, column) for column in columns)):
            # Do not ask AWS for what it has not made yet, nor for a key that names nothing.
            if any(map(self._is_unmade, columns, values)) or not _OTHER_PATHS.isdisjoint(values):
                continue
            if all(map(self._keys.admits, columns, values)):
                yield self._call(lane, read, dict(zip(columns, values, strict=True)))

    def _pinned(self, read: Read, column: str) -> Sequence[str]:
        pinned = self._keys.pinned.get(column)
        choices = read.choices.get(column)
        if choices is None:
            return pinned or ()
        return choices if pinned is None else [one for one in choices if one in pinned]

    def _call(self, lane: Lane, read: Read, values: Mapping[str, str | None]) -> Call:
        if read is IDENTITY and lane.account.id and self._needs_no_answer:
            return Call(lane, KNOWN_IDENTITY)
        return call_of(lane, read, values, self._plan.columns)

    def _read_on(self, node: Node, answer: Answer) -> None:
        """Keep track of a list: of what comes twice, and of whether its pages end."""
        table = node.step.table
        listing = node.listing
        is_single = answer.count < 2 and not table.outer
        if not table.key or (is_single and not answer.token and not listing):
            return
        rows = rows_of(answer, table, node.step.read)
        if rows.is_broken:
            node.problem = "Something in it is not what the model says, and was left out."
        keys = functools.partial(keys_of, table, node.call, rows)
        if listing is None and not answer.token:
            node.twice = twice_on_page(rows, table, keys)
            return
        listing = listing or Listing(table)
        if answer.token:
            node.listing = listing
        node.twice = listing.twice_in(rows, keys)
        listing.barren = listing.barren + 1 if len(node.twice) == rows.count else 0
        listing.pages += 1
        node.endless = bool(answer.token) and (
            answer.token in listing.tokens
            or listing.barren > MOST_BARREN
            or listing.pages >= MOST_PAGES
        )
        if answer.token:
            listing.tokens.add(answer.token)

    def _children_of_rows(self, node: Node, step: Level, answer: Answer) -> Iterator[Node]:
        """Yield the calls that a step makes with what the rows of an answer hold."""
        table, read, call = node.step.table, step.read, node.call
        rows = rows_of(answer, table, node.step.read)
        given = {}
        for name in read.needs:
            found = raw_cells(table, call, rows, name)
            if found:
                given[name] = found[0]
        # What no parent's row holds is pinned.
        others = [name for name in read.parameters.values() if name not in given]
        others = [name for name in others if name not in read.optional or name in self._keys.pinned]
        fixed = [
            dict(zip(others, values, strict=True))
            for values in itertools.product(*(self._pinned(read, name) for name in others))
        ]
        for position in self._admitted(table, rows, read):
            values = {name: value(position) for name, value in given.items()}
            if any(not _is_valid(table, read, name, value) for name, value in values.items()):
                node.problem = "A resource has no valid id, so what belongs to it cannot be read."
            elif position not in node.twice and self._are_wanted(values):
                codes = _none_here(read)
                if read.depends_on_parent:
                    codes |= _none_here_for(read, table, call, rows, position)
                for place, more in enumerate(fixed):
                    path = (
                        (*node.path, position, place)
                        if len(fixed) > 1
                        else (
                            *node.path,
                            position,
                        )
                    )
                    yield Node(path, step, self._call(call.lane, read, values | more), codes)

    def _admitted(self, table: Table, rows: Rows, read: Read) -> Sequence[int]:
        """Return the positions of the rows that can be wanted: by an index, if a key is pinned."""
        for name in read.needs:
            pinned = self._keys.pinned.get(name)
            if pinned is not None and name in table.index and differs_by_row(table, rows, name):
                return positions_of(table, rows, table.index[name], pinned)
        return range(rows.count)

    def _are_wanted(self, values: Mapping[str, str | None]) -> bool:
        return all(
            name not in self._keys.pinned if value is None else self._keys.admits(name, value)
            for name, value in values.items()
        )


def _is_valid(table: Table, read: Read, name: str, value: object) -> bool:
    if name in read.optional and value in (None, ""):
        return True
    if table.key_arn and name in table.key:
        return isinstance(value, str) and place_of(table.key_arn, value) is not None
    return isinstance(value, str) and _ID.fullmatch(value) is not None


@functools.cache
def _none_here(read: Read) -> frozenset[str]:
    return frozenset(one.code for one in read.none_here if not one.column)


def _none_here_for(
    read: Read, table: Table, call: Call, rows: Rows, position: int
) -> frozenset[str]:
    """Return the codes that mean that there is nothing for one of the parent's rows."""
    return frozenset(
        one.code
        for one in read.none_here
        if one.column and one.holds in str(_cell(table, call, rows, one.column, position))
    )


def _cell(table: Table, call: Call, rows: Rows, name: str, position: int) -> object:
    if differs_by_row(table, rows, name):
        return cells_of(table, rows, table.index[name])[position]
    return parameter(call, name)
