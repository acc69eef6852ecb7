"""A report as rows, for the formats that rows have."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter

from apigw_vtab.controls.findings import REQUIRED, STATUSES, Part, Report
from apigw_vtab.output.groups import GroupedRows, RowGroup
from apigw_vtab.tables.values import SqlValue

OWN = len(REQUIRED)


def one_table(report: Report, *, gravest_first: bool = False) -> tuple[list[str], GroupedRows]:
    """Return the findings of all controls under the union of their columns.

    `gravest_first`: those of a control come status by status, not account by account.
    """
    parts = report.parts
    extras = dict.fromkeys(name for part in parts for name in part.names)
    # The remediation is the widest column, so it comes last.
    names = sorted(extras, key=lambda name: name == "remediation")
    with_rules = any(part.control.asked_as for part in parts)
    with_requirements = any(part.control.requirements for part in parts)
    rules = ["rules"] if with_rules else []
    requirements = ["requirements"] if with_requirements else []
    columns = ["control", *rules, "severity", *requirements, *REQUIRED, *names]
    groups = (
        _group(part, statuses, names, with_rules, with_requirements)
        for part, statuses in _in_turn(parts, gravest_first)
    )
    return columns, GroupedRows(len(columns), groups)


def _in_turn(parts: Iterable[Part], gravest_first: bool) -> Iterator[tuple[Part, tuple[str, ...]]]:
    """Yield parts and the statuses of which their rows are wanted, all of them if there is none."""
    if not gravest_first:
        yield from ((part, ()) for part in parts)
        return
    for _, of_control in itertools.groupby(parts, lambda part: part.control):
        some = list(of_control)
        yield from ((part, (status,)) for status in STATUSES for part in some)


def _group(
    part: Part,
    statuses: Sequence[str],
    names: Sequence[str],
    with_rules: bool,
    with_requirements: bool,
) -> RowGroup:
    """Return a part's rows under the columns of all parts, with what is said of its control."""
    control = part.control
    ids = [", ".join(control.asked_ids)] if with_rules else []
    told = ["; ".join(control.told_requirements)] if with_requirements else []
    shared: dict[int, SqlValue] = dict(enumerate((control.name, *ids, control.severity, *told)))
    before = len(shared) + OWN
    shared |= {before + at: None for at, name in enumerate(names) if name not in part.names}
    rows = part.rows_with(*statuses)
    places = [*range(OWN), *(OWN + part.names.index(one) for one in names if one in part.names)]
    if places != list(range(OWN + len(part.names))):
        rows = map(itemgetter(*places), rows)
    if any("" in place for place in part.rows.places):
        rows = ((*row[:3], row[3] or None, row[4] or None, *row[OWN:]) for row in rows)
    return RowGroup(shared, rows)
