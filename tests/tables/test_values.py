"""What AWS sends, as values that SQLite can hold."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import apsw
import pytest

from apigw_vtab.tables.values import SqlValue, timestamp
from tests.tables.cells import KINDS, cell


def held(value: SqlValue) -> SqlValue:
    """What SQLite returns for a value. Raises what apsw raises if SQLite cannot hold it."""
    return apsw.Connection(":memory:").execute("select ?", (value,)).get  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 11, 23, 9, 5, 7, tzinfo=timezone.utc), "2026-11-23 09:05:07"),
        (datetime(2026, 11, 23, 9, 5, 7), "2026-11-23 09:05:07"),
        (
            datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2))),
            "2025-12-31 22:30:00",
        ),
        (
            datetime(2026, 6, 30, 20, 0, tzinfo=timezone(timedelta(hours=-5, minutes=-30))),
            "2026-07-01 01:30:00",
        ),
        (datetime(2026, 11, 23, 9, 5, 7, 999_999, timezone.utc), "2026-11-23 09:05:07"),
        (datetime(1970, 1, 1, tzinfo=timezone.utc), "1970-01-01 00:00:00"),
        # The zero time in Go, which servers written in Go send for "never".
        (datetime(1, 1, 1, tzinfo=timezone.utc), "0001-01-01 00:00:00"),
    ],
)
def test_a_time_is_utc_text_as_sqlite_writes_it(moment: datetime, expected: str) -> None:
    assert cell("timestamp", moment) == expected


def test_a_structure_is_json_with_awss_names_in_order() -> None:
    value = {"types": ["REGIONAL"], "ipAddressType": "dualstack", "a": {"zB": 1, "aC": True}}
    assert cell("structure", value) == (
        '{"a":{"aC":true,"zB":1},"ipAddressType":"dualstack","types":["REGIONAL"]}'
    )


def test_equal_maps_give_equal_text_whatever_their_order() -> None:
    assert cell("map", {"b": "1", "a": "2"}) == cell("map", {"a": "2", "b": "1"})


def test_a_list_is_json_in_awss_own_order() -> None:
    assert cell("list", ["b", "a"]) == '["b","a"]'


@pytest.mark.parametrize(("kind", "value"), [("map", {}), ("structure", {}), ("list", [])])
def test_an_empty_container_is_json_and_not_null(kind: str, value: Any) -> None:
    assert cell(kind, value) == json.dumps(value)


def test_json_keeps_letters_of_all_alphabets() -> None:
    assert cell("map", {"команда": "商品"}) == '{"команда":"商品"}'


def test_a_time_inside_json_is_utc_text_too() -> None:
    moment = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert cell("list", [{"since": moment}]) == '[{"since":"2025-12-31 22:30:00"}]'


def test_bytes_inside_json_are_base64() -> None:
    assert cell("structure", {"body": b"\0\xff"}) == '{"body":"AP8="}'


# What AWS should not send, but an emulator of it may


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "value",
    [
        *({"a": 1}, ["a"], ("a",), {"a"}, "text", 7, 1.5, True, b"a", bytearray(b"a")),
        *(Decimal("1.5"), date(2026, 1, 2), datetime(2026, 1, 2)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_of_another_type_still_is_one_for_sqlite(kind: str, value: Any) -> None:
    made = cell(kind, value)
    assert made is not None
    assert held(made) == made


@pytest.mark.parametrize("kind", ["string", "timestamp", "boolean", "integer"])
def test_a_structure_where_a_scalar_was_expected_is_json(kind: str) -> None:
    assert cell(kind, {"b": [1], "a": "x"}) == '{"a":"x","b":[1]}'


@pytest.mark.parametrize("kind", ["integer", "long"])
def test_a_number_of_more_than_64_bits_still_is_a_value_for_sqlite(kind: str) -> None:
    assert held(cell(kind, 2**64)) is not None


@pytest.mark.parametrize(("kind", "value"), [("string", "a\ud83d"), ("map", {"a": "\ud83d"})])
def test_half_a_character_still_is_a_value_for_sqlite(kind: str, value: Any) -> None:
    assert held(cell(kind, value)) is not None


@pytest.mark.parametrize(
    ("sent", "cell"),
    [
        (1577836800, "2020-01-01 00:00:00"),
        (1577836800.9, "2020-01-01 00:00:00"),
        ("2020-01-01T02:00:00+02:00", "2020-01-01 00:00:00"),
        ("2020-01-01T00:00:00Z", "2020-01-01 00:00:00"),
        ("soon", "soon"),
        (1e300, 1e300),
        (None, None),
    ],
)
def test_a_time_is_utc_text_however_it_was_sent(sent: object, cell: object) -> None:
    assert timestamp(sent) == cell
