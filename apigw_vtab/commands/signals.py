"""Being told to leave, by SIGTERM or a terminal that closes: everything is put away, then it ends.

Without it the process would be gone at once, and leave half an export and a terminal without echo.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

# What a shell gives as the exit code of a process that a signal has ended.
SIGNALLED = 128
_told: list[int] = []


def on_signals() -> Callable[[], None]:
    """Let the signals raise SystemExit; give a function that takes that back."""
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    names = ("SIGTERM", "SIGHUP")
    before = {
        number: signal.signal(number, _leave)
        for number in (getattr(signal, name, None) for name in names)
        # nohup has it ignored, so that what runs outlives its terminal.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN
    }

    def take_back() -> None:
        _told.clear()
        for number, handler in before.items():
            signal.signal(number, handler)

    return take_back


@contextlib.contextmanager
def terminal_as_it_was() -> Iterator[None]:
    """Give the terminal back with the echo and the lines that it had, however the block ends."""
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
    """Give the exit code of one who was told to leave; None where nobody was."""
    return SIGNALLED + _told[0] if _told else None


def _leave(number: int, _frame: FrameType | None) -> None:
    if not _told:
        # Told twice, it is on its way already, and must not be kept from putting things away.
        _told.append(number)
        sys.exit(SIGNALLED + number)
