"""Text and columns that fit into a terminal."""

from __future__ import annotations

import pytest

from apigw_vtab.output.wrapping import in_columns, width_of, wrapped

ARN = "arn:aws:iam::777788889999:role/some-very-long-name"


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 20, ["one two three"]),
        ("one two three", 8, ["one two", "three"]),
        (f"only {ARN}.", 52, ["only", f"{ARN}."]),
        (ARN, 30, ["arn:aws:iam::777788889999:", "role/some-very-long-name"]),
        ("abcdef", 4, ["abcd", "ef"]),
        ("商品検索", 4, ["商品", "検索"]),
        ("商品", 1, ["商", "品"]),
        ("", 10, [""]),
        ("   ", 10, [""]),
    ],
)
def test_a_text_is_wrapped_at_words_and_broken_only_where_it_must_be(
    text: str, width: int, lines: list[str]
) -> None:
    assert wrapped(text, width) == lines


@pytest.mark.parametrize("width", range(2, 40))
def test_no_line_is_wider_and_no_word_is_lost(width: int) -> None:
    text = f"Statement 1 lets in 商品検索 and {ARN}, who are 🛒 e\u0301 strangers."
    lines = wrapped(text, width)
    assert max(map(width_of, lines)) <= width
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_columns_are_aligned_over_all_rows_whatever_takes_two_places() -> None:
    rows = [["a", "商品", "x"], ["bb", "cc", "y"]]
    assert in_columns(rows, 80) == [["a   商品  x"], ["bb  cc    y"]]


def test_the_widest_column_shrinks() -> None:
    (lines,) = in_columns([["eu-west-1", "a name of many words", "7xhvokuzfj"]], 32)
    assert lines == ["eu-west-1  a name of  7xhvokuzfj", "           many", "           words"]


def test_a_column_of_words_shrinks_before_a_word_is_broken() -> None:
    (lines,) = in_columns([["a name of many words", "7xhvokuzfj/production"]], 30)
    assert lines == ["a name   7xhvokuzfj/production", "of many", "words"]


@pytest.mark.parametrize("width", range(1, 60))
def test_columns_of_any_terminal_lose_nothing(width: int) -> None:
    row = ["eu-west-1", "supplier-feed (O'Brien & Sons)", "gyb09rix1o/prod"]
    (lines,) = in_columns([row], width)
    assert sorted("".join(lines).replace(" ", "")) == sorted("".join(row).replace(" ", ""))
    assert max(map(width_of, lines)) <= max(width, 10)


def test_no_rows_are_no_lines() -> None:
    assert in_columns([], 80) == []
