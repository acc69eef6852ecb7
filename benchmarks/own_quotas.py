"""GetResources under its own quota, and joins of version 2: how near to the quota's own time.

The seconds are the control plane's, from the first call to the last answer. A quota's own time is
that of its calls sent as early as it allows, the first ones together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.control_plane import Plane, Quota, ServedEstate, serve

EACH = 3
V2_JOIN = (
    "select count(*) from v2_apis a"
    " join v2_routes r using (account_id, region, api_id)"
    " join v2_integrations i using (account_id, region, api_id)"
    # Each API has 200 of both: all pairs would be eight million rows.
    " where substr(r.route_id, 1, 1) = 'a'"
)
Row = tuple[str, str, str, str]


def own_quotas(query: Callable[[Plane, str], tuple[int, float]]) -> Iterator[Row]:
    """Yield a row for each quota; `query` returns how many calls were refused, and the seconds."""
    for in_a_window, name in ((False, "a bucket"), (True, "a window of 2 s")):
        estate = ServedEstate.numbered(rest_apis=30, modelled=EACH)
        with serve(estate, own_process=True, quota=Quota(in_a_window=in_a_window)) as plane:
            refused, seconds = query(plane, "select count(*) from methods")
        yield _row(f"methods of 30 APIs, 5 in 2 s, {name}", refused, seconds / 10.0, "1.06 x, 1")
    estate = ServedEstate.numbered(regions=3, rest_apis=30, modelled=EACH)
    quota = Quota(per_account=True, in_a_window=True)
    with serve(estate, own_process=True, quota=quota) as plane:
        refused, seconds = query(plane, "select count(*) from methods")
    yield _row("3 x 30, one quota for the account", refused, seconds / 34.0, "at most 5 % refused")
    estate = ServedEstate.numbered(rest_apis=1, modelled=200)
    with serve(estate, own_process=True, quota=Quota(10, 40)) as plane:
        refused, seconds = query(plane, V2_JOIN)
    # One list of the APIs, and two lists of each.
    yield _row("v2 APIs, routes, integrations, 200", refused, seconds / 36.1, "1.1 x")


def _row(what: str, refused: int, ratio: float, bar: str) -> Row:
    return what, f"{ratio:.3f} x the quota's own time, {refused} refused", bar, ""
