"""The call log: the last calls, in little memory, and what was missing even if it came later."""

from __future__ import annotations

import tracemalloc

import boto3
import pytest

from apigw_vtab.aws import call_log
from apigw_vtab.aws.accounts import Account, Lane
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.call_log import Alike, CallLog, CallRecord
from apigw_vtab.tables.registry import TABLES

CERTIFICATES, STAGES = (
    next(table.reads[-1] for table in TABLES if table.name == name)
    for name in ("client_certificates", "stages")
)
KEPT = 1000


@pytest.fixture
def lane() -> Lane:
    return Lane(Account(boto3.Session()), "us-east-1")


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> CallLog:
    monkeypatch.setattr(call_log, "MOST_CALLS", KEPT)
    return CallLog()


def call_for(lane: Lane, number: int) -> Call:
    return Call(lane, STAGES, (("restApiId", f"{number:010x}"),))


def record(lane: Lane, number: int) -> CallRecord:
    return CallRecord(call_for(lane, number), "ok", 1_795_392_000, number / 10, 1, 3)


def test_the_last_calls_are_kept_and_all_are_counted(book: CallLog, lane: Lane) -> None:
    for number in range(KEPT + 5):
        book.called(record(lane, number))
    assert book.calls_made == KEPT + 5
    kept = book.rows("api_calls")
    assert len(kept) == KEPT
    assert kept[0]["parameters"] == '{"restApiId":"0000000005"}'


def test_a_call_that_is_kept_takes_half_a_kib(book: CallLog, lane: Lane) -> None:
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(KEPT):
            book.called(record(lane, number))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (after - before) / KEPT < 640


def test_calls_since_a_moment_are_given(book: CallLog, lane: Lane) -> None:
    for number in range(KEPT + 5):
        if number == KEPT + 3:
            since = book.calls_made
        book.called(record(lane, number))
    assert [one.milliseconds for one in book.records(since)] == [100.3, 100.4]
    assert book.records(book.calls_made) == []


def test_what_was_answered_later_was_missed_all_the_same(book: CallLog, lane: Lane) -> None:
    calls = [call_for(lane, number) for number in range(3)]
    failures = [call.failed("InternalFailure", "") for call in calls]
    for call, failure in zip(calls, failures, strict=True):
        book.unread(call, failure)
    book.answered(calls[1])
    assert book.failures() == [failures[0], failures[2]]
    assert book.missed() == failures
    assert len(book.rows("scan_errors")) == 2


def test_a_mark_leaves_out_what_was_missed_before(book: CallLog, lane: Lane) -> None:
    first, second = call_for(lane, 1), call_for(lane, 2)
    book.unread(first, first.failed("InternalFailure", ""))
    mark = book.mark()
    again = first.failed("InternalFailure", "again")
    other = second.failed("InternalFailure", "")
    book.unread(second, other)
    book.unread(first, again)
    assert book.missed(mark) == [again, other]


def test_failures_have_an_order_of_their_own(book: CallLog) -> None:
    book.expect(["second", "first"])
    places = [
        (profile, region, read)
        for profile in ("second", "first")
        for region in ("eu-west-1", "us-east-1")
        for read in (CERTIFICATES, STAGES)
    ]
    accounts = {name: Account(boto3.Session(profile_name=name)) for name in ("first", "second")}
    for profile, region, read in sorted(places, key=lambda one: (one[1], one[0], one[2].name[-1])):
        call = Call(accounts[profile].lane(region), read)
        book.unread(call, call.failed("InternalFailure", ""))
    told = [(one.profile, one.region, one.operation) for one in book.missed()]
    assert told == [(profile, region, read.name) for profile, region, read in places]
    assert [row["operation"] for row in book.rows("scan_errors")] == [one for _, _, one in told]


@pytest.mark.parametrize(("accounts", "lines"), [(3, 3), (4, 1), (40, 1)])
def test_a_warning_about_more_than_three_accounts_is_one_line(
    book: CallLog, accounts: int, lines: int
) -> None:
    names = [f"account-{number:02d}" for number in range(accounts)]
    for name in names:
        book.warn(f"Region x is off for {name}.", Alike("off", name))
    book.warn("Another word.")
    told = book.new_warnings()
    assert len(told) == lines + 1
    assert told[-1] == "Another word."
    assert "off for account-00." in told[0]
    assert (f"{accounts} accounts (account-00, account-01, " in told[0]) == (lines == 1)
    assert book.new_warnings() == []


def test_warnings_of_many_accounts_about_different_things_are_not_mixed(book: CallLog) -> None:
    for number in range(5):
        for region in ("x", "y"):
            account = f"account-{number}"
            book.warn(f"Region {region} is off for {account}.", Alike(region, account))
    assert [line.split("them: ")[1] for line in book.new_warnings()] == [
        "Region x is off for account-0.",
        "Region y is off for account-0.",
    ]
