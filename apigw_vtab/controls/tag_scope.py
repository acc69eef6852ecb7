"""Which findings are in scope by tags, for --resource-tag and --without-resource-tag.

What counts are the tags of the finding's resource. A part that AWS lets nobody tag, such as a
method or a route, has those of the API that it is a part of; a stage has its own. What can be
tagged is in https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from apigw_vtab.aws.estate import by_profile
from apigw_vtab.aws.wildcards import is_like
from apigw_vtab.controls.findings import Finding
from apigw_vtab.errors import UsageError
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.tagging import ARN, TAGS

# An account, a region and an ARN.
Place = tuple[str, str, str]
Tags = Mapping[str, str]


class TagPattern(NamedTuple):
    """A key and a value of a tag, in which * and ? are wildcards."""

    key: str
    value: str

    def matches(self, tags: Tags) -> bool:
        """Return whether one of a resource's tags is like this."""
        return any(
            is_like(key, self.key) and is_like(value, self.value) for key, value in tags.items()
        )


def tag_patterns(texts: Iterable[str]) -> tuple[TagPattern, ...]:
    """Read KEY or KEY=VALUE texts. Raises UsageError for one without a key."""
    found = []
    for text in texts:
        key, equals, value = text.partition("=")
        if not key.strip():
            raise UsageError(f"{text!r} is not a tag: write KEY or KEY=VALUE, such as env=prod*.")
        found.append(TagPattern(key, value if equals else "*"))
    return tuple(found)


@dataclass(frozen=True)
class Parted:
    """Findings by whether their resources are in scope.

    Of those that are `unknown` tags tell nothing, and of those that are `undecided` a condition:
    they are among the `kept`. Those that are `untagged` are among those left out. `unmatched` is
    how many a condition had left out before.
    """

    kept: list[Finding] = field(default_factory=list)
    left_out: list[Finding] = field(default_factory=list)
    untagged: list[Finding] = field(default_factory=list)
    unknown: list[Finding] = field(default_factory=list)
    undecided: list[Finding] = field(default_factory=list)
    unmatched: int = 0

    @property
    def decided(self) -> list[Finding]:
        """Those that are in scope, as far as a condition says."""
        undecided = {id(one) for one in self.undecided}
        return [one for one in self.kept if id(one) not in undecided]

    @property
    def known(self) -> list[Finding]:
        """Those that are in scope for sure."""
        unknown = {id(one) for one in self.unknown}
        return [one for one in self.decided if id(one) not in unknown]


@dataclass(frozen=True)
class TagScope:
    """What is in scope: with one of the `wanted` tags, if there are any, and no `unwanted` one."""

    wanted: tuple[TagPattern, ...] = ()
    unwanted: tuple[TagPattern, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)

    def has(self, tags: Tags) -> bool:
        """Return whether a resource with these tags is in scope."""
        is_wanted = not self.wanted or any(one.matches(tags) for one in self.wanted)
        return is_wanted and not any(one.matches(tags) for one in self.unwanted)

    def parted(self, connection: Connection, findings: Collection[Finding]) -> Parted:
        """Part findings by the tags of their resources.

        Tags come from the answers that the controls had, as long as those are kept. A finding about
        no resource, such as a region that could not be read, is kept.
        """
        parted = Parted()
        if not self:
            parted.kept.extend(findings)
            return parted
        tags = _tags_of(connection, [one for one in findings if _is_about_a_resource(one)])
        for one in findings:
            own = tags.get((one.account_id, one.region, one.resource))
            is_unknown = own is None and _is_about_a_resource(one)
            if own is None or self.has(own):
                parted.kept.append(one)
                parted.unknown.extend([one] if is_unknown else [])
            else:
                parted.left_out.append(one)
                parted.untagged.extend([] if own else [one])
        return parted


def _is_about_a_resource(finding: Finding) -> bool:
    return bool(finding.region) and not finding.is_unread and finding.resource.startswith("arn:")


def _tags_of(connection: Connection, findings: Sequence[Finding]) -> dict[Place, Tags | None]:
    """Return the tags of what findings are about; None, or nothing, where they are not known."""
    tables = [
        (table, _form(table))
        for table in connection.context.tables.values()
        if (table.arn or "").startswith("arn:") and TAGS in table.index
    ]
    tagged: dict[Place, Tags | None] = {}
    read: set[str] = set()
    found: dict[Place, Tags | None] = {}
    for one in findings:
        # The longest part of the ARN that can have tags: where they were not read, those above it
        # say nothing.
        arns = ((arn, _those_of(arn, tables)) for arn in _and_above(one.resource))
        arn, able = next(((arn, some) for arn, some in arns if some), ("", []))
        place = (one.account_id, one.region, arn)
        for table in able:
            if place not in tagged and table.name not in read:
                read.add(table.name)
                _add_tags(connection, table, tagged)
        found[one.account_id, one.region, one.resource] = tagged.get(place)
    return found


def _those_of(arn: str, tables: Sequence[tuple[Table, re.Pattern[str]]]) -> list[Table]:
    return [table for table, form in tables if form.fullmatch(arn)]


def _form(table: Table) -> re.Pattern[str]:
    """Return the form of a table's ARNs."""
    parts = re.split(r"\{\w+\}", table.arn or "")
    return re.compile("[^/]*".join(map(re.escape, parts)))


def _and_above(arn: str) -> Iterator[str]:
    """Yield an ARN, and those of what it may be a part of."""
    while "/" in arn:
        yield arn
        arn = arn.rpartition("/")[0]


def _add_tags(connection: Connection, table: Table, tagged: dict[Place, Tags | None]) -> None:
    """Add the tags of all rows of a table; where two rows have one ARN and other tags, None."""
    # Of what a control has looked at, such as domain names of one's own.
    where = " and ".join(f"{name} = '{values[0]}'" for name, values in table.choices.items())
    sql = f"select account_id, region, {ARN}, {TAGS} from temp.{table.name}"
    estate = connection.context.estate
    stand_ins = {by_profile(account.label) for account in estate.profiles}
    with estate.going_by_profile():
        rows = list(connection.execute(f"{sql} where {where}" if where else sql))
    for account_id, region, arn, text in rows:
        place = ("" if account_id in stand_ins else str(account_id), str(region), str(arn))
        tags = _read_tags(text)
        tagged[place] = tags if tagged.get(place, tags) == tags else None


def _read_tags(text: object) -> Tags | None:
    """Return the tags in a column; None where they are not an object."""
    tags = json.loads(str(text or "{}"))
    return {str(key): str(one) for key, one in tags.items()} if isinstance(tags, dict) else None
