"""LIKE, GLOB and comparisons, which leave out lanes and parents before they are read.

The tables of values say what SQLite itself answers. What SQLite would let through must never be
left out; what it would reject may be let through, because SQLite checks again.
"""

from __future__ import annotations

import pytest

from apigw_vtab.scan.plan import GLOB, LIKE
from apigw_vtab.tables.v1.client_certificates import CLIENT_CERTIFICATES
from apigw_vtab.tables.v1.rest_apis import REST_APIS
from apigw_vtab.tables.v1.stages import STAGES
from tests.scan.planner_terms import equal, keys, one_of, planned, term


def admits(operator: str, bound: str, value: str) -> bool:
    """Whether `region <operator> <bound>` leaves the region `value` to be read."""
    return keys(REST_APIS, term("region", operator, bound)).admits("region", value)


@pytest.mark.parametrize(
    ("pattern", "value", "matches"),
    [
        ("eu-west-1", "eu-west-1", True),
        ("eu-west-1", "eu-west-10", False),
        ("eu-west-1", "xeu-west-1", False),
        ("EU-west-1", "eu-WEST-1", True),
        ("eu-%", "eu-west-1", True),
        ("eu-%", "eu-", True),
        ("eu-%", "us-east-1", False),
        ("%-1", "ap-south-1", True),
        ("%-1", "ap-south-2", False),
        ("%west%", "us-west-2", True),
        ("%", "", True),
        ("", "", True),
        ("", "eu-west-1", False),
        ("eu-west-_", "eu-west-3", True),
        ("eu-west-_", "eu-west-", False),
        ("eu-west-_", "eu-west-10", False),
        ("_", "商", True),
        ("a%", "a\nb", True),
        ("a_b", "a\nb", True),
        # To LIKE these are ordinary characters.
        ("a.b", "axb", False),
        ("a*", "ab", False),
        ("[ab]", "a", False),
        ("[ab]", "[AB]", True),
        ("a\\%", "a\\b", True),
        ("a\\%", "a%", False),
        ("商", "商", True),
    ],
)
def test_like(pattern: str, value: str, matches: bool) -> None:
    assert admits(LIKE, pattern, value) is matches


@pytest.mark.parametrize(
    ("pattern", "value", "matches"),
    [
        ("eu-west-1", "eu-west-1", True),
        ("EU-west-1", "eu-west-1", False),
        ("eu-*", "eu-west-1", True),
        ("eu-*", "eu-", True),
        ("eu-*", "EU-west-1", False),
        ("eu-*", "us-east-1", False),
        ("*", "", True),
        ("", "eu-west-1", False),
        ("eu-west-?", "eu-west-3", True),
        ("eu-west-?", "eu-west-", False),
        ("?", "商", True),
        ("a*", "a\nb", True),
        # To GLOB these are ordinary characters.
        ("eu-%", "eu-west-1", False),
        ("eu-west-_", "eu-west-1", False),
        ("a.b", "axb", False),
        ("\\*", "\\x", True),
        ("\\*", "*", False),
        ("]", "]", True),
    ],
)
def test_glob(pattern: str, value: str, matches: bool) -> None:
    assert admits(GLOB, pattern, value) is matches


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ("eu-west-[1-3]", "eu-west-2"),
        ("eu-west-[12]", "eu-west-1"),
        ("[^u]*", "eu-west-1"),
        ("[]]", "]"),
        ("[^]]", "a"),
        ("[*]", "*"),
        ("[?]x", "?x"),
        ("a[-]b", "a-b"),
    ],
)
def test_glob_with_a_set_leaves_out_nothing_that_matches(pattern: str, value: str) -> None:
    assert admits(GLOB, pattern, value)


@pytest.mark.parametrize("operator", [LIKE, GLOB])
def test_a_pattern_ends_at_its_first_nul(operator: str) -> None:
    assert admits(operator, "eu-west-1\0 and more", "eu-west-1")


@pytest.mark.parametrize(
    ("operator", "bound", "admitted"),
    [
        ("<", "eu-west-2", ["ap-south-1", "eu-west-1"]),
        ("<=", "eu-west-2", ["ap-south-1", "eu-west-1", "eu-west-2"]),
        (">", "eu-west-2", ["us-east-1"]),
        (">=", "eu-west-2", ["eu-west-2", "us-east-1"]),
        (">", "", ["ap-south-1", "eu-west-1", "eu-west-2", "us-east-1"]),
        ("<", "", []),
        # Capital letters come before small ones.
        (">", "Z", ["ap-south-1", "eu-west-1", "eu-west-2", "us-east-1"]),
    ],
)
def test_text_compares_by_its_bytes(operator: str, bound: str, admitted: list[str]) -> None:
    regions = ["ap-south-1", "eu-west-1", "eu-west-2", "us-east-1"]
    assert [region for region in regions if admits(operator, bound, region)] == admitted


@pytest.mark.parametrize(
    ("smaller", "greater"),
    [("Z", "a"), ("a", "a "), ("z", "é"), ("\ufffd", "\U0001f600"), ("a10", "a9"), ("", "\0")],
)
def test_the_order_of_text_is_that_of_its_bytes_in_utf_8(smaller: str, greater: str) -> None:
    assert admits("<", greater, smaller) and admits(">", smaller, greater)
    assert not admits("<", smaller, greater) and not admits(">", greater, smaller)


def test_like_leaves_out_lanes() -> None:
    found = keys(STAGES, term("region", LIKE, "eu-%"))
    assert [found.admits("region", one) for one in ("eu-west-1", "us-east-1")] == [True, False]


def test_like_leaves_out_parents() -> None:
    found = keys(STAGES, term("rest_api_id", LIKE, "a%"))
    assert [found.admits("rest_api_id", one) for one in ("a1", "b1")] == [True, False]


def test_like_leaves_out_accounts() -> None:
    found = keys(CLIENT_CERTIFICATES, term("account_id", LIKE, "1%"))
    assert [found.admits("account_id", one) for one in ("111", "222")] == [True, False]


def test_a_value_must_pass_every_term() -> None:
    terms = term("region", ">=", "eu"), term("region", "<", "us"), term("region", GLOB, "*-1")
    found = keys(STAGES, *terms)
    values = ("ap-south-1", "eu-west-1", "eu-west-2", "us-east-1")
    assert [one for one in values if found.admits("region", one)] == ["eu-west-1"]


def test_a_value_must_be_pinned_and_pass() -> None:
    found = keys(STAGES, one_of("region", "eu-west-1", "us-east-1"), term("region", LIKE, "eu-%"))
    values = ("eu-west-1", "eu-west-2", "us-east-1")
    assert [one for one in values if found.admits("region", one)] == ["eu-west-1"]


def test_a_column_without_terms_admits_everything() -> None:
    assert keys(STAGES, equal("rest_api_id", "a1")).admits("region", "anywhere")


@pytest.mark.parametrize("operator", [LIKE, GLOB, "<", ">="])
def test_a_pattern_on_a_column_that_aws_takes_no_value_of_is_not_used(operator: str) -> None:
    assert planned(STAGES, term("description", operator, "x")).uses == ()


def test_a_pattern_on_a_key_is_no_key() -> None:
    found = keys(REST_APIS, term("rest_api_id", LIKE, "a1"))
    assert found.read is REST_APIS.reads[-1]
    assert found.pinned == {}
