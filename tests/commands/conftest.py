"""What the tests of the commands share: a control plane with a stage that is in alarm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.commands.certificate_lanes import ACCOUNT, estate_of, lane
from tests.control_plane import Plane, access_key, serve


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    """A control plane whose one stage has no certificate; AWS_ENDPOINT_URL leads to it."""
    with serve(estate_of(lane())) as plane:
        monkeypatch.setenv("AWS_ENDPOINT_URL", plane.url)
        monkeypatch.delenv("AWS_PROFILE")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(ACCOUNT))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        yield plane
