"""The command of the next step: what was typed, quoted for any shell."""

from __future__ import annotations

import shlex

import pytest

from apigw_vtab.commands.typed import Typed

HOSTILE = ["it's", '"x"', "$HOME", "a b", "`touch x`", "-x", "--yes", "", "é", "a\\b", "!x", "#x"]


@pytest.mark.parametrize("text", HOSTILE)
def test_each_text_comes_back_as_it_was_typed(text: str) -> None:
    typed = Typed(["remediate", text], {"label": [text], "param": [f"a={text}", "b=1"]})
    program, command, name, *options = shlex.split(typed.again())
    assert (program, command, name) == ("apigw-vtab", "remediate", text)
    joined = [f"--label={text}"] if text.startswith("-") else ["--label", text]
    assert options == [*joined, "--param", f"a={text}", "--param", "b=1"]


def test_flags_of_the_step_come_first_and_others_stay_away() -> None:
    typed = Typed(["remediate", "x"], {"yes": [], "label": ["a"], "sandbox": []})
    assert typed.again("prepare", without=["yes"]) == (
        "apigw-vtab remediate x --prepare --label a --sandbox"
    )


def test_another_command_goes_to_the_same_accounts_and_regions() -> None:
    typed = Typed(["remediate", "x"], {"label": ["a"], "region": ["eu-*"], "endpoint-url": ["u"]})
    assert typed.other("query", "select 1") == (
        "apigw-vtab query 'select 1' --region 'eu-*' --endpoint-url u"
    )


def test_another_command_reaches_the_accounts_by_the_same_way() -> None:
    options = {"organization": [], "assume-role": ["audit"], "ou": ["ou-ab12-1"], "yes": []}
    assert Typed(["remediate", "x"], options).other("query", "x") == (
        "apigw-vtab query x --organization --assume-role audit --ou ou-ab12-1"
    )


def test_a_line_break_is_quoted_too() -> None:
    assert shlex.split(Typed(["x"], {"label": ["a\nb"]}).again())[-1] == "a\nb"
