"""Controls over a whole estate: what a finding costs above `select *`, in CPU time and memory.

CPU time is the user and system time of the whole process, which a busy machine changes least.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from tests.control_plane import Plane

# Those of the first version that are about stages.
STAGE_CONTROLS = (
    "stage-access-logging",
    "stage-cache-enabled",
    "stage-cache-encrypted",
    "stage-client-certificate",
    "stage-client-certificate-valid",
    "stage-detailed-metrics",
    "stage-execution-logging",
    "stage-variable-secrets",
    "stage-waf-web-acl",
    "stage-xray-tracing",
)
# Regions, REST APIs in each, and stages of each.
ESTATE = REGIONS, APIS, STAGES = 17, 1320, 10
# Of an organization: in so many of the regions there are REST APIs.
ACCOUNTS, IN_USE, APIS_EACH, STAGES_EACH = 100, 3, 2, 3
Row = tuple[str, str, str, str]


class Measured(Protocol):
    """What is known of a process that has ended."""

    @property
    def cpu(self) -> float:
        """Its user and system time, in seconds."""

    @property
    def kilobytes(self) -> int:
        """Its largest resident set size."""

    @property
    def rows(self) -> int:
        """The lines that it wrote."""


# Runs a module in a process of its own, against a control plane.
Run = Callable[..., Measured]


def check_large(run: Run, plane: Plane, stages: int) -> Iterator[Row]:
    """Yield a row for the stage controls as JSON lines, and one for AG-006 as CSV."""
    common = ("--region", ",".join(plane.estate.regions), "--max-rps", "100000")
    select = ("apigw_vtab", "query", "select * from stages", "--output", "csv")
    least = run(plane, *select, *common)
    yield (f"{stages:,} stages, select *", _figure(least), "", f"{least.cpu:.0f} s of CPU")
    works = {
        "ten stage controls, JSON lines": (STAGE_CONTROLS, "jsonl", "600 MB"),
        "AG-006, CSV": (("AG-006",), "csv", "300 MB"),
    }
    for what, (names, form, most) in works.items():
        words = ("apigw_vtab", "check", *names, "--output", form, "--fail-on", "never")
        mine = run(plane, *words, *common)
        each = (mine.cpu - least.cpu) * 1e6 / (stages * len(names))
        figure = f"{each:.0f} us of CPU a finding above select *, {_figure(mine)}"
        yield (what, figure, f"30 us, {most}", f"{mine.cpu / least.cpu:.1f} x select *")


def check_organisation(run: Run, plane: Plane, accounts: int) -> Iterator[Row]:
    """Yield a row for all controls over the accounts of an organization, as CSV and JUnit."""
    with tempfile.TemporaryDirectory() as folder:
        words = (
            *("apigw_vtab", "check", "--organization", "--assume-role", "audit"),
            *("--no-credential-cache", "--max-rps", "100000", "--fail-on", "never"),
            *("--region", ",".join(plane.estate.regions)),
            *("--output", "csv", "--export", str(Path(folder, "report.xml"))),
        )
        mine = run(plane, *words)
        junit = Path(folder, "report.xml").stat().st_size
    what = f"{accounts:,} accounts x {len(plane.estate.regions)}, all controls, CSV and JUnit"
    told = f"{mine.rows:,} lines, {junit / 1e6:.0f} MB of JUnit, {mine.cpu:.0f} s of CPU"
    yield (what, _figure(mine), "400 MB", told)


def _figure(run: Measured) -> str:
    return f"{run.kilobytes / 1024:.0f} MB peak"
