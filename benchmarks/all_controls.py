"""All controls over a whole estate: how near to the quotas' own time for the calls they need.

The seconds are the control plane's, from the first call to the last answer. The quotas' own time is
that of the longest of them: an account and region's, for its calls but GetResources, and that of
GetResources, which AWS states per account: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from apigw_vtab.controls.library import all_queries
from apigw_vtab.sqlite.tokens import tokens
from tests.control_plane import Plane, Quota, ServedEstate, serve

REGIONS, APIS = 17, 60
# How many items each list holds that botocore's model alone describes.
EACH = 3
LATENCY = 0.06
QUOTA = Quota(10, 40, per_account=True, in_a_window=True)
OWN = "GetResources"
# The tables whose rows GetResources lists.
NEED_IT = frozenset(
    ("resources", "methods", "integrations", "method_responses", "integration_responses")
)
Row = tuple[str, str, str, str]
Check = Callable[..., object]


def all_controls(check: Check, size: str = "") -> Iterator[Row]:
    """Yield a row for all controls, and one for those without GetResources.

    `check` runs the command check in a process of its own, with these words. `size` is how many
    regions, and how many REST APIs in each, such as 2x20.
    """
    regions, apis = map(int, size.split("x")) if size else (REGIONS, APIS)
    estate = ServedEstate.numbered(regions=regions, rest_apis=apis, modelled=EACH)
    chosen = {"all controls": (), f"those without {OWN}": _without_resources()}
    with serve(estate, own_process=True, latency=LATENCY, quota=QUOTA) as plane:
        for what, names in chosen.items():
            check(plane, *names)
            yield _row(f"{regions} x {apis}, {what}", plane)


def _without_resources() -> tuple[str, ...]:
    """Return the names of the controls that read nothing that GetResources lists."""
    return tuple(
        query.name
        for query in all_queries()
        if query.severity and NEED_IT.isdisjoint(_words(query.sql))
    )


def _words(sql: str) -> set[str]:
    return {token.text for token in tokens(sql)}


def _row(what: str, plane: Plane) -> Row:
    calls = [call for call in plane.calls if call.service == "apigateway"]
    refused = plane.counts.statuses[429]
    operations = Counter(call.operation for call in calls if call.status != 429)
    lanes = Counter(call.region for call in calls if call.operation != OWN and call.status != 429)
    ideal = max(
        max(0.0, max(lanes.values()) - QUOTA.burst) / QUOTA.rate,
        max(0.0, operations[OWN] - QUOTA.resources_at_once)
        * QUOTA.resources_seconds
        / QUOTA.resources_at_once,
    )
    seconds = plane.counts.seconds
    figure = f"{seconds:.1f} s, {seconds / ideal:.3f} x {ideal:.1f} s, {refused} refused"
    told = ", ".join(f"{count} {name}" for name, count in operations.most_common())
    return what, figure, "1.1 x", told
