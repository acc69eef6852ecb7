"""What statements will cost, as far as it is known before they run."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from apigw_vtab.aws.accounts import Lane
from apigw_vtab.aws.duration import seconds_by_quota, seconds_here
from apigw_vtab.tables.declaration import Operation, Read


class OpenEnded(NamedTuple):
    """How often an operation is called: once for each row of a table that has not been read.

    `parent` is that table, empty where it is not known. `depth` is how many lists lie above it, and
    `first` the one that an account and region begins with.
    """

    parent: str
    depth: int
    first: Read


class OperationCost(NamedTuple):
    """The calls of one operation: in how many accounts and regions, and their seconds."""

    operation: str
    accounts: int
    regions: int
    calls: int
    seconds: float


@dataclasses.dataclass(frozen=True)
class Explanation:
    """The calls that statements will make, as far as they are known before they run.

    `load` counts them by account and region, and operation; there are `alike` accounts for each
    in it. `made` counts those that were made to find out. `open_ended` are the operations that
    will be called for rows that are not known yet. `is_cached` says that the cache
    has some of the answers, `may_end_early` that SQLite may not want all rows, `is_rough` that
    no list was read, as there are too many, `is_cut` that some were not. Each of the `roles` is a
    call, too. `regions` are those that every account was taken to have. `max_rps` is the user's
    limit, and `sample` the part of all accounts that the user wants read.
    """

    load: Counter[tuple[Lane, Operation]]
    made: Counter[str]
    open_ended: Mapping[Operation, OpenEnded]
    is_cached: bool = False
    may_end_early: bool = False
    is_rough: bool = False
    is_cut: bool = False
    alike: int = 1
    roles: int = 0
    regions: Sequence[str] = ()
    max_rps: float | None = None
    sample: float = 1.0

    @functools.cached_property
    def calls(self) -> Counter[tuple[str, str, str]]:
        """The calls by operation, account and region."""
        found: Counter[tuple[str, str, str]] = Counter()
        for (lane, operation), calls in self.load.items():
            found[operation.name, lane.account.label, lane.region] += calls
        return found

    @property
    def total(self) -> int:
        """How many calls there are, as far as is known."""
        return self.load.total() * self.alike + self.roles

    @property
    def quota_seconds(self) -> float:
        """The seconds that AWS's quotas alone ask for."""
        return seconds_by_quota(self.load, self.max_rps)

    @property
    def seconds(self) -> float:
        """About how many seconds the calls take."""
        return max(self.quota_seconds, seconds_here(self.total, self.roles))

    @property
    def of_all_accounts(self) -> tuple[int, float]:
        """How many calls and seconds it would be without the sample."""
        calls, roles = round(self.total / self.sample), round(self.roles / self.sample)
        return calls, max(self.quota_seconds, seconds_here(calls, roles))

    def by_operation(self) -> list[OperationCost]:
        """Return what each operation costs, the most calls first."""
        operations: dict[str, Counter[tuple[Lane, Operation]]] = {}
        for (lane, operation), calls in self.load.items():
            own = operations.setdefault(operation.name, Counter())
            own[lane, operation] += calls
        costs = [
            OperationCost(
                name,
                len({lane.account for lane, _ in own}) * self.alike,
                len({lane.region for lane, _ in own}),
                calls := own.total() * self.alike,
                max(seconds_by_quota(own, self.max_rps), seconds_here(calls, 0)),
            )
            for name, own in operations.items()
        ]
        if self.roles:
            costs.append(
                OperationCost("AssumeRole", self.roles, 1, self.roles, seconds_here(0, self.roles))
            )
        return sorted(costs, key=lambda one: (-one.calls, one.operation))

    def with_rows(self, rows: int) -> Explanation:
        """Return what it would be if each list that was not read had so many rows."""
        load = self.load.copy()
        for operation, (_, depth, first) in self.open_ended.items():
            for lane in [lane for lane, listed in self.load if listed is first]:
                load[lane, operation] += rows**depth
        return dataclasses.replace(self, load=load)
