"""OCSF, as Amazon Security Lake and Prowler speak it: a Compliance Finding for each finding.

https://schema.ocsf.io/1.5.0/classes/compliance_finding. Each is checked by the models of
https://github.com/prowler-cloud/py-ocsf-models, which the extra `ocsf` installs.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator
from typing import Any

from py_ocsf_models.events.findings.activity_id import ActivityID
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
from py_ocsf_models.events.findings.compliance_finding_type_id import ComplianceFindingTypeID
from py_ocsf_models.events.findings.severity_id import SeverityID
from py_ocsf_models.events.findings.status_id import StatusID
from py_ocsf_models.objects.account import TypeID
from py_ocsf_models.objects.cloud import Cloud
from py_ocsf_models.objects.compliance_status import StatusID as ComplianceID

from apigw_vtab import __version__
from apigw_vtab.controls.findings import ALARM, ERROR, OK, Finding, Report
from apigw_vtab.controls.rules import Rule
from apigw_vtab.output.reports.asff import kind_of, partition_of
from apigw_vtab.output.terminal import harmless_json
from apigw_vtab.tables.values import SqlValue

# What is skipped or only told is neither passed nor failed.
COMPLIANCE = {OK: ComplianceID.Pass, ALARM: ComplianceID.Fail, ERROR: ComplianceID.Warning}
STATUS_IDS = {OK: StatusID.Resolved, ALARM: StatusID.New, ERROR: StatusID.New}
SEVERITIES = {
    "critical": SeverityID.Critical,
    "high": SeverityID.High,
    "medium": SeverityID.Medium,
    "low": SeverityID.Low,
}
# https://schema.ocsf.io/1.5.0/objects/user: a user whose kind is not known.
UNKNOWN_USER = 0
NOT_EVALUATED = "not evaluated"
Json = dict[str, Any]


def ocsf(report: Report) -> Iterator[str]:
    """Yield a JSON array of events: one for each finding, and for each rule that nothing answers.

    Raises pydantic.ValidationError for an event that would not be valid, which is a defect.
    """
    events = itertools.chain(map(_of_finding, report.findings), map(_of_rule, report.not_evaluated))
    start = "[\n"
    for event in events:
        yield start + json.dumps(_checked(event, report), indent=1)
        start = ",\n"
    yield "[]\n" if start == "[\n" else "\n]\n"


def _checked(event: Json, report: Report) -> Json:
    """Return an event with what all events of a report have, once its model has taken it."""
    sample = report.sample
    of_all = {"accounts_asked": sample.accounts, "accounts_known": sample.known} if sample else {}
    # Unix time in milliseconds.
    time = int(report.made_at.timestamp() * 1000)
    event = harmless_json(event)
    cloud = Cloud.model_validate({"provider": "AWS", **event.pop("cloud", {})})
    finding = ComplianceFinding.model_validate(
        {
            "activity_id": ActivityID.Create,
            "activity_name": "Create",
            "class_name": "Compliance Finding",
            "type_uid": ComplianceFindingTypeID.Create,
            "type_name": "Compliance Finding: Create",
            "time": time,
            **event,
            "severity": event["severity_id"].name,
            "status": event["status_id"].name,
            "finding_info": {**event["finding_info"], "created_time": time},
            "metadata": {
                "product": {
                    "name": "apigw-vtab",
                    "vendor_name": "apigw-vtab",
                    "version": __version__,
                },
                "profiles": ["cloud"],
            },
            "unmapped": {
                **event.get("unmapped", {}),
                "regions_read": report.lanes_read,
                "regions_asked": report.lanes_asked,
                **of_all,
            },
        }
    )
    # The model of this class has no place for what the profile `cloud` adds.
    made: Json = finding.model_dump(mode="json", exclude_none=True)
    return made | {"cloud": cloud.model_dump(mode="json", exclude_none=True)}


def _of_finding(finding: Finding) -> Json:
    control, status = finding.control, finding.status
    title = control.title or control.name
    severity = SeverityID.Unknown if status == ERROR else SeverityID.Informational
    if status == ALARM:
        severity = SEVERITIES.get(control.severity, SeverityID.Medium)
    return {
        "cloud": _place(finding),
        "compliance": {
            "checks": [{"uid": one, "name": control.name} for one in control.told_ids],
            "control": control.name,
            "desc": control.description or title,
            "requirements": list(control.told_requirements),
            "standards": list(dict.fromkeys(one.framework for one in control.requirements)),
            "status_id": COMPLIANCE.get(status, ComplianceID.Unknown),
        },
        "finding_info": {
            "title": title,
            "desc": finding.reason or title,
            # The key of a baseline: the same whichever id the control was asked by.
            "uid": "/".join(("apigw-vtab", *finding.key)),
        },
        "message": finding.reason or title,
        "remediation": _remediation(finding),
        "resources": [_resource(finding)],
        "severity_id": severity,
        "status_id": STATUS_IDS.get(status, StatusID.Unknown),
        "status_code": status,
        "status_detail": finding.reason,
        "unmapped": {
            name: _plain(value)
            for name, value in finding.more.items()
            if name != "remediation" and value is not None
        },
    }


def _of_rule(rule: Rule) -> Json:
    """Return an event that says why a rule was not evaluated."""
    return {
        "compliance": {"checks": [{"uid": rule.told}], "status_id": ComplianceID.Unknown},
        "finding_info": {
            "title": rule.title or rule.told,
            "desc": rule.why_not,
            "uid": f"apigw-vtab/{NOT_EVALUATED}/{rule.suite}/{rule.id}",
        },
        "message": rule.why_not,
        "severity_id": SeverityID.Informational,
        "status_id": StatusID.Unknown,
        "status_code": NOT_EVALUATED,
        "status_detail": rule.why_not,
    }


def _account(account_id: str) -> Json:
    # What people call an account is not known here.
    return {
        "uid": account_id,
        "name": account_id,
        "type": "AWS Account",
        "type_id": TypeID.AWS_Account,
    }


def _place(finding: Finding) -> Json:
    account = {"account": _account(finding.account_id)} if finding.account_id else {}
    return account | ({"region": finding.region} if finding.region else {})


def _resource(finding: Finding) -> Json:
    resource: Json = {
        "uid": finding.resource,
        "name": finding.resource.rpartition("/")[2] or finding.resource,
        "type": kind_of(finding.resource),
        "group": {"name": "apigateway"},
        "cloud_partition": partition_of(finding),
    }
    if finding.region:
        resource["region"] = finding.region
    if account_id := finding.account_id:
        user = {"uid": account_id, "name": account_id, "type_id": UNKNOWN_USER}
        resource["owner"] = {**user, "account": _account(account_id)}
    return resource


def _remediation(finding: Finding) -> Json:
    control = finding.control
    commands = finding.remediation if finding.status == ALARM else ""
    words = control.remediation or ("" if commands else "No action is needed.")
    pages = [rule.page for rule in control.asked_as or control.rules if rule.page]
    references = {"references": list(dict.fromkeys(pages))} if pages else {}
    return {"desc": "\n\n".join(filter(None, (words, commands))), **references}


def _plain(value: SqlValue) -> str | int | float:
    """Return a value as JSON has it: without infinity, and without bytes."""
    if isinstance(value, int | str) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)
