"""The baseline: alarms that somebody has accepted, each with a reason and an end date.

An entry names a control, or the id of a rule that one answers. With `"pattern": true` it accepts
each alarm whose control, account, region and resource match it: * stands for any text and ? for one
character.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, timedelta
from pathlib import Path

from apigw_vtab.aws.wildcards import is_like
from apigw_vtab.controls.findings import ALARM, ERROR, INFO, Finding, FindingKey, Report
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.errors import UsageError, did_you_mean

ACCEPTED_FOR = timedelta(days=90)
_CREATE = "Create one with: apigw-vtab check --write-baseline FILE"
REASON = "Accepted when the baseline was written; say why."


@dataclass(frozen=True)
class Acceptance:
    """An accepted alarm, or those that match, valid through the day `until` in UTC."""

    control: str
    account_id: str
    region: str
    resource: str
    until: str
    reason: str
    pattern: bool = False

    @property
    def key(self) -> FindingKey:
        """The key of the finding that it accepts."""
        return self.control, self.account_id, self.region, self.resource

    def matches(self, key: FindingKey) -> bool:
        """Return whether a pattern matches the key of a finding."""
        return (
            self.pattern
            and is_like(key[0].lower(), self.control.lower())
            and all(map(is_like, key[1:], self.key[1:]))
        )


Baseline = Mapping[FindingKey, Acceptance]
NAMES = tuple(field.name for field in fields(Acceptance) if field.name != "pattern")


def read(path: Path) -> Baseline:
    """Read a baseline. Raises UsageError, naming the entry, if it is not valid."""
    try:
        whole = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not a valid baseline ({error}). {_CREATE}") from None
    entries = whole.get("accepted") if isinstance(whole, dict) else None
    if not isinstance(entries, list):
        raise UsageError(
            f"{path} is not a valid baseline: it is an object with a list named accepted, as in "
            f'{{"accepted": []}}. {_CREATE}'
        )
    found: dict[FindingKey, Acceptance] = {}
    for number, entry in enumerate(entries, 1):
        acceptance = _acceptance(entry, f"{path}, entry {number}")
        if acceptance.key in found:
            raise UsageError(f"{path}, entry {number}: an entry above accepts the same finding.")
        found[acceptance.key] = acceptance
    return found


def by_control(baseline: Baseline, controls: Iterable[SavedQuery]) -> Baseline:
    """Return a baseline with the names that controls have, for those and for ids in any case.

    Of two entries for one finding, the one that is valid longer holds.
    """
    names: dict[str, set[str]] = {}
    for control in controls:
        own = [(name, name) for name in (control.name, *control.formerly)]
        for name, called in (*own, *control.names_of_its_rules()):
            names.setdefault(name.lower(), set()).add(called)
    found: dict[FindingKey, Acceptance] = {}
    for one in baseline.values():
        for name in names.get(one.control.lower(), {one.control}):
            accepted = replace(one, control=name)
            before = found.get(accepted.key, accepted)
            found[accepted.key] = max(before, accepted, key=lambda entry: entry.until)
    return found


def refuse_to_replace(path: Path) -> None:
    """Raise UsageError if there is something at a path that is not a baseline."""
    if not os.path.lexists(path):
        return
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is not a file.")
        read(path)
    except UsageError as error:
        raise UsageError(f"Not overwritten: {error} Write it to another name.") from None


def _acceptance(entry: object, place: str) -> Acceptance:
    if not isinstance(entry, dict) or set(entry) - {"pattern"} != set(NAMES):
        raise UsageError(
            f"{place}: an entry needs exactly these keys: {', '.join(NAMES)}; and pattern, if its "
            "texts are patterns."
        )
    if not isinstance(entry.get("pattern", False), bool):
        raise UsageError(f"{place}: pattern is true or false.")
    for name in NAMES:
        if not isinstance(entry[name], str) or not entry[name].strip():
            raise UsageError(f"{place}: {name} must be a non-empty string.")
    try:
        is_date = date.fromisoformat(entry["until"]).isoformat() == entry["until"]
    except ValueError:
        is_date = False
    if not is_date:
        raise UsageError(f"{place}: {entry['until']!r} is not a date; write YYYY-MM-DD.")
    for name in () if entry.get("pattern") else ("control", "account_id", "region"):
        if found := re.search(r"[*?]", entry[name]):
            raise UsageError(
                f"{place}: {name} {entry[name]!r} has a {found[0]} but the entry has no "
                '"pattern": true, so it accepts nothing: add that, or write a whole name.'
            )
    return Acceptance(**entry | {"region": entry["region"].lower()})


def apply(findings: Iterable[Finding], baseline: Baseline, today: date) -> Iterator[Finding]:
    """Turn accepted alarms into info; if an acceptance has expired, the alarm stays and says so."""
    for finding in findings:
        is_alarm = finding.status == ALARM
        accepted = _acceptance_of(finding, baseline, today) if is_alarm else None
        if accepted is None:
            yield finding
        elif date.fromisoformat(accepted.until) >= today:
            reason = f"Accepted until {accepted.until}: {accepted.reason} ({finding.reason})"
            yield replace(finding, status=INFO, reason=reason)
        else:
            reason = f"{finding.reason} Its acceptance ended on {accepted.until}."
            yield replace(finding, reason=reason)


def _acceptance_of(finding: Finding, baseline: Baseline, today: date) -> Acceptance | None:
    """Return what accepts an alarm: its own entry, else a pattern, if possible one still valid."""
    keys = finding.keys
    found = [baseline[key] for key in keys if key in baseline]
    found += [one for one in baseline.values() if one.pattern and any(map(one.matches, keys))]
    valid = [one for one in found if date.fromisoformat(one.until) >= today]
    return next(iter([*valid, *found]), None)


def unmatched(report: Report, baseline: Baseline) -> list[Acceptance]:
    """Return the patterns that match no alarm of a report."""
    alarms = {key for one in report.findings if one.status in (ALARM, ERROR) for key in one.keys}
    return [one for one in baseline.values() if one.pattern and not any(map(one.matches, alarms))]


def unknown_controls(baseline: Baseline, queries: Sequence[SavedQuery]) -> Iterator[str]:
    """Yield what to tell of controls that no saved query is, or was, and no rule's id is."""
    known = {
        name.lower(): name for one in queries for name in (one.name, *one.formerly, *one.references)
    }
    for given in dict.fromkeys(one.control for one in baseline.values()) if queries else ():
        base = given.partition(":")[0].lower()
        if not any(is_like(name, base) for name in known):
            near = did_you_mean(base, [*known.values()])
            yield f"{given} is not the name of a control, so it accepts nothing.{near}"


