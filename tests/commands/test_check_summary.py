"""What a check prints: for a terminal of 80 columns, and for a pipe."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import pytest
from click import unstyle

from apigw_vtab.commands.check_summary import print_summary
from apigw_vtab.controls.findings import Finding
from apigw_vtab.output.style import Style
from apigw_vtab.output.wrapping import width_of
from tests.output.reports.test_formats import CONTROL, REPORT
from tests.output.tty_stream import TtyStream

REASON = (
    "No stranger gets in: statement 1 allows only requests of which IpAddress aws:SourceIp is true."
)
NAMES = (
    "商品検索 API",
    "supplier-feed (O'Brien & Sons) of the northern warehouse",
    "returns\nportal",
)
FOUND = tuple(
    Finding(
        CONTROL,
        f"arn:aws:apigateway:ap-southeast-2::/restapis/{number}xhvokuzfj/stages/production",
        "alarm",
        REASON,
        "111122223333" if number else "444455556666",
        "ap-southeast-2",
        {"rest_api": name},
    )
    for number, name in enumerate(NAMES)
)
REPORTED = replace(REPORT, findings=FOUND)


def shown(monkeypatch: pytest.MonkeyPatch, columns: int, *findings: Finding) -> list[str]:
    """The lines of the summary on a terminal, without colours."""
    stream = TtyStream()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setenv("COLUMNS", str(columns))
    print_summary(replace(REPORT, findings=findings or FOUND), Style(), show_all=True)
    return unstyle(stream.getvalue()).splitlines()


@pytest.mark.parametrize("columns", [40, 60, 80, 120, 200])
def test_every_line_fits_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    lines = shown(monkeypatch, columns)
    # The table of regions at the end is as wide as accounts and regions are.
    findings = lines[: next(n for n, line in enumerate(lines) if line.startswith("  account_id"))]
    assert max(map(width_of, findings)) <= columns


def test_a_reason_is_told_once_for_all_that_it_is_said_of(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(monkeypatch, 80)
    start = next(number for number, line in enumerate(lines) if line.startswith("alarm"))
    assert lines[start : start + 5] == [
        "alarm  No stranger gets in: statement 1 allows only requests of which IpAddress",
        "       aws:SourceIp is true.",
        "         444455556666  ap-southeast-2  商品検索 API        0xhvokuzfj/production",
        "         111122223333  ap-southeast-2  supplier-feed       1xhvokuzfj/production",
        "                                       (O'Brien & Sons)",
    ]
    assert sum("gets in" in line for line in lines) == 1


def test_one_account_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(monkeypatch, 80, FOUND[1])
    assert [line for line in lines if "111122223333" in line] == [
        "16 of 17 regions read in account 111122223333"
    ]


def test_a_pipe_gets_each_finding_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(REPORTED, Style(), show_all=True)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("alarm ")]
    assert len(lines) == 3
    assert all(re.search(rf"{re.escape(REASON)}$", line) for line in lines)
