"""The end of the process: at once, but after all that somebody wants done at the end."""

from __future__ import annotations

import subprocess
import sys

import pytest

RUN = "from apigw_vtab.__main__ import run; import atexit, sys; "
AT_EXIT = "atexit.register(lambda: print('at exit', file=sys.stderr)); "
# Python's own end drops the module, and this with it.
TAKEN_APART = "sys.modules['apart'] = type('Apart', (), {'__del__': lambda _: print('apart')})(); "


def left(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, after some code."""
    return subprocess.run(
        [sys.executable, "-c", f"{RUN}{code}sys.argv[0] = 'apigw-vtab'; run()", *words],
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


def test_it_does_where_others_have_something_to_do_at_the_end() -> None:
    done = left(TAKEN_APART + AT_EXIT, "--version")
    assert (done.returncode, done.stderr) == (0, "at exit\n")
    assert "apart" in done.stdout


def test_what_is_registered_in_between_is_done() -> None:
    code = (
        "import apigw_vtab.cli.main as cli; main = cli.main; "
        "cli.main = lambda **given: (atexit.register(print, 'at exit'), main(**given)); "
    )
    done = left(code, "--version")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "at exit"
