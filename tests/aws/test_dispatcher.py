"""Pacing: the bucket as arithmetic with invented times, and threads that only keep an order."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from apigw_vtab.aws.dispatcher import Dispatcher, Job, PacedQueue
from apigw_vtab.aws.rate_limit import (
    BELOW_MEASURE,
    BURST,
    RATE,
    SLOWEST_RATE,
    Bucket,
    bucket_for,
    no_limit,
)

# Seconds after which a test has failed rather than being slow; no test measures time.
TOO_LONG = 20


def send(bucket: Bucket, calls: int, now: float = 0.0) -> list[float]:
    """When calls go, if each goes as soon as it may."""
    times = []
    for _ in range(calls):
        now = bucket.ready_at(now)
        bucket.take(now)
        bucket.answered(now)
        times.append(now)
    return times


# The bucket. Its figures here are powers of two, so that no sum is rounded.


def test_a_burst_goes_at_once_and_the_rest_at_the_rate() -> None:
    assert send(Bucket(limit=4, burst=3), 6) == [0, 0, 0, 0.25, 0.5, 0.75]


def test_a_bucket_is_full_at_its_first_use_whatever_the_clock_says() -> None:
    assert send(Bucket(limit=4, burst=2), 3, now=1024) == [1024, 1024, 1024.25]


def test_a_pause_saves_up_no_more_than_a_burst() -> None:
    bucket = Bucket(limit=4, burst=2)
    send(bucket, 2)
    assert send(bucket, 4, now=512) == [512, 512, 512.25, 512.5]


def test_a_short_pause_saves_up_its_part() -> None:
    bucket = Bucket(limit=4, burst=4)
    send(bucket, 4)
    assert send(bucket, 3, now=0.5) == [0.5, 0.5, 0.75]


def test_to_ask_takes_nothing() -> None:
    bucket = Bucket(limit=4, burst=1)
    assert [bucket.ready_at(0), bucket.ready_at(0)] == [0, 0]
    bucket.take(0)
    assert [bucket.ready_at(0), bucket.ready_at(0), bucket.ready_at(0.125)] == [0.25, 0.25, 0.25]


@pytest.mark.parametrize("seconds", [1, 5, 20])
def test_a_lane_stays_within_awss_quota(seconds: int) -> None:
    times = send(bucket_for(None), 300)
    in_time = sum(1 for one in times if one < seconds)
    assert in_time == pytest.approx(BURST + RATE * seconds, abs=1)


def test_awss_quota_is_10_a_second_with_a_burst_of_40() -> None:
    bucket = bucket_for(None)
    assert (bucket.limit, bucket.burst) == (10, 40)


@pytest.mark.parametrize(("max_rps", "burst"), [(4, 4), (2.5, 2.5), (0.5, 1), (100, 100)])
def test_a_users_own_limit_has_a_burst_of_one_second(max_rps: float, burst: float) -> None:
    bucket = bucket_for(max_rps)
    assert (bucket.limit, bucket.burst) == (max_rps, burst)


def test_a_limit_under_one_a_second_lets_calls_through_all_the_same() -> None:
    assert send(bucket_for(0.5), 3) == [0, 2, 4]


# A bucket after a throttle


def test_a_throttle_empties_the_bucket() -> None:
    bucket = Bucket(limit=8, burst=8)
    bucket.throttled(0)
    assert bucket.ready_at(0) > 0


def test_every_throttle_empties_the_bucket() -> None:
    bucket = Bucket(limit=8, burst=8)
    for now in (0, 0.5):
        bucket.throttled(now)
        assert bucket.ready_at(now) > now


def test_a_bucket_that_others_had_emptied_leaves_the_rate_as_it_is() -> None:
    bucket = Bucket(limit=8, burst=8)
    for _ in range(5):
        bucket.take(0)
    bucket.throttled(0.1)
    assert bucket.rate == 8


def test_what_aws_let_through_is_the_rate_that_is_left() -> None:
    bucket = Bucket(limit=10, burst=10)
    # Others take half: 10 + 5 x 4 calls of ours go through in 4 seconds, and one does not.
    for _ in range(31):
        bucket.take(0)
    bucket.answered(0)
    bucket.throttled(4)
    assert bucket.rate == pytest.approx(5 * BELOW_MEASURE)


def test_refusals_of_calls_that_were_under_way_lower_the_rate_once() -> None:
    bucket = Bucket(limit=10, burst=10)
    for _ in range(35):
        bucket.take(0)
    for now in (4, 4.01, 4.02):
        bucket.throttled(now)
    assert bucket.rate == pytest.approx((34 - 10) / 4 * BELOW_MEASURE, rel=0.01)


def test_a_call_refused_for_arriving_in_a_bunch_leaves_the_rate_as_it_is() -> None:
    bucket = Bucket(RATE, BURST)
    sent = send(bucket, 50)
    bucket.throttled(sent[-1])
    assert bucket.rate == RATE
    assert bucket.ready_at(sent[-1]) == pytest.approx(sent[-1] + 1 / RATE)


def test_a_line_never_stands_still_for_throttles() -> None:
    bucket = Bucket(limit=2, burst=1)
    for now in range(0, 300, 3):
        bucket.take(now)
        bucket.throttled(now)
    assert bucket.rate >= SLOWEST_RATE * 0.9
    assert bucket.ready_at(297) - 297 <= 2 / SLOWEST_RATE


@pytest.mark.parametrize("limit", [0.1, 0.25, 0.5, 1, 10])
def test_a_throttle_never_makes_a_line_faster(limit: float) -> None:
    bucket = bucket_for(limit)
    for now in range(0, 20, 4):
        bucket.take(now)
        bucket.ready_at(now + 2)
        before = bucket.rate
        bucket.throttled(now + 2)
        assert bucket.rate <= before


def test_the_rate_recovers_to_its_limit_and_no_further() -> None:
    bucket = Bucket(limit=8, burst=8)
    for _ in range(12):
        bucket.take(0)
    bucket.answered(0)
    bucket.throttled(4)
    rates = []
    for now in range(4, 80):
        bucket.ready_at(now)
        rates.append(bucket.rate)
    assert rates == sorted(rates)
    assert rates[0] < rates[20] < rates[-1] == 8


# A bucket that was full


def test_a_full_bucket_refills_from_the_first_answer_on() -> None:
    bucket = Bucket(limit=10, burst=2, mirrors_aws=True)
    bucket.take(0)
    bucket.take(0.5)
    # AWS may have seen the calls only now, and then its bucket is as empty as this one.
    bucket.answered(0.6)
    assert bucket.ready_at(0.6) == pytest.approx(0.7)


def test_a_bucket_without_limit_never_waits() -> None:
    assert send(no_limit(), 1000) == [0] * 1000


def test_a_bucket_without_limit_does_not_wait_after_a_throttle_either() -> None:
    bucket = no_limit()
    bucket.throttled(5)
    assert send(bucket, 10, now=5) == [5] * 10
    assert bucket.rate == math.inf


# The dispatcher


class Gate(Bucket):
    """A bucket without a clock: it has tokens whenever the test says so."""

    is_open = True

    def ready_at(self, now: float) -> float:
        return now if self.is_open else now + 0.001


class Log:
    """What jobs note down, in the order in which they do."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._changed = threading.Condition()

    def note(self, what: str) -> None:
        with self._changed:
            self.notes.append(what)
            self._changed.notify_all()

    def job(self, what: str) -> Job:
        return lambda: self.note(what)

    def wait_for(self, count: int) -> list[str]:
        """Wait for so many notes, and give all that there are."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.notes) >= count, TOO_LONG)
            return list(self.notes)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TOO_LONG
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def own_threads() -> set[threading.Thread]:
    return {one for one in threading.enumerate() if one.name == "apigw-vtab call"}


@pytest.fixture
def log() -> Log:
    return Log()


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


def test_the_jobs_of_a_line_go_in_order(dispatch: Dispatch, log: Log) -> None:
    dispatcher, queue = dispatch(1), PacedQueue(no_limit())
    for number in range(100):
        dispatcher.put(queue, log.job(str(number)))
    assert log.wait_for(100) == [str(number) for number in range(100)]


def test_every_job_goes_once(dispatch: Dispatch, log: Log) -> None:
    dispatcher, queues = dispatch(8), [PacedQueue(no_limit()) for _ in range(4)]
    expected = [f"{queue} {number}" for number in range(50) for queue in range(4)]
    for name in expected:
        dispatcher.put(queues[int(name[0])], log.job(name))
    assert Counter(log.wait_for(len(expected))) == Counter(expected)


@pytest.mark.parametrize("queues", [1, 3])
def test_jobs_go_side_by_side(dispatch: Dispatch, log: Log, queues: int) -> None:
    dispatcher, in_queues = dispatch(3), [PacedQueue(no_limit()) for _ in range(queues)]
    all_three = threading.Barrier(3)

    def job() -> None:
        all_three.wait(TOO_LONG)
        log.note("together")

    for number in range(3):
        dispatcher.put(in_queues[number % queues], job)
    assert log.wait_for(3) == ["together"] * 3


def test_no_more_jobs_go_at_once_than_there_are_threads(dispatch: Dispatch, log: Log) -> None:
    dispatcher, queue, running = dispatch(3), PacedQueue(no_limit()), threading.Semaphore(3)

    def job() -> None:
        free = running.acquire(blocking=False)
        log.note("within" if free else "too many")
        running.release()

    for _ in range(200):
        dispatcher.put(queue, job)
    assert set(log.wait_for(200)) == {"within"}


def test_a_line_leaves_threads_to_the_others(dispatch: Dispatch, log: Log) -> None:
    dispatcher, greedy, modest = dispatch(16), PacedQueue(no_limit()), PacedQueue(no_limit())
    go_on = threading.Event()

    def job() -> None:
        log.note("under way")
        go_on.wait(TOO_LONG)

    dispatcher.put(modest, job)
    for _ in range(20):
        dispatcher.put(greedy, job)
    log.wait_for(1 + 8)
    assert greedy.under_way == 8
    go_on.set()
    log.wait_for(1 + 20)


def test_a_line_that_waits_holds_up_no_other(dispatch: Dispatch, log: Log) -> None:
    dispatcher, bucket = dispatch(1), Gate()
    bucket.is_open = False
    dispatcher.put(PacedQueue(bucket), log.job("slow"))
    dispatcher.put(PacedQueue(no_limit()), log.job("free"))
    assert log.wait_for(1) == ["free"]
    bucket.is_open = True
    assert log.wait_for(2) == ["free", "slow"]


def test_a_job_that_is_put_back_goes_before_the_rest_of_its_line(
    dispatch: Dispatch, log: Log
) -> None:
    dispatcher, bucket, all_put = dispatch(1), Gate(), threading.Event()
    queue = PacedQueue(bucket)

    def first_try() -> None:
        all_put.wait(TOO_LONG)
        bucket.is_open = False
        dispatcher.put_back(queue, log.job("a again"), 0.0)
        log.note("a fails")

    dispatcher.put(queue, first_try)
    dispatcher.put(queue, log.job("b"))
    dispatcher.put(queue, log.job("c"))
    all_put.set()
    log.wait_for(1)
    until(lambda: len(queue.jobs) == 3)
    bucket.is_open = True
    assert log.wait_for(4) == ["a fails", "a again", "b", "c"]


def test_a_job_can_be_put_back_until_it_is_done(dispatch: Dispatch, log: Log) -> None:
    dispatcher, queue = dispatch(2), PacedQueue(no_limit())

    def job() -> None:
        log.note("try")
        if len(log.notes) < 5:
            dispatcher.put_back(queue, job, 0.0)
        else:
            log.note("done")

    dispatcher.put(queue, job)
    assert log.wait_for(6) == ["try"] * 5 + ["done"]


def test_a_throttle_slows_its_line_alone(dispatch: Dispatch) -> None:
    dispatcher, throttled, other = dispatch(1), PacedQueue(bucket_for(8)), PacedQueue(bucket_for(8))
    dispatcher.answered(throttled, throttled=True)
    now = time.monotonic()
    assert throttled.bucket.ready_at(now) > now
    assert other.bucket.ready_at(now) == now


def test_jobs_keep_no_process_alive(dispatch: Dispatch, log: Log) -> None:
    def job() -> None:
        log.note("daemon" if threading.current_thread().daemon else "not a daemon")

    dispatch(1).put(PacedQueue(no_limit()), job)
    assert log.wait_for(1) == ["daemon"]


def test_without_jobs_there_are_no_threads(dispatch: Dispatch) -> None:
    before = own_threads()
    dispatch(8)
    assert own_threads() <= before


def test_closing_drops_what_waits_and_ends_the_threads(log: Log) -> None:
    before, dispatcher, bucket = own_threads(), Dispatcher(2), Gate()
    bucket.is_open = False
    dispatcher.put(PacedQueue(bucket), log.job("late"))
    started = own_threads() - before
    dispatcher.close()
    bucket.is_open = True
    for thread in started:
        thread.join(TOO_LONG)
        assert not thread.is_alive()
    assert log.notes == []


def test_nothing_goes_after_closing(log: Log) -> None:
    before, dispatcher = own_threads(), Dispatcher(2)
    dispatcher.close()
    dispatcher.put(PacedQueue(no_limit()), log.job("late"))
    assert own_threads() <= before
    assert log.notes == []
