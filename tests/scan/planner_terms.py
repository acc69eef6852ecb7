"""Terms of a WHERE clause as SQLite offers them, for the tests of the planner."""

from __future__ import annotations

from typing import Any, NamedTuple

from apigw_vtab.scan.plan import EQUAL, LIMIT, OFFSET, ONE_OF, UNKNOWN, Constraint, Plan
from apigw_vtab.scan.planner import bind, plan
from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.keys import Keys


class Term(NamedTuple):
    """A term of a WHERE clause, and the value that it has when the statement runs."""

    constraint: Constraint
    value: Any


def term(column: str, operator: str, value: Any, *, usable: bool = True, text: bool = True) -> Term:
    known = UNKNOWN if operator == ONE_OF else value
    return Term(Constraint(column, operator, usable, known, text), value)


def equal(column: str, value: Any) -> Term:
    """`column = literal`."""
    return term(column, EQUAL, value)


def joined(column: str, value: Any) -> Term:
    """`column = other.column`, whose value is not known before the statement runs."""
    return Term(Constraint(column, EQUAL), value)


def one_of(column: str, *values: Any) -> Term:
    """`column IN (values)`."""
    return term(column, ONE_OF, frozenset(values))


def limit(rows: Any) -> Term:
    return term("", LIMIT, rows)


def offset(rows: Any) -> Term:
    return term("", OFFSET, rows)


def planned(table: Table, *terms: Term, ordered: bool = False) -> Plan:
    return plan(table, [one.constraint for one in terms], ("arn",), ordered=ordered)


def bound(table: Table, *terms: Term, ordered: bool = False) -> Keys | None:
    """Plan, then pass the plan the values that it asked for, as SQLite would."""
    chosen = planned(table, *terms, ordered=ordered)
    return bind(chosen, [terms[use.position].value for use in chosen.uses])


def keys(table: Table, *terms: Term, ordered: bool = False) -> Keys:
    found = bound(table, *terms, ordered=ordered)
    assert found is not None
    return found


def operation(table: Table, *terms: Term) -> str:
    """The AWS operation that returns the rows."""
    read = keys(table, *terms).read
    assert read is not None
    return read.name


ONE_API = equal("rest_api_id", "a1")
ONE_STAGE = equal("stage_name", "prod")
ONE_REGION = equal("region", "eu-west-1")
ONE_ACCOUNT = equal("account_id", "111122223333")
