"""Rows as CSV, JSON, Markdown and lines; test_table.py has the table for people."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apigw_vtab.errors import UsageError
from apigw_vtab.output.cells import Row
from apigw_vtab.output.formats import FORMATS, row_format_of
from apigw_vtab.output.style import Style
from apigw_vtab.tables.values import SqlValue

# Names and descriptions as people type them, and worse ones.
AWKWARD = [
    *("plain", "", " padded ", "a,b", "a;b", 'say "hi"', '"', "''", "it's", "a|b", "a\\b"),
    *("two\nlines", "dos\r\nlines", "old\rmac", "tab\there", "\x1b[31mred\x1b[0m", "\0"),
    *("Каталог", "商品", "🛒", "e\u0301", "\u2028", "null", "<null>", "=1+1", "{}", "[x](y)"),
]


def text(format_name: str, columns: list[str], rows: list[Row], style: Style | None = None) -> str:
    return "".join(FORMATS[format_name](columns, rows, style or Style()))


def cell(format_name: str, value: SqlValue) -> str:
    """What a format makes of one value, in its last line."""
    return text(format_name, ["c"], [[value]]).removesuffix("\n").split("\n")[-1]


# CSV


def csv_field(value: SqlValue, separator: str = ",") -> str:
    """A value's field, taken from between two others in a line."""
    style = Style(header=False, separator=separator)
    written = text("csv", ["a", "b", "c"], [[1, value, 2]], style)
    return written.removeprefix(f"1{separator}").removesuffix(f"{separator}2\r\n")


def test_csv_begins_with_the_column_names() -> None:
    assert text("csv", ["a", "b"], [[1, "x"]]) == "a,b\r\n1,x\r\n"


def test_csv_can_do_without_the_column_names() -> None:
    assert text("csv", ["a", "b"], [[1, "x"]], Style(header=False)) == "1,x\r\n"


def test_csv_without_rows_has_the_column_names() -> None:
    assert text("csv", ["a", "b"], []) == "a,b\r\n"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(None, "", id="NULL is an empty field"),
        pytest.param("", '""', id="an empty text is two quotes"),
        ("plain", "plain"),
        (" padded ", " padded "),
        ("a,b", '"a,b"'),
        ('say "hi"', '"say ""hi"""'),
        ("it's", "it's"),
        ("two\nlines", '"two\nlines"'),
        ("old\rmac", '"old\rmac"'),
        ("dos\r\nlines", '"dos\r\nlines"'),
        ("a;b", "a;b"),
        (42, "42"),
        (-1.5, "-1.5"),
        (0.1, "0.1"),
        (b"\x00\xff", "00ff"),
    ],
)
def test_csv_quotes_what_rfc_4180_says(value: SqlValue, expected: str) -> None:
    assert csv_field(value) == expected


def test_csv_quotes_a_column_name_like_a_value() -> None:
    assert text("csv", ["count(*)", 'a,"b"'], []) == 'count(*),"a,""b"""\r\n'


@pytest.mark.parametrize("separator", [";", "\t", "|", "^", "]", "\\", "-"])
def test_csv_quotes_whatever_separator_there_is(separator: str) -> None:
    assert csv_field(f"a{separator}b", separator) == f'"a{separator}b"'


def test_csv_with_another_separator_leaves_commas_alone() -> None:
    assert csv_field("a,b", ";") == "a,b"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_csv_is_read_back_as_it_was(separator: str) -> None:
    # Python 3.10's own reader refuses a NUL.
    values = [value for value in AWKWARD if value != "\0"]
    rows: list[Row] = [[value, other] for value in values for other in values]
    written = text("csv", ["a", "b"], rows, Style(separator=separator, raw=True))
    read = csv.reader(io.StringIO(written, newline=""), delimiter=separator, strict=True)
    assert list(read) == [["a", "b"], *rows]


# JSON


