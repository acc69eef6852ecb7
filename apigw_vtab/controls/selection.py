"""Which saved queries a user wants: by suite, framework, severity, tag and name."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from apigw_vtab.controls.frameworks import Framework, find_framework, shipped_frameworks
from apigw_vtab.controls.header import SEVERITIES
from apigw_vtab.controls.library import as_asked, find_queries, shipped_folder
from apigw_vtab.controls.rules import Rule, shipped_rules
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.controls.suites import suites_of
from apigw_vtab.errors import UsageError, did_you_mean

# Saved queries that are named where an option leaves none.
MOST_NAMED = 8


@dataclass(frozen=True)
class Selection:
    """Which saved queries are wanted; an empty list means any.

    `frameworks` are names such as pci-dss-4.0 or pci-dss-4.0/prowler. Of a suite and a framework,
    the rules that are in both are wanted.
    """

    suites: Sequence[str] = ()
    severities: Sequence[str] = ()
    tags: Sequence[str] = ()
    frameworks: Sequence[str] = ()

    @functools.cached_property
    def found(self) -> tuple[Framework, ...]:
        """The frameworks that are wanted. Raises UsageError for an unknown name."""
        known = shipped_frameworks(shipped_folder()) if self.frameworks else ()
        return tuple(find_framework(name, known) for name in self.frameworks)

    def admitted(self, query: SavedQuery) -> list[SavedQuery]:
        """Return a query as it is wanted: once, once for each set of parameters, or not at all.

        In a suite, an alarm is as bad as the suite says, and as we say where it says nothing.
        """
        found = [query]
        if self.suites or self.frameworks:
            rules = [rule for rule in query.rules if self._has(rule.id, {rule.suite})]
            own = any(self._has(one, suites_of(one)) for one in query.own_references)
            found = as_asked(query, rules) if rules else [query] if own else []
        return [self._with_requirements(one) for one in found if self._admits(one)]

    def not_evaluated(self) -> tuple[Rule, ...]:
        """Return the rules that are wanted, and that no control answers.

        They have no tag. One that nobody gives a severity may be of any, so it is never left out.
        """
        return tuple(
            rule
            for rule in (() if self.tags else shipped_rules(shipped_folder()))
            if not rule.control
            and self._has(rule.id, {rule.suite})
            and (not self.severities or rule.severity in {"", *self.severities})
        )

    def _has(self, name: str, suites: Collection[str]) -> bool:
        """Return whether the suites and the frameworks have a rule of an id."""
        of_a_suite = not self.suites or not set(self.suites).isdisjoint(suites)
        return of_a_suite and (not self.frameworks or any(one.has(name) for one in self.found))

    def _with_requirements(self, query: SavedQuery) -> SavedQuery:
        """Return a query with the requirements that it answers in the frameworks."""
        if not self.frameworks:
            return query
        names = [rule.id for rule in query.asked_as] or query.own_references
        return replace(
            query,
            requirements=tuple(
                requirement for one in self.found for requirement in one.requirements_of(names)
            ),
        )

    def _admits(self, query: SavedQuery) -> bool:
        """Return whether a query has one of the severities, and one of the tags.

        One that cannot be read may have any.
        """
        if query.fault:
            return True
        return (not self.severities or query.severity in self.severities) and (
            not self.tags or not {tag.lower() for tag in self.tags}.isdisjoint(query.tags)
        )

    def choose(self, queries: Sequence[SavedQuery]) -> list[SavedQuery]:
        """Return the queries that are wanted. Raises UsageError if there are none."""
        chosen = [one for query in queries for one in self.admitted(query)]
        if not chosen:
            raise UsageError(self._why_nothing(queries))
        return chosen

    def _why_nothing(self, queries: Sequence[SavedQuery]) -> str:
        """Return why no query is wanted, and what there is: options narrow each other."""
        given = (self.suites, self.frameworks, self.severities, self.tags)
        words = [f"No saved query matches {' and '.join(map(', '.join, filter(None, given)))}."]
        tags = sorted({tag for query in queries for tag in query.tags})
        if unknown := [tag for tag in self.tags if tag.lower() not in tags]:
            words += [near for tag in unknown if (near := did_you_mean(tag, tags).strip())]
            words.append(f"The tags are: {', '.join(tags)}." if tags else "None of them has a tag.")
            return " ".join(words)
        wide = replace(self, severities=()) if self.severities else replace(self, tags=())
        left = [one for query in queries for one in wide.admitted(query)]
        if left:
            severities = [one for one in SEVERITIES if one in {query.severity for query in left}]
            names = sorted({query.short for query in left})
            more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
            whose = " and ".join([*wide.suites, *wide.frameworks, *wide.tags])
            of = ", ".join(severities)
            words.append(f"{whose} has {', '.join(names[:MOST_NAMED])}{more}, of severity {of}.")
        elif self.suites and self.frameworks:
            words.append("No rule is in both the suite and the framework.")
        return " ".join([*words, "Options narrow each other: give fewer of them."])

    def choose_named(self, names: Sequence[str], queries: Sequence[SavedQuery]) -> list[SavedQuery]:
        """Return the queries of these names that are wanted.

        Raises UsageError for an unknown name, for a rule that is not evaluated, and for a name that
        this selection leaves nothing of.
        """
        found = find_queries(names, queries)
        dropped = [
            name
            for name in names
            if not any(self._as_named(query) for query in find_queries([name], queries))
        ]
        if dropped:
            options = {
                "--suite": self.suites,
                "--framework": self.frameworks,
                "--severity": self.severities,
                "--tag": self.tags,
            }
            given = " ".join(f"{option} {one}" for option, of in options.items() for one in of)
            raise UsageError(
                f"{given} leaves out {', '.join(dropped)}, which you named: "
                "give the name or the options, not both."
            )
        kept = {one.name: one for query in found for one in self._as_named(query)}
        return list(kept.values())

    def _as_named(self, query: SavedQuery) -> list[SavedQuery]:
        """Return a query that was named as it is wanted: as a rule if the suite has that rule."""
        if not query.asked_as:
            return self.admitted(query)
        asked = [rule for rule in query.asked_as if self._has(rule.id, {rule.suite})]
        kept = [replace(query, asked_as=tuple(asked))] if asked else []
        return [self._with_requirements(one) for one in kept if self._admits(one)]
