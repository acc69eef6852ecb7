"""The errors for a user, and suggestions for a misspelt name."""

from __future__ import annotations

import pytest

from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.errors import ApigwVtabError, UsageError, did_you_mean, nearest


def test_all_errors_for_a_user_are_of_one_kind() -> None:
    assert issubclass(CallFailed, ApigwVtabError)
    assert issubclass(UsageError, ApigwVtabError)


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("stags", ["stages", "regions"], " Did you mean stages?"),
        ("stage", ["stages_of", "stages", "x"], " Did you mean stages or stages_of?"),
        (
            "stage",
            ["my_stages", "stages_of", "stages"],
            " Did you mean stages, stages_of or my_stages?",
        ),
        ("STAGES", ["stages"], " Did you mean stages?"),
        ("apigateway-2", ["APIGateway.2"], " Did you mean APIGateway.2?"),
        ("qqq", ["stages"], ""),
        ("", ["stages"], ""),
        ("stages", [], ""),
    ],
)
def test_an_unknown_word_gives_the_nearest_known_ones(
    word: str, known: list[str], hint: str
) -> None:
    assert did_you_mean(word, known) == hint


def test_the_likest_word_comes_first() -> None:
    assert nearest("stages", ["stage", "stages", "stag"]) == ["stages", "stage", "stag"]


def test_no_more_than_three_words_are_given() -> None:
    assert len(nearest("stage", [f"stage{number}" for number in range(9)])) == 3
