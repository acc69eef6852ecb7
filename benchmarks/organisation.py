"""A thousand accounts: what reading them costs, against one pool of connections and nothing else.

User and system time of the whole process, and its peak of memory; both sides in turn, on the same
machine, with the same calls: AssumeRole in each account, GetRestApis in each account and region,
GetStages of each REST API.

python -m benchmarks.organisation URL REGION,REGION,... [WORKERS]

runs our side alone. It lists the accounts first, and assumes no role in its own.
"""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple

import apigw_vtab
from tests.control_plane import Plane, ServedEstate, serve

ACCOUNTS, REGIONS, IN_USE, APIS, STAGES = 1_000, 17, 3, 2, 3
FEW = 120
LATENCY = 0.02
PAIRS = 3
SQL = "select account_id, count(*) from stages group by 1"
Row = tuple[str, str, str, str]


class OrganisationRun(NamedTuple):
    """What a process took: seconds of CPU, kilobytes at its peak, its calls, connections, lines."""

    seconds: float
    kilobytes: int
    calls: int
    connections: int
    rows: int


def organisation(environment: Callable[[Plane], dict[str, str]], size: str = "") -> Iterator[Row]:
    """Yield the rows: CPU, memory and connections, and how CPU grows with empty regions.

    `size` is how many accounts there are.
    """
    accounts = int(size) if size else ACCOUNTS
    with plane_of(accounts, IN_USE) as plane:
        where = ",".join(plane.estate.regions)
        sides = (
            ("benchmarks.organisation", plane.url, where),
            ("benchmarks.bare_organisation", plane.url, str(accounts), where),
        )
        pairs = [
            [measured(plane, environment(plane), *side) for side in sides] for _ in range(PAIRS)
        ]
    what = f"{accounts:,} x {REGIONS}"
    ratio = statistics.median(mine.seconds / bare.seconds for mine, bare in pairs)
    mine, bare = pairs[0]
    yield (what, f"{ratio:.2f} x bare urllib3", "2 x", f"{mine.calls:,} and {bare.calls:,} calls")
    yield (f"{what}, memory", f"{mine.kilobytes / 1024:.0f} MB", "500 MB", "")
    yield (f"{what}, rows", f"{mine.rows:,} accounts", f"{bare.rows:,}", "")
    yield (f"{what}, connections", f"{mine.connections} at once", "128", "")
    yield from _growth(accounts, environment)


def _growth(accounts: int, environment: Callable[[Plane], dict[str, str]]) -> Iterator[Row]:
    """Yield what an empty region costs in CPU, with many accounts over with few, and in memory."""
    found = {}
    for count in (1, FEW, accounts):
        with plane_of(count, 0) as plane:
            words = (plane.url, ",".join(plane.estate.regions))
            runs = [
                measured(plane, environment(plane), "benchmarks.organisation", *words)
                for _ in range(PAIRS)
            ]
            found[count] = (min(one.seconds for one in runs), min(one.kilobytes for one in runs))
    (start, least), few, many = found[1], found[FEW], found[accounts]
    each = [
        (seconds - start) / (count - 1) / REGIONS * 1000
        for count, (seconds, _) in ((FEW, few), (accounts, many))
    ]
    figure = f"{each[1] / each[0]:.2f} x that of {FEW * REGIONS:,}"
    yield (f"CPU of {accounts * REGIONS:,} empty", figure, "1.2 x", f"{each[1]:.2f} ms each")
    kilobytes = (many[1] - least) * 1.024 / (accounts - 1) / REGIONS
    yield ("memory of one that is empty", f"{kilobytes:.1f} kB", "8 kB", "")


def measured(
    plane: Plane, environment: dict[str, str], module: str, *words: str
) -> OrganisationRun:
    """Run a Python module in a process of its own."""
    plane.reset()
    # The peak of all children is read by a parent with only this one.
    wrapper = (
        "import resource, subprocess, sys;"
        "subprocess.run([sys.executable, '-m', *sys.argv[1:]], check=True);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", wrapper, module, *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    seconds, kilobytes = done.stderr.split()[-2:]
    counts, rows = plane.counts, done.stdout.count("\n")
    return OrganisationRun(float(seconds), int(kilobytes), counts.calls, counts.connections, rows)


def plane_of(accounts: int, regions_in_use: int) -> AbstractContextManager[Plane]:
    """Serve so many accounts, with REST APIs in so many regions of each."""
    estate = ServedEstate.numbered(
        accounts=accounts,
        regions=REGIONS,
        rest_apis=APIS,
        stages=STAGES,
        regions_in_use=regions_in_use,
    )
    return serve(estate, latency=LATENCY, own_process=True)


def main() -> None:
    """Read the organisation, and print the number of stages by account."""
    url, regions, workers = sys.argv[1], sys.argv[2].split(","), sys.argv[3:]
    with contextlib.closing(
        apigw_vtab.connect(
            endpoint_url=url,
            regions=regions,
            organization=True,
            assume_role="audit",
            credential_cache=False,
            workers=int(workers[0]) if workers else None,
        )
    ) as connection:
        for account, stages in connection.execute(SQL):
            print(f"{account},{stages}")


if __name__ == "__main__":
    main()
