"""Reads saved queries: .sql files with a header of `-- key: value` lines, as header.py has it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from apigw_vtab.controls.header import LEAVES, REMEDY, SEVERITIES, problems, read_header
from apigw_vtab.controls.parameters import Parameter, declared_parameters
from apigw_vtab.errors import UsageError
from apigw_vtab.tables.values import SqlValue

if TYPE_CHECKING:
    from apigw_vtab.controls.rules import Rule

# Letters of a parameter's value in a report.
LONGEST_TOLD = 40
# A NUL, or a byte that is not UTF-8, as Python reads it.
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")


class Requirement(NamedTuple):
    """A requirement of a framework, and whose word it is that a control answers it."""

    framework: str
    name: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class SavedQuery:
    """A saved query: its name, its SQL with the header, what the header says, and its file.

    `fault` says why the file could not be read, or what is wrong with a control; `flaw` says what
    would be wrong with its header, were it a control. `rules` are those of others that it answers;
    `asked_as` are those among them that the user asked for, and `preset` the values that its
    parameters take for these. `requirements` are those of frameworks that it answers. `replaces` is
    the file of the control in whose place it stands, if any.
    """

    name: str
    sql: str
    header: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    fault: str = ""
    flaw: str = ""
    rules: tuple[Rule, ...] = ()
    asked_as: tuple[Rule, ...] = ()
    preset: Mapping[str, str | int | float] = field(default_factory=dict)
    requirements: tuple[Requirement, ...] = ()
    replaces: str = ""

    @property
    def title(self) -> str:
        """What the query is for, in one line, and the values that a rule brings."""
        title = self.header.get("title", "")
        return f"{title} (with {self.told_preset})" if title and self.preset else title

    @property
    def severity(self) -> str:
        """How bad an alarm is: low, medium, high or critical; empty if it is not a control.

        A rule that was asked for has its author's severity, if he gives one.
        """
        own = self.header.get("severity", "").lower()
        if not self.asked_as:
            return own
        theirs = {rule.severity or own for rule in self.asked_as}
        return min(theirs, key=lambda one: (*SEVERITIES, one).index(one))

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
        theirs = (name for rule in self.rules for name in rule.ids)
        return tuple(dict.fromkeys([*self.own_references, *theirs]))

    @property
    def own_references(self) -> tuple[str, ...]:
        """The ids that its own header names."""
        return tuple(split_list(self.header.get("references", "")))

    @property
    def asked_ids(self) -> tuple[str, ...]:
        """The ids that the user asked for."""
        return tuple(rule.told for rule in self.asked_as)

    @property
    def short(self) -> str:
        """Its name without the values that a rule gives its parameters."""
        return self.name.partition(":")[0]

    @property
    def told_name(self) -> str:
        """Its name with the values that a rule brings, cut to fit into a line."""
        return f"{self.short} ({self.told_preset})" if self.preset else self.short

    @property
    def told_preset(self) -> str:
        """The values that a rule gives its parameters; of a long list, how many."""
        return ", ".join(f"{name}={_brief(str(self.preset[name]))}" for name in sorted(self.preset))

    @property
    def typed(self) -> str:
        """What to type to have just this checked again."""
        return next(iter(self.asked_ids), self.name)

    @property
    def told_requirements(self) -> tuple[str, ...]:
        """The requirements of frameworks that it answers, each with the framework's name."""
        return tuple(f"{one.framework} {one.name}" for one in self.requirements)

    @property
    def told_ids(self) -> tuple[str, ...]:
        """The ids to name in a report: those that were asked for, else all."""
        return self.asked_ids or self.references

    @property
    def formerly(self) -> tuple[str, ...]:
        """The controls that answered its rules before it did: what they had accepted stays so."""
        return tuple(split_list(self.header.get("formerly", "")))

    @property
    def declared(self) -> dict[str, Parameter]:
        """The parameters that the header declares, by name. Raises UsageError for a bad one."""
        return declared_parameters(self.header.get("params", ""))

    @property
    def parameters(self) -> dict[str, SqlValue]:
        """The parameters that the header declares, with their defaults."""
        declared = {name: one.default for name, one in self.declared.items()}
        return {**declared, **self.preset}

    @property
    def remedy(self) -> str:
        """The SQL that ends the alarms, as controls/remedy.py describes it; empty without one."""
        return self.header.get(REMEDY, "")

    @property
    def remedy_leaves(self) -> str:
        """The SQL that says why the remedy leaves a row alone, or NULL; empty without one."""
        return self.header.get(LEAVES, "")

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
        of_the_remedy = {name: one.default for name, one in self.of_the_remedy.items()}
        return self.parameters | of_the_remedy

    @property
    def examples(self) -> dict[str, SqlValue]:
        """An example of each parameter that the user has to give."""
        return {name: one.default for name, one in self.asked.items()}

    def not_chosen(self, given: Mapping[str, SqlValue]) -> list[Parameter]:
        """Return the parameters of the remedy that the user has to give and did not."""
        return [one for name, one in self.asked.items() if given.get(name) in (None, "")]

    def values(self, given: Mapping[str, SqlValue]) -> dict[str, SqlValue]:
        """Return the given values, and the defaults of the parameters that have none.

        `given` may be meant for other queries, too; a number is a text where one is wanted. Raises
        UsageError, with what is wanted, for a value that makes no sense.
        """
        values = {**self.defaults, **given}
        for name, parameter in (self.declared | self.of_the_remedy | self.asked).items():
            if name in given:
                parameter.check(given[name], self.name)
                values[name] = parameter.typed(given[name])
        return values

    def bound(self, given: Mapping[str, SqlValue]) -> dict[str, SqlValue]:
        """Return the same; raises UsageError for a name that this query does not have, too."""
        for name in given:
            if name not in self.parameters and not re.search(rf"[:@$]{name}\b", self.sql):
                if not self.header:
                    raise UsageError(f"The SQL has no parameter {name!r}: write :{name} in it.")
                known = ", ".join(sorted(self.parameters)) or "none"
                raise UsageError(f"{self.name} has no parameter {name!r}. It has: {known}.")
        return self.values(given)

    def answers_to(self, name: str) -> bool:
        """Return whether this is its name or one of its rule ids, in any case."""
        return name.lower() in {self.name.lower(), *(one.lower() for one in self.references)}

    def names_of_its_rules(self) -> Iterator[tuple[str, str]]:
        """Yield each id of each rule that it answers, and the name that its findings then have."""
        for name in self.own_references:
            yield name, self.name
        plain = replace(self, name=self.short, preset={})
        for rule in self.rules:
            called = self if rule in self.asked_as else plain.as_rules([rule])
            for name in rule.ids:
                yield name, called.name

    def as_rules(self, asked: Iterable[Rule]) -> SavedQuery:
        """Return the query as rules that share one set of parameters ask for it.

        With values of their own it has a name of its own, and so have its findings: an alarm that
        was accepted with other values is not accepted.
        """
        from apigw_vtab.controls.rules import each_once

        rules = each_once(asked)
        wanted = dict(rules[0].parameters) if rules else {}
        # A file in the place of one of ours need not have its parameters.
        own = self.parameters
        preset = {
            name: wanted[name] for name in wanted if wanted[name] != own.get(name, wanted[name])
        }
        values = ";".join(f"{name}={preset[name]}" for name in sorted(preset))  # no spaces: an id
        name = f"{self.name}:{values}" if values else self.name
        return replace(self, name=name, asked_as=rules, preset=preset)


