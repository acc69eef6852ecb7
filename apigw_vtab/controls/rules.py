"""Other people's rules: which control answers each one, with which parameters, and what differs.

The table is `queries/rules.csv`: a line for each rule and each control that answers it. A rule
without a control is not evaluated, and its note says why.
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from apigw_vtab.controls.parameters import read_parameters
from apigw_vtab.errors import UsageError

FILE = "rules.csv"
COLUMNS = ("suite", "id", "also", "title", "severity", "control", "parameters", "page", "note")


@dataclass(frozen=True)
class Suite:
    """A set of rules: who publishes it, and the form of its ids."""

    title: str
    form: re.Pattern[str]


SUITES = {
    "conformity": Suite("Trend Micro Cloud One Conformity", re.compile(r"AG-\d+")),
    "securityhub": Suite("AWS Security Hub", re.compile(r"APIGateway\.\d+")),
    "aws-config": Suite("AWS Config, managed rules", re.compile(r"(api-gw|apigateway)(v2)?-.+")),
    "aws-config-samples": Suite("AWS Config, sample rules", re.compile(r"(REST_)?API_GW_.+")),
    "prowler": Suite("Prowler", re.compile(r"apigateway(v2)?_(restapi|domain_name|api)_.+")),
    "powerpipe": Suite("Powerpipe", re.compile(r"(api_?)?gateway(v2)?_.+")),
    "cloudsploit": Suite("CloudSploit", re.compile(r"api(gateway|Stage)[A-Z].+")),
    "checkov": Suite("Checkov", re.compile(r"CKV2?_AWS_\d+")),
    "trivy": Suite("Trivy", re.compile(r"(AVD-)?AWS-\d{4}|aws-apigateway-.+")),
    "kics": Suite("KICS", re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")),
    "cfn-guard": Suite("CloudFormation Guard", re.compile(r"API_GWV?2?_.+")),
    "cfn-nag": Suite("cfn_nag", re.compile(r"W\d+")),
}


@dataclass(frozen=True)
class Rule:
    """One rule as one control answers it; without a `control`, it is not evaluated.

    `also` holds other ids of the same rule. `severity` is what its author gives it, and empty where
    he gives none. `parameters` are the values that the control takes for it. `note` says where its
    author and we differ, or why it is not evaluated. `asked` is which of its ids the user typed.
    """

    suite: str
    id: str
    also: tuple[str, ...]
    title: str
    severity: str
    control: str
    parameters: Mapping[str, str | int | float] = field(hash=False)
    page: str
    note: str
    asked: str = field(default="", compare=False)

    @property
    def told(self) -> str:
        """The id to name in a report: the one that was asked for."""
        return self.asked or self.id

    @property
    def why_not(self) -> str:
        """Why the rule is not evaluated, in a sentence that names it."""
        return f"{self.told} is not evaluated. {self.note}"

    @property
    def given(self) -> str:
        """The parameters that it has, as they are typed."""
        return ", ".join(f"{name}={value}" for name, value in self.parameters.items())

    @property
    def ids(self) -> tuple[str, ...]:
        """All ids that the rule is known by."""
        return (self.id, *self.also)

    def is_called(self, name: str) -> bool:
        """Return whether this is one of its ids, in any case."""
        return name.lower() in {one.lower() for one in self.ids}

    def asked_by(self, name: str) -> Rule:
        """Return the rule as a user asks for it by one of its ids, in any case."""
        return replace(self, asked=next(one for one in self.ids if one.lower() == name.lower()))


def each_once(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return rules without those that come twice; one that is asked for by two ids stays so."""
    return tuple({(rule, rule.asked): rule for rule in rules}.values())


def read_rules(path: Path) -> tuple[Rule, ...]:
    """Read a table of rules. Raises UsageError, with the line, for one that is not valid."""
    return tuple(_rule(line, place) for line, place in csv_lines(path, COLUMNS))


def csv_lines(path: Path, columns: Sequence[str]) -> Iterator[tuple[dict[str, str], str]]:
    """Yield each line of a CSV file by column, and where it is. Raises UsageError for others."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != tuple(columns):
            raise UsageError(f"{path}: the columns have to be {', '.join(columns)}.")
        for line in reader:
            yield line, f"{path}, line {reader.line_num}"


def _rule(line: Mapping[str, str], place: str) -> Rule:
    if line["suite"] not in SUITES:
        raise UsageError(f"{place}: {line['suite']!r} is not a suite.")
    if not (line["control"] or line["note"]):
        raise UsageError(f"{place}: say in the note why {line['id']} is not evaluated.")
    given = filter(None, (part.strip() for part in line["parameters"].split(";")))
    return Rule(
        suite=line["suite"],
        id=line["id"],
        also=tuple(line["also"].split()),
        title=line["title"],
        severity=line["severity"],
        control=line["control"],
        parameters=read_parameters(given),
        page=line["page"],
        note=line["note"],
    )


@functools.cache
def shipped_rules(folder: Path) -> tuple[Rule, ...]:
    """Return the rules of the folder of shipped queries."""
    return read_rules(folder / FILE)


def suites_of(reference: str) -> frozenset[str]:
    """Return the suites whose ids have the form of an id."""
    return frozenset(name for name, suite in SUITES.items() if suite.form.fullmatch(reference))
