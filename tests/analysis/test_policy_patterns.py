"""Texts that stand for all: each text must match the same patterns as one of them."""

from __future__ import annotations

import fnmatch
import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_vtab.analysis.policy_patterns import (
    MANY,
    TooHardError,
    glob,
    literal,
    matches,
    representatives,
)

ALL_SHORT = ["".join(chars) for size in range(6) for chars in itertools.product("abc", repeat=size)]
GLOBS = st.lists(st.text("ab*?", max_size=4), max_size=4)


def matched(globs: Sequence[str], text: str) -> tuple[bool, ...]:
    """The same by Python's own globs, which are for file names."""
    return tuple(fnmatch.fnmatchcase(text, one) for one in globs)


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(GLOBS, st.sampled_from(["*", "?*", "a*", "*a?*"]))
def test_every_text_of_a_form_is_stood_for(globs: list[str], form: str) -> None:
    found = representatives([glob(one) for one in globs], glob(form))
    every = {matched(globs, text) for text in ALL_SHORT if fnmatch.fnmatchcase(text, form)}
    stood_for = [matched(globs, text) for text in found]
    assert every <= set(stood_for)
    assert len(stood_for) == len(set(stood_for))
    assert all(fnmatch.fnmatchcase(text, form) for text in found)


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(st.text("ab*?", max_size=5), st.text("abc*?", max_size=6))
def test_a_glob_matches_as_pythons_does(pattern: str, text: str) -> None:
    assert matches(glob(pattern), text) == fnmatch.fnmatchcase(text, pattern)
    assert matches(literal(pattern), text) == (pattern == text)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (glob("execute-api:inv*", ignore_case=True), "execute-api:InvalidateCache", True),
        (literal("Straße", ignore_case=True), "sTRAßE", True),
        (glob("a*d", but=":"), "abcd", True),
        (glob("a*d", but=":"), "ab:cd", False),
        (glob("a?d", but=":"), "a:d", False),
        (glob("[ab]"), "a", False),
        ((MANY,), "\n\0", True),
        (glob("?"), "\n", True),
    ],
)
def test_a_pattern_matches(pattern: tuple[()], text: str, expected: bool) -> None:
    assert matches(pattern, text) is expected


def test_an_alphabet_can_be_given() -> None:
    assert representatives([glob("1*")], glob("??"), "0123456789") in (("00", "10"), ("10", "00"))


def test_too_many_ways_are_refused_soon() -> None:
    with pytest.raises(TooHardError):
        representatives([glob(f"*{char}*") for char in "abcdefghijklmnopqrstuvwxyz"], (MANY,))
