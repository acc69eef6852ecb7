"""Findings of controls, and the report of one check. Independent of any output format."""

from __future__ import annotations

import itertools
import marshal
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import cast

from apigw_vtab.aws.reach.choice import Sample
from apigw_vtab.controls.packed import PackedRows, Place, Row
from apigw_vtab.controls.rules import Rule
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.tables.values import SqlValue

ALARM, OK, INFO, SKIP, ERROR = "alarm", "ok", "info", "skip", "error"
# Most severe first: the order in which findings are shown.
STATUSES = (ERROR, ALARM, INFO, SKIP, OK)
# A control, an account, a region and a resource: API Gateway's ARNs do not name the account.
FindingKey = tuple[str, str, str, str]
REQUIRED = ("resource", "status", "reason", "account_id", "region")


@dataclass(frozen=True)
class Finding:
    """What a control says about one resource. `more` holds the columns after the required ones.

    `account_id` and `region` are empty if the finding belongs to no lane, as when a control had
    nothing to look at. `remediation` is a column of `more` like any other. `is_unread`: it says
    that an account or a region could not be read.
    """

    control: SavedQuery
    resource: str
    status: str
    reason: str
    account_id: str = ""
    region: str = ""
    more: Mapping[str, SqlValue] = field(default_factory=dict)
    is_unread: bool = False

    @property
    def is_failure(self) -> bool:
        """Whether the control itself failed, so that it says nothing of any resource."""
        is_of_no_place = not self.account_id and not self.region
        return self.status == ERROR and is_of_no_place and not self.is_unread

    @property
    def remediation(self) -> str:
        """The AWS CLI commands that fix this resource; empty if there are none."""
        return str(self.more.get("remediation") or "")

    @property
    def key(self) -> FindingKey:
        """What stays the same from one check to the next."""
        return self.control.name, self.account_id, self.region, self.resource

    @property
    def keys(self) -> list[FindingKey]:
        """Its key, and those that it had while another control answered the same rule."""
        return [(name, *self.key[1:]) for name in (self.control.name, *self.control.formerly)]


@dataclass(frozen=True)
class Part:
    """Findings of one control that have the same columns, as rows: made one by one when read.

    `names` are the columns after the required ones. `is_unread` as in a finding.
    """

    control: SavedQuery
    names: tuple[str, ...]
    rows: PackedRows
    is_unread: bool = False

    def findings(self, *statuses: str) -> Iterator[Finding]:
        """Return the findings with one of these statuses; all of them without any."""
        return map(self.finding, self.rows_with(*statuses))

    def finding(self, row: Row) -> Finding:
        """Return a row as a finding."""
        resource, status, reason, account_id, region = map(str, row[:5])
        more = dict(zip(self.names, row[5:], strict=True))
        return Finding(
            self.control, resource, status, reason, account_id, region, more, self.is_unread
        )

    def rows_with(self, *statuses: str) -> Iterator[Row]:
        """Yield the rows with one of these statuses; all of them without any."""
        if not statuses:
            yield from self.rows
        elif self.rows.count(*statuses):
            yield from (row for row in self.rows if row[1] in statuses)


