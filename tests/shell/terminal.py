"""A program in a terminal, for tests: a pty, and the screen that a person would see."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence

import pyte

COLUMNS, LINES = 100, 30
PATIENCE = 20.0


def heed_signals() -> None:
    """In a child, let signals have their usual effect: the parent of the tests may ignore them."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


class TerminalProgram:
    """A running program in a terminal; `keys` go in, `screen` is what came out."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)
        self._screen.write_process_input = self._answer  # type: ignore[method-assign]
        self.pid, self._pty = pty.fork()
        if self.pid == 0:
            heed_signals()
            os.execvpe(words[0], list(words), dict(environment))
        size = struct.pack("HHHH", LINES, COLUMNS, 0, 0)
        fcntl.ioctl(self._pty, termios.TIOCSWINSZ, size)

    @property
    def screen(self) -> str:
        """The lines of the screen."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def keys(self, text: str) -> None:
        """Press keys."""
        os.write(self._pty, text.encode())

    def shows(self, text: str) -> str:
        """Wait until the screen shows a text; return the screen."""
        return self.wait(lambda: text in self.screen, text)

    def wait(self, seen: Callable[[], bool], what: str) -> str:
        """Wait until a condition holds; return the screen."""
        until = time.monotonic() + PATIENCE
        while not seen():
            assert time.monotonic() < until, f"never saw {what!r}:\n{self.screen}"
            self.read(0.05)
        return self.screen

    def read(self, seconds: float) -> None:
        """Read what the program writes."""
        ready, _, _ = select.select([self._pty], [], [], seconds)
        if ready:
            try:
                self._stream.feed(os.read(self._pty, 1 << 16))
            except OSError:
                time.sleep(0.01)

    def ended(self) -> int:
        """Wait for the program's end; return its exit code."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"it does not end:\n{self.screen}")

    def flags(self) -> int:
        """Return the terminal's local modes: whether it echoes, whether it edits lines."""
        local: int = termios.tcgetattr(self._pty)[3]
        return local

    def close(self) -> None:
        """End the program if it is still running."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._pty)

    def _answer(self, data: str) -> None:
        os.write(self._pty, data.encode())