def counted(baseline: Baseline, today: date) -> str:
    """Return how many alarms are accepted, apart from patterns and what is over."""
    valid = [one for one in baseline.values() if date.fromisoformat(one.until) >= today]
    alarms = sum(not one.pattern for one in valid)
    parts = [f"{alarms:,} {'alarm' if alarms == 1 else 'alarms'} accepted"]
    if patterns := len(valid) - alarms:
        parts.append(f"{patterns:,} {'pattern' if patterns == 1 else 'patterns'}")
    if over := len(baseline) - len(valid):
        parts.append(f"{over:,} expired")
    return ", ".join(parts)


def without_reason(baseline: Baseline) -> int:
    """Return how many acceptances still have the reason that `start` gives them."""
    return sum(one.reason == REASON for one in baseline.values())


def start(report: Report, kept: Baseline, whole: Report) -> dict[FindingKey, Acceptance]:
    """Accept each alarm for 90 days; alarms accepted before keep their reason and date.

    What the check did not look at stays accepted; what it no longer finds in alarm does not.
    `whole` is the report with what is not in scope, too.
    """
    until = (report.made_at.date() + ACCEPTED_FOR).isoformat()
    today = report.made_at.date()
    alarms = {
        one.key
        for one in report.findings
        if one.status == ALARM and not _is_accepted(one, kept, today)
    }
    gone = set(stale(whole, kept))
    left = {key: acceptance for key, acceptance in kept.items() if key not in gone}
    return {key: Acceptance(*key, until, REASON) for key in alarms} | left


def _is_accepted(finding: Finding, kept: Baseline, today: date) -> bool:
    """Return whether a pattern or an entry accepts an alarm already."""
    found = _acceptance_of(finding, kept, today)
    return found is not None and (not found.pattern or date.fromisoformat(found.until) >= today)


def stale(report: Report, baseline: Baseline) -> list[FindingKey]:
    """Return unused acceptances: the check looked there and found no alarm."""
    alarms = {key for one in report.findings if one.status in (ALARM, ERROR) for key in one.keys}
    return [
        key
        for key, one in baseline.items()
        if (not any(map(one.matches, alarms)) if one.pattern else key not in alarms)
        and report.covers(key)
    ]


def text_of(baseline: Baseline) -> str:
    """Return the file's text: one acceptance per line, sorted, so that a diff shows each change."""
    lines = [
        json.dumps(_entry(acceptance), ensure_ascii=False)
        for _, acceptance in sorted(baseline.items())
    ]
    return '{"accepted": [\n  ' + ",\n  ".join(lines) + "\n]}\n" if lines else '{"accepted": []}\n'


def _entry(acceptance: Acceptance) -> dict[str, str | bool]:
    """Return what the file has of an acceptance."""
    entry: dict[str, str | bool] = asdict(acceptance)
    if not acceptance.pattern:
        del entry["pattern"]
    return entry
