"""Who makes which call, what a worker owes, and what becomes of that when it is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

import pytest

from apigw_vtab import CallFailed
from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.call import Call
from apigw_vtab.cluster.packing import CallOutcome, OutcomeBatch, SignedIn, packed, packed_failure
from tests.cluster.conftest import HandMadeCluster, call

Member = Callable[[int], Account]


def answered(number: int, *items: Any) -> CallOutcome:
    return CallOutcome(number, "ok", 12.5, 1_700_000_000, 2, items)


def test_all_calls_of_an_account_are_with_one_worker(
    cluster: HandMadeCluster, member: Member
) -> None:
    accounts = [member(number) for number in range(4)]
    for account in accounts:
        for region in ("eu-west-1", "us-east-1"):
            cluster.executor.submit(call(account, region))
    sent = [cluster.sent(worker) for worker in range(2)]
    assert [[one.account_id[-1] for _, one in batch.accounts] for batch in sent] == [
        ["0", "2"],
        ["1", "3"],
    ]
    assert [len(batch.calls) for batch in sent] == [4, 4]


def test_an_answer_is_recorded_as_the_worker_met_it(
    cluster: HandMadeCluster, member: Member
) -> None:
    reply = cluster.executor.submit(call(member(1)))
    (sent,) = cluster.sent(0).calls
    cluster.answers(0, answered(sent.number, {"id": "a"}))
    assert reply.result(0).items == ({"id": "a"},)
    (record,) = cluster.executor.log.records()
    assert (record.status, record.attempts, record.rows) == ("ok", 2, 1)
    assert (record.milliseconds, record.started) == (12.5, 1_700_000_000)


def test_an_equal_call_is_sent_once(cluster: HandMadeCluster, member: Member) -> None:
    one = call(member(1))
    first, second = cluster.executor.submit(one), cluster.executor.submit(one)
    (sent,) = cluster.sent(0).calls
    cluster.answers(0, answered(sent.number))
    assert first.result(0) is second.result(0)
    assert cluster.executor.submit(one).result(0) is first.result(0)
    assert cluster.sent(0).calls == ()


def test_a_failure_is_this_calls(cluster: HandMadeCluster, member: Member) -> None:
    one = call(member(1))
    reply = cluster.executor.submit(one)
    (sent,) = cluster.sent(0).calls
    failure = packed_failure(one, one.failed("AccessDeniedException", "Not you."))
    cluster.answers(0, CallOutcome(sent.number, "AccessDeniedException", failure=failure))
    with pytest.raises(CallFailed, match="access denied"):
        reply.result(0)


def test_what_a_lost_worker_owed_is_asked_of_the_other_and_nothing_else(
    cluster: HandMadeCluster, member: Member
) -> None:
    account = member(1)
    done, open_one, unsent = (call(account, one) for one in ("eu-west-1", "eu-west-2", "eu-west-3"))
    replies = [cluster.executor.submit(one) for one in (done, open_one)]
    sent = cluster.sent(0).calls
    replies.append(cluster.executor.submit(unsent))
    cluster.answers(0, answered(sent[0].number, {"id": "a"}))
    cluster.sender.lose(cluster.workers[0])
    again = cluster.sent(1)
    assert [one.region for one in again.calls] == ["eu-west-2", "eu-west-3"]
    # What the lost one sends too late is not taken a second time.
    cluster.answers(0, answered(sent[1].number, {"id": "late"}))
    cluster.answers(1, *(answered(one.number, {"id": "b"}) for one in again.calls))
    assert [reply.result(0).items[0]["id"] for reply in replies] == ["a", "b", "b"]
    assert len(cluster.executor.log.records()) == 3
    assert cluster.executor.log.new_warnings() == [
        "A worker was lost: the others read on with its 1 account, and 2 calls that it had not "
        "answered are made again."
    ]


def test_without_any_worker_left_this_process_reads_on(
    cluster: HandMadeCluster, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    here: list[Call] = []
    monkeypatch.setattr(cluster.sender._local, "put", lambda flight: here.append(flight.call))
    one = call(member(1))
    cluster.executor.submit(one)
    for worker in cluster.workers:
        cluster.sender.lose(worker, "no word from it")
    assert here == [one]
    assert cluster.executor.log.new_warnings()[-1].startswith(
        "A worker was lost (no word from it): this process reads on alone with its 1 account"
    )


def test_a_call_that_nobody_waits_for_is_taken_back(
    cluster: HandMadeCluster, member: Member
) -> None:
    one = call(member(1))
    cluster.executor.submit(one)
    (sent,) = cluster.sent(0).calls
    cluster.executor.abandon(one)
    assert cluster.sent(0).taken_back == [sent.number]
    cluster.answers(0, CallOutcome(sent.number, ""))
    assert cluster.executor.progress().known == 0
    assert cluster.executor.log.records() == []


def test_a_call_that_was_taken_back_and_is_wanted_again_is_sent_again(
    cluster: HandMadeCluster, member: Member
) -> None:
    one = call(member(1))
    cluster.executor.submit(one)
    (sent,) = cluster.sent(0).calls
    cluster.executor.abandon(one)
    cluster.sent(0)
    reply = cluster.executor.submit(one)
    cluster.answers(0, CallOutcome(sent.number, ""))
    (again,) = cluster.sent(0).calls
    cluster.answers(0, answered(again.number, {"id": "a"}))
    assert reply.result(0).count == 1


def test_a_call_that_was_never_sent_is_cancelled_here(
    cluster: HandMadeCluster, member: Member
) -> None:
    one = call(member(1))
    cluster.executor.submit(one)
    cluster.executor.abandon(one)
    assert cluster.sent(0).calls == ()


def test_a_new_statement_lets_workers_hope_again(cluster: HandMadeCluster, member: Member) -> None:
    cluster.executor.statement_began()
    cluster.executor.submit(call(member(1)))
    assert cluster.sent(0).hopes
    cluster.executor.submit(call(member(1), "us-east-1"))
    assert not cluster.sent(0).hopes


def test_closing_cancels_what_is_open(cluster: HandMadeCluster, member: Member) -> None:
    replies = [cluster.executor.submit(call(member(1)))]
    cluster.sent(0)
    replies.append(cluster.executor.submit(call(member(1), "us-east-1")))
    cluster.executor.close()
    for reply in replies:
        with pytest.raises(CancelledError):
            reply.result(0)


def test_what_is_open_when_it_is_stopped_was_interrupted_and_stays_so(
    cluster: HandMadeCluster, member: Member
) -> None:
    replies = [cluster.executor.submit(call(member(1)))]
    (sent,) = cluster.sent(0).calls
    replies.append(cluster.executor.submit(call(member(1), "us-east-1")))
    cluster.executor.stop()
    batch = cluster.sent(0)
    assert (list(batch.calls), list(batch.taken_back)) == ([], [sent.number])
    cluster.answers(0, CallOutcome(sent.number, ""))
    for reply in replies:
        with pytest.raises(CallFailed, match="interrupted"):
            reply.result(0)


def test_how_a_worker_got_its_keys_is_recorded(cluster: HandMadeCluster, member: Member) -> None:
    account = member(1)
    cluster.executor.submit(call(account))
    cluster.sent(0)
    signed_in = SignedIn(0, "ok", 1_700_000_000, 8.5, 2)
    cluster.sender.arrived(cluster.workers[0], packed(OutcomeBatch((), (), [signed_in])))
    (record,) = cluster.executor.log.records()
    assert record.call is account.reaching
    assert record[1:] == ("ok", 1_700_000_000, 8.5, 2, 1)


def test_progress_counts_what_the_workers_owe(cluster: HandMadeCluster, member: Member) -> None:
    for number in range(3):
        for region in ("eu-west-1", "us-east-1"):
            cluster.executor.submit(call(member(number), region))
    cluster.sent(0)
    progress = cluster.executor.progress()
    assert (progress.done, progress.known, progress.busy_lanes) == (0, 6, 6)
    assert progress.seconds_left > 0


def test_what_needs_an_mfa_code_is_read_here_and_said(
    cluster: HandMadeCluster, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    here: list[Call] = []
    monkeypatch.setattr(cluster.sender._local, "put", lambda flight: here.append(flight.call))
    settings = {"mfa_serial": "arn:aws:iam::111122223333:mfa/user"}
    monkeypatch.setattr(Account, "settings", settings)
    cluster.executor.submit(call(member(1)))
    cluster.executor.submit(call(member(2)))
    assert len(here) == 2
    (warning,) = cluster.executor.log.new_warnings()
    assert warning.startswith("Profile first asks for an MFA code")


def test_the_account_that_others_are_reached_from_is_read_here(
    cluster: HandMadeCluster, base: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    here: list[Call] = []
    monkeypatch.setattr(cluster.sender._local, "put", lambda flight: here.append(flight.call))
    cluster.executor.submit(call(base))
    assert here == [call(base)]
