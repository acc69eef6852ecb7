"""JUnit's XML, as pipelines show it: a suite for each control, a test case for each finding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from apigw_vtab.controls.findings import ALARM, ERROR, INFO, SKIP, Finding, Report
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.output.terminal import harmless_lines

# Characters that XML cannot hold, even escaped: https://www.w3.org/TR/xml/#charsets
_NO_XML = re.compile("[\ufffe\uffff]")


def junit(report: Report) -> Iterator[str]:
    """Yield the report in the form of https://github.com/jenkinsci/xunit-plugin (junit-10.xsd)."""
    root = ElementTree.Element("testsuites", name="apigw-vtab")
    for control in report.controls:
        found = report.of(control)
        counts = {
            status: sum(one.status == status for one in found) for status in (ALARM, ERROR, SKIP)
        }
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=_text(_title(control)),
            tests=str(len(found)),
            failures=str(counts[ALARM]),
            errors=str(counts[ERROR]),
            skipped=str(counts[SKIP]),
            timestamp=report.made_at.strftime("%Y-%m-%dT%H:%M:%S"),
        )
        if control.requirements:
            properties = ElementTree.SubElement(suite, "properties")
            told = _text("; ".join(control.told_requirements))
            ElementTree.SubElement(properties, "property", name="requirements", value=told)
        for finding in found:
            _case(suite, finding)
    _not_evaluated(root, report)
    ElementTree.indent(root)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield ElementTree.tostring(root, encoding="unicode") + "\n"


def _not_evaluated(root: ElementTree.Element, report: Report) -> None:
    """Add a suite of the rules that no control answers, if there are any."""
    if not (left := report.not_evaluated):
        return
    figures = {"tests": len(left), "failures": 0, "errors": 0, "skipped": len(left)}
    suite = ElementTree.SubElement(root, "testsuite", name="Rules that are not evaluated")
    for name, figure in figures.items():
        suite.set(name, str(figure))
    for rule in left:
        case = ElementTree.SubElement(
            suite, "testcase", name=_text(rule.told), classname=rule.suite
        )
        ElementTree.SubElement(case, "skipped", message=_text(rule.why_not))


def _case(suite: ElementTree.Element, finding: Finding) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", name=_text(finding.resource), classname=_text(finding.control.name)
    )
    reason = _text(finding.reason)
    if finding.status in (ALARM, ERROR):
        name = "failure" if finding.status == ALARM else "error"
        told = ElementTree.SubElement(case, name, message=reason, type=finding.status)
        where = f"{finding.account_id} {finding.region}".strip()
        told.text = _text("\n".join(filter(None, (finding.resource, where, finding.remediation))))
    elif finding.status == SKIP:
        ElementTree.SubElement(case, "skipped", message=reason)
    elif finding.status == INFO:
        ElementTree.SubElement(case, "system-out").text = reason


def _title(control: SavedQuery) -> str:
    """Return a control's title, after the ids of the rules that were asked for."""
    return " ".join(filter(None, (", ".join(control.asked_ids), control.title or control.name)))


def _text(text: str) -> str:
    return _NO_XML.sub("\ufffd", harmless_lines(text))
