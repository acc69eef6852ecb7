"""Look for a request that a policy lets in: one that an Allow matches and no Deny does. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

A request has an action, a resource, a principal and a value for each condition key, and a
statement asks something of each on its own. So the search takes the values that an Allow lets
through, and for each Deny, some part of the request with which it does not match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from apigw_vtab.analysis.conditions import UNKNOWN, Doubt, Outcome, name_of, outcome
from apigw_vtab.analysis.policy_callers import Caller, Candidate, Scene, callers
from apigw_vtab.analysis.policy_document import Condition, PolicyStatement
from apigw_vtab.analysis.policy_patterns import TooHardError
from apigw_vtab.analysis.policy_requests import candidates, holds_of_principal, matches_principal
from apigw_vtab.analysis.policy_resources import (
    ACTIONS,
    matches_action,
    matches_resource,
    resource_candidates,
)

Test = Callable[[str | None], Outcome]
Request = dict[str, Candidate]
Parts = dict[str, list[Candidate]]


ACTION, RESOURCE, PRINCIPAL = "the action", "the resource", "the principal"


@dataclass(frozen=True)
class TestedStatement:
    """A statement as one test for each part of a request."""

    statement: PolicyStatement
    tests: dict[str, Test]


class WayIn(NamedTuple):
    """A request that a policy lets in, who makes it, and the doubt whether all that is so."""

    caller: Caller
    rule: TestedStatement
    request: Request
    doubt: Doubt


class Search:
    """The rules of one scene, and the requests that can be made in it."""

    def __init__(self, scene: Scene, api: str = "") -> None:
        self.scene = scene
        resources = resource_candidates([one.resources for one in scene.statements], api)
        self._resources = resources
        self.rules = [_rule(one, api, resources) for one in scene.statements]
        self.allows = [rule for rule in self.rules if rule.statement.allows]
        self.denies = [rule for rule in self.rules if not rule.statement.allows]
        self.callers = list(callers(scene))
        self.parts = [self._parts_of(caller) for caller in self.callers]
        self._left = STEPS

    def surest(self) -> WayIn | None:
        """Return the way in with the least doubt, if there is one."""
        for doubt in Doubt:
            for way in self.ways(doubt):
                return way
        return None

    def ways(
        self,
        most: Doubt,
        allows: Sequence[TestedStatement] | None = None,
        denies: Sequence[TestedStatement] | None = None,
    ) -> Iterable[WayIn]:
        """Return one way in for each caller that has one, when doubts up to `most` are allowed."""
        for caller, parts in zip(self.callers, self.parts, strict=True):
            if caller.doubt > most:
                continue
            for rule in self.allows if allows is None else allows:
                open_parts = _narrowed(parts, rule, most)
                if all(open_parts.values()):
                    against = self.denies if denies is None else denies
                    found = self._around(open_parts, list(against), most)
                    if found is not None:
                        yield WayIn(caller, rule, _first_of(found), most)
                        break

    def _parts_of(self, caller: Caller) -> Parts:
        """Return what each part of a caller's request can be."""
        names = {name for rule in self.rules for name in rule.tests}
        return {
            **{name: candidates(self.scene, name, caller) for name in sorted(names - _FIXED)},
            ACTION: list(ACTIONS),
            RESOURCE: self._resources,
            PRINCIPAL: [Candidate(principal) for principal in caller.principals],
        }

    def _around(self, parts: Parts, denies: list[TestedStatement], most: Doubt) -> Parts | None:
        """Return what is left of the parts when each Deny fails to match one of them."""
        self._left -= 1
        if self._left < 0:
            raise TooHardError("its statements overlap in too many ways")
        for place, deny in enumerate(denies):
            branches = _escapes(parts, deny, most)
            if branches and branches[0] is parts:
                continue
            for branch in branches:
                found = self._around(branch, denies[place + 1 :], most)
                if found is not None:
                    return found
            return None
        return parts


def _rule(statement: PolicyStatement, api: str, resources: Sequence[Candidate]) -> TestedStatement:
    """Return a statement as tests, each of which is about one part of a request."""
    tests: dict[str, list[Test]] = {
        ACTION: [lambda value: matches_action(statement.actions, value)],
        RESOURCE: [lambda value: matches_resource(statement.resources, api, value)],
        PRINCIPAL: [lambda value: matches_principal(statement.principals, value or "")],
    }
    for condition in statement.conditions:
        name = part_of(condition)
        test = holds_of_principal if name == PRINCIPAL else outcome
        tests.setdefault(name, []).append(partial(test, condition))
    joined = {name: _remembered(some) for name, some in tests.items()}
    for part, names, values in (
        (ACTION, statement.actions, ACTIONS),
        (RESOURCE, statement.resources, resources),
    ):
        matched = any(joined[part](one.value).can_be(True, Doubt.UNKNOWN) for one in values)
        # What an Allow of nothing that is known here means, only AWS knows.
        if statement.allows and not names.negated and not matched:
            joined[part] = lambda value: UNKNOWN
    return TestedStatement(statement, joined)


def part_of(condition: Condition) -> str:
    """Return the part of a request that a condition is about."""
    name = name_of(condition.key)
    return PRINCIPAL if name in ("aws:principalarn", "aws:principalservicename") else name


def _remembered(tests: Sequence[Test]) -> Test:
    """Return the test that all of some tests make together."""
    known: dict[str | None, Outcome] = {}

    def test(value: str | None) -> Outcome:
        if value not in known:
            outcomes = [one(value) for one in tests]
            doubt = max(one.doubt for one in outcomes)
            certain = Outcome(False) in outcomes
            known[value] = Outcome(False) if certain else Outcome(not doubt, doubt)
        return known[value]

    return test


def _narrowed(parts: Parts, rule: TestedStatement, most: Doubt) -> Parts:
    """Return what each part can be for an Allow to match."""
    return {
        name: [
            one
            for one in some
            if one.doubt <= most
            if name not in rule.tests or rule.tests[name](one.value).can_be(True, most)
        ]
        for name, some in parts.items()
    }


def _escapes(parts: Parts, deny: TestedStatement, most: Doubt) -> list[Parts]:
    """Return every way to narrow one part so that a Deny does not match, the widest first.

    Where it matches no value of a part, the parts stay as they are.
    """
    found: list[Parts] = []
    for name, test in deny.tests.items():
        left = [one for one in parts[name] if test(one.value).can_be(False, most)]
        if len(left) == len(parts[name]):
            return [parts]
        if left:
            found.append({**parts, name: left})
    return sorted(found, key=lambda one: -min(map(len, one.values())))


def _first_of(parts: Parts) -> Request:
    """Return one request; any will do, as no statement asks about two parts at once."""
    return {name: min(some, key=lambda one: one.doubt) for name, some in parts.items()}


_FIXED = {ACTION, RESOURCE, PRINCIPAL}
STEPS = 5_000