def gravest_first(queries: Iterable[SavedQuery]) -> list[SavedQuery]:
    """Return saved queries by severity, the gravest first; else in the order that they have."""
    return sorted(queries, key=lambda one: [*SEVERITIES, one.severity].index(one.severity))


def read_query(name: str, text: str, path: str = "") -> SavedQuery:
    """Read a saved query from its text. Raises UsageError for text that cannot be SQL."""
    check_text(name, text)
    header = read_header(text)
    values, flaw = header.values, ""
    for _, number, words in problems(header):
        flaw = flaw or f"{path or name}, line {number}: {words}"
    return SavedQuery(name, text, values, path, flaw=flaw)


def as_control(query: SavedQuery) -> SavedQuery:
    """Return a query that is a control: with a fault if its header is not faultless.

    What is wrong in the header is left out of it, so that nothing rests on that.
    """
    if not query.flaw or query.fault:
        return query
    wrong = {key for key, _, _ in problems(read_header(query.sql))}
    header = {key: value for key, value in query.header.items() if key not in wrong}
    return replace(query, header=header, fault=query.flaw)


def check_text(name: str, text: str) -> None:
    """Raise UsageError for text that SQLite cannot take: with a NUL, or with invalid bytes."""
    if found := _NOT_TEXT.search(text):
        number = text.count("\n", 0, found.start()) + 1
        if found[0] == "\0":
            raise UsageError(f"Line {number} of {name} has a NUL character: remove it.")
        raise UsageError(f"Line {number} of {name} is not UTF-8 text.")


def _brief(value: str) -> str:
    """Return a value, or of a long list how many there are."""
    return f"{value.count(',') + 1} values" if len(value) > LONGEST_TOLD else value


def split_list(text: str) -> list[str]:
    """Split a header's value at its commas."""
    return [part.strip() for part in text.split(",") if part.strip()]
