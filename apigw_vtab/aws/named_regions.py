"""Regions that the user names and botocore does not know: new ones, or misspelt ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.regions import (
    ALWAYS_ENABLED,
    HOME_REGIONS,
    all_known_regions,
    is_pattern,
    partition_by_name,
)
from apigw_vtab.aws.reply import Reply
from apigw_vtab.errors import UsageError, did_you_mean


def settle_homes(accounts: Iterable[Account], patterns: Sequence[str]) -> None:
    """Give accounts whose profile names no region a home in the partition that is asked for."""
    partitions = {partition_by_name(pattern) for pattern in patterns}
    if len(partitions) != 1 or partitions == {"aws"}:
        return
    (partition,) = partitions
    named = sorted(pattern for pattern in patterns if not is_pattern(pattern))
    home = HOME_REGIONS.get(partition) or (named[0] if named else None)
    for account in accounts:
        if account.is_region_assumed and home:
            account.settle(home)


def unknown_regions(named: Iterable[str], accounts: Iterable[Account]) -> frozenset[str]:
    """Return the regions that botocore does not know in any partition.

    The sandbox knows its own regions alone, whatever botocore knows.
    """
    unusual = frozenset(named) - ALWAYS_ENABLED
    if any(account.is_sandbox for account in accounts):
        return unusual
    return unusual - all_known_regions() if unusual else unusual


def check_listed(
    unknown: Iterable[str],
    accounts: Sequence[Account],
    ask: Callable[[Account], Reply],
    warn: Callable[[str], None],
) -> None:
    """Look up regions that botocore does not know in what `ask` gives: each account's regions.

    Raises UsageError for one that no account has, or that could not be looked up. Behind an
    endpoint of the user's own the latter is only a warning: it may have regions of its own.
    """
    answers = [(account, ask(account)) for account in accounts]
    listed: set[str] = set()
    failures: list[CallFailed] = []
    for _, answer in answers:
        try:
            listed.update(item["RegionName"] for item in answer.result().items)
        except CallFailed as failure:
            failures.append(failure)
    own_endpoint = all(account.endpoint_url for account in accounts)
    for region in sorted(set(unknown) - listed):
        hint = did_you_mean(region, sorted(listed or all_known_regions()))
        if not failures:
            names = ", ".join(account.label for account in accounts)
            raise UsageError(f"There is no region {region} for profile {names}.{hint}")
        told = f"Region {region} is not known here, and could not be looked up.{hint}"
        if not own_endpoint:
            raise UsageError(f"{told} If it is right, first this has to work: {failures[0]}")
        warn(f"{told} Reading it at the endpoint that you gave. The look-up: {failures[0]}")
