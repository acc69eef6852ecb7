"""What statements would cost: their calls by operation, account and region, before they are made.

They run with a stand-in for the calls. Where that takes few calls, lists that decide which others
follow are really read, and kept in the cache; all others are recorded, and answered with nothing.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

import apsw.ext

from apigw_vtab.aws.account_calls import enabled_regions, regions_call
from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.estate import Estate
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.regions import ALWAYS_ENABLED, is_pattern
from apigw_vtab.aws.rehearsal import RehearsalExecutor
from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.explanation import Explanation, OpenEnded
from apigw_vtab.sqlite.tokens import tokens
from apigw_vtab.tables.account import ENABLED_REGIONS, IDENTITY
from apigw_vtab.tables.declaration import Operation, Read, Table
from apigw_vtab.tables.values import SqlValue

_PLANNED = re.compile(r"VIRTUAL TABLE INDEX \d+:(\w+)\(")
# Lists that are read to find out what follows from them; that of the accounts is not among them.
MOST_LED = 100
# Calls that are made where lists lead to further ones.
MOST_MADE = 300
# So many statements are run over all accounts; for more of them, one account stands for all.
FEW_STATEMENTS = 3


class _Statement(NamedTuple):
    """A statement that reads, its parameters, and the tables and columns that it names."""

    sql: str
    bindings: Mapping[str, SqlValue]
    columns: frozenset[tuple[str, str]]

    @property
    def tables(self) -> frozenset[str]:
        return frozenset(table for table, _ in self.columns)


def explain(connection: Connection, sql: str, bindings: Mapping[str, SqlValue]) -> Explanation:
    """Return the calls of a statement. Raises UsageError for several, or for one that writes."""
    return explain_all(connection, [(sql, bindings)])


def explain_all(
    connection: Connection,
    statements: Iterable[tuple[str, Mapping[str, SqlValue]]],
    *,
    is_kept: bool = True,
) -> Explanation:
    """Return the calls of statements that share their answers. Raises UsageError as `explain`.

    `is_kept`: the statements will run on this connection, so that what is read now is not read
    again.
    """
    is_kept &= connection.executor.cache_ttl > 0
    wanted = [_read_statement(connection, sql, bindings) for sql, bindings in statements]
    before = connection.executor.log.calls_made
    with connection.executor.as_one_statement():
        estate, failed = connection.context.estate, connection.context.failed
        is_of_profiles = estate.reach is None or estate.reach.choice.is_of_profiles
        accounts = estate.profiles if is_of_profiles else estate.accounts(failed)
        are_named = not any(map(is_pattern, estate.patterns))
        regions = len(estate.patterns if are_named else ALWAYS_ENABLED)
        found = None
        if len(accounts) * regions > MOST_LED or len(wanted) > FEW_STATEMENTS:
            found = _Rehearsal(connection, wanted, accounts, is_rough=True).run(is_kept=is_kept)
        if found is None or found.lists <= MOST_LED:
            found = _Rehearsal(connection, wanted, accounts, is_rough=False).run(is_kept=is_kept)
        return found.explanation(before, is_kept=is_kept)


def _read_statement(
    connection: Connection, sql: str, bindings: Mapping[str, SqlValue]
) -> _Statement:
    info = apsw.ext.query_info(connection, sql, dict(bindings), actions=True)
    if (info.query_remaining or "").strip():
        raise UsageError("Give one statement at a time.")
    if not info.is_readonly:
        raise UsageError(
            "The statement writes: --dry-run, or .dryrun on in the shell, shows what it changes."
        )
    named = {
        (one.table_name or "", one.column_name or "")
        for one in info.actions or ()
        if one.action == apsw.SQLITE_READ
    }
    return _Statement(info.first_query, bindings, frozenset(named))


class _Rehearsal:
    """One run of statements with a stand-in for their calls.

    A rough one reads no list, and takes every account to have the regions of the one that the
    others are reached from; many statements are run over one account alone.
    """

    def __init__(
        self,
        connection: Connection,
        statements: Sequence[_Statement],
        accounts: Sequence[Account],
        *,
        is_rough: bool,
    ) -> None:
        self._connection, self._statements = connection, statements
        self._is_rough, self._accounts, self._is_cut = is_rough, accounts, False
        self._leading: frozenset[Read] = frozenset().union(
            *(leading_reads(self._tables.values(), one.tables, one.columns) for one in statements)
        )
        self._executor = RehearsalExecutor(connection.executor, self._leads, self._instead)
        # The last ones are reached by a role; the first may be the profile's own.
        is_narrow = is_rough and len(statements) > FEW_STATEMENTS
        self._chosen = accounts[-1:] if is_narrow else accounts
        self._operations: dict[str, None] = {}

    @property
    def _tables(self) -> Mapping[str, Table]:
        return self._connection.context.tables

    @property
    def lists(self) -> int:
        """How many lists lead to other calls, in all accounts."""
        alike = len(self._accounts) // max(1, len(self._chosen))
        leading = (*self._leading, ENABLED_REGIONS)
        return sum(call.operation in leading for call in self._executor.planned) * alike

    def run(self, *, is_kept: bool) -> _Rehearsal:
        """Run the statements; what is read is read again later unless it `is_kept`."""
        connection = self._connection
        with self._narrowed(), connection.context.estate.executed_by(self._executor):
            for one in self._statements:
                list(connection.execute(one.sql, dict(one.bindings)))
                plan = connection.execute(f"explain query plan {one.sql}", dict(one.bindings))
                for row in plan:
                    self._operations.update(dict.fromkeys(_PLANNED.findall(str(row[3]))))
            # They may not have waited for every answer that their real run needs.
            for reply in self._executor.led.values():
                reply.exception()
        for call, reply in self._executor.led.items():
            # The real run will ask again.
            if not is_kept or reply.exception():
                self._executor.planned[call] = None
        return self

    def explanation(self, before: int, *, is_kept: bool) -> Explanation:
        """Return what was found; the calls since `before` were made for it. `is_kept` as above."""
        connection, planned = self._connection, self._executor.planned
        load = Counter((call.lane, call.operation) for call in planned)
        asked = {call.lane.account for call in planned}
        if asked and len(self._chosen) < len(self._accounts):
            asked.update(self._accounts)
        cached = {call.operation.name for call in _cached(connection)}
        known = {call.operation for call in (*planned, *_cached(connection))}
        if not self._is_rough:
            known |= self._leading
        reach = connection.context.estate.reach
        return Explanation(
            load,
            Counter(one.call.operation.name for one in connection.executor.log.records(before)),
            self._open_ended(known),
            is_cached=bool(cached & set(self._operations)),
            may_end_early=any(_may_end_early(one.sql) for one in self._statements),
            is_rough=self._is_rough,
            is_cut=self._is_cut,
            alike=len(self._accounts) // max(1, len(self._chosen)),
            roles=sum(
                one.reaching is not None and not (is_kept and one.is_signed_in) for one in asked
            ),
            regions=self._regions if self._is_rough and "_regions" in vars(self) else (),
            max_rps=connection.executor.max_rps,
            sample=len(self._accounts) / reach.known if reach and reach.known else 1.0,
        )

    def _open_ended(self, known: Set[Operation]) -> dict[Operation, OpenEnded]:
        """Return the operations that are called for rows which are not known."""
        found: dict[Operation, OpenEnded] = {}
        named = frozenset().union(*(one.tables for one in self._statements))
        for table in self._tables.values():
            reads = [one for one in table.reads if one.name in self._operations]
            above = list(table.ancestors)[::-1]
            if table.name not in named or known >= set(reads):
                continue
            if not above:
                # One resource after the other, by what other rows say.
                found |= {one: OpenEnded("", 1, table.reads[-1]) for one in reads}
                continue
            chain = [one.reads[-1] for one in above]
            for depth, one in enumerate([*chain[1:], *reads], 1):
                if one not in known:
                    parent = above[min(depth, len(above)) - 1].name
                    found[one] = OpenEnded(parent, min(depth, len(above)), chain[0])
        return found

    @contextlib.contextmanager
    def _narrowed(self) -> Iterator[None]:
        """Let the statements read the chosen accounts alone while the block runs."""
        context, before = self._connection.context, self._connection.context.estate
        if len(self._chosen) < len(self._accounts):
            context.move_to(Estate(self._chosen, before.patterns, before.executor))
        try:
            yield
        finally:
            context.move_to(before)

    def _leads(self, call: Call) -> bool:
        """Return whether other calls follow from the answer: ids, regions, lists of parents."""
        if self._is_rough:
            ids = self._connection.executor.log.account_ids
            return call.operation is IDENTITY and call.lane.account.label not in ids
        is_leading = call.operation in (IDENTITY, ENABLED_REGIONS, *self._leading)
        if not is_leading or call in self._executor.led:
            return is_leading
        self._is_cut |= len(self._executor.led) >= MOST_MADE
        return not self._is_cut

    def _instead(self, call: Call) -> Answer | None:
        """Return an account's regions without asking it."""
        if call.operation is not ENABLED_REGIONS:
            return None
        return Answer([{"RegionName": one} for one in self._regions])

    @functools.cached_property
    def _regions(self) -> Sequence[str]:
        """The regions of the account that others are reached from."""
        reach = self._connection.context.estate.reach
        base = reach.bases[0] if reach else self._accounts[0]
        call = regions_call(base)
        try:
            answer = self._connection.executor.submit(call).result()
        except CallFailed:
            return sorted(ALWAYS_ENABLED.intersection(base.known_regions) or base.known_regions)
        return enabled_regions(answer)


def leading_reads(
    tables: Iterable[Table], named: Container[str], columns: Container[tuple[str, str]]
) -> frozenset[Read]:
    """Return the lists whose rows are needed to read other tables, or single resources.

    Those that a lane begins with, those that lead to one of the `named` tables, and those of a
    table with one of the `columns` that only a single resource has.
    """
    every = list(tables)
    found = {
        ancestor.reads[-1]
        for table in every
        for ancestor in table.ancestors
        if not ancestor.reads[-1].needs or table.name in named
    }
    for table in every:
        asked = {name for read in table.reads for name in read.asks}
        for last in table.reads[-1:]:
            single = (asked - last.asks.keys()) | table.lacking[last]
            if any((table.name, name) in columns for name in single):
                found.add(last)
    return frozenset(found)


def _may_end_early(sql: str) -> bool:
    words = Counter(token.text.lower() for token in tokens(sql))
    return words["limit"] > 0 or words["select"] > 1


def _cached(connection: Connection) -> list[Call]:
    reads = {read for table in connection.context.tables.values() for read in table.reads}
    return [call for read in reads for call, _ in connection.executor.answered(read)]
