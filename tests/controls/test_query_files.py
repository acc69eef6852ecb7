"""Each saved query that we ship: its header, its name, and how its SQL is written."""

from __future__ import annotations

import re

import pytest

from apigw_vtab.controls.library import all_queries, find_queries, shipped_folder
from apigw_vtab.controls.saved_query import SavedQuery

SHIPPED = all_queries()
each_query = pytest.mark.parametrize("query", SHIPPED, ids=lambda query: query.name)
_NO_SQL = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"", re.DOTALL)


def bare_sql(query: SavedQuery) -> str:
    """The SQL without its comments, texts and quoted names."""
    return _NO_SQL.sub(" ", query.sql)


def test_there_are_shipped_queries() -> None:
    assert SHIPPED
    assert shipped_folder().is_dir()


@each_query
def test_a_shipped_query_has_title_description_and_severity(query: SavedQuery) -> None:
    assert query.title
    assert query.header["description"].endswith(".")
    assert query.severity in {"low", "medium", "high", "critical"}


@each_query
def test_the_sql_of_a_shipped_query_is_lower_case(query: SavedQuery) -> None:
    # A parameter may have the name that AWS gives it, such as :loggingLevel.
    assert re.findall(r"(?<![:\w])\w*[A-Z]\w*", bare_sql(query)) == []


@each_query
def test_the_name_of_a_shipped_query_is_small_words_with_hyphens(query: SavedQuery) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", query.name)


@each_query
def test_every_parameter_of_a_shipped_query_has_a_default(query: SavedQuery) -> None:
    assert set(re.findall(r":(\w+)", bare_sql(query))) == set(query.parameters)


@each_query
def test_a_shipped_query_answers_to_each_of_its_references(query: SavedQuery) -> None:
    for one in query.references:
        found = find_queries([one.upper()], SHIPPED)
        assert query.name in {known.name.partition(":")[0] for known in found}


@each_query
def test_a_shipped_query_is_one_statement(query: SavedQuery) -> None:
    assert bare_sql(query).strip().endswith(";")
    assert bare_sql(query).count(";") == 1
