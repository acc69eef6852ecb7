"""The header of a saved query: `-- key: value` lines, and what is wrong with those of a control.

SQLite sees them as comments. A line that is indented by more than one space continues the line
before it. Only a control's header has to be faultless: a plain query's comments are its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from apigw_vtab.controls.parameters import declared_parameters
from apigw_vtab.errors import UsageError, did_you_mean

_LINE = re.compile(r"-- ([a-z][a-z_-]*):(?:\s+(.*))?")
_CONTINUED = re.compile(r"--\s{2,}(\S.*)")
INDENT = "--   "
# The header lines that hold SQL.
REMEDY, LEAVES = "remedy", "remedy-leaves"
# The gravest first.
SEVERITIES = ("critical", "high", "medium", "low")


@dataclass
class Header:
    """What a header says: the value of each key, its line, and the keys that come twice."""

    values: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    doubled: dict[str, int] = field(default_factory=dict)


def read_header(text: str) -> Header:
    """Read the header of a saved query; of a key that comes twice, the last value holds."""
    header = Header()
    values, key = header.values, ""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if found := _LINE.fullmatch(line.rstrip()):
            key = found[1]
            if key in values:
                header.doubled[key] = number
            values[key] = (found[2] or "").strip()
            header.lines.setdefault(key, number)
        elif key and (more := _CONTINUED.fullmatch(line.rstrip())):
            # SQL keeps its lines.
            new = f"\n{line.rstrip()[len(INDENT) :]}" if key in (REMEDY, LEAVES) else f" {more[1]}"
            values[key] = f"{values[key]}{new}".strip()
        elif line.startswith("--"):
            key = ""
        elif line.strip() or values:
            break
    return header


def _anything(_: str) -> None:
    pass


def _severity(value: str) -> None:
    if value.lower() not in SEVERITIES:
        raise UsageError(f"{value!r} is not a severity: write {', '.join(SEVERITIES)}.")


# What a control's header can say, and what refuses a value that makes no sense.
KEYS: Mapping[str, Callable[[str], object]] = {
    "title": _anything,
    "description": _anything,
    "rationale": _anything,
    "severity": _severity,
    "tags": _anything,
    "references": _anything,
    "formerly": _anything,
    "params": declared_parameters,
    "remediation": _anything,
    REMEDY: _anything,
    LEAVES: _anything,
    "remedy-params": declared_parameters,
    "remedy-asks": declared_parameters,
}


def problems(header: Header) -> Iterator[tuple[str, int, str]]:
    """Yield what is wrong with the header of a control: the key, the line, and in words."""
    for key, number in header.doubled.items():
        words = f"{key} is in line {header.lines[key]} already: write it once."
        yield key, number, words
    for key, value in header.values.items():
        number = header.lines[key]
        if key not in KEYS:
            hint = did_you_mean(key, KEYS)
            known = f"The keys are: {', '.join(KEYS)}."
            words = f"{key!r} is not a key of a control's header.{hint} {known}"
            yield key, number, f"{words} A remark is a line such as -- ({key} ...)."
            continue
        try:
            KEYS[key](value)
        except UsageError as error:
            yield key, number, str(error)
