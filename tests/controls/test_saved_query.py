"""A saved query: SQL with a header, and the values of its parameters."""

from __future__ import annotations

from pathlib import Path

import pytest

from apigw_vtab.controls.library import read_query_file
from apigw_vtab.controls.parameters import read_parameters
from apigw_vtab.controls.saved_query import read_query
from apigw_vtab.errors import UsageError


def header(text: str) -> dict[str, str]:
    return dict(read_query("query", text).header)


# The header


def test_a_header_line_is_a_key_and_its_value() -> None:
    text = "-- title: Stages\n-- severity: high\n\nselect 1;\n"
    assert header(text) == {"title": "Stages", "severity": "high"}


def test_the_sql_is_the_whole_text_because_the_header_is_a_comment_to_sqlite() -> None:
    text = "-- title: Stages\n\nselect 1;\n"
    assert read_query("query", text).sql == text


@pytest.mark.parametrize(
    "line",
    ["-- title: Every stage", "-- title:   Every stage", "-- title:\tEvery stage  \t"],
)
def test_spaces_around_a_value_are_no_part_of_it(line: str) -> None:
    assert header(line) == {"title": "Every stage"}


def test_an_indented_line_goes_on_with_the_value_before_it() -> None:
    text = "-- title: A\n-- description: one\n--   two\n--     three  \n-- severity: low\n"
    assert header(text) == {"title": "A", "description": "one two three", "severity": "low"}


def test_a_value_may_begin_on_the_line_after_its_key() -> None:
    assert header("-- references:\n--   AG-006,\n--   APIGateway.2\n") == {
        "references": "AG-006, APIGateway.2"
    }


def test_a_key_without_value_is_empty() -> None:
    assert header("-- title:\n-- severity: low\n") == {"title": "", "severity": "low"}


def test_a_value_may_hold_colons() -> None:
    assert header("-- title: Stages: all of them") == {"title": "Stages: all of them"}


@pytest.mark.parametrize("line", ["-- https://example.com/rule", "-- Note well", "--", "-- a b: c"])
def test_a_remark_is_no_part_of_the_header_and_does_not_end_it(line: str) -> None:
    text = f"-- title: A\n{line}\n-- severity: low\nselect 1"
    assert header(text) == {"title": "A", "severity": "low"}


def test_an_indented_line_after_a_remark_goes_on_with_the_remark() -> None:
    assert header("-- title: A\n-- Copyright somebody\n--   and others\n") == {"title": "A"}


def test_an_indented_line_before_any_key_is_a_remark() -> None:
    assert header("--   Our queries\n-- title: A\n") == {"title": "A"}


def test_the_header_ends_where_the_sql_begins() -> None:
    assert header("-- title: A\nselect 1\n-- severity: high\n--   or worse\n") == {"title": "A"}


def test_blank_lines_before_the_header_do_not_hide_it() -> None:
    assert header("\n\n-- title: A\nselect 1\n") == {"title": "A"}


@pytest.mark.parametrize("end_of_line", ["\n", "\r\n"])
def test_lines_may_end_as_on_any_system(end_of_line: str) -> None:
    text = end_of_line.join(["-- title: A", "-- description: one", "--   two", "", "select 1", ""])
    assert header(text) == {"title": "A", "description": "one two"}


def test_a_byte_order_mark_hides_no_header(tmp_path: Path) -> None:
    path = tmp_path / "query.sql"
    path.write_bytes(b"\xef\xbb\xbf-- title: A\nselect 1")
    found = read_query_file(path)
    assert (found.title, found.sql) == ("A", "-- title: A\nselect 1")
    assert header("\ufeff-- title: A\nselect 1") == {"title": "A"}


def test_an_unknown_key_is_kept() -> None:
    assert header("-- title: A\n-- owner: platform\n") == {"title": "A", "owner": "platform"}


@pytest.mark.parametrize("text", ["select 1", "", "\n", "/* title: A */ select 1"])
def test_without_header_everything_is_empty(text: str) -> None:
    query = read_query("query", text)
    assert (query.title, query.severity, query.references) == ("", "", ())
    assert query.parameters == {}
    assert query.sql == text


def test_a_severity_is_lower_case() -> None:
    assert read_query("query", "-- severity: High").severity == "high"


def test_references_are_parted_by_commas_over_several_lines() -> None:
    query = read_query("query", "-- references: AG-006, APIGateway.2,\n--   ,api-gw-ssl-enabled")
    assert query.references == ("AG-006", "APIGateway.2", "api-gw-ssl-enabled")


def test_params_have_defaults_with_types() -> None:
    query = read_query("query", "-- params: days=30, ratio=0.5, name=shop, account=012")
    assert query.parameters == {"days": 30, "ratio": 0.5, "name": "shop", "account": "012"}


def test_params_that_cannot_be_read_are_an_error() -> None:
    with pytest.raises(UsageError, match="'days' is not a parameter"):
        _ = read_query("query", "-- params: days").parameters


# Parameters


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30", 30),
        ("-5", -5),
        ("0", 0),
        ("0.25", 0.25),
        ("-1.50", -1.5),
        # What SQLite or a person could write in several ways stays text.
        ("007", "007"),
        ("+1", "+1"),
        ("1e3", "1e3"),
        (".5", ".5"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ("9223372036854775808", "9223372036854775808"),
        ("true", "true"),
        ("null", "null"),
        ("", ""),
        ("eu-*", "eu-*"),
        ("a=b", "a=b"),
    ],
)
def test_a_parameter_is_a_number_only_in_its_plainest_form(
    text: str, value: int | float | str
) -> None:
    (found,) = read_parameters([f"name={text}"]).values()
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("text", ["days=30", ":days=30", "$days=30", "@days=30", " days = 30 "])
def test_a_parameter_may_be_written_as_in_sql(text: str) -> None:
    assert read_parameters([text]) == {"days": 30}


@pytest.mark.parametrize("text", ["days", "=30", "", "1st=2", "two words=2", ":=1"])
def test_what_is_no_parameter_is_an_error_that_shows_how_to_write_one(text: str) -> None:
    with pytest.raises(UsageError, match=r"is not a parameter: write NAME=VALUE, such as days=30"):
        read_parameters([text])


def test_the_last_of_two_values_holds() -> None:
    assert read_parameters(["days=30", "days=60"]) == {"days": 60}
