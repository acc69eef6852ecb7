"""Control planes for the tests of the control plane."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.control_plane import Plane, ServedEstate, serve

SMALL = ServedEstate.numbered(regions=2, rest_apis=60, stages=10, certificates=30)
# A rate at which nothing is refilled while a test runs.
STANDSTILL = 0.000_1


@pytest.fixture(scope="module")
def shared() -> Iterator[Plane]:
    with serve(SMALL) as plane:
        yield plane


@pytest.fixture
def plane(shared: Plane) -> Iterator[Plane]:
    """The small estate, without faults, quota or latency, and nothing seen yet."""
    shared.reset()
    yield shared
    shared.faults, shared.quota, shared.latency = [], None, 0.0


@pytest.fixture
def written() -> Iterator[Plane]:
    """A control plane that a test may write to."""
    with serve(ServedEstate.numbered(rest_apis=2, certificates=2)) as plane:
        yield plane
