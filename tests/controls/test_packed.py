"""Rows that are packed come back as they were, place by place, and take next to no memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from apigw_vtab.controls.packed import AT_ONCE, PackedRows, Row
from apigw_vtab.errors import UsageError


def numbered(count: int, regions: int = 1) -> Iterator[Row]:
    """So many rows, in one region after the other."""
    for number in range(count):
        region = f"eu-west-{number * regions // count}"
        yield (f"arn:{number}", "alarm", "It is bad.", "111122223333", region, number)


def test_every_value_comes_back_as_it_was() -> None:
    odd: list[Row] = [
        ("a", "ok", "\ud800 half of a pair", "1", "r", 1),
        ("b", "ok", "", "1", "r", 1.0),
        ("c", "ok", "é", "1", "r", None),
        ("d", "ok", "x", "1", "r", b"\x00\xff"),
        ("e", "ok", "x", "1", "r", -(2**63)),
        ("f", "ok", "x", "1", "r", "1"),
    ]
    came_back = list(PackedRows(odd))
    assert came_back == odd
    assert [type(row[5]) for row in came_back] == [type(row[5]) for row in odd]


@pytest.mark.parametrize("count", [0, 1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE])
def test_rows_can_be_read_again_and_side_by_side(count: int) -> None:
    packed = PackedRows(numbered(count))
    assert len(packed) == count == packed.count("alarm")
    assert list(zip(packed, packed, strict=True)) == [(row, row) for row in numbered(count)]


def test_rows_come_place_by_place_and_as_they_came_within_one() -> None:
    rows = [
        (str(number), "ok", "", account, region)
        for number in range(2 * AT_ONCE)
        for account, region in (("2", "b"), ("1", "b"), ("2", "a"))
    ]
    # The order of accounts is not that of their ids.
    packed = PackedRows(rows, lambda place: (-int(place[0]), place[1]))
    expected = sorted(rows, key=lambda row: (-int(row[3]), row[4]))
    assert list(packed) == expected
    assert packed.counts == {
        ("2", "a", "ok"): 2 * AT_ONCE,
        ("2", "b", "ok"): 2 * AT_ONCE,
        ("1", "b", "ok"): 2 * AT_ONCE,
    }


def test_counts_are_those_of_the_rows() -> None:
    packed = PackedRows(numbered(100, regions=4))
    assert packed.counts == {("111122223333", f"eu-west-{n}", "alarm"): 25 for n in range(4)}
    assert packed.places == [("111122223333", f"eu-west-{n}") for n in range(4)]


def test_memory_does_not_grow_with_the_rows() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        packed = PackedRows(numbered(count))
        assert sum(1 for _ in packed) == count
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    # As tuples, each row takes more than 200 bytes.
    assert peak(40_000) - peak(4_000) < 20 * 36_000


def test_a_full_disk_is_told_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = PackedRows()
    with open("/dev/full", "w+b", buffering=0) as full:
        monkeypatch.setattr(packed, "_file", full)
        with pytest.raises(UsageError, match=r"No space left on device\. Set TMPDIR to"):
            packed._fill(numbered(1), lambda _: 0)
