"""The progress line: only on a terminal, and it leaves no trace."""

from __future__ import annotations

import io

import pytest

from apigw_vtab.aws.executor import Progress
from apigw_vtab.commands import progress
from tests.output.tty_stream import TtyStream


class SlowCalls:
    """Calls, of which one more is done each time that somebody asks."""

    def __init__(self, known: int) -> None:
        self.known = known
        self.done = 0

    def progress(self) -> Progress:
        self.done = min(self.known, self.done + 1)
        return Progress(self.done, self.known, 2, 1.5)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(progress, "BETWEEN", 0.0)


def test_the_line_says_how_far_and_how_long() -> None:
    line = progress.in_words(Progress(10, 10, 0, 0.0), Progress(60, 1110, 17, 21.4), 5.0)
    assert line == "50 of 1,100 calls, 10/s, 17 regions busy, about 105 s left"


def test_many_accounts_are_counted() -> None:
    now = Progress(60, 1110, 17, 21.4, accounts_done=3, accounts=1000)
    line = progress.in_words(Progress(10, 10, 0, 0.0), now, 5.0)
    assert line == "50 of 1,100 calls, 10/s, 3 of 1,000 accounts done, about 105 s left"


def test_the_line_fits_into_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    terminal = TtyStream()
    with progress.shown(SlowCalls(1000), terminal):  # type: ignore[arg-type]
        while "calls" not in terminal.getvalue():
            pass
    assert {len(one) for one in terminal.getvalue().split(progress.ERASE)} == {0, 19}


def test_it_is_taken_away_in_the_end() -> None:
    terminal = TtyStream()
    calls = SlowCalls(1000)
    with progress.shown(calls, terminal):  # type: ignore[arg-type]
        while "calls" not in terminal.getvalue():
            pass
    assert terminal.getvalue().endswith(progress.ERASE)


def test_it_is_taken_away_before_anything_else_is_written() -> None:
    terminal = TtyStream()
    with progress.shown(SlowCalls(1000), terminal) as take_away:  # type: ignore[arg-type]
        while "calls" not in terminal.getvalue():
            pass
        take_away()
        before = terminal.getvalue()
    assert terminal.getvalue() == before
    assert before.endswith(progress.ERASE)


def test_what_is_no_terminal_sees_nothing() -> None:
    stream = io.StringIO()
    with progress.shown(SlowCalls(1000), stream):  # type: ignore[arg-type]
        pass
    assert stream.getvalue() == ""
