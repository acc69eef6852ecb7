"""The table for people: aligned, within the terminal's width, and safe to look at."""

from __future__ import annotations

import pytest
from wcwidth import wcswidth

from apigw_vtab.output.cells import Row
from apigw_vtab.output.style import Style
from apigw_vtab.output.table import table


def lines(columns: list[str], rows: list[Row], **style: int | bool) -> list[str]:
    return "".join(table(columns, rows, Style(**style))).splitlines()  # type: ignore[arg-type]


def width(lines: list[str]) -> int:
    """The columns of a terminal that the widest line takes."""
    return max(wcswidth(line) for line in lines)


def test_columns_are_aligned_under_their_names() -> None:
    assert lines(["name", "region"], [["shop", "eu-west-1"], ["catalogue", "us-east-1"]]) == [
        "name       region",
        "---------  ---------",
        "shop       eu-west-1",
        "catalogue  us-east-1",
    ]


def test_the_names_can_be_left_out() -> None:
    written = lines(["name"], [["shop"]], header=False)
    assert "shop" in written
    assert not any("name" in line for line in written)


def test_a_table_without_rows_has_its_names() -> None:
    assert lines(["name", "region"], [])[0].split() == ["name", "region"]


def test_a_table_without_rows_and_names_is_empty() -> None:
    assert lines(["name"], [], header=False) == []


def test_numbers_are_aligned_to_the_right() -> None:
    *_, nine, hundred = lines(["count"], [[9], [100]])
    assert len(nine) == len(hundred)
    assert nine.endswith("  9") and hundred.endswith("100")


def test_a_column_with_a_text_is_aligned_to_the_left() -> None:
    *_, nine, _ = lines(["value"], [[9], ["many"]])
    assert nine.rstrip() == "9"


@pytest.mark.parametrize("value", ["1e5", "007", "1_000", "nan", "0x10", "1.50", "123456789012"])
def test_text_that_looks_like_a_number_is_left_as_it_is(value: str) -> None:
    assert lines(["a"], [[value]])[-1].strip() == value


def test_null_is_told_from_an_empty_text() -> None:
    *_, null, empty = lines(["a", "b"], [[None, "x"], ["", "x"]])
    assert null.split() == ["<null>", "x"]
    assert empty.split() == ["x"]


def test_bytes_are_hexadecimal() -> None:
    assert lines(["a"], [[b"\x00\xff"]])[-1].strip() == "00ff"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("two\nlines", r"two\nlines"),
        ("dos\r\nlines", r"dos\r\nlines"),
        ("tab\there", r"tab\there"),
        ("\0", r"\u0000"),
        ("\x7f", r"\u007f"),
        pytest.param("\x1b[31mred", r"\u001b[31mred", id="a colour"),
        pytest.param("\x1b]0;owned\x07", r"\u001b]0;owned\u0007", id="a window's title"),
        pytest.param("\x9b2J", r"\u009b2J", id="an escape sequence of one byte"),
        pytest.param("\u202egpj.exe", r"\u202egpj.exe", id="text from right to left"),
        pytest.param("\u2066x\u2069", r"\u2066x\u2069", id="text with its own direction"),
        pytest.param("a\u2028b", r"a\u2028b", id="an end of line of Unicode's"),
    ],
)
def test_no_control_character_gets_through(value: str, expected: str) -> None:
    assert lines(["a"], [[value]])[-1].strip() == expected


def test_a_row_is_one_line_where_nothing_limits_the_width() -> None:
    assert len(lines(["a", "b"], [["word " * 100, "x" * 1000]])) == 3


@pytest.mark.parametrize("value", ["商品", "Каталог", "e\u0301te\u0301", "🛒", "カタログ", "한국"])
def test_wide_and_narrow_characters_are_aligned(value: str) -> None:
    *_, plain, other = lines(["name", "end"], [["longest of all", "|"], [value, "|"]])
    assert wcswidth(other[: other.index("|")]) == wcswidth(plain[: plain.index("|")])


# Within a width

ARN = "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5/stages/prod"
REASON = "Client certificate abc123 expired on 2026-10-01, and nobody has noticed since. "


@pytest.mark.parametrize("columns_of_terminal", [60, 80, 100, 120, 200])
@pytest.mark.parametrize(
    ("columns", "row"),
    [
        pytest.param(["a"], ["x" * 500], id="one long word"),
        pytest.param(["a"], [REASON * 5], id="one long text"),
        pytest.param(["resource", "reason"], [ARN, REASON * 3], id="two long columns"),
        pytest.param(["n", "m", "reason"], [1, None, REASON * 3], id="one long of three"),
        pytest.param(["name", "n"], ["商品" * 60, 1], id="wide characters"),
        pytest.param(["name", "reason"], ["🛒" * 40, REASON], id="pictures"),
        pytest.param(
            ["client_certificate_id", "reason"], ["abc123", REASON * 3], id="a name that is long"
        ),
        pytest.param(
            ["minimum_compression_size", "disable_execute_api_endpoint"],
            [1024, REASON * 3],
            id="names that are long",
        ),
        pytest.param(
            ["apigateway_restapi_client_certificate_id", "reason"],
            ["x", "y" * 39],
            id="a name that is longer than all values",
        ),
    ],
)
def test_a_table_fits_into_the_terminal(
    columns: list[str], row: Row, columns_of_terminal: int
) -> None:
    assert width(lines(columns, [row], width=columns_of_terminal)) <= columns_of_terminal


@pytest.mark.parametrize(
    "value",
    [REASON.strip(), ARN, "商品" * 15, "🛒" * 15],
    ids=["a text", "a word", "wide characters", "pictures"],
)
def test_what_fits_is_not_wrapped(value: str) -> None:
    assert len(lines(["a", "b"], [[value, "x"]], width=100)) == 3


@pytest.mark.parametrize(
    "value", [ARN, "x" * 300, "商品" * 80], ids=["an ARN", "a word", "wide characters"]
)
def test_what_is_wrapped_is_all_there(value: str) -> None:
    _, _, *wrapped = lines(["a"], [[value]], width=60)
    assert len(wrapped) > 1
    assert "".join(line.strip() for line in wrapped) == value


def test_words_are_wrapped_between_them() -> None:
    _, _, *wrapped = lines(["a"], [[REASON]], width=60)
    assert " ".join(" ".join(wrapped).split()) == REASON.strip()


def test_the_longest_column_gives_way_first() -> None:
    first, *_ = lines(["a", "b"], [["x" * 20, REASON * 3]], width=80)[2:]
    assert first.startswith("x" * 20 + "  ")


def test_no_column_gets_too_narrow_to_be_read() -> None:
    rows: list[Row] = [[ARN] * 8]
    _, rule, *_ = lines([f"column_{number}" for number in range(8)], rows, width=40)
    assert all(len(dashes) >= 12 for dashes in rule.split())


def test_no_control_character_gets_through_when_it_is_wrapped() -> None:
    written = "\n".join(lines(["a"], [["\x1b[31m" * 40]], width=60))
    assert "\x1b" not in written


def test_a_wide_character_in_the_narrowest_terminal_comes_to_an_end() -> None:
    text = "".join(table(["x", "y"], [["商品", "a" * 40]], Style(width=1)))
    assert "商" in text
