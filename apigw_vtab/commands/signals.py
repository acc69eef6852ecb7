"""Cleans up before exiting on SIGTERM, or on SIGHUP from a terminal that closes.

Otherwise the process would end at once, leaving half an export and a terminal without echo.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

# A shell adds this to the number of the signal that ended a process, as its exit code.
SIGNALLED = 128
_told: list[int] = []


def on_signals() -> Callable[[], None]:
    """Make the signals raise SystemExit; return a function that undoes this."""
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    names = ("SIGTERM", "SIGHUP")
    before = {
        number: signal.signal(number, _leave)
        for number in (getattr(signal, name, None) for name in names)
        # nohup ignores SIGHUP so that the process outlives its terminal.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN
    }

    def take_back() -> None:
        _told.clear()
        for number, handler in before.items():
            signal.signal(number, handler)

    return take_back


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


def _leave(number: int, _frame: FrameType | None) -> None:
    if not _told:
        # A second signal must not interrupt the cleaning up that the first one started.
        _told.append(number)
        sys.exit(SIGNALLED + number)
