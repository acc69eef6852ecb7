"""Other people's rules: which control answers each one, with which parameters, and what differs.

The table is `queries/rules.csv`: a line for each rule and each control that answers it. A rule
without a control is not evaluated, and its note says why.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from apigw_vtab.controls.parameters import read_parameters
from apigw_vtab.controls.suites import SUITES
from apigw_vtab.errors import UsageError

FILE = "rules.csv"
COLUMNS = ("suite", "id", "also", "title", "severity", "control", "parameters", "page", "note")


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
