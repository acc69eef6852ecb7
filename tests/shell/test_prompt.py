"""A walk through the shell in a terminal: what a person types and sees."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REGIONS
from tests.control_plane import Plane
from tests.shell.terminal import LINES, TerminalProgram

FIRST = REGIONS[0]
PROMPT = "apigw-vtab> "
CTRL_C, CTRL_D, CTRL_R, ESCAPE, TAB, LEFT = "\x03", "\x04", "\x12", "\x1b", "\t", "\x1b[D"


@pytest.fixture
def terminal(plane: Plane, tmp_path: Path) -> Iterator[TerminalProgram]:
    """A shell in a terminal, over one region of the control plane."""
    environment = os.environ | {
        "TERM": "xterm-256color",
        "PAGER": "less",
        "XDG_STATE_HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    words = [sys.executable, "-m", "apigw_vtab", "--region", FIRST]
    terminal = TerminalProgram(words, environment)
    terminal.shows(PROMPT.rstrip())
    yield terminal
    terminal.close()


def rows_of(screen: str) -> list[str]:
    """The screen without the bar at the bottom and the empty lines."""
    return [line for line in screen.splitlines()[:-1] if line]


def ready(terminal: TerminalProgram) -> None:
    """Wait for an empty prompt: what is typed earlier is echoed and lost."""
    terminal.wait(lambda: rows_of(terminal.screen)[-1:] == [PROMPT.rstrip()], "the prompt")


def test_the_greeting_says_in_three_lines_what_to_type(terminal: TerminalProgram) -> None:
    lines = rows_of(terminal.screen)
    assert len(lines) == 4
    assert all(word in "\n".join(lines) for word in ("rest_apis;", ".check AG-006", ".help"))


def test_the_bar_says_where_from_and_whether_it_writes(terminal: TerminalProgram) -> None:
    terminal.shows("read-only")
    bar = terminal.screen.splitlines()[LINES - 1]
    assert bar.split("  ·  ") == [" live", "first", FIRST, "cache empty", "read-only"]


def test_a_keyword_a_table_and_a_column_by_its_alias_are_completed(
    terminal: TerminalProgram,
) -> None:
    terminal.keys("sel")
    terminal.wait(lambda: re.search(r"^ +select", terminal.screen, re.M) is not None, "the menu")
    terminal.keys(TAB + " s.stage_n from st")
    terminal.shows("The stages of each REST API")
    terminal.keys(TAB + " s" + LEFT * len(" from stages s"))

    def completed() -> bool:
        # The columns of AWS's tables are loaded a moment after the prompt.
        terminal.keys(TAB)
        terminal.read(0.2)
        return "select s.stage_name from stages s" in terminal.screen

    terminal.wait(completed, "the column")


def test_a_statement_goes_on_until_its_semicolon(terminal: TerminalProgram) -> None:
    terminal.keys("select count(*) as stages\rfrom stages;\r")
    terminal.shows("    12")
    ready(terminal)
    lines = rows_of(terminal.screen)
    assert lines[-6:-1] == [
        f"{PROMPT}select count(*) as stages",
        "       ...> from stages;",
        "stages",
        "------",
        "    12",
    ]
    terminal.shows("5 calls, ")


def test_an_error_shows_the_place(terminal: TerminalProgram) -> None:
    terminal.keys("select nope from stages;\r")
    screen = terminal.shows("Error:")
    assert "select nope from stages;\n       ^\nError: no such column: nope." in screen


def test_a_long_result_is_paged(terminal: TerminalProgram) -> None:
    terminal.keys("with recursive n(i) as (select 1 union all select i + 1 from n limit 99)")
    terminal.keys(" select i from n;\r")
    terminal.wait(lambda: terminal.screen.rstrip().endswith(":"), "the pager")
    terminal.keys("q")
    terminal.wait(lambda: terminal.screen.splitlines()[-1].startswith(" live"), "the bar")


def test_the_help_is_paged_too(terminal: TerminalProgram) -> None:
    terminal.keys(".help\r")
    terminal.wait(lambda: terminal.screen.rstrip().endswith(":"), "the pager")
    assert terminal.screen.startswith("Look around\n  .tables")
    terminal.keys("q")
    terminal.wait(lambda: terminal.screen.splitlines()[-1].startswith(" live"), "the bar")


def test_a_saved_query_runs_by_its_rule_id(terminal: TerminalProgram) -> None:
    terminal.keys(".run AG-006\r")
    terminal.shows("-- row 1 ---")
    assert "stage_name = prod" in terminal.screen
    terminal.keys("q")
    terminal.wait(lambda: terminal.screen.splitlines()[-1].startswith(" live"), "the bar")


def test_explain_names_the_calls(terminal: TerminalProgram) -> None:
    terminal.keys(".explain select * from stages\r")
    screen = terminal.shows("to make, as far as is known now.")
    assert re.search(r"GetStages +first +eu-west-1 +4\n", screen)


def test_ctrl_c_ends_a_slow_query_and_nothing_else(plane: Plane, terminal: TerminalProgram) -> None:
    plane.latency = 10.0
    try:
        terminal.keys("select count(*) from stages;\r")
        terminal.wait(lambda: len(plane.calls) > 0, "a call")
        began = time.monotonic()
        terminal.keys(CTRL_C)
        terminal.shows("^C")
        ready(terminal)
        # Half of one answer's time: nobody waited for it.
        assert time.monotonic() - began < 5.0
    finally:
        plane.latency = 0.0
    terminal.keys("select 4711 + 1;\r")
    terminal.shows("4712")


def test_ctrl_c_keeps_the_rows_that_were_there(plane: Plane, terminal: TerminalProgram) -> None:
    terminal.keys(".mode list\r")
    sql = "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n;\r"
    terminal.keys(sql)
    terminal.wait(lambda: re.search(r"^\d{4,}$", terminal.screen, re.M) is not None, "rows")
    terminal.keys(CTRL_C)
    terminal.shows("^C")


def test_what_was_run_is_found_again(terminal: TerminalProgram) -> None:
    terminal.keys("select 4711;\r")
    terminal.wait(lambda: terminal.screen.count("4711") >= 3, "the row")
    ready(terminal)
    terminal.keys(CTRL_R + "47")
    terminal.shows("I-search backward: 47")
    terminal.keys("\r\r")
    terminal.wait(lambda: terminal.screen.count("4711") >= 5, "the row again")


def test_ctrl_d_leaves(terminal: TerminalProgram) -> None:
    terminal.keys(CTRL_D)
    assert terminal.ended() == 0


def test_the_editor_opens_on_demand(plane: Plane, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "select 4711 + 1;" > "$1"\n')
    editor.chmod(0o755)
    environment = os.environ | {
        "TERM": "xterm-256color",
        "EDITOR": str(editor),
        "XDG_STATE_HOME": str(tmp_path),
    }
    terminal = TerminalProgram([sys.executable, "-m", "apigw_vtab", "--region", FIRST], environment)
    try:
        terminal.shows(PROMPT.rstrip())
        terminal.keys("select\\e\r")
        terminal.shows("select 4711 + 1;")
        terminal.keys("\r")
        terminal.shows("4712")
    finally:
        terminal.close()


def test_writes_are_told_in_the_bar_and_asked_about(plane: Plane, tmp_path: Path) -> None:
    environment = os.environ | {"TERM": "xterm-256color", "XDG_STATE_HOME": str(tmp_path)}
    words = [sys.executable, "-m", "apigw_vtab", "--region", FIRST, "--allow-writes"]
    terminal = TerminalProgram(words, environment)
    try:
        terminal.shows("WRITES")
        terminal.keys("update stages set description = 'x';\r")
        terminal.shows("Send these changes? [y/N]:")
        assert "12 UpdateStage" in terminal.screen
        terminal.keys("n\r")
        terminal.shows("Nothing was sent.")
        assert not [call for call in plane.calls if call.operation == "UpdateStage"]
    finally:
        terminal.close()


def test_without_a_place_for_its_history_the_shell_opens(plane: Plane, tmp_path: Path) -> None:
    (tmp_path / "apigw-vtab").write_text("in the way")
    environment = os.environ | {"TERM": "xterm-256color", "XDG_STATE_HOME": str(tmp_path)}
    words = [sys.executable, "-m", "apigw_vtab", "--region", FIRST]
    terminal = TerminalProgram(words, environment)
    try:
        assert "the history cannot be saved" in terminal.shows(PROMPT.rstrip())
        terminal.keys("select 4711 + 1;\r")
        terminal.shows("4712")
    finally:
        terminal.close()


def test_statements_and_commands_that_are_pasted_run_one_by_one(terminal: TerminalProgram) -> None:
    terminal.keys("\x1b[200~.mode line\nselect 4711 + 1 as a;\nselect 2 as b;\x1b[201~\r")
    terminal.shows("b = 2")
    assert "a = 4712" in terminal.screen
