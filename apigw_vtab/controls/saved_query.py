"""Reads saved queries: .sql files with a header of `-- key: value` lines.

SQLite sees the header as comments; we read a title, a severity and so on from it. A header line
that is indented by more than one space continues the line before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from apigw_vtab.controls.parameters import Parameter, declared_parameters
from apigw_vtab.errors import UsageError
from apigw_vtab.tables.values import SqlValue

_HEADER = re.compile(r"-- ([a-z][a-z_-]*):(?:\s+(.*))?")
_CONTINUED = re.compile(r"--\s{2,}(\S.*)")
INDENT = "--   "
# The header line that holds SQL.
REMEDY = "remedy"


@dataclass(frozen=True)
class SavedQuery:
    """A saved query: its name, its SQL with the header, what the header says, and its file.

    `fault` says why the file could not be read.
    """

    name: str
    sql: str
    header: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    fault: str = ""

    @property
    def title(self) -> str:
        """What the query is for, in one line."""
        return self.header.get("title", "")

    @property
    def severity(self) -> str:
        """How bad an alarm is: low, medium, high or critical; empty if it is not a control."""
        return self.header.get("severity", "").lower()

    @property
    def description(self) -> str:
        """What the query looks at, and what its answer means."""
        return self.header.get("description", "")

    @property
    def rationale(self) -> str:
        """Why it matters."""
        return self.header.get("rationale", "")

    @property
    def remediation(self) -> str:
        """What to do about an alarm, in words; rows have the commands."""
        return self.header.get("remediation", "")

    @property
    def tags(self) -> tuple[str, ...]:
        """What it can be selected by, such as logging or encryption."""
        return tuple(split_list(self.header.get("tags", "")))

    @property
    def references(self) -> tuple[str, ...]:
        """The ids that the same rule has in other tools."""
        return tuple(split_list(self.header.get("references", "")))

    @property
    def declared(self) -> dict[str, Parameter]:
        """The parameters that the header declares, by name. Raises UsageError for a bad one."""
        return declared_parameters(self.header.get("params", ""))

    @property
    def parameters(self) -> dict[str, SqlValue]:
        """The parameters that the header declares, with their defaults."""
        return {name: one.default for name, one in self.declared.items()}

    @property
    def remedy(self) -> str:
        """The SQL that ends the alarms, as controls/remedy.py describes it; empty without one."""
        return self.header.get(REMEDY, "")

    @property
    def of_the_remedy(self) -> dict[str, Parameter]:
        """The parameters of the remedy alone, by name: their defaults are good for everyone."""
        return declared_parameters(self.header.get("remedy-params", ""))

    @property
    def asked(self) -> dict[str, Parameter]:
        """The parameters of the remedy that the user has to give; a default is an example."""
        return declared_parameters(self.header.get("remedy-asks", ""))

    @property
    def defaults(self) -> dict[str, SqlValue]:
        """The defaults of all parameters, without those that the user has to give."""
        return {name: one.default for name, one in (self.declared | self.of_the_remedy).items()}

    @property
    def examples(self) -> dict[str, SqlValue]:
        """An example of each parameter that the user has to give."""
        return {name: one.default for name, one in self.asked.items()}

    def check_parameters(self, given: Mapping[str, SqlValue]) -> None:
        """Raise UsageError, with what is wanted, for a value that makes no sense."""
        for name, parameter in (self.declared | self.of_the_remedy | self.asked).items():
            if name in given:
                parameter.check(given[name], self.name)

    def bound(self, given: Mapping[str, SqlValue]) -> dict[str, SqlValue]:
        """Return the parameters' values: the given ones, else the defaults.

        Raises UsageError for a parameter that the query does not have, and for a value that makes
        no sense.
        """
        for name in given:
            if name not in self.parameters and not re.search(rf"[:@$]{name}\b", self.sql):
                if not self.header:
                    raise UsageError(f"The SQL has no parameter {name!r}: write :{name} in it.")
                known = ", ".join(sorted(self.parameters)) or "none"
                raise UsageError(f"{self.name} has no parameter {name!r}. It has: {known}.")
        self.check_parameters(given)
        return {**self.parameters, **given}

    def answers_to(self, name: str) -> bool:
        """Return whether this is its name or one of its rule ids, in any case."""
        return name.lower() in {self.name.lower(), *(one.lower() for one in self.references)}


def read_query(name: str, text: str, path: str = "") -> SavedQuery:
    """Read a saved query from its text. Raises UsageError for text that cannot be SQL."""
    check_text(name, text)
    header: dict[str, str] = {}
    key = ""
    for line in text.lstrip("\ufeff").splitlines():
        if found := _HEADER.fullmatch(line.rstrip()):
            key = found[1]
            header[key] = (found[2] or "").strip()
        elif key and (more := _CONTINUED.fullmatch(line.rstrip())):
            # SQL keeps its lines.
            new = f"\n{line.rstrip()[len(INDENT) :]}" if key == REMEDY else f" {more[1]}"
            header[key] = f"{header[key]}{new}".strip()
        elif line.startswith("--"):
            key = ""
        elif line.strip() or header:
            break
    return SavedQuery(name, text, header, path)


def check_text(name: str, text: str) -> None:
    """Raise UsageError for text that SQLite cannot take: with a NUL, or with invalid bytes."""
    for number, line in enumerate(text.split("\n"), 1):
        if "\0" in line:
            raise UsageError(f"Line {number} of {name} has a NUL character: remove it.")
        if any("\ud800" <= character <= "\udfff" for character in line):
            raise UsageError(f"Line {number} of {name} is not UTF-8 text.")


def split_list(text: str) -> list[str]:
    """Split a header's value at its commas."""
    return [part.strip() for part in text.split(",") if part.strip()]
