"""What fetches the keys and lists of many accounts, and what a signal finds it doing."""

from __future__ import annotations

from typing import NoReturn

import boto3
import pytest

from apigw_vtab.aws.accounts import Account, Lane
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.call_log import CallLog
from apigw_vtab.aws.reach.pool import FetchPool
from apigw_vtab.tables.account import ACCOUNTS_OF_USER


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


@pytest.fixture(name="call")
def call_fixture() -> Call:
    return Call(Lane(Account(boto3.Session()), "us-east-1"), ACCOUNTS_OF_USER)


def test_a_signal_before_a_call_is_sent_is_no_other_error(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = CallLog()
    monkeypatch.setattr(FetchPool, "_take_turn", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        FetchPool(100, 60, log).patiently(call, lambda: None)
    assert log.calls_made == 0


def test_a_call_that_a_signal_ends_is_recorded_as_interrupted(call: Call) -> None:
    log = CallLog()
    with pytest.raises(KeyboardInterrupt):
        FetchPool(100, 60, log).patiently(call, _interrupt)
    assert [one.status for one in log.records()] == ["Interrupted"]
