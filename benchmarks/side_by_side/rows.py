"""Findings of two sides, brought to the same words and compared row by row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

NO_ROW = "no row"


class RowKey(NamedTuple):
    """What makes two rows the same row."""

    rule: str
    account: str
    region: str
    resource: str


class Said(NamedTuple):
    """What one side says of a row: a word, and why."""

    word: str
    why: str = ""


Side = Mapping[RowKey, Said]
SILENT = Said(NO_ROW)


class Difference(NamedTuple):
    """A row of which the two sides do not say the same."""

    key: RowKey
    theirs: Said
    ours: Said


class Reason(NamedTuple):
    """Why rows of a rule differ: which rows, in words, and where to read it.

    `theirs` and `ours` are the two words; `sign` is a regular expression that the resource's
    path, named by name, or one of the two explanations has to match.
    """

    rule: str
    theirs: str
    ours: str
    sign: str
    why: str
    link: str

    def explains(self, row: Difference, name: str) -> bool:
        """Whether this is why that row differs."""
        return (
            (self.rule, self.theirs, self.ours) == (row.key.rule, row.theirs.word, row.ours.word)
        ) and any(re.search(self.sign, text) for text in (name, row.theirs.why, row.ours.why))


class Compared(NamedTuple):
    """One rule: how often each side says each word, how many rows are equal, and the others."""

    rule: str
    theirs: Counter[str]
    ours: Counter[str]
    equal: int
    differences: tuple[Difference, ...]


def compare(theirs: Side, ours: Side) -> list[Compared]:
    """Compare the two sides rule by rule; a row that one side lacks says NO_ROW there."""
    compared = []
    for rule in sorted({key.rule for key in (*theirs, *ours)}):
        rows = [
            Difference(key, theirs.get(key, SILENT), ours.get(key, SILENT))
            for key in sorted({*theirs, *ours})
            if key.rule == rule
        ]
        different = tuple(row for row in rows if row.theirs.word != row.ours.word)
        compared.append(
            Compared(
                rule,
                Counter(row.theirs.word for row in rows),
                Counter(row.ours.word for row in rows),
                len(rows) - len(different),
                different,
            )
        )
    return compared


def explain(
    compared: Iterable[Compared], reasons: Iterable[Reason], names: Mapping[str, str]
) -> dict[Reason | None, list[Difference]]:
    """Group the differences by the reason that explains them: None holds the unexplained ones.

    `names` gives a resource's readable name by its ARN. A reason that explains nothing is there
    with no rows.
    """
    grouped: dict[Reason | None, list[Difference]] = {reason: [] for reason in reasons}
    for rule in compared:
        for row in rule.differences:
            name = names.get(row.key.resource, row.key.resource)
            found = (one for one in grouped if one and one.explains(row, name))
            grouped.setdefault(next(found, None), []).append(row)
    return grouped
