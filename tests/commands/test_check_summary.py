"""What a check prints: for a terminal of 80 columns, and for a pipe."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from typing import Any

import pytest
from click import unstyle

from apigw_vtab.aws.reach.choice import Sample
from apigw_vtab.commands.check_summary import print_summary
from apigw_vtab.controls.findings import Finding
from apigw_vtab.controls.rules import Rule
from apigw_vtab.controls.saved_query import SavedQuery
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
    # Above are tables, which are as wide as the names in them.
    findings = lines[next(n for n, line in enumerate(lines) if line.startswith("16 of 17")) :]
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


def findings(control: SavedQuery, count: int, status: str = "alarm") -> list[Finding]:
    """So many findings of a control, each in a region of its own."""
    return [
        Finding(control, f"arn:aws:apigateway:r-{n}::/restapis/a{n}", status, "Bad.", "1", f"r-{n}")
        for n in range(count)
    ]


def piped(capsys: pytest.CaptureFixture[str], *found: Finding, **options: Any) -> list[str]:
    """The lines of the summary in a pipe."""
    controls = tuple({one.control.name: one.control for one in found}.values())
    report = replace(REPORT, controls=controls, findings=found)
    print_summary(report, Style(), **{"show_all": False, **options})
    return capsys.readouterr().out.splitlines()


def control(name: str, severity: str) -> SavedQuery:
    return SavedQuery(name, "", {"title": f"Title of {name}", "severity": severity})


def test_it_begins_with_a_line_for_each_control_the_gravest_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    low, high = control("a-low", "low"), control("b-high", "high")
    lines = piped(capsys, *findings(low, 2), *findings(high, 3), *findings(high, 1, "ok"))
    assert [line.split() for line in lines[:5]] == [
        ["severity", "control", "alarm", "ok"],
        ["--------", "-------", "-----", "--"],
        ["high", "b-high", "3", "1"],
        ["low", "a-low", "2", "0"],
        ["total", "5", "1"],
    ]


def test_the_totals_come_before_the_findings(capsys: pytest.CaptureFixture[str]) -> None:
    lines = piped(capsys, *findings(control("a", "low"), 2))
    assert lines.index("2 findings: 2 alarm") < lines.index("Title of a")


def test_the_rule_that_was_asked_for_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    rule = Rule("conformity", "AG-9", (), "", "critical", "a", {}, "", "")
    asked = replace(control("a", "low"), asked_as=(rule,))
    lines = piped(capsys, *findings(asked, 1))
    assert lines[2].split() == ["critical", "AG-9", "a", "1"]
    assert "a · critical · AG-9" in lines


def test_a_rule_that_nobody_answers_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    rule = Rule("conformity", "AG-9", (), "", "", "", {}, "", "Nobody can.")
    print_summary(replace(REPORTED, not_evaluated=(rule,)), Style(), show_all=False)
    assert "AG-9 is not evaluated. Nobody can." in capsys.readouterr().out


@pytest.mark.parametrize(("limit", "rows"), [(1, 1), (7, 7), (0, 300), (None, 40)])
def test_findings_beyond_the_limit_are_counted(
    capsys: pytest.CaptureFixture[str], limit: int | None, rows: int
) -> None:
    lines = piped(capsys, *findings(control("a", "low"), 300), limit=limit)
    assert sum(line.startswith("alarm ") for line in lines) == rows
    more = f"{300 - rows} more: --limit 0 shows every one"
    assert (more in lines) == (rows < 300)


def test_however_many_controls_there_are_it_fits_on_a_page(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = [one for n in range(70) for one in findings(control(f"c{n:02}", "low"), 9)]
    lines = piped(capsys, *found)
    assert len(lines) <= 200
    assert "more controls: name one, such as c" in lines[-2]


def test_what_is_ok_or_skipped_is_shown_if_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    found = findings(control("a", "low"), 1, "ok")
    assert not any(line.startswith("ok ") for line in piped(capsys, *found))
    assert any(line.startswith("ok ") for line in piped(capsys, *found, show_all=True))


def test_many_regions_are_counted_by_account(capsys: pytest.CaptureFixture[str]) -> None:
    lines = piped(capsys, *findings(control("a", "low"), 21), *findings(control("b", "low"), 2))
    assert ["1", "21", "regions", "23"] not in [line.split() for line in lines]
    two = [replace(one, account_id="2") for one in findings(control("a", "low"), 5)]
    lines = piped(capsys, *findings(control("a", "low"), 21), *two)
    assert ["1", "21", "regions", "21"] in [line.split() for line in lines]
    assert ["2", "5", "regions", "5"] in [line.split() for line in lines]


def test_how_long_it_took_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert any(
        line.endswith(", in 2.5 s") for line in piped(capsys, *findings(CONTROL, 1), seconds=2.46)
    )


def test_a_pipe_gets_each_finding_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(REPORTED, Style(), show_all=True)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("alarm ")]
    assert len(lines) == 3
    assert all(re.search(rf"{re.escape(REASON)}$", line) for line in lines)


def test_where_nothing_is_in_scope_the_control_keeps_its_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_summary(replace(REPORT, findings=(), out_of_scope=10), Style(), show_all=False)
    lines = unstyle(capsys.readouterr().out).splitlines()
    assert "high      stage-client-certificate" in lines
    assert "10 findings, none in scope" in lines
    assert "1 control: 1 with nothing in scope" in lines


def test_what_is_in_scope_is_told_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(replace(REPORT, out_of_scope=3), Style(), show_all=False)
    assert "9 findings, 6 in scope: 1 error, 2 alarm" in unstyle(capsys.readouterr().out)


def test_of_many_accounts_the_gravest_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    one = control("a", "low")
    found = [
        Finding(one, f"arn-{n}-{again}", "alarm", "Bad.", f"{n:012}", "eu-west-1")
        for n in range(30)
        for again in range(1 + n)
    ]
    lines = piped(capsys, *found)
    begin = next(n for n, line in enumerate(lines) if "account_id" in line)
    shown_ones = [line.split() for line in lines[begin + 2 : begin + 22]]
    assert shown_ones[0] == [f"{29:012}", "1", "region", "30"]
    assert shown_ones[-1] == [f"{10:012}", "1", "region", "11"]
    assert lines[begin + 22] == "10 more accounts: --limit 0 shows every one"
    assert sum("1 region" in line for line in piped(capsys, *found, limit=0)) == 30


def test_a_sample_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    report = replace(REPORT, sample=Sample(1, 1000))
    print_summary(report, Style(), show_all=False)
    assert "a sample: 1 of 1,000 accounts" in capsys.readouterr().out
