"""A thousand accounts by two workers: what they cost together, and when one of them is killed."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import psutil

from benchmarks.organisation import (
    ACCOUNTS,
    IN_USE,
    PAIRS,
    REGIONS,
    SQL,
    OrganisationRun,
    Row,
    measured,
    plane_of,
)
from tests.control_plane import Fault, Plane

WORKERS = 2
# One for this process, which reads the profile's own account, and one for each worker.
LEAST = 1 + WORKERS
MODULE = "benchmarks.organisation"


def organisation_workers(
    environment: Callable[[Plane], dict[str, str]], size: str = ""
) -> Iterator[Row]:
    """Yield the rows: CPU of all processes over that of one, rows, and a worker that is killed.

    `size` is how many accounts there are.
    """
    accounts = int(size) if size else ACCOUNTS
    start = statistics.median(
        workers.seconds - alone.seconds for alone, workers in _pairs(LEAST, environment)
    )
    pairs = list(_pairs(accounts, environment))
    ratio = statistics.median((workers.seconds - start) / alone.seconds for alone, workers in pairs)
    alone, workers = pairs[0]
    what = f"{accounts:,} x {REGIONS}, {WORKERS} workers"
    told = f"{workers.seconds:.1f} s and {alone.seconds:.1f} s; {start:.1f} s to start"
    yield (what, f"{ratio:.2f} x one process", "1.3 x", told)
    yield (f"{what}, rows", f"{workers.rows:,} accounts", f"{alone.rows:,}", "")
    yield (f"{what}, calls", f"{workers.calls:,}", f"{alone.calls:,}", "")
    yield (f"{what}, connections", f"{workers.connections} at once", "128", "")
    yield from _killed(accounts, environment)


def _pairs(
    accounts: int, environment: Callable[[Plane], dict[str, str]]
) -> Iterator[tuple[OrganisationRun, OrganisationRun]]:
    """Yield what one process takes, and what it takes with its workers, in turn."""
    with plane_of(accounts, IN_USE) as plane:
        words = plane.url, ",".join(plane.estate.regions)
        for _ in range(PAIRS):
            alone = measured(plane, environment(plane), MODULE, *words)
            workers = measured(plane, environment(plane), MODULE, *words, str(WORKERS))
            yield alone, workers


def _killed(accounts: int, environment: Callable[[Plane], dict[str, str]]) -> Iterator[Row]:
    """Yield what is left: an account refuses, a region of another is denied, a worker is killed."""
    with plane_of(accounts, IN_USE) as plane:
        ids, regions = list(plane.estate.accounts), list(plane.estate.regions)
        plane.estate = replace(plane.estate, refusing=[ids[1]])
        plane.faults = [Fault("denied", account=ids[2], region=regions[-1])]
        command = [
            *(sys.executable, "-m", "apigw_vtab", "query", SQL, "--output", "csv", "--no-header"),
            *("--organization", "--assume-role", "audit", "--no-credential-cache"),
            *("--endpoint-url", plane.url, "--region", ",".join(regions)),
            *("--workers", str(WORKERS)),
        ]
        process = subprocess.Popen(
            command,
            env=environment(plane),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        # A third of the calls: both are in the middle.
        while process.poll() is None and plane.counts.calls < accounts * REGIONS // 3:
            time.sleep(0.05)
        os.kill(psutil.Process(process.pid).children()[0].pid, signal.SIGKILL)
        answer, told = process.communicate()
    causes = sum(line.startswith("  ") for line in told.splitlines()) - 1
    warning = next((line for line in told.splitlines() if "lost" in line), "no warning")
    yield (
        f"{accounts:,} x {REGIONS}, one killed",
        f"{answer.count(chr(10)):,} accounts, {causes} causes, exit {process.returncode}",
        f"{accounts - 1:,}, 2, 3",
        warning.removeprefix("apigw-vtab: "),
    )
