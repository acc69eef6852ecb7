"""The requirements of a framework that was asked for are in every format of a report."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from apigw_vtab.controls.saved_query import Requirement
from apigw_vtab.output.formats import FORMATS
from apigw_vtab.output.reports.registry import REPORT_FORMATS, write_report
from apigw_vtab.output.style import Style
from tests.output.reports.test_formats import CONTROL, REPORT

WITH = replace(CONTROL, requirements=(Requirement("pci-dss-4.0", "6.4.1.2", ("prowler",)),))
ASKED = replace(
    REPORT,
    controls=(WITH,),
    findings=tuple(replace(one, control=WITH) for one in REPORT.findings),
)


@pytest.mark.parametrize("name", [*FORMATS, *REPORT_FORMATS])
def test_a_report_names_requirements_only_where_a_framework_was_asked_for(name: str) -> None:
    written = []
    for report in (ASKED, REPORT):
        file = io.StringIO()
        write_report(report, name, file, Style())
        written.append("pci-dss-4.0 6.4.1.2" in file.getvalue())
    assert written == [True, False]