@pytest.fixture(params=["json", "jsonl"])
def json_format(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def parsed(json_format: str, written: str, **hooks: Any) -> list[Any]:
    # Not splitlines(), which also splits at U+2028 and others that JSON may hold.
    documents = written.split("\n")[:-1] if json_format == "jsonl" else [written]
    read = [json.loads(document, **hooks) for document in documents]
    return read if json_format == "jsonl" else list(read[0])


def not_json(constant: str) -> None:
    raise AssertionError(f"{constant} is not valid JSON: RFC 8259, section 6")


def test_json_is_read_back_as_it_was(json_format: str) -> None:
    values: list[SqlValue] = [*AWKWARD, None, 0, -1, 2**63 - 1, 0.1, 1e300]
    rows: list[Row] = [[value, position] for position, value in enumerate(values)]
    written = text(json_format, ["value", "n"], rows)
    assert parsed(json_format, written) == [{"value": one, "n": n} for one, n in rows]


def test_json_gives_null_and_an_empty_text_apart(json_format: str) -> None:
    written = text(json_format, ["a", "b"], [[None, ""]])
    assert parsed(json_format, written) == [{"a": None, "b": ""}]


def test_json_gives_bytes_as_hexadecimal_text(json_format: str) -> None:
    assert parsed(json_format, text(json_format, ["a"], [[b"\x00\xff"]])) == [{"a": "00ff"}]


def test_json_keeps_the_order_of_the_columns(json_format: str) -> None:
    written = text(json_format, ["b", "a", "c"], [[1, 2, 3]])
    assert list(parsed(json_format, written)[0]) == ["b", "a", "c"]


def test_json_keeps_letters_of_all_alphabets(json_format: str) -> None:
    assert "商品" in text(json_format, ["a"], [["商品"]])


def test_json_loses_no_column_whose_name_comes_twice(json_format: str) -> None:
    """`select * from stages join rest_apis using (...)` has two columns `description`."""
    written = text(json_format, ["description", "description"], [["of stage", "of API"]])
    (pairs,) = parsed(json_format, written, object_pairs_hook=list)
    assert [value for _, value in pairs] == ["of stage", "of API"]


@pytest.mark.parametrize("number", [math.inf, -math.inf])
def test_json_of_an_endless_number_is_json(json_format: str, number: float) -> None:
    written = text(json_format, ["a"], [[number]])
    assert len(parsed(json_format, written, parse_constant=not_json)) == 1


def test_json_without_rows_is_an_empty_array() -> None:
    assert json.loads(text("json", ["a"], [])) == []


def test_jsonl_without_rows_is_empty() -> None:
    assert text("jsonl", ["a"], []) == ""


def test_jsonl_has_one_line_a_row_whatever_is_in_it() -> None:
    rows: list[Row] = [[value] for value in ("two\nlines", "dos\r\nlines", "plain")]
    written = text("jsonl", ["a"], rows)
    assert written.count("\n") == 3 and written.endswith("\n")


# Markdown


def markdown_cells(line: str) -> list[str]:
    """Split a line of a table as GitHub does: at each pipe that is not escaped."""
    assert line.startswith("| ") and line.endswith(" |")
    return re.split(r"(?<!\\) \| ", line[2:-2])


def test_markdown_has_names_a_rule_and_a_line_a_row() -> None:
    assert text("markdown", ["a", "b"], [[1, "x"], [2, "y"]]) == (
        "| a | b |\n| --- | --- |\n| 1 | x |\n| 2 | y |\n"
    )


def test_markdown_without_rows_has_its_header() -> None:
    assert text("markdown", ["a"], []) == "| a |\n| --- |\n"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a|b", r"a\|b"),
        ("a\\|b", r"a\\\|b"),
        ("two\nlines", "two<br>lines"),
        ("dos\r\nlines", "dos<br>lines"),
        ("*bold*", r"\*bold\*"),
        ("snake_case", r"snake\_case"),
        ("`code`", r"\`code\`"),
        ("<b>", r"\<b\>"),
        ("[text](url)", r"\[text\](url)"),
        ("\x1b[31m", r"\u001b\[31m"),
        (None, ""),
        (7, "7"),
        ("商品", "商品"),
    ],
)
def test_markdown_shows_a_value_as_it_is(value: SqlValue, expected: str) -> None:
    assert cell("markdown", value) == f"| {expected} |"


def test_markdown_shows_a_column_name_as_it_is() -> None:
    assert text("markdown", ["rest_api_id"], []).startswith("| rest\\_api\\_id |\n")


def test_markdown_shows_what_looks_like_an_entity_as_it_is() -> None:
    """GitHub turns `&lt;` into `<`, unless the ampersand is escaped."""
    assert cell("markdown", "a &lt; b") in (r"| a \&lt; b |", "| a &amp;lt; b |")


@pytest.mark.parametrize("value", AWKWARD)
def test_markdown_stays_one_line_with_all_its_cells(value: str) -> None:
    written = text("markdown", ["a", "b", "c"], [["x", value, "y"]])
    assert len(written.splitlines()) == 3
    first, _, last = markdown_cells(written.splitlines()[-1])
    assert (first, last) == ("x", "y")


