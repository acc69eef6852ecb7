"""A column's type and cells follow from the type of its member."""

from __future__ import annotations

import pytest

from apigw_vtab.tables.columns import column_of
from apigw_vtab.tables.values import SqlValue
from tests.tables.cells import KINDS, cell, shape


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        *(("string", "TEXT"), ("timestamp", "TEXT"), ("structure", "TEXT")),
        *(("list", "TEXT"), ("map", "TEXT"), ("boolean", "INTEGER"), ("integer", "INTEGER")),
        *(("long", "INTEGER"), ("float", "REAL"), ("double", "REAL"), ("blob", "BLOB")),
    ],
)
def test_the_type_of_a_column_is_that_of_its_values(kind: str, expected: str) -> None:
    assert column_of("name", "member", shape(kind)).type == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [("string", "Каталог 商品"), ("string", ""), ("integer", 0), ("double", 0.5), ("blob", b"\0a")],
)
def test_a_scalar_is_itself(kind: str, value: SqlValue) -> None:
    assert cell(kind, value) == value


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_absent_or_null_is_null(kind: str) -> None:
    made = column_of("name", "member", shape(kind)).cells([{}, {"member": None}, {"other": 1}])
    assert made == [None, None, None]


@pytest.mark.parametrize(("value", "expected"), [(True, 1), (False, 0)])
def test_a_boolean_is_0_or_1(value: bool, expected: int) -> None:
    made = cell("boolean", value)
    assert (made, type(made)) == (expected, int)
