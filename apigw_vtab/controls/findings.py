"""Findings of controls, and the report of one check. Independent of any output format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

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
class Report:
    """All findings of one check, and how many lanes (account and region) it asked for and read.

    `whole` holds the account id and the region of each lane that was read. `made_at` is aware,
    in UTC. Findings come control by control, the most severe status first. `left_out` is how many
    lanes the user does without. `not_evaluated` are rules that were asked for, and that no control
    answers. `out_of_scope` is how many findings the user's scope leaves out.
    """

    controls: tuple[SavedQuery, ...]
    findings: tuple[Finding, ...]
    lanes_read: int
    lanes_asked: int
    made_at: datetime
    whole: frozenset[tuple[str, str]] = frozenset()
    left_out: int = 0
    not_evaluated: tuple[Rule, ...] = ()
    out_of_scope: int = 0

    def of(self, control: SavedQuery) -> list[Finding]:
        """Return the findings of one control."""
        return [finding for finding in self.findings if finding.control.name == control.name]

    def covers(self, key: FindingKey) -> bool:
        """Whether this check would have found the resource of a key, if it were there."""
        control, account_id, region, _ = key
        return (account_id, region) in self.whole and any(
            control == one.name for one in self.controls
        )

    @property
    def counts(self) -> Counter[str]:
        """How many findings have each status."""
        return Counter(finding.status for finding in self.findings)

    @property
    def counts_by_control(self) -> dict[str, Counter[str]]:
        """How many findings of each control have each status, by the control's name."""
        counts: dict[str, Counter[str]] = {one.name: Counter() for one in self.controls}
        for finding in self.findings:
            counts[finding.control.name][finding.status] += 1
        return counts

    def counts_by(self, attribute: str) -> dict[str, Counter[str]]:
        """Count statuses for each value of an attribute of Finding: `region`, `account_id`."""
        counts: dict[str, Counter[str]] = {}
        for finding in self.findings:
            if value := getattr(finding, attribute):
                counts.setdefault(value, Counter())[finding.status] += 1
        return dict(sorted(counts.items()))

    @property
    def control_statuses(self) -> Counter[str]:
        """How many controls have each status: the most severe of a control's findings.

        One without a finding in scope has none.
        """
        return Counter(gravest(found) for one in self.controls if (found := self.of(one)))


def gravest(findings: Sequence[Finding]) -> str:
    """Return the most severe status; ok if something is ok and nothing is in alarm or error."""
    found = {finding.status for finding in findings}
    if OK in found and not found & {ERROR, ALARM}:
        return OK
    return next((status for status in STATUSES if status in found), SKIP)
