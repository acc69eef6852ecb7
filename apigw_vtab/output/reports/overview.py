"""The tables that a report begins with: a line for each control, framework and requirement."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from apigw_vtab.controls.findings import ALARM, STATUSES, Report
from apigw_vtab.controls.saved_query import SavedQuery, gravest_first
from apigw_vtab.output.cells import Row


class Overview(NamedTuple):
    """One of the tables; without a title, it needs none."""

    columns: tuple[str, ...]
    rows: list[Row]
    title: str = ""


def by_control(report: Report) -> Overview:
    """Return a line for each control: what it found, the gravest severity first, and the total."""
    controls = gravest_first(report.controls)
    statuses = _statuses(report)
    names = Counter(control.told_name for control in controls)
    # In a framework the requirements say why a control is here, unless two look the same.
    with_rules = any(
        one.asked_as and (not one.requirements or names[one.told_name] > 1) for one in controls
    )
    counts = report.counts_by_control
    rows: list[Row] = []
    for control in controls:
        ids = [", ".join(control.asked_ids)] if with_rules else []
        figures = [counts[control.name][status] for status in statuses]
        rows.append([control.severity, *ids, control.told_name, *figures])
    if len(rows) > 1:
        total = [report.counts[status] for status in statuses]
        rows.append(["", *([""] if with_rules else []), "total", *total])
    rules = ["rule"] if with_rules else []
    return Overview(("severity", *rules, "control", *statuses), rows)


def frameworks_of(controls: Sequence[SavedQuery]) -> list[str]:
    """Return the names of the frameworks that controls are here for."""
    return sorted({one.framework for control in controls for one in control.requirements})


def by_framework(report: Report) -> Overview:
    """Return a line for each framework."""
    counts, statuses = report.counts_by_control, _statuses(report)
    rows: list[Row] = []
    for framework in frameworks_of(report.controls):
        answered: dict[str, list[str]] = {}
        for control in report.controls:
            for one in control.requirements:
                if one.framework == framework:
                    answered.setdefault(one.name, []).append(control.name)
        found = {name for names in answered.values() for name in names}
        failed = sum(any(counts[name][ALARM] for name in names) for names in answered.values())
        figures = (sum(counts[name][status] for name in found) for status in statuses)
        rows.append([framework, len(answered), failed, len(found), *figures])
    return Overview(("framework", "requirements", "in alarm", "controls", *statuses), rows)


def by_requirement(report: Report) -> Iterator[Overview]:
    """Yield a table for each framework: requirements of the same controls share a line."""
    answered: dict[tuple[str, str], list[str]] = {}
    said_by: dict[tuple[str, str], set[str]] = {}
    for control in sorted(report.controls, key=lambda one: one.name):
        for one in control.requirements:
            answered.setdefault((one.framework, one.name), []).append(control.name)
            said_by.setdefault((one.framework, one.name), set()).update(one.sources)
    lines: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for framework, name in sorted(answered, key=lambda one: (one[0], in_order(one[1]))):
        found = tuple(answered[framework, name]), tuple(sorted(said_by[framework, name]))
        lines.setdefault((framework, *found), []).append(name)
    counts, statuses = report.counts_by_control, _statuses(report)
    short = {one.name: one.told_name for one in report.controls}
    tables: dict[str, list[Row]] = {}
    for (framework, by, sources), names in lines.items():
        told = (names, sources, (short[name] for name in by))
        figures = (sum(counts[name][status] for name in by) for status in statuses)
        tables.setdefault(framework, []).append([*map(", ".join, told), *figures])
    columns = ("requirements", "mapped by", "controls", *statuses)
    for framework, rows in tables.items():
        yield Overview(columns, rows, f"Requirements of {framework}")


def _statuses(report: Report) -> list[str]:
    """Return the statuses that findings have."""
    return [status for status in STATUSES if report.counts[status]]


def in_order(requirement: str) -> list[tuple[bool, int, str]]:
    """Return a key by which 1.10 comes after 1.9."""
    parts = re.findall(r"\d+|\D+", requirement)
    return [(not one.isdigit(), int(one) if one.isdigit() else 0, one) for one in parts]
