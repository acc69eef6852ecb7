"""Reads saved queries: .sql files with a header of `-- key: value` lines.

SQLite sees the header as comments; we read a title, a severity and so on from it. A header line
that is indented by more than one space continues the line before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from apigw_vtab.errors import UsageError
from apigw_vtab.tables.values import SqlValue

_HEADER = re.compile(r"-- ([a-z][a-z_-]*):(?:\s+(.*))?")
_CONTINUED = re.compile(r"--\s{2,}(\S.*)")


# Some 270 years of days; of many more, SQLite makes no date.
MOST = 100_000


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
    def parameters(self) -> dict[str, SqlValue]:
        """The parameters that have a default, with their defaults."""
        return read_parameters(split_list(self.header.get("params", "")))

    def check_parameter(self, name: str, value: SqlValue) -> None:
        """Raise UsageError for a value that is not of the kind of the parameter's default."""
        default = self.parameters.get(name)
        if isinstance(default, int) and not (isinstance(value, int) and abs(value) <= MOST):
            raise UsageError(
                f"{name}={value!r} is not valid: {self.name} takes a whole number up to {MOST}, "
                f"such as {name}={default}."
            )

    def bound(self, given: Mapping[str, SqlValue]) -> dict[str, SqlValue]:
        """Return the parameters' values: the given ones, else the defaults.

        Raises UsageError for a parameter that the query does not have, and for a value of
        another kind.
        """
        for name, value in given.items():
            if name not in self.parameters and not re.search(rf"[:@$]{name}\b", self.sql):
                known = ", ".join(sorted(self.parameters)) or "none"
                raise UsageError(f"{self.name} has no parameter {name!r}. It has: {known}.")
            self.check_parameter(name, value)
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
            header[key] = f"{header[key]} {more[1]}".strip()
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


def read_parameters(given: Iterable[str]) -> dict[str, SqlValue]:
    """Read `name=value` texts; a value that is a plainly written number becomes a number.

    Raises UsageError for anything else.
    """
    values: dict[str, SqlValue] = {}
    for text in given:
        name, equals, value = text.partition("=")
        name = name.strip().lstrip(":$@")
        if not equals or not name.isidentifier():
            raise UsageError(f"{text!r} is not a parameter: write NAME=VALUE, such as days=30.")
        values[name] = _plainest(value.strip())
    return values


def _plainest(text: str) -> SqlValue:
    if re.fullmatch(r"0|-?[1-9]\d{0,17}", text):
        return int(text)
    if re.fullmatch(r"-?(0|[1-9]\d*)\.\d+", text):
        return float(text)
    return text
