"""An operation's own quota: all rows at its pace, however AWS counts, and few refused."""

from __future__ import annotations

import pytest

from tests.conftest import Connect, rows
from tests.control_plane import Quota, ServedEstate, serve

APIS = 12
# AWS's quota of 5 in 2 seconds, at another scale: a test has not ten seconds.
CALLS, SECONDS = 5, 2.0
# A busy machine delays calls into the next window (benchmarks/own_quotas.py measures): on one with
# ten times its load 6 were refused. Who does not know the quota is refused some 60 times.
FEW = APIS


@pytest.mark.parametrize("in_a_window", [False, True], ids=["a bucket", "a window"])
def test_resources_are_listed_at_their_own_pace(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, in_a_window: bool
) -> None:
    estate = ServedEstate.numbered(rest_apis=APIS, modelled=3)
    quota = Quota(resources_at_once=CALLS, resources_seconds=SECONDS, in_a_window=in_a_window)
    with serve(estate, quota=quota) as plane:
        monkeypatch.setenv("AWS_ENDPOINT_URL", plane.url)
        connection = connect(regions=estate.regions)
        assert len(rows(connection, "select * from methods")) == 3 * APIS
        assert plane.counts.statuses[429] < FEW
        assert rows(connection, "select * from scan_errors") == []


def test_one_quota_for_all_regions_is_kept_to(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate = ServedEstate.numbered(regions=3, rest_apis=APIS // 3, modelled=3)
    with serve(estate, quota=Quota(per_account=True, in_a_window=True)) as plane:
        monkeypatch.setenv("AWS_ENDPOINT_URL", plane.url)
        connection = connect(regions=estate.regions)
        assert len(rows(connection, "select * from resources")) == 3 * 3 * APIS // 3
        assert plane.counts.statuses[429] < FEW
