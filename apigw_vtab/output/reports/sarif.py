"""SARIF 2.1.0 for code scanning: a rule for each control, a result for each finding.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator
from typing import Any

from apigw_vtab import __version__
from apigw_vtab.controls.findings import ALARM, ERROR, INFO, OK, SKIP, Finding, Report
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.output.links import sarif_text
from apigw_vtab.output.reports.json_arrays import array
from apigw_vtab.output.terminal import harmless_json

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
KINDS = {
    ALARM: "fail",
    OK: "pass",
    SKIP: "notApplicable",
    INFO: "informational",
    ERROR: "open",
}
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
# Stand for what is written one by one; no text of a report has a control character.
NOTES, RESULTS = "\0notes", "\0results"
# GitHub sorts alerts by these scores: the middle of each CVSS band.
SECURITY_SEVERITIES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}


def sarif(report: Report) -> Iterator[str]:
    """Yield the report as one SARIF log with one run, finding by finding."""
    rules = {control.name: number for number, control in enumerate(report.controls)}
    errors = (one for part in report.parts for one in part.findings(ERROR))
    is_whole = not report.counts[ERROR] and report.lanes_read == report.lanes_asked
    sample = report.sample
    properties = {"lanesRead": report.lanes_read, "lanesAsked": report.lanes_asked}
    if sample:
        properties |= {"accountsAsked": sample.accounts, "accountsKnown": sample.known}
    notes = itertools.chain(
        ({"level": "note", "message": _message(f"This is of {one}.")} for one in [sample] if one),
        (
            {"level": "error", "message": _message(f"{one.resource}: {one.reason}")}
            for one in errors
        ),
        ({"level": "note", "message": _message(rule.why_not)} for rule in report.not_evaluated),
    )
    run = {
        "tool": {
            "driver": {
                "name": "apigw-vtab",
                "version": __version__,
                "rules": [_rule(control) for control in report.controls],
            }
        },
        "invocations": [
            {
                "executionSuccessful": is_whole,
                "endTimeUtc": report.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
        ],
        "properties": properties,
    }
    run = harmless_json(run)
    run["invocations"][0]["toolExecutionNotifications"], run["results"] = NOTES, RESULTS
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    text = json.dumps(log, indent=1) + "\n"
    before, _, rest = text.partition(json.dumps(NOTES))
    between, _, after = rest.rpartition(json.dumps(RESULTS))
    yield before
    yield from array(notes, 5)
    yield between
    yield from array((_result(finding, rules) for finding in report.findings), 3)
    yield after


def _message(text: str) -> dict[str, str]:
    return {"text": sarif_text(text)}


def _rule(control: SavedQuery) -> dict[str, Any]:
    title = control.title or control.name
    description = control.description or title
    help_text = control.remediation or control.rationale or description
    properties: dict[str, Any] = {"tags": ["security", *control.tags, *control.told_ids]}
    if control.requirements:
        properties["requirements"] = list(control.told_requirements)
    if control.severity in SECURITY_SEVERITIES:
        properties["security-severity"] = SECURITY_SEVERITIES[control.severity]
    return {
        "id": control.name,
        "name": control.name,
        "shortDescription": _message(title),
        "fullDescription": _message(description),
        "help": _message(help_text),
        "defaultConfiguration": {"level": LEVELS.get(control.severity, "warning")},
        "properties": properties,
    }


def _result(finding: Finding, rules: dict[str, int]) -> dict[str, Any]:
    name, alarm = finding.control.name, finding.status == ALARM
    commands = f"\n\n{finding.remediation}" if finding.remediation and alarm else ""
    return {
        "ruleId": name,
        "ruleIndex": rules[name],
        "kind": KINDS[finding.status],
        "level": LEVELS.get(finding.control.severity, "warning") if alarm else "none",
        "message": _message(f"{finding.resource}: {finding.reason}{commands}"),
        "locations": [
            {
                # Code scanning requires a file: the control's own stands in for the resource.
                "physicalLocation": {
                    "artifactLocation": {"uri": f"queries/{finding.control.short}.sql"},
                    "region": {"startLine": 1},
                },
                "logicalLocations": [{"fullyQualifiedName": finding.resource, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {
            "controlAndResource/v1": hashlib.sha256(
                "\n".join(finding.key).encode("utf-8", "replace")
            ).hexdigest()
        },
        "properties": {"account_id": finding.account_id, "region": finding.region},
    }
