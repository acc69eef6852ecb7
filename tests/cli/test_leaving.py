"""The end of the process: at once, but after all that somebody wants done at the end."""

from __future__ import annotations

import subprocess
import sys

import pytest

RUN = """
import atexit, sys
from apigw_vtab.__main__ import run
{}
sys.argv[0] = "apigw-vtab"
run()
"""
AT_EXIT = 'atexit.register(print, "at exit")'
# Python's own end drops the module, and this with it.
TAKEN_APART = """
class Apart:
    def __del__(self):
        print("apart")
sys.modules["apart"] = Apart()
"""
DURING = """
class Finder:
    def find_spec(self, name, *_):
        if name == "click":
            atexit.register(print, "at exit")
sys.meta_path.insert(0, Finder())
"""


def left(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, after some code."""
    return subprocess.run(
        [sys.executable, "-c", RUN.format(code), *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("sql", "code"), [("select 1", 0), ("selec 1", 1), ("select :x", 2)], ids=["ok", "sql", "usage"]
)
def test_the_exit_code_is_that_of_the_command(sql: str, code: int) -> None:
    assert left("", "query", sql).returncode == code


def test_python_does_not_take_itself_apart() -> None:
    assert "apart" not in left(TAKEN_APART, "--version").stdout


def test_it_does_where_others_had_something_to_do_before() -> None:
    done = left(TAKEN_APART + AT_EXIT, "--version")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-2:] == ["at exit", "apart"]


def test_what_the_command_wants_done_at_the_end_is_done() -> None:
    done = left(TAKEN_APART + DURING, "--version")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "at exit"
