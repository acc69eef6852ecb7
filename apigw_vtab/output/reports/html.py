"""A whole report as one HTML page that loads nothing else and can be read without its script."""

from __future__ import annotations

import base64
import hashlib
import importlib.resources
import re
from collections.abc import Iterator, Mapping

from apigw_vtab.controls.findings import STATUSES, Report, gravest
from apigw_vtab.controls.saved_query import gravest_first
from apigw_vtab.output.reports.overview import by_control, by_requirement
from apigw_vtab.output.terminal import harmless_lines
from apigw_vtab.tables.values import SqlValue

TEMPLATE = "report.html"
# More ok or skipped findings than this are folded away.
MOST_OPEN = 20


def html(report: Report) -> Iterator[str]:
    """Yield the report as one HTML page, made from the template beside this file."""
    import jinja2

    environment = jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        # Whatever the template shows, no text can be forgotten.
        finalize=_visible,
    )
    controls, counts = gravest_first(report.controls), report.counts_by_control
    source = importlib.resources.files(__package__).joinpath(TEMPLATE).read_text("utf-8")
    page = environment.from_string(source).render(
        report=report,
        controls=controls,
        statuses=STATUSES,
        gravest=gravest,
        overviews=[by_control(report), *by_requirement(report)],
        by_region=report.counts_by("region"),
        by_control={one.name: counts[one.name] for one in controls},
        others=_others,
        most_open=MOST_OPEN,
    )
    # The page may run only its own script, even if a value slipped through unescaped.
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    yield page.replace("SCRIPT-DIGESTS", digests, 1) + "\n"


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _others(more: Mapping[str, SqlValue]) -> dict[str, SqlValue]:
    """Return the columns that a finding has in addition to what every finding has."""
    return {
        name: value for name, value in more.items() if name != "remediation" and value is not None
    }


def _visible(value: object) -> object:
    """Return a text with its control characters visible; what is HTML already stays."""
    return value if hasattr(value, "__html__") else harmless_lines(str(value))
