"""Runs every benchmark against its own control plane and prints one table.

The control plane measures the seconds, from the first call to the last answer, unless the row says
`whole process`. Both sides of a ratio come from the same session on the same machine.
"""

from __future__ import annotations

import compileall
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tabulate import tabulate

from benchmarks import check_large as sizes
from benchmarks.all_controls import all_controls
from benchmarks.call_cost import call_cost
from benchmarks.check_large import check_large, check_organisation
from benchmarks.organisation import organisation
from benchmarks.organisation_workers import organisation_workers
from benchmarks.own_quotas import own_quotas
from benchmarks.prompting import completion_seconds, seconds_of, seconds_to_prompt
from benchmarks.side_by_side.main import side_by_side
from benchmarks.streaming import streamed
from tests.control_plane import Plane, Quota, ServedEstate, access_key, serve

ROOT = Path(__file__).resolve().parent.parent
PAIRS = 5
LATENCY = 0.06
QUOTA = Quota(10, 40)
FLAT = "select * from stages"
# What the bare pool asks for and prints: the account's id would be one call more.
SAME = "select region, rest_api_id, stage_name from stages"
ON = "using (region, rest_api_id)"
JOINS = {
    "inner join": f"select name, stage_name from rest_apis join stages {ON}",
    "left join": f"select name, stage_name from rest_apis left join stages {ON}",
    "correlated": "select (select count(*) from stages s where s.region = a.region"
    " and s.rest_api_id = a.rest_api_id) from rest_apis a",
    "exists": "select name from rest_apis a where exists (select 1 from stages s"
    " where s.region = a.region and s.rest_api_id = a.rest_api_id)",
    "natural join": "select count(*) from rest_apis natural join stages",
}


@dataclass(frozen=True)
class BenchmarkRun:
    """One process, as measured by the control plane and by the wall clock."""

    calls: int
    refused: int
    seconds: float
    wall: float
    rows: int
    kilobytes: int
    cpu: float


Row = tuple[str, str, str, str]


def run(plane: Plane, *words: str) -> BenchmarkRun:
    """Run a Python module in its own process."""
    plane.reset()
    # RUSAGE_CHILDREN covers all children, so the peak is read by a parent with only this one.
    wrapper = (
        "import resource, subprocess, sys;"
        "done = subprocess.run([sys.executable, '-m', *sys.argv[1:]]);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "cpu = used.ru_utime + used.ru_stime;"
        "print('peak', used.ru_maxrss, 'cpu', cpu, file=sys.stderr); sys.exit(done.returncode)"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", wrapper, *words],
        cwd=ROOT,
        env=environment(plane),
        capture_output=True,
        text=True,
        check=False,
    )
    wall = time.monotonic() - began
    peak = re.search(r"^peak (\d+) cpu (\S+)$", done.stderr, re.MULTILINE)
    counts = plane.counts
    return BenchmarkRun(
        counts.calls,
        counts.statuses[429],
        counts.seconds,
        wall,
        done.stdout.count("\n"),
        int(peak[1]) if peak else 0,
        float(peak[2]) if peak else 0.0,
    )


