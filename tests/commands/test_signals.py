"""A signal may come between any two instructions: it is never lost, and no lock is kept."""

from __future__ import annotations

import subprocess
import sys

import pytest

# What runs when the signal comes, how another thread uses the same lock, and how often it is tried:
# with Python's own handlers, one in some fifty and one in some three leave the lock taken.
IMPORTS = (
    "sys.modules.pop('colorsys', None); importlib.import_module('colorsys')",
    "_imp.acquire_lock(); _imp.release_lock()",
    150,
)
CONDITION = ("with condition: pass", "condition.acquire(); condition.release()", 40)
# Another process sends: a thread of this one could only do it where the main thread lets it run.
SENDER = """
import os, random, sys, time

random = random.Random(4711)
for line in sys.stdin:
    process, number = map(int, line.split())
    time.sleep(random.uniform(0.0001, 0.003))
    os.kill(process, number)
"""
SCRIPT = """
import _imp, importlib, os, signal, subprocess, sys, threading
from apigw_vtab.commands import signals

signals.on_signals()
condition = threading.Condition(threading.Lock())
words = [sys.executable, "-c", sys.argv[1]]
sender = subprocess.Popen(words, stdin=subprocess.PIPE)
for turn in range({rounds}):
    signals._told.clear()
    try:
        # Nothing is kept that would be written again after an interruption.
        os.write(sender.stdin.fileno(), b"%d %d\\n" % (os.getpid(), (2, 15)[turn % 2]))
        while True:
            {work}
    except (KeyboardInterrupt, SystemExit):
        pass
    free = threading.Event()

    def other():
        {other}
        free.set()

    threading.Thread(target=other, daemon=True).start()
    if not free.wait(60):
        print("kept in turn", turn)
        os._exit(3)
print("free")
"""
DESTRUCTOR = """
import os, signal, time
from apigw_vtab.commands import signals

signals.on_signals()


class Dropped:
    def __del__(self):
        os.kill(os.getpid(), signal.{name})
        time.sleep(0)


try:
    Dropped()
    time.sleep(10)
except (KeyboardInterrupt, SystemExit) as error:
    print(type(error).__name__, signals.told())
"""


def run(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own."""
    words = [sys.executable, "-c", script, SENDER]
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(("work", "other", "rounds"), [IMPORTS, CONDITION], ids=["import", "with"])
def test_no_lock_is_kept(work: str, other: str, rounds: int) -> None:
    ended = run(SCRIPT.format(work=work, other=other, rounds=rounds))
    assert (ended.returncode, ended.stdout) == (0, "free\n"), ended.stderr


@pytest.mark.parametrize(
    ("name", "shown"), [("SIGINT", "KeyboardInterrupt None\n"), ("SIGTERM", "SystemExit 143\n")]
)
def test_what_a_destructor_cannot_raise_is_raised_after_it(name: str, shown: str) -> None:
    ended = run(DESTRUCTOR.format(name=name))
    assert (ended.stdout, ended.stderr) == (shown, "")


def test_a_signal_that_comes_while_another_is_handled_waits_for_the_same_frame() -> None:
    script = """
import signal, time, types
from apigw_vtab.commands import signals


def frame(file, back=None):
    code = types.SimpleNamespace(co_filename=file, co_name="it")
    return types.SimpleNamespace(f_code=code, f_back=back)


signals.on_signals()
signals.SOON = 0.5
waits = False
try:
    importing = frame("<frozen importlib._bootstrap>", frame("main.py"))
    signals._interrupt(signal.SIGINT, frame(signals.__file__, importing))
    waits = True
    time.sleep(10)
except KeyboardInterrupt:
    print(waits)
"""
    assert run(script).stdout == "True\n"


def test_what_else_a_destructor_raises_is_printed() -> None:
    script = """
from apigw_vtab.commands import signals

signals.on_signals()


class Dropped:
    def __del__(self):
        raise ValueError("this one")


Dropped()
"""
    assert "ValueError: this one" in run(script).stderr


def test_a_signal_that_the_parent_ignores_stays_ignored() -> None:
    script = """
import signal

for number in (signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
from apigw_vtab.commands import signals

signals.on_signals()
for number in (signal.SIGINT, signal.SIGHUP):
    signal.raise_signal(number)
print("still here")
"""
    assert run(script).stdout == "still here\n"
