"""A report as rows, for the formats that rows have."""

from __future__ import annotations

from apigw_vtab.controls.findings import REQUIRED, Report
from apigw_vtab.output.cells import Row


def one_table(report: Report) -> tuple[list[str], list[Row]]:
    """Return the findings of all controls under the union of their columns."""
    extras = dict.fromkeys(name for finding in report.findings for name in finding.more)
    # The remediation is the widest column, so it comes last.
    names = sorted(extras, key=lambda name: name == "remediation")
    with_rules = any(one.control.asked_as for one in report.findings)
    with_requirements = any(one.control.requirements for one in report.findings)
    rows: list[Row] = [
        [
            one.control.name,
            *([", ".join(one.control.asked_ids)] if with_rules else []),
            one.control.severity,
            *(["; ".join(one.control.told_requirements)] if with_requirements else []),
            one.resource,
            one.status,
            one.reason,
            one.account_id or None,
            one.region or None,
            *(one.more.get(name) for name in names),
        ]
        for one in report.findings
    ]
    rules = ["rules"] if with_rules else []
    requirements = ["requirements"] if with_requirements else []
    return ["control", *rules, "severity", *requirements, *REQUIRED, *names], rows
