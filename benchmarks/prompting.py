"""Measures how long the shell takes to show its prompt, and how long a completion takes."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time

from apigw_vtab.shell.sql_completion import Catalogue, suggest

# prompt_toolkit asks a terminal where its cursor is, and waits for the answer.
WHERE, HERE = b"\x1b[6n", b"\x1b[1;1R"


def seconds_of(words: list[str]) -> float:
    """Return the seconds that a command takes."""
    began = time.perf_counter()
    subprocess.run(words, check=True)
    return time.perf_counter() - began


def seconds_to_prompt() -> float:
    """Return the seconds from the command to the shell's prompt, in a terminal."""
    began = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-m", "apigw_vtab", "--region", "eu-west-1"])
    seen = b""
    while b"apigw-vtab>" not in seen:
        seen += os.read(terminal, 1 << 16)
        if WHERE in seen:
            os.write(terminal, HERE)
            seen = seen.replace(WHERE, b"")
    taken = time.perf_counter() - began
    os.close(terminal)
    os.waitpid(pid, 0)
    return taken


def completion_seconds() -> float:
    """Return the seconds of one completion, the best of ten, with 40 tables of 30 columns."""
    names = [f"table_{number}" for number in range(40)]
    known = Catalogue(
        tables=dict.fromkeys(names, ""),
        columns={name: {f"column_{i}": "Text." for i in range(30)} for name in names},
    )
    after = " from " + ", ".join(f"{name} t{number}" for number, name in enumerate(names))
    taken = []
    for _ in range(10):
        began = time.perf_counter()
        suggest("select c", after, known)
        taken.append(time.perf_counter() - began)
    return min(taken)
