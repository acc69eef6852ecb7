"""Controls over a whole estate: what a finding costs above `select *`, in CPU time and memory.

CPU time is the user and system time of the whole process, which a busy machine changes least.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
REGIONS, APIS, STAGES = 17, 1320, 10
Row = tuple[str, str, str, str]


class Measured(Protocol):
    """What is known of a process that has ended."""

    @property
    def cpu(self) -> float:
        """Its user and system time, in seconds."""

    @property
    def kilobytes(self) -> int:
        """Its largest resident set size."""


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


def _figure(run: Measured) -> str:
    return f"{run.kilobytes / 1024:.0f} MB peak"
