"""Cleans up before exiting on Ctrl-C, on SIGTERM, or on SIGHUP from a terminal that closes.

Otherwise the process would end at once, leaving half an export and a terminal without echo.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

# A shell adds this to the number of the signal that ended a process, as its exit code.
SIGNALLED = 128
# Seconds until an exception that could not be raised is tried again.
SOON = 0.001
# In threading.Condition these are Python code, after whose first instruction its lock is taken.
CONTEXTS = ("__enter__", "__exit__")
_told: list[int] = []
_again: list[int] = []


def on_signals() -> None:
    """Let Ctrl-C raise KeyboardInterrupt and the other signals SystemExit, where it does no harm.

    Python raises them between any two instructions. In the import system, or as a Condition is
    entered, a lock is then kept for good, and another thread waits for ever; in a destructor or in
    the callback of a weak reference, the exception is printed and lost. There it is raised a moment
    later: https://docs.python.org/3/library/signal.html#note-on-signal-handlers-and-exceptions
    """
    for number in (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")):
        # nohup ignores SIGHUP so that the process outlives its terminal, and a script's shell
        # ignores SIGINT for what it runs in the background.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, _interrupt_again)
        sys.unraisablehook = _not_lost


@contextlib.contextmanager
def terminal_as_it_was() -> Iterator[None]:
    """Restore the terminal's settings, such as echo, however the block ends."""
    try:
        import termios
    except ImportError:
        yield
        return
    try:
        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
    except (OSError, ValueError, termios.error):
        yield
        return
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def told() -> int | None:
    """Return the exit code if a signal has asked the process to leave, or None."""
    return SIGNALLED + _told[0] if _told else None


def _interrupt(number: int, frame: FrameType | None) -> None:
    if _must_finish(frame):
        _raise_soon(number)
    elif number == signal.SIGINT:
        raise KeyboardInterrupt
    elif not _told:
        # A second signal must not interrupt the cleaning up that the first one started.
        _told.append(number)
        sys.exit(SIGNALLED + number)


def _interrupt_again(_number: int, frame: FrameType | None) -> None:
    if _again:
        number = _again.pop()
        if _again:
            signal.setitimer(signal.ITIMER_REAL, SOON)
        _interrupt(number, frame)


def _must_finish(frame: FrameType | None) -> bool:
    """Whether a lock may be kept if this frame is left: it imports, or takes or leaves a lock."""
    # A signal may come while another one is handled, on top of the frame that the first one met.
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    if frame is None or not hasattr(signal, "setitimer"):
        return False
    code = frame.f_code
    return code.co_filename.startswith("<frozen importlib") or code.co_name in CONTEXTS


def _not_lost(unraisable: Any) -> None:
    """Raise once more what a signal raised where Python can only print it; print all else."""
    if unraisable.exc_type is KeyboardInterrupt:
        _raise_soon(signal.SIGINT)
    elif unraisable.exc_type is SystemExit and _told:
        _raise_soon(_told.pop())
    else:
        sys.__unraisablehook__(unraisable)


def _raise_soon(number: int) -> None:
    _again.append(number)
    signal.setitimer(signal.ITIMER_REAL, SOON)
