"""An answer to come: who waits for it, who is told, and who may still take it back."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor, TimeoutError

import pytest

from apigw_vtab.aws.call import Answer
from apigw_vtab.aws.reply import Reply

ANSWER = Answer([])


def test_all_who_wait_get_the_answer() -> None:
    reply = Reply()
    with ThreadPoolExecutor(3) as threads:
        waiting = [threads.submit(reply.result, 60) for _ in range(3)]
        reply.set_result(ANSWER)
        assert [one.result() for one in waiting] == [ANSWER] * 3


def test_an_error_is_raised_to_each_who_asks() -> None:
    reply, error = Reply(), ValueError("no")
    reply.set_exception(error)
    for _ in range(2):
        with pytest.raises(ValueError, match=r"^no$"):
            reply.result()
    assert reply.exception() is error


def test_one_that_nobody_works_on_can_be_cancelled() -> None:
    reply = Reply()
    assert reply.cancel()
    assert reply.cancelled()
    assert not reply.begin()
    with pytest.raises(CancelledError):
        reply.result()


def test_one_that_is_worked_on_cannot_be_cancelled() -> None:
    reply = Reply()
    assert reply.begin()
    assert not reply.cancel()
    reply.set_result(ANSWER)
    assert not reply.cancel()
    assert reply.result() is ANSWER


def test_who_waits_for_one_that_is_cancelled_is_woken() -> None:
    reply, waits = Reply(), threading.Event()

    def wait() -> None:
        waits.set()
        reply.result(60)

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(wait)
        waits.wait(60)
        reply.cancel()
        with pytest.raises(CancelledError):
            waiting.result(60)


def test_patience_ends() -> None:
    with pytest.raises(TimeoutError):
        Reply().result(0.001)


@pytest.mark.parametrize("is_done", [False, True])
def test_a_callback_is_called_once_whether_it_comes_early_or_late(is_done: bool) -> None:
    reply, told = Reply(), list[Reply]()
    if is_done:
        reply.set_result(ANSWER)
    reply.add_done_callback(told.append)
    if not is_done:
        assert told == []
        reply.set_result(ANSWER)
    assert told == [reply]


def test_a_callback_that_fails_takes_nothing_from_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    reply, told = Reply(), list[Reply]()
    reply.add_done_callback(lambda _: told[9].cancel())  # type: ignore[arg-type]
    reply.add_done_callback(told.append)
    reply.set_result(ANSWER)
    assert told == [reply]
    assert "IndexError" in caplog.text


def test_it_is_small() -> None:
    lock = threading.Lock()
    assert sys.getsizeof(Reply(lock)) < 150
    assert not hasattr(Reply(lock), "__dict__")
