"""What the tests prove, gathered from the run itself: `--reliability FILE` writes the page.

A test says what it is about by `@pytest.mark.promise(promise, found=...)`; the fixture `proof`
counts its cases, and records the outcome of a fault.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import apsw
import boto3
import pytest

HEAD = """\
# Reliability

What this tool promises, how each promise is tested, how many cases ran, and what was found and
fixed. This page is written by a run of the tests, never by hand:
`python -m pytest --long --reliability=docs/reliability.md`. In CI the same tests run with fewer
cases.
"""


@dataclass
class Proof:
    """What is reported about one promise."""

    tests: set[str] = field(default_factory=set)
    found: dict[str, None] = field(default_factory=dict)
    cases: int = 0
    failed: int = 0
    seconds: float = 0.0


class ReliabilityPage:
    """Gathers the reports of a run, and writes the page at its end."""

    def __init__(self, path: Path, command: str) -> None:
        self._path = path
        self._command = command
        self._proofs: dict[str, Proof] = {}
        self._faults: dict[str, tuple[str, float]] = {}
        self._notes: dict[str, None] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = dict(report.user_properties)
        if "promise" not in told:
            return
        proof = self._proofs.setdefault(str(told["promise"]), Proof())
        proof.failed += report.failed
        proof.seconds += report.duration
        if report.when != "teardown":
            return
        proof.tests.add(report.nodeid.partition("::")[0])
        proof.found |= dict.fromkeys([str(told["found"])] if told["found"] else ())
        proof.cases += int(str(told.get("cases", 1)))
        if "outcome" in told:
            self._faults[str(told["fault"])] = str(told["outcome"]), float(str(told["took"]))
        if "note" in told:
            self._notes[str(told["note"])] = None

    def pytest_sessionfinish(self) -> None:
        self._path.write_text("".join(f"{line}\n" for line in self._lines()), encoding="utf-8")

    def _lines(self) -> Iterator[str]:
        yield HEAD
        yield (
            f"Run on {datetime.now(timezone.utc):%Y-%m-%d}: Python {platform.python_version()}, "
            f"SQLite {apsw.sqlite_lib_version()}, apsw {apsw.apsw_version()}, "
            f"boto3 {boto3.__version__}; `{self._command}`."
        )
        yield "\n## Promises\n"
        yield "| promise | tested by | cases | failed | seconds | found and fixed |"
        yield "| --- | --- | ---: | ---: | ---: | --- |"
        for promise, proof in sorted(self._proofs.items()):
            tests = ", ".join(f"`{one}`" for one in sorted(proof.tests))
            found = " ".join(proof.found) or "nothing"
            figures = f"{proof.cases:,} | {proof.failed} | {proof.seconds:,.1f}"
            yield f"| {promise} | {tests} | {figures} | {found} |"
        if self._notes:
            yield ""
            yield from (f"- {note}" for note in self._notes)
        yield "\n## Faults\n"
        yield (
            "Each runs against a control plane of three regions with 36 stages, with `--timeout 2` "
            "if the fault would last.\nThe outcome is one of two: the complete answer, or the "
            "rows that could be read, with the failed\ncalls named in `scan_errors` and on "
            "stderr, and exit code 3.\n"
        )
        yield "| fault | outcome | seconds |"
        yield "| --- | --- | ---: |"
        for fault, (outcome, seconds) in sorted(self._faults.items()):
            yield f"| {fault} | {outcome} | {seconds:.1f} |"


def add_options(parser: pytest.Parser) -> None:
    """Add the options of a long run."""
    group = parser.getgroup("reliability")
    group.addoption("--long", action="store_true", help="Run ten times as many random cases.")
    group.addoption("--seed", type=int, default=20261124, help="The seed of random cases.")
    group.addoption("--reliability", metavar="FILE", help="Write what the run proves to a page.")


def configure(config: pytest.Config) -> None:
    """Declare the mark, and gather the reports where a page is wanted."""
    config.addinivalue_line("markers", "promise(text, found=''): what a test proves")
    path = config.getoption("--reliability")
    if path and not hasattr(config, "workerinput"):
        command = " ".join(("python -m pytest", *config.invocation_params.args))
        config.pluginmanager.register(ReliabilityPage(Path(path), command), "reliability page")


def mark_items(items: list[pytest.Item]) -> None:
    """Let each report say which promise its test is about."""
    for item in items:
        if mark := item.get_closest_marker("promise"):
            item.user_properties.append(("promise", mark.args[0]))
            item.user_properties.append(("found", mark.kwargs.get("found", "")))


def proof(record_property: Callable[[str, Any], None]) -> Callable[..., None]:
    """Return the function by which a test reports `cases`, `fault` with its `outcome`, `note`."""
    began = time.monotonic()

    def tell(**told: Any) -> None:
        record_property("took", time.monotonic() - began)
        for name, value in told.items():
            record_property(name, value)

    return tell
