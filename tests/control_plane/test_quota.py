"""The control plane's latency and quota."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.control_plane import Plane, Quota
from tests.control_plane.clients import OTHER_REGION, client, first_api, refused
from tests.control_plane.conftest import STANDSTILL
from tests.control_plane.quota import QuotaBucket


def test_latency_delays_each_answer_and_not_the_next_call(plane: Plane) -> None:
    gateway = client(plane)
    plane.latency = 0.3
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda _: gateway.get_rest_apis(), range(20)))
    # A busy machine sends the last ones late; one after the other, the peak would be 1.
    assert plane.counts.peak > 1
    assert all(call.answered and call.answered - call.seen >= 0.3 for call in plane.calls)


def test_over_the_quota_is_a_429(plane: Plane) -> None:
    plane.quota = Quota(rate=STANDSTILL, burst=5)
    gateway = client(plane)
    for _ in range(5):
        gateway.get_rest_apis()
    with refused("TooManyRequestsException", 429) as error:
        gateway.get_client_certificates()
    assert error["Message"] == "Too Many Requests"
    assert plane.counts.statuses == {200: 5, 429: 1}


def test_each_lane_has_its_own_quota(plane: Plane) -> None:
    plane.quota = Quota(rate=STANDSTILL, burst=1)
    client(plane).get_rest_apis()
    client(plane, region=OTHER_REGION).get_rest_apis()
    with refused("TooManyRequestsException", 429):
        client(plane).get_rest_apis()


def test_sts_and_ec2_draw_on_no_quota_of_api_gateway(plane: Plane) -> None:
    plane.quota = Quota(rate=STANDSTILL, burst=1)
    for _ in range(3):
        client(plane, "sts").get_caller_identity()
        client(plane, "ec2").describe_regions()
    client(plane).get_rest_apis()


def test_create_deployment_has_a_quota_of_its_own(written: Plane) -> None:
    gateway, api = client(written), first_api(written)
    written.quota = Quota(rate=STANDSTILL, burst=1, deployment_seconds=1_000)
    gateway.create_deployment(restApiId=api)
    with refused("TooManyRequestsException", 429):
        gateway.create_deployment(restApiId=api)
    gateway.get_rest_apis()


def test_get_resources_has_a_quota_of_its_own(plane: Plane) -> None:
    gateway, api = client(plane), first_api(plane)
    plane.quota = Quota(rate=STANDSTILL, burst=1, resources_seconds=1_000)
    for _ in range(5):
        gateway.get_resources(restApiId=api)
    with refused("TooManyRequestsException", 429):
        gateway.get_resources(restApiId=api)
    gateway.get_rest_apis()


def test_a_bucket_refills_at_its_rate_up_to_its_burst() -> None:
    bucket = QuotaBucket(burst=2, now=0.0)
    times = [0.0, 0.0, 0.0, 0.05, 0.1, 0.1, 60.0, 60.0, 60.0]
    taken = [bucket.take(now, rate=10, burst=2) for now in times]
    assert taken == [True, True, False, False, True, False, True, True, False]


def test_a_changed_quota_leaves_the_tokens_that_there_are(plane: Plane) -> None:
    plane.quota = Quota(rate=STANDSTILL, burst=1)
    client(plane).get_rest_apis()
    plane.quota = Quota(rate=STANDSTILL, burst=1, stolen=0.5)
    with refused("TooManyRequestsException", 429):
        client(plane).get_rest_apis()


def test_another_client_takes_its_share_of_the_rate() -> None:
    assert Quota(rate=10, stolen=0.5).bucket("GetStages")[1] == 5
    assert Quota(rate=10, stolen=0.5).bucket("CreateDeployment")[1] == 0.2


def test_a_quota_that_lets_nothing_through_is_refused() -> None:
    with pytest.raises(ValueError, match="lets something through"):
        Quota(rate=0)
