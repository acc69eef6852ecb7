"""What a call costs in CPU: ours, against sixteen threads over a boto3 client for each region.

python -m benchmarks.call_cost URL REGION,REGION,...

runs the other side alone. User and system time of the whole process, over the calls that the
control plane saw; both sides in turn, on the same machine.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.control_plane import Plane

THREADS = 16
SQL = "select count(*) from stages"
PAIRS = 5


def call_cost(
    plane: Plane, environment: Callable[[Plane], dict[str, str]]
) -> Iterator[tuple[str, str, str, str]]:
    """Yield a row: our CPU a call over that of boto3's clients, and both alone."""
    regions = ",".join(plane.estate.regions)
    limits = ("--max-rps", "100000", "--output", "csv")
    ours = ("apigw_vtab", "query", SQL, "--region", regions, *limits)
    theirs = ("benchmarks.call_cost", plane.url, regions)
    pairs = [
        tuple(milliseconds(plane, words, environment(plane)) for words in (ours, theirs))
        for _ in range(PAIRS)
    ]
    ratio = statistics.median(mine / other for mine, other in pairs)
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    figure = f"{ratio:.2f} x {THREADS} threads over {len(plane.estate.regions)} boto3 clients"
    yield ("CPU a call", figure, "0.45 x", f"{mine:.2f} and {other:.2f} ms")


def milliseconds(plane: Plane, words: Sequence[str], environment: dict[str, str]) -> float:
    """Return the CPU of a process that runs a Python module, for each call that it made."""
    plane.reset()
    before = _seconds_of_children()
    subprocess.run(
        [sys.executable, "-m", *words], env=environment, stdout=subprocess.DEVNULL, check=True
    )
    return (_seconds_of_children() - before) / plane.counts.calls * 1000


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Count the stages of some regions with a boto3 client for each, and print the number."""
    import boto3
    from botocore.config import Config

    url, regions = sys.argv[1], sys.argv[2].split(",")
    session = boto3.Session()
    config = Config(max_pool_connections=THREADS, retries={"mode": "standard"})
    clients: dict[str, Any] = {
        region: session.client("apigateway", region_name=region, endpoint_url=url, config=config)
        for region in regions
    }

    def apis(region: str) -> list[tuple[str, str]]:
        found = clients[region].get_rest_apis(limit=500)["items"]
        return [(region, api["id"]) for api in found]

    def stages(api: tuple[str, str]) -> int:
        return len(clients[api[0]].get_stages(restApiId=api[1])["item"])

    with ThreadPoolExecutor(THREADS) as threads:
        listed = [api for some in threads.map(apis, regions) for api in some]
        print(sum(threads.map(stages, listed)))


if __name__ == "__main__":
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    main()
