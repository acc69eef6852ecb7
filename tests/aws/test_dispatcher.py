"""The dispatcher: its threads take jobs from paced queues, in order and at their pace."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from apigw_vtab.aws.dispatcher import Dispatcher, Job, PacedQueue
from apigw_vtab.aws.rate_limit import (
    BothPaces,
    Bucket,
    bucket_for,
    no_limit,
)

# After these seconds a test has failed rather than being slow; no test measures time.
TOO_LONG = 20


class GatedBucket(Bucket):
    """A bucket without a clock: it has tokens whenever the test says so."""

    is_open = True

    def ready_at(self, now: float) -> float:
        return now if self.is_open else now + 0.001


class JobNotes:
    """What jobs note down, in the order in which they note it."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self._changed = threading.Condition()

    def note(self, what: str) -> None:
        with self._changed:
            self.taken.append(what)
            self._changed.notify_all()

    def job(self, what: str) -> Job:
        return lambda: self.note(what)

    def wait_for(self, count: int) -> list[str]:
        """Wait for so many notes, and return all that there are."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.taken) >= count, TOO_LONG)
            return list(self.taken)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TOO_LONG
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def own_threads() -> set[threading.Thread]:
    return {one for one in threading.enumerate() if one.name == "apigw-vtab call"}


@pytest.fixture
def notes() -> JobNotes:
    return JobNotes()


@pytest.fixture
def dispatch() -> Iterator[Callable[[int], Dispatcher]]:
    """Makes dispatchers of so many threads, and closes them."""
    made: list[Dispatcher] = []

    def make(threads: int) -> Dispatcher:
        made.append(Dispatcher(threads))
        return made[-1]

    yield make
    for dispatcher in made:
        dispatcher.close()


Dispatch = Callable[[int], Dispatcher]


def test_the_jobs_of_a_line_go_in_order(dispatch: Dispatch, notes: JobNotes) -> None:
    dispatcher, queue = dispatch(1), PacedQueue(no_limit())
    for number in range(100):
        dispatcher.put(queue, notes.job(str(number)))
    assert notes.wait_for(100) == [str(number) for number in range(100)]


def test_every_job_goes_once(dispatch: Dispatch, notes: JobNotes) -> None:
    dispatcher, queues = dispatch(8), [PacedQueue(no_limit()) for _ in range(4)]
    expected = [f"{queue} {number}" for number in range(50) for queue in range(4)]
    for name in expected:
        dispatcher.put(queues[int(name[0])], notes.job(name))
    assert Counter(notes.wait_for(len(expected))) == Counter(expected)


@pytest.mark.parametrize("queues", [1, 3])
def test_jobs_go_side_by_side(dispatch: Dispatch, notes: JobNotes, queues: int) -> None:
    dispatcher, in_queues = dispatch(3), [PacedQueue(no_limit()) for _ in range(queues)]
    all_three = threading.Barrier(3)

    def job() -> None:
        all_three.wait(TOO_LONG)
        notes.note("together")

    for number in range(3):
        dispatcher.put(in_queues[number % queues], job)
    assert notes.wait_for(3) == ["together"] * 3


def test_no_more_jobs_go_at_once_than_there_are_threads(
    dispatch: Dispatch, notes: JobNotes
) -> None:
    dispatcher, queue, running = dispatch(3), PacedQueue(no_limit()), threading.Semaphore(3)

    def job() -> None:
        free = running.acquire(blocking=False)
        notes.note("within" if free else "too many")
        running.release()

    for _ in range(200):
        dispatcher.put(queue, job)
    assert set(notes.wait_for(200)) == {"within"}


def test_a_line_leaves_threads_to_the_others(dispatch: Dispatch, notes: JobNotes) -> None:
    dispatcher, greedy, modest = dispatch(16), PacedQueue(no_limit()), PacedQueue(no_limit())
    go_on = threading.Event()

    def job() -> None:
        notes.note("under way")
        go_on.wait(TOO_LONG)

    dispatcher.put(modest, job)
    for _ in range(20):
        dispatcher.put(greedy, job)
    notes.wait_for(1 + 8)
    assert greedy.under_way == 8
    go_on.set()
    notes.wait_for(1 + 20)


def test_a_line_that_waits_holds_up_no_other(dispatch: Dispatch, notes: JobNotes) -> None:
    dispatcher, bucket = dispatch(1), GatedBucket()
    bucket.is_open = False
    dispatcher.put(PacedQueue(bucket), notes.job("slow"))
    dispatcher.put(PacedQueue(no_limit()), notes.job("free"))
    assert notes.wait_for(1) == ["free"]
    bucket.is_open = True
    assert notes.wait_for(2) == ["free", "slow"]


def test_a_job_that_is_put_back_goes_before_the_rest_of_its_line(
    dispatch: Dispatch, notes: JobNotes
) -> None:
    dispatcher, bucket, all_put = dispatch(1), GatedBucket(), threading.Event()
    queue = PacedQueue(bucket)

    def first_try() -> None:
        all_put.wait(TOO_LONG)
        bucket.is_open = False
        dispatcher.put_back(queue, notes.job("a again"), 0.0)
        notes.note("a fails")

    dispatcher.put(queue, first_try)
    dispatcher.put(queue, notes.job("b"))
    dispatcher.put(queue, notes.job("c"))
    all_put.set()
    notes.wait_for(1)
    until(lambda: len(queue.jobs) == 3)
    bucket.is_open = True
    assert notes.wait_for(4) == ["a fails", "a again", "b", "c"]


def test_a_job_can_be_put_back_until_it_is_done(dispatch: Dispatch, notes: JobNotes) -> None:
    dispatcher, queue = dispatch(2), PacedQueue(no_limit())

    def job() -> None:
        notes.note("try")
        if len(notes.taken) < 5:
            dispatcher.put_back(queue, job, 0.0)
        else:
            notes.note("done")

    dispatcher.put(queue, job)
    assert notes.wait_for(6) == ["try"] * 5 + ["done"]


def test_a_throttle_slows_its_line_alone(dispatch: Dispatch) -> None:
    dispatcher, throttled, other = dispatch(1), PacedQueue(bucket_for(8)), PacedQueue(bucket_for(8))
    dispatcher.answered(throttled, throttled=True)
    now = time.monotonic()
    assert throttled.bucket.ready_at(now) > now
    assert other.bucket.ready_at(now) == now


def test_jobs_keep_no_process_alive(dispatch: Dispatch, notes: JobNotes) -> None:
    def job() -> None:
        notes.note("daemon" if threading.current_thread().daemon else "not a daemon")

    dispatch(1).put(PacedQueue(no_limit()), job)
    assert notes.wait_for(1) == ["daemon"]


def test_without_jobs_there_are_no_threads(dispatch: Dispatch) -> None:
    before = own_threads()
    dispatch(8)
    assert own_threads() <= before


def test_closing_drops_what_waits_and_ends_the_threads(notes: JobNotes) -> None:
    before, dispatcher, bucket = own_threads(), Dispatcher(2), GatedBucket()
    bucket.is_open = False
    dispatcher.put(PacedQueue(bucket), notes.job("late"))
    started = own_threads() - before
    dispatcher.close()
    bucket.is_open = True
    for thread in started:
        thread.join(TOO_LONG)
        assert not thread.is_alive()
    assert notes.taken == []


def test_nothing_goes_after_closing(notes: JobNotes) -> None:
    before, dispatcher = own_threads(), Dispatcher(2)
    dispatcher.close()
    dispatcher.put(PacedQueue(no_limit()), notes.job("late"))
    assert own_threads() <= before
    assert notes.taken == []


def test_what_a_scarcer_quota_lets_through_goes_before_the_rest_of_its_line(
    dispatch: Dispatch, notes: JobNotes
) -> None:
    lane, own = GatedBucket(math.inf, math.inf), GatedBucket(math.inf, math.inf)
    plain, beside = PacedQueue(lane), PacedQueue(BothPaces(own, lane))
    plain.scarcer += (beside,)
    dispatcher = dispatch(1)
    lane.is_open = False
    for number in range(3):
        dispatcher.put(plain, notes.job(f"plain {number}"))
    dispatcher.put(beside, notes.job("beside"))
    lane.is_open = True
    assert notes.wait_for(4) == ["beside", "plain 0", "plain 1", "plain 2"]
