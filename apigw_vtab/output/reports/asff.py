"""AWS Security Finding Format: the input of `aws securityhub batch-import-findings --findings`.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from apigw_vtab.aws.regions import partition_by_name
from apigw_vtab.controls.findings import ALARM, ERROR, OK, Finding, Report
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.output.terminal import harmless, harmless_json, harmless_lines

SCHEMA_VERSION = "2018-10-08"
COMPLIANCE = {OK: "PASSED", ALARM: "FAILED", ERROR: "WARNING"}
# By the collections that an ARN names.
KINDS = {
    ("restapis",): "AwsApiGatewayRestApi",
    ("restapis", "stages"): "AwsApiGatewayStage",
    ("apis",): "AwsApiGatewayV2Api",
    ("apis", "stages"): "AwsApiGatewayV2Stage",
}
# https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html
MOST_FINDINGS = 100
# https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_Compliance.html
MOST_REQUIREMENTS, MOST_LETTERS = 32, 64
# Security Hub cuts or refuses longer texts.
LONGEST = {"title": 256, "description": 1024, "remediation": 512, "id": 512, "field": 2048}


def asff(report: Report) -> Iterator[str]:
    """Yield a JSON array of findings, without those that have no account or no region.

    Security Hub takes the array only of what `parts` returns.
    """
    made_at = report.made_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    findings = [_finding(one, made_at) for one in report.findings if _is_placed(one)]
    yield json.dumps(harmless_json(findings), indent=1) + "\n"


def parts(report: Report) -> list[Report]:
    """Divide a report into what Security Hub takes at a time: 100 findings of its own account.

    Each part is of one region, too, because a finding names the product of its own region.
    A finding without an account or a region is left out, because Security Hub requires both.
    """
    placed: dict[tuple[str, str], list[Finding]] = {}
    for finding in filter(_is_placed, report.findings):
        placed.setdefault((finding.account_id, finding.region), []).append(finding)
    taken = [
        replace(report, findings=tuple(found[start : start + MOST_FINDINGS]))
        for _, found in sorted(placed.items())
        for start in range(0, len(found), MOST_FINDINGS)
    ]
    return taken or [replace(report, findings=())]


def _is_placed(finding: Finding) -> bool:
    return bool(re.fullmatch(r"\d{12}", finding.account_id) and finding.region)


def _finding(finding: Finding, made_at: str) -> dict[str, Any]:
    account, region, control = finding.account_id, finding.region, finding.control
    partition = partition_of(finding)
    alarm = finding.status == ALARM
    severity = (control.severity or "medium").upper() if alarm else "INFORMATIONAL"
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
        "Remediation": {"Recommendation": {"Text": _advice(finding)}},
        "ProductFields": _product_fields(control),
        "Resources": [
            {
                "Type": kind_of(finding.resource),
                "Id": _cut(finding.resource, "id"),
                "Partition": partition,
                "Region": region,
            }
        ],
        "Compliance": _compliance(finding),
        "Workflow": {"Status": "NEW" if alarm or finding.status == ERROR else "RESOLVED"},
        "RecordState": "ACTIVE",
    }


def _compliance(finding: Finding) -> dict[str, Any]:
    """Return the status, with as many of the requirements as Security Hub takes."""
    status = {"Status": COMPLIANCE.get(finding.status, "NOT_AVAILABLE")}
    named = _related(finding.control)
    return status | ({"RelatedRequirements": named} if named else {})


def _related(control: SavedQuery) -> list[str]:
    told = [harmless(one) for one in control.told_requirements if len(one) <= MOST_LETTERS]
    return told[:MOST_REQUIREMENTS]


def _product_fields(control: SavedQuery) -> dict[str, str]:
    """Return the ids of rules, and the requirements for which there is no room elsewhere."""
    fields = {"apigw-vtab/rules": ", ".join(control.told_ids)}
    related, number = set(_related(control)), 0
    for one in control.told_requirements:
        if (words := harmless(one)) in related:
            continue
        told = fields.get(f"apigw-vtab/requirements/{number}")
        if told is None or len(told) + len(words) + 2 > LONGEST["field"]:
            number, told = number + 1, ""
        fields[f"apigw-vtab/requirements/{number}"] = "; ".join(filter(None, (told, words)))
    return fields


def kind_of(resource: str) -> str:
    """Return what Security Hub calls resources of the kind that an ARN names."""
    parts = resource.partition("::/")[2].split("/")
    return KINDS.get(tuple(parts[::2]), "Other") if len(parts) % 2 == 0 else "Other"


def partition_of(finding: Finding) -> str:
    """Return the partition of a finding's resource, or else of its region."""
    if found := re.match(r"arn:([a-z-]+):", finding.resource):
        return found[1]
    return partition_by_name(finding.region)


def _advice(finding: Finding) -> str:
    """Return the commands that fix a finding, as many as fit: half of one must not be run."""
    commands, longest = harmless_lines(finding.remediation), LONGEST["remediation"]
    if len(commands) <= longest:
        words = finding.control.remediation or "No action is needed."
        return commands or _cut(words, "remediation")
    more = f"There are more commands: apigw-vtab check {finding.control.typed} --output json"
    kept, left = [], longest - len(more)
    for line in commands.split("\n"):
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    return "\n".join([*kept, more])


def _cut(text: str, what: str) -> str:
    # An id or a title has one line.
    text, longest = (harmless if what in ("id", "title") else harmless_lines)(text), LONGEST[what]
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
