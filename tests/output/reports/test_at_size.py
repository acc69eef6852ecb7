"""Reports of many findings: what streams, in which order, and what a page leaves out."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from typing import IO, Any, cast
from xml.etree import ElementTree

import pytest

from apigw_vtab.controls.findings import Finding, Findings, Part, Report
from apigw_vtab.controls.packed import PackedRows, Row
from apigw_vtab.output.reports import html as page
from apigw_vtab.output.reports.junit import junit
from apigw_vtab.output.reports.registry import parts_of, write_report
from apigw_vtab.output.reports.sarif import sarif
from apigw_vtab.output.style import Style
from tests.output.reports.test_formats import CONTROL, HOSTILE, REPORT

STATUSES = ("ok", "alarm", "error", "skip", "info")


def rows(count: int) -> Iterator[Row]:
    """So many rows, half of them in each of two regions, of every status."""
    for number in range(count):
        region = f"eu-west-{1 + number * 2 // count}"
        arn = f"arn:aws:apigateway:{region}::/restapis/{number}"
        status = STATUSES[number % len(STATUSES)]
        yield (arn, status, f"It is {status}.", "111122223333", region, HOSTILE)


def report(count: int) -> Report:
    part = Part(CONTROL, ("name",), PackedRows(rows(count)))
    return replace(REPORT, findings=Findings([part]))


def text(name: str, of: Report) -> str:
    file = StringIO()
    write_report(of, name, file, Style())
    return file.getvalue()


class Sink:
    """A file that keeps nothing."""

    def write(self, _: str) -> None:
        pass

    def writelines(self, texts: Iterator[str]) -> None:
        for _ in texts:
            pass

    def isatty(self) -> bool:
        return False


@pytest.mark.parametrize("name", ["csv", "jsonl", "json", "sarif", "asff", "ocsf", "junit"])
def test_what_streams_takes_no_memory_a_finding(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def peak(count: int) -> int:
        of = report(count)
        tracemalloc.start()
        for part in parts_of(of, name):
            write_report(part, name, cast(IO[str], Sink()), Style())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    # What is made once, such as what a format imports, is made then.
    peak(10)
    least = peak(1_000)
    assert peak(2_000) - least < 100 * 1_000


@pytest.mark.parametrize(("name", "made"), [("csv", 0), ("jsonl", 0), ("sarif", 1), ("junit", 1)])
def test_findings_are_made_where_a_format_needs_them(
    monkeypatch: pytest.MonkeyPatch, name: str, made: int
) -> None:
    alive: list[Finding] = []
    finding = Part.finding

    def noted(part: Part, row: Row) -> Finding:
        alive.append(finding(part, row))
        return alive[-1]

    monkeypatch.setattr(Part, "finding", noted)
    text(name, report(500))
    # SARIF names what could not be read in its head, too.
    errors = 100 if name == "sarif" else 0
    assert len(alive) == made * 500 + errors


@pytest.mark.parametrize("name", ["csv", "jsonl", "json", "sarif", "ocsf", "junit"])
def test_what_streams_comes_place_by_place(name: str) -> None:
    found = re.findall(r"restapis/(\d+)", text(name, report(20)))
    # SARIF says in its head what could not be read; some formats name a resource several times.
    places = list(dict.fromkeys(map(int, found[4 if name == "sarif" else 0 :])))
    assert places == list(range(20))


def test_markdown_has_the_gravest_first() -> None:
    lines = text("markdown", report(20)).splitlines()[2:]
    told = [one.group() for line in lines if (one := re.search(r"error|alarm|info|skip|ok", line))]
    assert list(dict.fromkeys(told)) == ["error", "alarm", "info", "skip", "ok"]


def test_sarif_has_the_bytes_that_json_would_write() -> None:
    made = "".join(sarif(report(20)))
    assert json.dumps(json.loads(made), indent=1) + "\n" == made
    empty = "".join(sarif(replace(REPORT, controls=(), findings=())))
    assert json.dumps(json.loads(empty), indent=1) + "\n" == empty


def test_junit_counts_before_its_cases() -> None:
    made = "".join(junit(report(20)))
    (suite,) = ElementTree.fromstring(made)
    counts = {name: int(suite.get(name, "")) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": 20, "failures": 4, "errors": 4, "skipped": 4}
    assert len(suite.findall("testcase")) == 20
    ElementTree.indent(root := ElementTree.fromstring(made))
    assert made.partition("\n")[2] == ElementTree.tostring(root, encoding="unicode") + "\n"


def test_a_page_says_what_it_leaves_out_and_has_the_gravest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page, "MOST_SHOWN", 5)
    made = "".join(page.html(report(20)))
    assert "This page has 5 of 20 findings of this control" in made
    assert "15 are left out" in made
    assert re.findall(r'<tr data-status="(\w+)"', made) == ["error"] * 4 + ["alarm"]
    assert re.search(r'<li class="ok"><b>4</b> ok', made)


def test_a_page_of_few_findings_leaves_out_nothing() -> None:
    assert "left out" not in "".join(page.html(report(20)))


def test_who_has_few_findings_leaves_room_to_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MOST_SHOWN", 100)
    shares: Any = page._shares({"many": 1000, "few": 3, "some": 40})
    assert shares == {"few": 3, "some": 40, "many": 57}
