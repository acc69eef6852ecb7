"""Published frameworks: which rules answer their requirements, and who says so.

`queries/frameworks.csv` has a line for each rule that somebody maps to a framework, with the
requirements it answers; where there are none, its author names none, and where it says
`(not read)`, we could not read which. `queries/framework_names.csv` says what each author calls a
framework: several names can be one.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from apigw_vtab.controls.rules import csv_lines
from apigw_vtab.controls.saved_query import Requirement
from apigw_vtab.errors import UsageError, did_you_mean

FILE, NAMES_FILE = "frameworks.csv", "framework_names.csv"
COLUMNS = ("framework", "source", "rule", "requirements")
NAME_COLUMNS = ("framework", "title", "source", "called")


# Where an author maps a rule to the framework and to none of its requirements.
NO_NUMBER = "(as a whole)"
# What the table says where the author names requirements, and we could not read which.
NOT_READ = "(not read)"


@dataclass(frozen=True)
class Mapping:
    """That a rule answers requirements of a framework, and whose word it is."""

    framework: str
    source: str
    rule: str
    requirements: tuple[str, ...]


@dataclass(frozen=True)
class Framework:
    """A framework, its title, and what each source that maps rules to it calls it."""

    name: str
    title: str
    called: tuple[tuple[str, str], ...]
    mappings: tuple[Mapping, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Who maps rules to it."""
        return tuple(dict.fromkeys(source for source, _ in self.called))

    def of(self, source: str) -> Framework:
        """Return the framework as one source maps it."""
        return Framework(
            f"{self.name}/{source}",
            self.title,
            tuple(one for one in self.called if one[0] == source),
            tuple(one for one in self.mappings if one.source == source),
        )

    def has(self, rule: str) -> bool:
        """Return whether somebody maps a rule to the framework."""
        return any(one.rule == rule for one in self.mappings)

    def requirements_of(self, rules: Sequence[str]) -> list[Requirement]:
        """Return the requirements that rules answer, each once, with all who say so."""
        sources: dict[str, list[str]] = {}
        for one in self.mappings:
            for name in (one.requirements or [NO_NUMBER]) if one.rule in rules else ():
                sources.setdefault(name, []).append(one.source)
        return [
            Requirement(self.name, name, tuple(sorted(set(by)))) for name, by in sources.items()
        ]


@functools.cache
def shipped_frameworks(folder: Path) -> tuple[Framework, ...]:
    """Return the frameworks of the folder of shipped queries. Raises UsageError for a bad line."""
    mappings: dict[str, list[Mapping]] = {}
    for line, _ in csv_lines(folder / FILE, COLUMNS):
        named = tuple(part.strip() for part in line["requirements"].split(";") if part.strip())
        mapping = Mapping(line["framework"], line["source"], line["rule"], named)
        mappings.setdefault(line["framework"], []).append(mapping)
    called: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for line, _ in csv_lines(folder / NAMES_FILE, NAME_COLUMNS):
        called.setdefault((line["framework"], line["title"]), []).append(
            (line["source"], line["called"])
        )
    return tuple(
        Framework(name, title, tuple(names), _spelled_alike(mappings.get(name, ())))
        for (name, title), names in called.items()
    )


def _spelled_alike(mappings: Sequence[Mapping]) -> tuple[Mapping, ...]:
    """Return mappings of a framework, each requirement spelled as the first of them spells it.

    Authors write 500.02(a) and 500_02_a, or D3.PC.Im.B.1 and D3-PC-IM-B-1.
    """
    first: dict[str, str] = {}
    return tuple(
        replace(
            one,
            requirements=tuple(
                first.setdefault(re.sub("[^0-9a-z]+", "-", name.lower()).strip("-"), name)
                for name in one.requirements
            ),
        )
        for one in mappings
    )


def find_framework(name: str, known: Sequence[Framework]) -> Framework:
    """Return the framework of a name, such as pci-dss-4.0 or pci-dss-4.0/prowler, in any case.

    What a source calls it is a name of it, too. Raises UsageError, with the nearest, for another.
    """
    wanted, _, source = name.lower().partition("/")
    for one in known:
        names = {one.name, *(called.lower() for _, called in one.called)}
        if wanted not in names:
            continue
        if not source:
            return one
        if source in one.sources:
            return one.of(source)
        sources = ", ".join(one.sources)
        raise UsageError(f"{source!r} does not map {one.name}. Its sources are: {sources}.")
    near = did_you_mean(wanted, [one.name for one in known])
    raise UsageError(f"No framework {name!r}.{near} To list them: apigw-vtab frameworks")
