"""AWS Security Finding Format: the input of `aws securityhub batch-import-findings --findings`.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from apigw_vtab.aws.regions import partition_by_name
from apigw_vtab.controls.findings import ALARM, ERROR, OK, Finding, Report
from apigw_vtab.output.terminal import harmless

SCHEMA_VERSION = "2018-10-08"
COMPLIANCE = {OK: "PASSED", ALARM: "FAILED", ERROR: "WARNING"}
KINDS = {
    "stages": "AwsApiGatewayStage",
    "restapis": "AwsApiGatewayRestApi",
}
# Security Hub cuts or refuses longer texts.
LONGEST = {"title": 256, "description": 1024, "remediation": 512, "id": 512}


def asff(report: Report) -> Iterator[str]:
    """Yield a JSON array of findings; Security Hub takes 100 of them at a time.

    A finding without an account or a region is left out, because Security Hub requires both:
    see `left_out`.
    """
    made_at = report.made_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    findings = [_finding(one, made_at) for one in report.findings if _is_placed(one)]
    yield json.dumps(findings, indent=1) + "\n"


def left_out(report: Report) -> int:
    """Return the number of findings that the format has no place for."""
    return sum(not _is_placed(finding) for finding in report.findings)


def _is_placed(finding: Finding) -> bool:
    return bool(re.fullmatch(r"\d{12}", finding.account_id) and finding.region)


def _finding(finding: Finding, made_at: str) -> dict[str, Any]:
    account, region, control = finding.account_id, finding.region, finding.control
    partition = _partition(finding)
    alarm = finding.status == ALARM
    severity = (control.severity or "medium").upper() if alarm else "INFORMATIONAL"
    advice = finding.remediation or control.remediation or "No action is needed."
    return {
        "SchemaVersion": SCHEMA_VERSION,
        "Id": _cut(f"apigw-vtab/{control.name}/{finding.resource}", "id"),
        "ProductArn": f"arn:{partition}:securityhub:{region}:{account}:product/{account}/default",
        "ProductName": "apigw-vtab",
        "GeneratorId": f"apigw-vtab/{control.name}",
        "AwsAccountId": account,
        "Region": region,
        "Types": ["Software and Configuration Checks/AWS Security Best Practices"],
        "CreatedAt": made_at,
        "UpdatedAt": made_at,
        "Severity": {"Label": severity},
        "Title": _cut(control.title or control.name, "title"),
        "Description": _cut(finding.reason or control.title or control.name, "description"),
        "Remediation": {"Recommendation": {"Text": _cut(advice, "remediation")}},
        "ProductFields": {"apigw-vtab/rules": ", ".join(control.references)},
        "Resources": [
            {
                "Type": _kind(finding.resource),
                "Id": _cut(finding.resource, "id"),
                "Partition": partition,
                "Region": region,
            }
        ],
        "Compliance": {"Status": COMPLIANCE.get(finding.status, "NOT_AVAILABLE")},
        "Workflow": {"Status": "NEW" if alarm or finding.status == ERROR else "RESOLVED"},
        "RecordState": "ACTIVE",
    }


def _kind(resource: str) -> str:
    parts = resource.partition("::/")[2].split("/")
    return KINDS.get(parts[-2] if len(parts) > 1 else "", "Other")


def _partition(finding: Finding) -> str:
    if found := re.match(r"arn:([a-z-]+):", finding.resource):
        return found[1]
    return partition_by_name(finding.region)


def _cut(text: str, what: str) -> str:
    text, longest = harmless(text), LONGEST[what]
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
