"""Reports as a pipeline, Security Hub, code scanning and a browser read them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timezone
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import boto3
import botocore.session
import pytest
from botocore.validate import ParamValidator
from jsonschema import Draft4Validator
from lxml import etree
from moto.server import ThreadedMotoServer

from apigw_vtab.aws.reach.choice import Sample
from apigw_vtab.controls.findings import STATUSES, Finding, Report
from apigw_vtab.controls.saved_query import read_query
from apigw_vtab.output.reports.asff import MOST_FINDINGS, asff, parts
from apigw_vtab.output.reports.html import html
from apigw_vtab.output.reports.junit import junit
from apigw_vtab.output.reports.ocsf import ocsf
from apigw_vtab.output.reports.sarif import sarif

ARN = "arn:aws:apigateway:eu-west-1::/restapis/api0000001/stages/"
HOSTILE = "=cmd|' /C calc'!A0 <script>alert(1)</script> \x1b[31m \x00 a|b\nc \udc80 ]]> {{ 7*7 }}"
# Each turns, hides or steers text, and none of them may come through.
UNSEEN = "\x07\x9b\u061c\u200b\u200e\u200f\u2028\u202a\u202e\u2066\u2069\ufeff\U000e0041"
CONTROL = read_query(
    "stage-client-certificate",
    "-- title: Every stage presents a client certificate\n-- severity: high\n"
    "-- references: AG-006, APIGateway.2\n-- tags: certificates\nselect 1",
)
FORMATS: list[Callable[[Report], Iterator[str]]] = [html, junit, sarif, asff, ocsf]
SCHEMAS = Path(__file__).parent / "schemas"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
IN_ALARM = {"remediation": "aws apigateway update-stage --stage-name alarm", "name": HOSTILE}


def finding(status: str, **more: Any) -> Finding:
    given: dict[str, Any] = {
        "resource": ARN + status,
        "reason": f"It is {status}.",
        "region": "eu-west-1",
        **more,
    }
    return Finding(CONTROL, status=status, account_id="111122223333", more=IN_ALARM, **given)


REPORT = Report(
    controls=(CONTROL,),
    findings=(
        *(finding(status) for status in STATUSES),
        finding("alarm", resource=ARN + HOSTILE, reason=HOSTILE),
    ),
    lanes_read=16,
    lanes_asked=17,
    made_at=datetime(2026, 11, 24, 12, 0, tzinfo=timezone.utc),
)
EMPTY = replace(REPORT, controls=(), findings=())
COMPLETE = replace(REPORT, findings=(finding("ok"),), lanes_read=17)
OF_A_SAMPLE = replace(REPORT, sample=Sample(2, 1600))
TOLD = "a sample: 2 of 1,600 accounts"


def text(made: Callable[[Report], Iterator[str]], report: Report = REPORT) -> str:
    return "".join(made(report))


@pytest.mark.parametrize("made", FORMATS)
def test_the_same_report_is_the_same_bytes(made: Callable[[Report], Iterator[str]]) -> None:
    assert text(made) == text(made)


@pytest.mark.parametrize("made", FORMATS)
def test_hostile_names_steer_nothing(made: Callable[[Report], Iterator[str]]) -> None:
    written = text(made)
    assert not {"\x1b", "\x00"} & set(written)
    written.encode("utf-8", "strict" if made in (junit, sarif, asff, ocsf) else "replace")


@pytest.mark.parametrize("made", FORMATS)
def test_what_turns_or_hides_text_is_seen(made: Callable[[Report], Iterator[str]]) -> None:
    hostile = dict.fromkeys(("title", "description", "rationale", "remediation"), f"t{UNSEEN}")
    control = replace(CONTROL, header={**CONTROL.header, **hostile, "references": f"R{UNSEEN}"})
    more = {f"n{UNSEEN}": f"v{UNSEEN}", "remediation": f"aws {UNSEEN}"}
    found = [
        replace(finding(status, resource=ARN + UNSEEN, reason=UNSEEN), control=control, more=more)
        for status in STATUSES
    ]
    written = text(made, replace(REPORT, controls=(control,), findings=tuple(found)))
    is_json = made in (sarif, asff, ocsf)
    seen = json.dumps(json.loads(written), ensure_ascii=False) if is_json else written
    assert not set(UNSEEN) & set(seen)
    assert "\\u202e" in seen


def test_a_link_in_a_message_of_sarif_is_none() -> None:
    one = finding("alarm", reason="see [this](http://evil.example)")
    (run,) = json.loads(text(sarif, replace(REPORT, findings=(one,))))["runs"]
    assert r"see \[this\](http://evil.example)" in run["results"][0]["message"]["text"]


@pytest.mark.parametrize("made", [html, junit, sarif])
def test_a_report_of_a_sample_says_so(made: Callable[[Report], Iterator[str]]) -> None:
    assert TOLD in text(made, OF_A_SAMPLE)
    assert "sample" not in text(made)


def test_the_figures_of_a_sample_are_in_sarif_and_ocsf() -> None:
    (run,) = json.loads(text(sarif, OF_A_SAMPLE))["runs"]
    assert (run["properties"]["accountsAsked"], run["properties"]["accountsKnown"]) == (2, 1600)
    for event in json.loads(text(ocsf, OF_A_SAMPLE)):
        told = event["unmapped"]
        assert (told["accounts_asked"], told["accounts_known"]) == (2, 1600)


@pytest.mark.parametrize("made", FORMATS)
def test_a_report_of_nothing_is_well_formed(made: Callable[[Report], Iterator[str]]) -> None:
    assert text(made, EMPTY)


def test_junit_has_a_case_for_each_finding_and_fails_for_alarms() -> None:
    (suite,) = ElementTree.fromstring(text(junit))
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "6",
        "failures": "2",
        "errors": "1",
        "skipped": "1",
    }
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "It is alarm."
    assert "aws apigateway update-stage" in (failure.text or "")


@pytest.mark.parametrize("report", [REPORT, COMPLETE, EMPTY, OF_A_SAMPLE])
def test_junit_is_valid(report: Report) -> None:
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "junit-10.xsd"))
    schema.assertValid(etree.fromstring(text(junit, report).encode()))


@pytest.mark.parametrize("report", [REPORT, COMPLETE, EMPTY, OF_A_SAMPLE])
def test_sarif_is_valid(report: Report) -> None:
    schema = json.loads((SCHEMAS / "sarif-2.1.0-rtm.4.json").read_text("utf-8"))
    Draft4Validator(schema).validate(json.loads(text(sarif, report)))


def test_sarif_says_what_each_finding_is() -> None:
    (run,) = json.loads(text(sarif))["runs"]
    kinds = [(result["kind"], result["level"]) for result in run["results"]]
    assert kinds == [
        ("open", "none"),
        ("fail", "error"),
        ("informational", "none"),
        ("notApplicable", "none"),
        ("pass", "none"),
        ("fail", "error"),
    ]
    assert run["tool"]["driver"]["rules"][0]["properties"]["security-severity"] == "8.0"


@pytest.mark.parametrize(("report", "whole"), [(REPORT, False), (COMPLETE, True)])
def test_sarif_says_whether_all_was_read(report: Report, whole: bool) -> None:
    (run,) = json.loads(text(sarif, report))["runs"]
    assert run["invocations"][0]["executionSuccessful"] is whole


def test_asff_is_what_security_hub_takes() -> None:
    findings = json.loads(text(asff))
    model = botocore.session.get_session().get_service_model("securityhub")
    shape = model.operation_model("BatchImportFindings").input_shape
    assert not ParamValidator().validate({"Findings": findings}, shape).has_errors()
    # mock_aws would reset moto, and with it the credentials for the sandboxes of other tests.
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    hub = boto3.client(
        "securityhub",
        region_name="eu-west-1",
        endpoint_url="http://{}:{}".format(*server.get_host_and_port()),
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    answer = hub.batch_import_findings(Findings=findings)
    server.stop()
    assert (answer["SuccessCount"], answer["FailedCount"]) == (6, 0)
    assert [one["Compliance"]["Status"] for one in findings] == [
        "WARNING",
        "FAILED",
        "NOT_AVAILABLE",
        "NOT_AVAILABLE",
        "PASSED",
        "FAILED",
    ]


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_asff_names_the_partition_of_what_has_no_arn(region: str, partition: str) -> None:
    report = replace(REPORT, findings=(finding("error", resource="x/y", region=region),))
    (made,) = json.loads(text(asff, report))
    assert made["ProductArn"].startswith(f"arn:{partition}:securityhub:{region}:")


def test_asff_has_no_place_for_what_is_of_no_region() -> None:
    report = replace(REPORT, findings=(finding("skip", region=""),))
    assert json.loads(text(asff, report)) == []
    assert [part.findings for part in parts(report)] == [()]


def test_asff_has_parts_of_100_findings_of_one_account_and_region() -> None:
    places = [
        (account, region) for account in ("1" * 12, "2" * 12) for region in ("a-b-1", "c-d-1")
    ]
    found = [
        replace(finding("alarm", region=region, resource=f"{number}"), account_id=account)
        for number in range(MOST_FINDINGS + 1)
        for account, region in places
    ]
    report = replace(REPORT, findings=(*found, finding("skip", region="")))
    made = [json.loads(text(asff, part)) for part in parts(report)]
    assert [len(part) for part in made] == [100, 1] * 4
    assert [{(one["AwsAccountId"], one["Region"]) for one in part} for part in made] == [
        {place} for place in places for _ in range(2)
    ]
    assert sum(len(part) for part in made) == len(found)


def test_asff_has_real_line_breaks() -> None:
    more = {"remediation": "aws one\naws two"}
    two = replace(finding("alarm", reason="First.\nSecond."), more=more)
    (made,) = json.loads(text(asff, replace(REPORT, findings=(two,))))
    assert made["Description"] == "First.\nSecond."
    assert made["Remediation"]["Recommendation"]["Text"] == "aws one\naws two"


def test_asff_has_no_half_of_a_command() -> None:
    commands = [f"aws apigateway update-stage --stage-name {'x' * 50}{n}" for n in range(20)]
    one = replace(finding("alarm"), more={"remediation": "\n".join(commands)})
    (made,) = json.loads(text(asff, replace(REPORT, findings=(one,))))
    *kept, more = made["Remediation"]["Recommendation"]["Text"].split("\n")
    assert kept == commands[:4]
    assert more.startswith("There are more commands: apigw-vtab check stage-client-certificate")
    assert len("\n".join([*kept, more])) <= 512


class ReadPage(HTMLParser):
    """Collects what a page would load, and its elements that were left open."""

    VOID = frozenset(("meta", "input", "br", "link", "img"))

    def __init__(self, page: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.open: list[str] = []
        self.scripts = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.loads += [str(value) for name, value in attributes if name in ("src", "href")]
        self.scripts += tag == "script"
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_loads_nothing_and_runs_its_own_script_alone() -> None:
    page = ReadPage(text(html))
    assert (page.open, page.scripts) == ([], 1)
    assert not [one for one in page.loads if not one.startswith("#")]
    assert "49 " not in text(html)


@pytest.mark.parametrize(("report", "told"), [(REPORT, True), (COMPLETE, False)])
def test_the_page_says_when_it_is_incomplete(report: Report, told: bool) -> None:
    assert ("This report is incomplete" in text(html, report)) is told


def test_the_page_counts() -> None:
    assert "16 of 17 regions read" in text(html)
    assert re.search(r'<li class="alarm"><b>2</b> alarm', text(html))


@pytest.mark.skipif(CHROMIUM is None, reason="no browser here")
@pytest.mark.parametrize(("fragment", "shown"), [("", "6 of 6"), ("#status=alarm", "2 of 6")])
def test_a_browser_filters_the_page(tmp_path: Path, fragment: str, shown: str) -> None:
    path = tmp_path / "report.html"
    path.write_text(text(html), "utf-8", "replace")
    assert CHROMIUM
    done = subprocess.run(
        [
            CHROMIUM,
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
            f"--user-data-dir={tmp_path / 'browser'}",
            *("--dump-dom", path.as_uri() + fragment),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert f"{shown} shown" in done.stdout
    assert '<html lang="en" class="js">' in done.stdout