def environment(plane: Plane) -> dict[str, str]:
    """Return an environment in which the control plane stands in for AWS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {
        "AWS_ENDPOINT_URL": plane.url,
        "AWS_ACCESS_KEY_ID": access_key(plane.estate.accounts[0]),
        "AWS_SECRET_ACCESS_KEY": "secret",
    }


def ours(plane: Plane, sql: str, *options: str) -> BenchmarkRun:
    """Run a query with apigw-vtab."""
    regions = ",".join(plane.estate.regions)
    words = ("apigw_vtab", "query", sql, "--region", regions, "--output", "csv", *options)
    return run(plane, *words)


def checked(plane: Plane, *names: str) -> BenchmarkRun:
    """Run controls with apigw-vtab, all of them without a name."""
    regions = ",".join(plane.estate.regions)
    return run(plane, "apigw_vtab", "check", *names, "--region", regions, "--output", "csv")


def refused_and_seconds(plane: Plane, sql: str) -> tuple[int, float]:
    """Run a query; return how many of its calls were refused, and its seconds."""
    done = ours(plane, sql)
    return done.refused, done.seconds


def pool(plane: Plane, mode: str) -> BenchmarkRun:
    """Run the bare thread pool."""
    return run(plane, "benchmarks.bare_pool", plane.url, ",".join(plane.estate.regions), mode)


def middle(runs: int, measure: Callable[[], BenchmarkRun]) -> BenchmarkRun:
    """Return the run with the median wall time."""
    return sorted((measure() for _ in range(runs)), key=lambda one: one.wall)[runs // 2]


@contextmanager
def plane_of(
    regions: int, apis: int, stages: int = 3, latency: float = 0.0, quota: Quota | None = None
) -> Iterator[Plane]:
    """Start a control plane in its own process."""
    estate = ServedEstate.numbered(regions=regions, rest_apis=apis, stages=stages)
    with serve(estate, own_process=True, latency=latency, quota=quota) as plane:
        yield plane


def small() -> Iterator[Row]:
    """4 regions x 20 APIs without a quota: the flat scan, the whole process, the joins."""
    with plane_of(4, 20, latency=LATENCY) as plane:
        pairs = [(ours(plane, FLAT), pool(plane, "standard")) for _ in range(7)]
        server = statistics.median(a.seconds / b.seconds for a, b in pairs)
        mine = pairs[0][0]
        yield (
            "4 x 20, flat",
            f"{mine.calls} calls, {server:.2f} x bare pool",
            "84 + STS, 1.3 x",
            "",
        )
        pairs = [(ours(plane, SAME), pool(plane, "standard")) for _ in range(7)]
        wall = statistics.median(a.wall / b.wall for a, b in pairs)
        cpu = statistics.median(a.cpu / b.cpu for a, b in pairs)
        yield ("4 x 20, whole process", f"{wall:.2f} x bare pool", "0.8 x", f"CPU {cpu:.2f} x")
        trips = statistics.median(a.seconds for a, _ in pairs) / (2 * LATENCY)
        yield ("4 x 20, first call to last", f"{trips:.2f} x two round trips", "1.5 x", "")
        names = "select region, stage_name from stages"
        flat = middle(5, lambda: ours(plane, names))
        for name, sql in JOINS.items():
            join = middle(5, partial(ours, plane, sql))
            figure = f"{join.calls} calls, {join.seconds / flat.seconds:.2f} x flat"
            yield (f"4 x 20, {name}", figure, f"{flat.calls} calls, 1.25 x", "")


def under_quota() -> Iterator[Row]:
    """Run under the real quota: 10 per second with a burst of 40, in each account and region."""
    with plane_of(17, 60, latency=LATENCY, quota=QUOTA) as plane:
        limit = (61 - 40) / 10
        mine = middle(3, lambda: ours(plane, FLAT))
        yield paced("17 x 60", mine, limit, "1.15 x, under 1 %")
        for mode in ("standard", "adaptive"):
            yield paced(f"17 x 60, bare pool, {mode}", pool(plane, mode), limit, "")
        few = ours(plane, f"{FLAT} limit 5")
        yield ("17 x 60, limit 5", f"{few.calls} calls", "20 calls", "")
    with plane_of(1, 400, latency=LATENCY, quota=QUOTA) as plane:
        mine = ours(plane, FLAT)
        yield paced("1 x 400", mine, (401 - 40) / 10, "1.05 x, under 1 %")
    with plane_of(1, 400, latency=LATENCY, quota=Quota(10, 40, stolen=0.5)) as plane:
        mine = ours(plane, FLAT)
        yield paced("1 x 400, half the quota taken", mine, (401 - 40) / 5, "all rows, under 5 %")


def paced(name: str, run: BenchmarkRun, limit: float, bar: str) -> Row:
    """Return the row for a run under a quota."""
    refused = 100 * run.refused / max(1, run.calls)
    figure = f"{run.seconds:.2f} s, {run.seconds / limit:.2f} x limit, {refused:.1f} % refused"
    return (name, figure, bar, f"{limit:.1f} s; {run.rows:,} lines")


def large() -> Iterator[Row]:
    """Write a whole estate to CSV with the cache off."""
    with plane_of(17, 1320, stages=10) as plane:
        mine = ours(plane, FLAT, "--cache-ttl", "0", "--max-rps", "100000")
        figure = f"{mine.kilobytes / 1024:.0f} MB peak, {mine.wall:.0f} s"
        yield ("17 x 1,320 x 10, cache off", figure, "250 MB", f"{mine.rows:,} lines")


def checks(size: str = "") -> Iterator[Row]:
    """Run controls over a whole estate; `size` is regions x APIs x stages, such as 4x200x10."""
    regions, apis, each = map(int, size.split("x")) if size else sizes.ESTATE
    with plane_of(regions, apis, stages=each) as plane:
        yield from check_large(run, plane, regions * apis * each)


def organisation_checks(accounts: str = "") -> Iterator[Row]:
    """Run all controls over so many accounts of an organization."""
    count = int(accounts or sizes.ACCOUNTS)
    estate = ServedEstate.numbered(
        accounts=count,
        regions=sizes.REGIONS,
        rest_apis=sizes.APIS_EACH,
        stages=sizes.STAGES_EACH,
        regions_in_use=sizes.IN_USE,
    )
    with serve(estate, own_process=True) as plane:
        yield from check_organisation(run, plane, count)


def cached_rows() -> Iterator[Row]:
    """Stream a table that is in the cache, and the same rows from a table without AWS."""
    with plane_of(1, 4000, stages=10) as plane:
        for name, (mine, least) in streamed(plane).items():
            figure = f"{mine * 1e6:.1f} us a row, {mine / least:.1f} x make_virtual_module"
            yield (f"40,000 rows cached, {name}", figure, "", f"{least * 1e6:.1f} us a row")


def shell() -> Iterator[Row]:
    """Measure from command to prompt, in pairs with the bare imports, and one completion."""
    bare = "import prompt_toolkit, apsw.shell, botocore.session"
    pairs = [(seconds_to_prompt(), seconds_of([sys.executable, "-c", bare])) for _ in range(PAIRS)]
    ours, least = (min(column) for column in zip(*pairs, strict=True))
    yield ("command to prompt", f"{ours:.2f} s, {ours / least:.2f} x imports", "2 x", "")
    yield ("completion, 40 tables", f"{completion_seconds() * 1000:.1f} ms", "30 ms", "")


def cpu() -> Iterator[Row]:
    """Count the stages of 17 regions x 293 APIs, 20 ms away, without a quota."""
    with plane_of(17, 293, latency=0.02) as plane:
        yield from call_cost(plane, environment)


def peers() -> Iterator[Row]:
    """4 x 20 without a quota: other tools that are installed, for the same stages."""
    with plane_of(4, 20, latency=LATENCY) as plane, tempfile.TemporaryDirectory() as folder:
        policy = Path(folder, "stages.yml")
        policy.write_text("policies:\n  - {name: stages, resource: aws.rest-stage}\n")
        regions = plane.estate.regions
        each = [word for region in regions for word in ("--region", region)]
        commands = {
            "custodian": ("run", "-s", folder, "--cache-period", "0", *each, str(policy)),
            "prowler": (
                *("aws", "--service", "apigateway", "--region", *regions),
                *("-M", "csv", "-o", folder, "--no-banner", "--ignore-exit-code-3"),
            ),
        }
        for name, words in commands.items():
            if shutil.which(name) is None:
                yield (name, "not installed, not measured", "", "")
                continue
            plane.reset()
            done = subprocess.run(
                [name, *words],
                env=environment(plane) | {"AWS_DEFAULT_REGION": regions[0]},
                capture_output=True,
                check=False,
            )
            counts = plane.counts
            figure = f"{counts.calls} calls, {counts.seconds:.1f} s, {counts.peak} at once at most"
            yield (f"4 x 20, {name}", figure, "", f"exit {done.returncode}")


def main() -> None:
    """Run the named benchmarks, or all of them."""
    every: dict[str, Callable[..., Iterator[Row]]] = {
        "small": small,
        "quota": under_quota,
        "own-quotas": partial(own_quotas, refused_and_seconds),
        "all-controls": partial(all_controls, checked),
        "rows": cached_rows,
        "large": large,
        "check-large": checks,
        "check-organisation": organisation_checks,
        "call-cost": cpu,
        "organisation": partial(organisation, environment),
        "organisation-workers": partial(organisation_workers, environment),
        "shell": shell,
        "peers": peers,
    }
    if sys.argv[1:2] == ["side-by-side"]:
        # It measures no time, and installs what it compares with: only where it is asked for.
        sys.exit(side_by_side(sys.argv[2:]))
    # As when it is installed: a checkout may not keep what Python compiles.
    compileall.compile_dir(ROOT / "apigw_vtab", quiet=1)
    wanted = sys.argv[1:] or list(every)
    rows = []
    for word in wanted:
        name, *size = word.split(":")
        for row in every[name](*size):
            print(*filter(None, row), sep=" | ", file=sys.stderr)
            rows.append(row)
    print(tabulate(rows, headers=("work", "figure", "bar", "note"), tablefmt="github"))


if __name__ == "__main__":
    main()
