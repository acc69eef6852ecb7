"""What passes between the processes: plain, whole, and without keys."""

from __future__ import annotations

from collections.abc import Callable

from apigw_vtab import CallFailed, UsageError
from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.causes import CAUSES
from apigw_vtab.aws.known_causes import KNOWN_OTHERWISE, MEMBER_REFUSED
from apigw_vtab.cluster.packing import (
    batch_of,
    failure_of,
    packed,
    packed_failure,
    packed_read,
    read_of,
)
from apigw_vtab.tables.account import IDENTITY
from apigw_vtab.tables.registry import TABLES
from tests.cluster.conftest import HandMadeCluster, call

Member = Callable[[int], Account]
SENT = (
    *("service", "name", "items", "item", "names", "seconds_each", "at_once", "account_wide"),
    "secrets",
)


def test_no_key_is_in_what_passes_to_a_worker(
    cluster: HandMadeCluster, member: Member, base: Account
) -> None:
    base.prepare("sts", "AssumeRole", "eu-west-1")
    assert base._credentials is not None
    keys = base._credentials.get_frozen_credentials()
    for number in range(4):
        cluster.executor.submit(call(member(number)))
    for worker in range(2):
        data = packed(cluster.sent(worker))
        assert b"told-by-partner" in data
        for secret in (keys.access_key, keys.secret_key, "aws_secret"):
            assert secret.encode() not in data


def test_an_operation_arrives_as_it_was() -> None:
    for read in (one for table in TABLES for one in table.reads):
        there = read_of(packed_read(read))
        assert [getattr(there, name) for name in SENT] == [getattr(read, name) for name in SENT]
        assert (there.page and there.page.token_member) == (read.page and read.page.token_member)
        assert (there is IDENTITY) == (read is IDENTITY)


def test_a_failure_says_the_same_here(member: Member) -> None:
    there, here = call(member(1)), call(member(1))
    for cause in (*CAUSES, *KNOWN_OTHERWISE):
        failure = there.failed("AccessDenied", "User is not authorized.")
        failure.because, failure.role, failure.clock = cause, "the role", "3 minutes behind"
        found = failure_of(here, packed_failure(there, failure))
        assert isinstance(found, CallFailed)
        assert found.cause is cause
        assert str(found) == str(failure)


def test_an_account_that_was_not_reached_is_told_as_such(member: Member) -> None:
    there, here = call(member(1)), call(member(1))
    failure = there.failed("AccessDenied", "No.")
    failure.unreached, failure.because = there.lane.account.reaching, MEMBER_REFUSED
    failure.service, failure.operation, failure.region = "sts", "AssumeRole", "us-east-1"
    found = failure_of(here, packed_failure(there, failure))
    assert isinstance(found, CallFailed)
    assert found.unreached == here.lane.account.reaching
    assert (found.operation, found.region) == ("AssumeRole", "us-east-1")


def test_other_errors_keep_their_words(member: Member) -> None:
    one = call(member(1))
    assert isinstance(failure_of(one, packed_failure(one, UsageError("no profile"))), UsageError)
    odd = failure_of(one, packed_failure(one, KeyError("odd")))
    assert (type(odd), str(odd)) == (RuntimeError, "KeyError: 'odd'")


def test_an_account_and_an_operation_are_described_once(
    cluster: HandMadeCluster, member: Member
) -> None:
    account = member(1)
    for region in ("eu-west-1", "us-east-1"):
        cluster.executor.submit(call(account, region))
    first = cluster.sent(0)
    assert [(number, one.account_id) for number, one in first.accounts] == [(0, "000000000001")]
    assert (len(first.reads), len(first.calls)) == (1, 2)
    cluster.executor.submit(call(account, "eu-central-1"))
    again = batch_of(packed(cluster.sent(0)))
    assert (again.accounts, again.reads, len(again.calls)) == ([], [], 1)
