"""The formats of a report, by name and by a file's suffix. A format is one function."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from apigw_vtab.errors import UsageError
from apigw_vtab.output.formats import ROW_SUFFIXES, row_format_of
from apigw_vtab.output.links import markdown_text
from apigw_vtab.output.sinks import write_table
from apigw_vtab.output.style import Style
from apigw_vtab.output.terminal import harmless

if TYPE_CHECKING:
    from apigw_vtab.controls.findings import Report


class ReportFormat(NamedTuple):
    """A format: the suffixes of its files, and the function that writes a report."""

    suffixes: tuple[str, ...]
    write: Callable[[Report], Iterator[str]]


class Division(NamedTuple):
    """How a format divides a report among files, and why it leaves findings out."""

    parts: Callable[[Report], Iterator[Report]]
    left_out: str


def _asff(report: Report) -> Iterator[str]:
    from apigw_vtab.output.reports.asff import asff

    return asff(report)


def _asff_parts(report: Report) -> Iterator[Report]:
    from apigw_vtab.output.reports.asff import parts

    return parts(report)


def _html(report: Report) -> Iterator[str]:
    from apigw_vtab.output.reports.html import html

    return html(report)


def _junit(report: Report) -> Iterator[str]:
    from apigw_vtab.output.reports.junit import junit

    return junit(report)


def _ocsf(report: Report) -> Iterator[str]:
    from apigw_vtab.output.reports.ocsf import ocsf

    return ocsf(report)


def _sarif(report: Report) -> Iterator[str]:
    from apigw_vtab.output.reports.sarif import sarif

    return sarif(report)


# Each is imported when it is used: the options of every command only need the names.
REPORT_FORMATS = {
    "html": ReportFormat((".html",), _html),
    "junit": ReportFormat((".xml",), _junit),
    "sarif": ReportFormat((".sarif", ".sarif.json"), _sarif),
    "asff": ReportFormat((".asff.json", ".asff"), _asff),
    "ocsf": ReportFormat((".ocsf.json", ".ocsf"), _ocsf),
}
# The formats of rows that begin as the screen does, and have what is gravest first; the others come
# place by place.
FOR_PEOPLE = ("markdown", "table")
# The packages of formats that an extra of the same name installs.
NEEDS = {"ocsf": "py_ocsf_models"}
OF_A_SAMPLE = "This is of {}. The others were not read and may not be clean."
# All other formats have the whole report in one file.
DIVISIONS = {
    "asff": Division(
        _asff_parts, "because Security Hub only takes those of an account and a region"
    ),
}


def count_and_reason(report: Report, name: str) -> tuple[int, str]:
    """Return how many findings of a report its file has, and why it has no others."""
    if name == "html":
        from apigw_vtab.output.reports.html import MOST_SHOWN

        return min(len(report.findings), MOST_SHOWN), "because a page has the gravest only"
    reason = DIVISIONS[name].left_out if name in DIVISIONS else ""
    return len(report.findings), reason


def parts_of(report: Report, name: str) -> Iterator[Report]:
    """Yield the reports, one or more, that a report is written as in a format."""
    yield from DIVISIONS[name].parts(report) if name in DIVISIONS else (report,)


def refuse_missing(name: str) -> None:
    """Raise UsageError if a format needs a package that is not installed."""
    needs = NEEDS.get(name)
    if needs and importlib.util.find_spec(needs) is None:
        package = needs.replace("_", "-")
        raise UsageError(f"The format {name} needs {package}: pip install 'apigw-vtab[{name}]'")


def write_report(report: Report, name: str, file: IO[str], style: Style) -> None:
    """Write a report to a file in a format, of reports or of rows."""
    from apigw_vtab.output.reports.overview import by_control
    from apigw_vtab.output.reports.rows import one_table

    if name in REPORT_FORMATS:
        file.writelines(REPORT_FORMATS[name].write(report))
        return
    if name in FOR_PEOPLE:
        if report.sample:
            file.write(f"{_plain(OF_A_SAMPLE.format(report.sample), name)}\n\n")
        opening = by_control(report)
        if opening.rows:
            write_table(opening.columns, opening.rows, file, name, style)
        file.writelines(f"\n{_plain(rule.why_not, name)}\n" for rule in report.not_evaluated)
        file.write("\n")
    columns, rows = one_table(report, gravest_first=name in FOR_PEOPLE)
    write_table(columns, rows, file, name, style)


def _plain(text: str, name: str) -> str:
    return markdown_text(text) if name == "markdown" else harmless(text)


def report_format_of(path: Path) -> str:
    """Return the format that a file's suffix asks for.

    Raises UsageError for an unknown one, and for one whose package is not installed.
    """
    suffixes = {
        suffix: name for name, format_ in REPORT_FORMATS.items() for suffix in format_.suffixes
    }
    for suffix, name in suffixes.items():
        if path.name.lower().endswith(suffix):
            refuse_missing(name)
            return name
    if path.suffix.lower() in ROW_SUFFIXES:
        return row_format_of(path)
    known = ", ".join((*ROW_SUFFIXES, *sorted(suffixes)))
    raise UsageError(f"Cannot tell the format of {str(path)!r}: end its name in {known}.")
