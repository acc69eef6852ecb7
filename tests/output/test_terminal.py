"""The width of a terminal."""

from __future__ import annotations

import io
import sys

import pytest

from apigw_vtab.output.terminal import CONTROL, terminal_width
from tests.output.tty_stream import TtyStream


def test_the_width_is_the_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    assert terminal_width(TtyStream()) == 72


def test_a_file_that_is_no_terminal_has_no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    assert terminal_width(io.StringIO()) is None


def test_no_control_character_can_be_printed() -> None:
    # What can be printed is not looked at character by character.
    every = map(chr, range(sys.maxunicode + 1))
    assert not [one for one in every if CONTROL.match(one) and one.isprintable()]
