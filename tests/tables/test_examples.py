"""Each table has examples that read well and ask for nothing that AWS does not have.

tests/sandbox runs them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from botocore.model import Shape

from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.model import service_model
from apigw_vtab.tables.registry import TABLES

# Keys of a user's tags, of a JSON schema, and of what policy_anyone() answers.
NOT_AWS = {"team", "additionalProperties", "why"}
KEYWORD = re.compile(r"\b(SELECT|FROM|WHERE|JOIN|USING|GROUP|ORDER|BY|AND|OR|NOT|NULL|AS)\b")
each_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


@each_table
def test_a_table_has_two_examples_or_three(table: Table) -> None:
    assert len(table.examples) in (2, 3)


@each_table
def test_an_example_reads_its_table_and_names_its_columns(table: Table) -> None:
    for sql in table.queries.values():
        assert re.search(rf"\b(from|join) {table.name}\b", sql)
        assert "select *" not in sql


@each_table
def test_an_example_is_in_small_letters_and_short_lines_without_an_end(table: Table) -> None:
    for sql in table.queries.values():
        assert not KEYWORD.search(sql)
        assert not sql.endswith(";")
        assert max(map(len, sql.splitlines())) <= 88


def test_each_member_that_an_example_names_is_one_of_awss() -> None:
    members = set(NOT_AWS)
    for table in TABLES:
        if table.shape:
            members |= set(_members(service_model(table.service).shape_for(table.shape)))
    named = [
        name
        for table in TABLES
        for sql in table.queries.values()
        for path in re.findall(r"->> '([^']+)'|, '([$][^']+)'[)]", sql)
        for name in "".join(path).strip("$.").split(".")
    ]
    assert [name for name in named if name not in members] == []
    assert len(named) > 30


def _members(shape: Shape, above: frozenset[str] = frozenset()) -> Iterator[str]:
    """The names of the members of a shape, and of those in it."""
    if shape.name in above:
        return
    inside = above | {shape.name}
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield name
            yield from _members(member, inside)
    elif shape.type_name == "list":
        yield from _members(shape.member, inside)
    elif shape.type_name == "map":
        yield from _members(shape.value, inside)