class Findings(Collection[Finding]):
    """The findings of a check, control by control, which are kept as rows."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self.parts = tuple(part for part in parts if len(part.rows))

    def __len__(self) -> int:
        return sum(len(part.rows) for part in self.parts)

    def __iter__(self) -> Iterator[Finding]:
        for part in self.parts:
            yield from part.findings()

    def __contains__(self, finding: object) -> bool:
        return any(one == finding for one in self)

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Findings:
        """Keep findings as rows, in the order in which they come."""
        alike = itertools.groupby(findings, lambda one: (one.control, *one.more, one.is_unread))
        return cls(
            Part(control, tuple(map(str, names)), PackedRows(map(_row, some)), bool(is_unread))
            for (control, *names, is_unread), some in alike
        )


def _row(finding: Finding) -> Row:
    one = finding
    return (one.resource, one.status, one.reason, one.account_id, one.region, *one.more.values())


@dataclass(frozen=True)
class Report:
    """All findings of one check, and how many lanes (account and region) it asked for and read.

    `whole` holds the account id and the region of each lane that was read. `made_at` is aware,
    in UTC. Findings come control by control, and those of one in the order of its rows. `left_out`
    is how many lanes the user does without. `not_evaluated` are rules that were asked for, and that
    no control answers. `out_of_scope` is how many findings the user's scope leaves out. `sample` is
    there if not all accounts were to be read.
    """

    controls: tuple[SavedQuery, ...]
    findings: Collection[Finding]
    lanes_read: int
    lanes_asked: int
    made_at: datetime
    whole: frozenset[Place] = frozenset()
    left_out: int = 0
    not_evaluated: tuple[Rule, ...] = ()
    out_of_scope: int = 0
    sample: Sample | None = None

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The findings as rows."""
        kept = self.findings if isinstance(self.findings, Findings) else Findings.of(self.findings)
        return kept.parts

    def of(self, control: SavedQuery, *statuses: str) -> Iterator[Finding]:
        """Yield the findings of a control: those with one of these statuses, if there are any.

        They come status by status, in the order in which the statuses are given.
        """
        parts = [part for part in self.parts if part.control.name == control.name]
        for status in statuses or (None,):
            for part in parts:
                yield from part.findings(*filter(None, [status]))

    def by_place(self) -> Iterator[tuple[Place, Iterator[Finding]]]:
        """Yield the findings of each account and region, control by control."""
        parts = self.parts
        rows = (
            (*row[:5], marshal.dumps((number, row[5:])))
            for number, part in enumerate(parts)
            for row in part.rows
        )

        def finding(row: Row) -> Finding:
            number, more = marshal.loads(cast(bytes, row[5]))
            part: Part = parts[number]
            return part.finding((*row[:5], *more))

        in_order = PackedRows(rows, lambda place: place)
        for (account_id, region), some in itertools.groupby(in_order, lambda row: row[3:5]):
            yield (str(account_id), str(region)), map(finding, some)

    def covers(self, key: FindingKey) -> bool:
        """Whether this check would have found the resource of a key, if it were there."""
        control, account_id, region, _ = key
        return (account_id, region) in self.whole and control in self._that_ran

    @cached_property
    def _that_ran(self) -> frozenset[str]:
        """The names of the controls that did not fail as a whole."""
        failed = {
            part.control.name
            for part in self.parts
            if not part.is_unread and ("", "", ERROR) in part.rows.counts
        }
        return frozenset(one.name for one in self.controls) - failed

    @cached_property
    def counts(self) -> Counter[str]:
        """How many findings have each status."""
        return sum(self.counts_by_control.values(), Counter())

    @cached_property
    def counts_by_control(self) -> dict[str, Counter[str]]:
        """How many findings of each control have each status, by the control's name."""
        counts: dict[str, Counter[str]] = {one.name: Counter() for one in self.controls}
        for part in self.parts:
            own = counts.setdefault(part.control.name, Counter())
            for (*_, status), some in part.rows.counts.items():
                own[status] += some
        return counts

    @cached_property
    def counts_by_place(self) -> dict[Place, Counter[str]]:
        """How many findings of each account and region have each status; either may be empty."""
        counts: dict[Place, Counter[str]] = {}
        for part in self.parts:
            for (account_id, region, status), some in part.rows.counts.items():
                counts.setdefault((account_id, region), Counter())[status] += some
        return dict(sorted(counts.items()))

    @cached_property
    def counts_by_account(self) -> dict[str, Counter[str]]:
        """How many findings of each account have each status."""
        return self._counts_by(0)

    @cached_property
    def counts_by_region(self) -> dict[str, Counter[str]]:
        """How many findings of each region have each status."""
        return self._counts_by(1)

    def _counts_by(self, member: int) -> dict[str, Counter[str]]:
        counts: dict[str, Counter[str]] = {}
        for place, some in self.counts_by_place.items():
            if place[member]:
                counts.setdefault(place[member], Counter()).update(some)
        return dict(sorted(counts.items()))

    @property
    def control_statuses(self) -> Counter[str]:
        """How many controls have each status: the most severe of a control's findings.

        One without a finding in scope has none.
        """
        counts = self.counts_by_control
        return Counter(gravest(counts[one.name]) for one in self.controls if counts[one.name])


def gravest(counts: Mapping[str, int]) -> str:
    """Return the most severe status; ok if something is ok and nothing is in alarm or error."""
    found = {status for status, some in counts.items() if some}
    if OK in found and not found & {ERROR, ALARM}:
        return OK
    return next((status for status in STATUSES if status in found), SKIP)
