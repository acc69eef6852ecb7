"""The token bucket, as arithmetic with invented times."""

from __future__ import annotations

import math

import pytest

from apigw_vtab.aws.rate_limit import (
    BELOW_MEASURE,
    BURST,
    RATE,
    SLOWEST_RATE,
    BothPaces,
    Bucket,
    Window,
    bucket_for,
    no_limit,
    window_for,
)


def send(bucket: Bucket | Window, calls: int, now: float = 0.0) -> list[float]:
    """The times of calls, if each is sent as soon as it may be."""
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
    # Others take half: 10 + 5 x 4 of our calls go through in 4 seconds, and one does not.
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


# The window of an operation's own quota


def send_late(window: Window, calls: int, answer_takes: float) -> list[float]:
    """The times of calls that AWS sees and answers after a while."""
    now = 0.0
    times: list[float] = []
    answers: list[float] = []
    for _ in range(calls):
        due = window.ready_at(now)
        for answered in [one for one in answers if one <= due]:
            window.answered(answered)
            answers.remove(answered)
        now = window.ready_at(now)
        window.take(now)
        times.append(now)
        answers.append(now + answer_takes)
    return times


@pytest.mark.parametrize("answer_takes", [0.0, 0.02, 0.05, 0.3])
def test_no_window_of_that_length_holds_more_calls(answer_takes: float) -> None:
    times = send_late(Window(5, 2.0), 30, answer_takes)
    assert all(later - earlier >= 2.0 for earlier, later in zip(times, times[5:], strict=False))


@pytest.mark.parametrize("answer_takes", [0.0, 0.02, 0.05, 0.3])
def test_a_window_costs_hardly_more_than_the_quotas_own_time(answer_takes: float) -> None:
    by_a_bucket = (30 - 5) / 2.5
    assert send_late(Window(5, 2.0), 30, answer_takes)[-1] <= 1.05 * by_a_bucket


def test_a_refusal_is_waited_for_longer_each_time_and_costs_no_place() -> None:
    window = Window(5, 2.0)
    waits = []
    for _ in range(6):
        now = window.ready_at(0)
        window.take(now)
        window.answered(now)
        window.throttled(now)
        waits.append(window.ready_at(now) - now)
    assert waits == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 2.0])


def test_an_operation_with_a_quota_of_its_own_keeps_to_its_lanes_too() -> None:
    lane, own = Bucket(limit=1, burst=1), Window(5, 2.0)
    both = BothPaces(own, lane)
    both.take(0)
    both.answered(0)
    assert both.ready_at(0) == 1
    lane.take(1)
    assert both.ready_at(1) == 2


def test_a_limit_above_awss_raises_an_operations_own_quota_as_much() -> None:
    assert window_for(5, 2.0, None).rate == 2.5
    assert window_for(5, 2.0, 1.0).rate == 2.5
    assert window_for(5, 2.0, 1000).rate == 250
