"""How long calls are said to take."""

from __future__ import annotations

import pytest

from apigw_vtab.aws.duration import Load, seconds_by_quota, seconds_here
from apigw_vtab.tables.registry import TABLES
from tests.conftest import Connect

READS = {read.name: read for table in TABLES[::-1] for read in table.reads}


@pytest.mark.parametrize(
    ("calls", "max_rps", "seconds"),
    [
        # A burst of 40, then 10 a second, in the slowest account and region.
        ({("a", "GetStages"): 40}, None, 0),
        ({("a", "GetStages"): 140, ("b", "GetStages"): 41}, None, 10),
        ({("a", "GetStages"): 70, ("a", "GetRestApis"): 70}, None, 10),
        ({("a", "GetStages"): 140}, 20.0, 6),
        # 5 in 2 seconds, of all regions together.
        ({("a", "GetResources"): 50, ("b", "GetResources"): 50}, None, 40),
        ({("a", "ListCertificates"): 11}, None, 10),
    ],
)
def test_the_quotas_of_the_slowest_account_and_region_are_what_counts(
    connect: Connect, calls: dict[tuple[str, str], int], max_rps: float | None, seconds: float
) -> None:
    (account,) = connect(profiles="first").context.estate.profiles
    load: Load = {
        (account.lane(region), READS[name]): count for (region, name), count in calls.items()
    }
    assert seconds_by_quota(load, max_rps) == pytest.approx(seconds)


def test_many_calls_take_what_one_process_needs() -> None:
    assert seconds_here(20_000, 999) == 20
    assert seconds_here(0, 3_000) == 10
