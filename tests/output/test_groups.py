"""Rows in groups are written as the same rows without groups."""

from __future__ import annotations

import pytest

from apigw_vtab.output.cells import Row
from apigw_vtab.output.formats import FORMATS
from apigw_vtab.output.groups import GroupedRows, RowGroup
from apigw_vtab.output.style import Style

COLUMNS = ("control", "resource", "note", "count")
# What is shared stands anywhere, and may be all of a row, or what a format has to escape.
GROUPS = (
    RowGroup({0: "100% %s", 2: None}, [("a", 1), ("b", None)]),
    RowGroup({2: '=sum("x")\n', 1: ""}, [("late", 1.5), ("\x1b[2J", 2)]),
    RowGroup({}, [("all", "of", "its", "own")]),
    RowGroup({0: 1, 1: True, 2: 1.0, 3: b"\x00"}, [(), ()]),
    RowGroup({3: None}, []),
)
ROWS: list[Row] = [
    ("100% %s", "a", None, 1),
    ("100% %s", "b", None, None),
    ("late", "", '=sum("x")\n', 1.5),
    ("\x1b[2J", "", '=sum("x")\n', 2),
    ("all", "of", "its", "own"),
    (1, True, 1.0, b"\x00"),
    (1, True, 1.0, b"\x00"),
]


def test_they_are_rows_like_any_other() -> None:
    assert list(GroupedRows(len(COLUMNS), GROUPS)) == ROWS


@pytest.mark.parametrize("style", [Style(), Style(separator="%|"), Style(raw=True)])
@pytest.mark.parametrize("name", FORMATS)
def test_each_format_writes_the_same(name: str, style: Style) -> None:
    grouped = FORMATS[name](COLUMNS, GroupedRows(len(COLUMNS), GROUPS), style)
    assert "".join(grouped) == "".join(FORMATS[name](COLUMNS, ROWS, style))
