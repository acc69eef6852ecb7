"""How long calls take: by AWS's quotas, and by what one process can send."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from apigw_vtab.aws.accounts import Account, Lane
from apigw_vtab.aws.rate_limit import bucket_for, window_at, window_for
from apigw_vtab.aws.reach.pool import ROLES_A_SECOND
from apigw_vtab.tables.declaration import Operation, Read
from apigw_vtab.tables.services import Service, service_of

# What a process sends where accounts and regions are many: 128 connections, 0.1 s an answer.
CALLS_A_SECOND = 1_000.0
# How many calls there are of an operation in an account and region.
Load = Mapping[tuple[Lane, Operation], int]


def seconds_by_quota(load: Load, max_rps: float | None) -> float:
    """Return the seconds that AWS's quotas alone ask for: those of the slowest account and region.

    `max_rps` is the user's limit for each of them, in requests per second.
    """
    shared: Counter[tuple[Lane, Service]] = Counter()
    own: defaultdict[tuple[Account | Lane, Operation], float] = defaultdict(float)
    for (lane, operation), calls in load.items():
        service = service_of(operation.service)
        quota = service.quota_of(operation.name)
        if service.shared:
            shared[lane, service] += calls
        elif quota and not lane.account.is_sandbox:
            own[lane, operation] += (calls - 1) / window_at(quota.rate, max_rps).rate
        if isinstance(operation, Read) and operation.seconds_each and not lane.account.is_sandbox:
            at_once, seconds = operation.at_once, operation.at_once * operation.seconds_each
            # AWS documents such quotas per account: one pace for all regions.
            own[lane.account, operation] += calls / window_for(at_once, seconds, max_rps).rate
    longest = max(own.values(), default=0.0)
    for (_, service), calls in shared.items():
        assert service.shared
        bucket = bucket_for(max_rps, service.shared.rate, service.shared.burst or 1.0)
        longest = max(longest, (calls - bucket.burst) / bucket.rate)
    return longest


def seconds_here(calls: int, roles: int) -> float:
    """Return the seconds that a process needs to make calls, and to assume roles for them."""
    return max(calls / CALLS_A_SECOND, roles / ROLES_A_SECOND)
