"""An organization of a few accounts, and a home folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apigw_vtab.sqlite.connection import Connection
from tests.conftest import Connect
from tests.control_plane import Plane, ServedEstate, serve

ESTATE = ServedEstate.numbered(accounts=6, regions=2, rest_apis=2, stages=1, units=3)
IDS = list(ESTATE.accounts)
FIRST = ESTATE.regions[0]
SUSPENDED, REFUSING = IDS[4], IDS[5]
BY_ACCOUNT = "select account_id, count(*) from rest_apis group by 1"


@pytest.fixture(scope="session", name="running_organization")
def running_organization_fixture() -> Iterator[Plane]:
    with serve(ESTATE) as plane:
        yield plane


@pytest.fixture
def organization(
    running_organization: Plane, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Plane:
    """Six accounts in two regions; the first manages them, one is suspended, one refuses."""
    running_organization.faults = []
    running_organization.estate = replace(ESTATE, suspended=[SUSPENDED], refusing=[REFUSING])
    running_organization.reset()
    monkeypatch.setenv("AWS_ENDPOINT_URL", running_organization.url)
    monkeypatch.setenv("HOME", str(tmp_path))
    return running_organization


@pytest.fixture(name="reach")
def reach_fixture(organization: Plane, connect: Connect) -> Any:
    def reach(**options: Any) -> Connection:
        defaults = {"regions": FIRST, "organization": True, "assume_role": "audit"}
        return connect(**{**defaults, "on_error": "warn", **options})

    return reach
