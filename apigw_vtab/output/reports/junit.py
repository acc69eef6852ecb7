"""JUnit's XML, as pipelines show it: a suite for each control, a test case for each finding."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from apigw_vtab.controls.findings import ALARM, ERROR, INFO, SKIP, Finding, Report
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.output.terminal import harmless_lines

# Characters that XML cannot hold, even escaped: https://www.w3.org/TR/xml/#charsets
_NO_XML = re.compile("[\ufffe\uffff]")


def junit(report: Report) -> Iterator[str]:
    """Yield the report in the form of https://github.com/jenkinsci/xunit-plugin (junit-10.xsd)."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    is_empty = not report.controls and not report.not_evaluated
    yield f'<testsuites name="apigw-vtab"{" />" if is_empty else ">"}'
    for control in report.controls:
        counts = report.counts_by_control[control.name]
        suite = ElementTree.Element(
            "testsuite",
            name=_text(_title(control)),
            tests=str(sum(counts.values())),
            failures=str(counts[ALARM]),
            errors=str(counts[ERROR]),
            skipped=str(counts[SKIP]),
            timestamp=report.made_at.strftime("%Y-%m-%dT%H:%M:%S"),
        )
        told = {
            "requirements": "; ".join(control.told_requirements),
            "sample": str(report.sample or ""),
        }
        if any(told.values()):
            properties = ElementTree.SubElement(suite, "properties")
        for name, value in told.items():
            if value:
                ElementTree.SubElement(properties, "property", name=name, value=_text(value))
        yield from _suite(suite, map(_case, report.of(control)))
    if report.not_evaluated:
        yield from _suite(_not_evaluated(report), ())
    yield "\n" if is_empty else "\n</testsuites>\n"


def _suite(suite: ElementTree.Element, cases: Iterable[ElementTree.Element]) -> Iterator[str]:
    """Yield the text of a suite, case by case."""
    text, end = _indented(suite, 1), "\n  </testsuite>"
    head = text.removesuffix(end) if len(suite) else text.removesuffix(" />") + ">"
    cases = iter(cases)
    first = next(cases, None)
    if first is None:
        yield text
        return
    yield head
    yield from (_indented(case, 2) for case in itertools.chain([first], cases))
    yield end


def _indented(element: ElementTree.Element, level: int) -> str:
    ElementTree.indent(element, level=level)
    return "\n" + "  " * level + ElementTree.tostring(element, encoding="unicode")


def _not_evaluated(report: Report) -> ElementTree.Element:
    """Return a suite of the rules that no control answers."""
    left = report.not_evaluated
    figures = {"tests": len(left), "failures": 0, "errors": 0, "skipped": len(left)}
    suite = ElementTree.Element("testsuite", name="Rules that are not evaluated")
    for name, figure in figures.items():
        suite.set(name, str(figure))
    for rule in left:
        case = ElementTree.SubElement(
            suite, "testcase", name=_text(rule.told), classname=rule.suite
        )
        ElementTree.SubElement(case, "skipped", message=_text(rule.why_not))
    return suite


def _case(finding: Finding) -> ElementTree.Element:
    name, control = _text(finding.resource), _text(finding.control.name)
    case = ElementTree.Element("testcase", name=name, classname=control)
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
    return case


def _title(control: SavedQuery) -> str:
    """Return a control's title, after the ids of the rules that were asked for."""
    return " ".join(filter(None, (", ".join(control.asked_ids), control.title or control.name)))


def _text(text: str) -> str:
    return _NO_XML.sub("\ufffd", harmless_lines(text))
