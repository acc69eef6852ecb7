"""OCSF: what a Security Lake reads in a Compliance Finding, and who is told what to install."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

from apigw_vtab.cli.main import main
from apigw_vtab.controls.findings import Finding
from apigw_vtab.controls.rules import Rule
from apigw_vtab.output.reports.ocsf import ocsf
from apigw_vtab.tables.values import SqlValue
from tests.control_plane import Plane
from tests.output.reports.test_formats import ARN, CONTROL, REPORT, finding, text

# compliance.status_id, status_id and severity_id, by their numbers.
# https://schema.ocsf.io/1.5.0/classes/compliance_finding
UNKNOWN, PASS, WARNING, FAIL = range(4)
NOT_KNOWN, NEW, RESOLVED = 0, 1, 4
INFORMATIONAL, HIGH = 1, 4
WRONG = {
    "error": (WARNING, NEW, 0),
    "alarm": (FAIL, NEW, HIGH),
    # Nobody has looked into these, so nothing is resolved.
    "info": (UNKNOWN, NOT_KNOWN, INFORMATIONAL),
    "skip": (UNKNOWN, NOT_KNOWN, INFORMATIONAL),
    "ok": (PASS, RESOLVED, INFORMATIONAL),
}


def made(*findings: Finding) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = json.loads(text(ocsf, replace(REPORT, findings=findings)))
    return events


def test_each_event_is_a_valid_compliance_finding() -> None:
    for event in made(*REPORT.findings):
        assert ComplianceFinding.model_validate(event).type_uid == 200301
        assert (event["class_uid"], event["category_uid"]) == (2003, 2)


@pytest.mark.parametrize("status", WRONG)
def test_a_status_is_mapped(status: str) -> None:
    (event,) = made(finding(status))
    numbers = event["compliance"]["status_id"], event["status_id"], event["severity_id"]
    assert numbers == WRONG[status]
    assert (event["status_code"], event["status_detail"]) == (status, f"It is {status}.")


def test_a_finding_keeps_its_uid_whichever_rule_was_asked_for() -> None:
    rule = Rule("conformity", "AG-006", (), "", "", CONTROL.name, {}, "https://a.example/", "")
    asked = replace(finding("alarm"), control=replace(CONTROL, asked_as=(rule,)))
    events = made(finding("alarm"), asked)
    key = f"apigw-vtab/{CONTROL.name}/111122223333/eu-west-1/{ARN}alarm"
    assert [one["finding_info"]["uid"] for one in events] == [key, key]
    assert events[1]["compliance"]["checks"] == [{"uid": "AG-006", "name": CONTROL.name}]
    assert events[1]["remediation"]["references"] == ["https://a.example/"]


def test_a_resource_is_named_with_its_place() -> None:
    (event,) = made(finding("alarm"))
    (resource,) = event["resources"]
    assert resource["uid"] == f"{ARN}alarm"
    assert resource["type"] == "AwsApiGatewayStage"
    assert resource["owner"]["account"]["uid"] == "111122223333"
    assert (resource["cloud_partition"], resource["region"]) == ("aws", "eu-west-1")
    assert event["cloud"]["account"]["uid"] == "111122223333"
    assert event["time"] == 1_795_521_600_000


def test_what_is_of_no_account_and_region_has_none() -> None:
    (event,) = made(replace(finding("skip", region=""), account_id=""))
    assert event["cloud"] == {"provider": "AWS"}


def test_columns_without_a_place_are_unmapped_and_the_reading_is_counted() -> None:
    more: dict[str, SqlValue] = {
        "remediation": "aws one\naws two",
        "days": float("inf"),
        "raw": b"\x00",
        "none": None,
    }
    (event,) = made(replace(finding("alarm"), more=more))
    counts = {"regions_read": 16, "regions_asked": 17}
    assert event["unmapped"] == {"days": "inf", "raw": "00", **counts}
    assert event["remediation"]["desc"].endswith("aws one\naws two")


def test_a_rule_that_nothing_answers_is_an_event_that_says_why() -> None:
    rule = Rule("kics", "abc", (), "A title", "", "", {}, "", "Only code can answer it.")
    report = replace(REPORT, findings=(), not_evaluated=(rule,))
    (event,) = json.loads(text(ocsf, report))
    assert (event["status_id"], event["compliance"]["status_id"]) == (NOT_KNOWN, UNKNOWN)
    assert event["status_detail"] == "abc is not evaluated. Only code can answer it."
    assert event["compliance"]["status_id"] == UNKNOWN


@pytest.mark.parametrize("words", [("--output", "ocsf"), ("--export", "findings.ocsf.json")])
def test_without_its_package_nothing_is_read_and_it_is_said_what_to_install(
    plane: Plane, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "py_ocsf_models", None)
    result = CliRunner().invoke(main, ["check", "AG-006", *words])
    assert result.exit_code == 2
    assert "pip install 'apigw-vtab[ocsf]'" in result.stderr
    assert plane.count() == 0
    assert not list(tmp_path.iterdir())
