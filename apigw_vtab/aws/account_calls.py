"""What an account is asked about itself: who it is, and which regions it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from queue import SimpleQueue
from typing import NamedTuple

from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.call import Answer, Call
from apigw_vtab.aws.executor import Executor
from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.aws.reply import Reply
from apigw_vtab.tables.account import ENABLED_REGIONS, IDENTITY


class Regions(NamedTuple):
    """An account's regions: those that the patterns admit, and, if listed, all enabled ones."""

    admitted: Sequence[str]
    enabled: Sequence[str] = ()


def identity_call(account: Account) -> Call:
    """Return the call that asks an account for its id."""
    return Call(account.lane(account.home_region), IDENTITY)


def ask_id(account: Account, executor: Executor) -> None:
    """Ask an account for its id, where it is not known, without waiting for the answer."""
    if account.label not in executor.log.account_ids:
        executor.submit(identity_call(account))


def known_id(account: Account, executor: Executor) -> str:
    """Return an account's 12-digit id, from STS. Raises CallFailed."""
    known = executor.log.account_ids.get(account.label)
    if known is None:
        (identity,) = executor.submit(identity_call(account)).result().items
        known = executor.log.account_ids[account.label] = account.id = str(identity["Account"])
    return known


def regions_call(account: Account) -> Call:
    """Return the call that asks an account for its regions."""
    constants = tuple(ENABLED_REGIONS.constants.items())
    return Call(account.lane(account.home_region), ENABLED_REGIONS, constants)


def enabled_regions(answer: Answer) -> list[str]:
    """Return the regions that an account has enabled, by its answer."""
    enabled = (one for one in answer.items if one.get("OptInStatus") != "not-opted-in")
    return list(dict.fromkeys(item["RegionName"] for item in enabled))


def without_list(denied: CallFailed) -> str:
    """Return what is said where an account may not list its regions."""
    return (
        f"{denied.whose} cannot list its regions: {denied.said} Reading all regions that botocore "
        "knows, except those that answer as if they were not enabled. Allow ec2:DescribeRegions, "
        "or name the regions with --region."
    )


def lists_as_they_come(replies: Iterable[Reply]) -> Iterator[list[str]]:
    """Yield the regions that accounts have enabled, whichever has told them first.

    An account that does not tell has none.
    """
    ended: SimpleQueue[Reply] = SimpleQueue()
    waiting = list(replies)
    for reply in waiting:
        reply.add_done_callback(ended.put)
    for _ in waiting:
        answer = ended.get().answer
        yield enabled_regions(answer) if answer else []