# Each value on its own line


def test_line_gives_each_value_its_line_with_names_aligned() -> None:
    assert text("line", ["a", "long"], [[1, "x"]]) == "   a = 1\nlong = x\n"


def test_line_parts_rows_by_an_empty_line() -> None:
    assert text("line", ["a"], [[1], [2]]) == "a = 1\n\na = 2\n"


def test_line_tells_null_from_an_empty_text() -> None:
    assert text("line", ["a", "b"], [[None, ""]]) == "a = <null>\nb = \n"


@pytest.mark.parametrize("value", AWKWARD)
def test_line_keeps_a_value_on_its_line(value: str) -> None:
    assert len(text("line", ["a", "b"], [[value, "y"]]).splitlines()) == 2


def test_line_lets_no_escape_sequence_through() -> None:
    assert cell("line", "\x1b]0;title\x07") == r"c = \u001b]0;title\u0007"


def test_line_without_rows_is_empty() -> None:
    assert text("line", ["a"], []) == ""


# All formats


@pytest.mark.parametrize("format_name", ["csv", "json", "jsonl", "markdown", "line"])
def test_rows_are_written_as_they_come(format_name: str) -> None:
    def rows() -> Iterator[Row]:
        yield ["first"]
        raise RuntimeError("no second row")

    written = FORMATS[format_name](["a"], rows(), Style())
    got: list[str] = []
    with pytest.raises(RuntimeError):
        got.extend(iter(lambda: next(written), None))
    assert "first" in "".join(got)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *(("a.csv", "csv"), ("a.json", "json"), ("a.jsonl", "jsonl"), ("a.md", "markdown")),
        *(("a.txt", "table"), ("A.CSV", "csv"), ("2026.11.csv", "csv")),
    ],
)
def test_a_suffix_tells_the_format(name: str, expected: str) -> None:
    assert row_format_of(Path("folder.json") / name) == expected


@pytest.mark.parametrize("name", ["report.xlsx", "report", ".csv", "report.csv.gz"])
def test_an_unknown_suffix_is_an_error_that_names_the_known_ones(name: str) -> None:
    expected = (
        rf"format of '{re.escape(name)}': end its name in \.csv, \.json, \.jsonl, \.md, \.txt"
    )
    with pytest.raises(UsageError, match=expected):
        row_format_of(Path(name))


@pytest.mark.parametrize(
    "cell",
    [
        *("=cmd|' /C calc'!A0", "+1+1", "@sum(A1)", "-1+1", "-5 ", "-5\n=1", "\uff1d1"),
        *("\t=1", "\r=1", "\n=1", "\tx", "\rx", "\nx"),
        *(" =1", "  \t-1+1", "\xa0@a", "\ufeff=1", "\u200b+1", "\0=1", "\u3000=1", "\u2028=1"),
    ],
)
def test_csv_runs_no_formula_in_a_spreadsheet(cell: str) -> None:
    written = text("csv", [cell], [[cell]])
    # Python 3.10's own reader refuses a NUL.
    rows = csv.reader(io.StringIO(written.replace("\0", "0"), newline=""))
    assert list(rows) == [["'" + cell.replace("\0", "0")]] * 2


@pytest.mark.parametrize("cell", ["-5", "-5.25", "a=b", "prod", "", " padded ", "ü-1"])
def test_csv_leaves_what_is_no_formula(cell: str) -> None:
    written = text("csv", ["a"], [[cell]], Style(header=False))
    assert next(csv.reader(io.StringIO(written))) == [cell]


@pytest.mark.parametrize("value", [-5, -0.5])
def test_csv_leaves_numbers(value: float) -> None:
    assert text("csv", ["a"], [[value]], Style(header=False)) == f"{value}\r\n"


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_no_format_steers_a_terminal(name: str) -> None:
    hostile = "a\x1b[31mb\x9bc\u202ed\u061ce\u200ef\u200fg\u2066h\u200bi\ufeffj\U000e0041k"
    written = text(name, ["a"], [[hostile]], Style(width=80))
    assert set(hostile) & set(written) <= set("abcdefghijk[31m")


def test_json_has_a_percent_sign_as_it_is() -> None:
    assert json.loads(text("jsonl", ["100 %s"], [["5 %d"]])) == {"100 %s": "5 %d"}
