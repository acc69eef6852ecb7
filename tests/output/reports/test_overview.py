"""What a report begins with, and what it says of controls with a rule's values and of scope."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest

from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.controls.rules import Rule
from apigw_vtab.controls.saved_query import Requirement, SavedQuery
from apigw_vtab.output.reports.asff import MOST_REQUIREMENTS, asff
from apigw_vtab.output.reports.html import html
from apigw_vtab.output.reports.overview import by_control
from apigw_vtab.output.reports.registry import write_report
from apigw_vtab.output.reports.sarif import sarif
from apigw_vtab.output.style import Style
from tests.output.reports.test_formats import CONTROL, OF_A_SAMPLE, REPORT, TOLD, text

LEFT = Rule("checkov", "CKV_1", (), "", "", "", {}, "", "Only code can answer it.")
(WITH_VALUES,) = find_queries(["CKV_AWS_308"], all_queries())
(WITH_MANY,) = find_queries(["apigateway_domain_name_pqc_tls_enabled"], all_queries())


def requirements(count: int) -> SavedQuery:
    some = tuple(Requirement("pci-dss-4.0", f"1.{one}", ("prowler",)) for one in range(count))
    return replace(CONTROL, requirements=some)


def test_a_control_with_a_rules_values_shows_them_in_its_name_and_its_title() -> None:
    told = "(with cluster=any, uncached=ok)"
    assert WITH_VALUES.told_name == "stage-cache-encrypted (cluster=any, uncached=ok)"
    assert WITH_VALUES.title.endswith(told)
    assert WITH_MANY.told_name == "domain-name-tls (allowedSecurityPolicies=3 values)"


def test_no_two_lines_of_the_opening_are_for_the_same_name() -> None:
    plain = replace(WITH_VALUES, preset={}, asked_as=(), name=WITH_VALUES.short)
    found = by_control(replace(REPORT, controls=(plain, WITH_VALUES), findings=()))
    names = [row[found.columns.index("control")] for row in found.rows]
    assert len(names) == len(set(names))


def test_controls_that_look_the_same_in_a_framework_are_told_apart_by_their_rules() -> None:
    answered = (Requirement("pci-dss-4.0", "1.1", ("prowler",)),)
    one = replace(WITH_MANY, requirements=answered)
    assert "rule" not in by_control(replace(REPORT, controls=(one,), findings=())).columns
    other = replace(one, name=f"{one.short}:other")
    assert "rule" in by_control(replace(REPORT, controls=(one, other), findings=())).columns


@pytest.mark.parametrize("name", ["markdown", "table"])
def test_a_table_of_a_sample_begins_with_that(name: str) -> None:
    written = io.StringIO()
    write_report(OF_A_SAMPLE, name, written, Style())
    assert written.getvalue().startswith(
        f"This is of {TOLD}. The others were not read and may not be clean.\n\n"
    )


@pytest.mark.parametrize("name", ["markdown", "table"])
def test_a_report_for_people_begins_with_the_controls_and_what_is_not_evaluated(name: str) -> None:
    file = io.StringIO()
    write_report(replace(REPORT, not_evaluated=(LEFT,)), name, file, Style())
    opening, _, rest = file.getvalue().replace("\\", "").partition("CKV_1 is not evaluated. ")
    assert "severity" in opening.splitlines()[0]
    assert "stage-client-certificate" in opening
    assert "eu-west-1" not in opening
    assert "eu-west-1" in rest


def test_html_says_what_is_not_evaluated_before_the_findings_and_has_the_requirements() -> None:
    control = requirements(2)
    findings = tuple(replace(one, control=control) for one in REPORT.findings)
    page = text(
        html, replace(REPORT, controls=(control,), findings=findings, not_evaluated=(LEFT,))
    )
    assert page.index("CKV_1 is not evaluated") < page.index("Requirements of pci-dss-4.0")
    assert page.index("Requirements of pci-dss-4.0") < page.index("<h2>Findings</h2>")


def test_html_says_that_nothing_of_a_control_is_in_scope() -> None:
    page = text(html, replace(REPORT, findings=(), out_of_scope=7))
    assert "0 findings in scope, 7 left out" in page
    assert "nothing in scope" in page


def test_asff_has_each_requirement_once_though_security_hub_has_room_for_32() -> None:
    control = requirements(700)
    findings = (replace(next(iter(REPORT.findings)), control=control),)
    (made,) = json.loads(text(asff, replace(REPORT, findings=findings)))
    related = made["Compliance"]["RelatedRequirements"]
    fields = made["ProductFields"]
    rest = [value for key, value in fields.items() if key.startswith("apigw-vtab/requirements/")]
    assert len(related) == MOST_REQUIREMENTS
    assert [*related, *(one for value in rest for one in value.split("; "))] == [
        *control.told_requirements
    ]
    assert max(map(len, rest)) <= 2048


def test_sarif_names_the_file_of_a_control_that_has_a_rules_values() -> None:
    control = WITH_MANY
    findings = (replace(next(iter(REPORT.findings)), control=control),)
    log = json.loads(text(sarif, replace(REPORT, controls=(control,), findings=findings)))
    (result,) = log["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "queries/domain-name-tls.sql"
