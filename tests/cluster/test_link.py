"""A cluster whose workers cannot do the work is told before a call is made."""

from __future__ import annotations

import asyncio
import importlib.metadata
from collections.abc import Iterator
from typing import Any

import pytest

from apigw_vtab import UsageError
from apigw_vtab.cluster.choice import ClusterChoice
from apigw_vtab.cluster.link import ClusterLink

OURS = importlib.metadata.version("apigw-vtab")


class AskedClient:
    """What a client of Dask answers about its workers, each with the version that it has."""

    def __init__(self, found: dict[str, Any]) -> None:
        self._found = found
        self.scheduler = self

    async def wait_for_workers(self, _count: int, timeout: float) -> None:
        """Wait for nobody."""

    async def identity(self) -> dict[str, Any]:
        """Say which workers there are."""
        return {"workers": self._found}

    async def run(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Say what each of them answers."""
        return self._found


@pytest.fixture
def link() -> Iterator[ClusterLink]:
    made = ClusterLink(ClusterChoice(address="tcp://cluster:8786"))
    yield made
    made._loop.close()


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({}, "has no workers: start some, on machines that have apigw-vtab"),
        (
            {"tcp://a:1": OURS, "tcp://b:1": "0.0.1"},
            r"tcp://b:1 has apigw-vtab 0\.0\.1, and",
        ),
        (
            {"tcp://a:1": importlib.metadata.PackageNotFoundError("apigw-vtab")},
            "Worker tcp://a:1 has no apigw-vtab, and this is",
        ),
    ],
)
def test_a_cluster_that_cannot_do_it(link: ClusterLink, found: Any, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        asyncio.run(link._checked(AskedClient(found)))


def test_workers_of_this_version_are_taken_in_a_fixed_order(link: ClusterLink) -> None:
    found = {"tcp://b:1": OURS, "tcp://a:1": OURS}
    assert asyncio.run(link._checked(AskedClient(found))) == ["tcp://a:1", "tcp://b:1"]
