"""What a name can lead to that no file can take the place of: a pipe, a device, our own output."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from apigw_vtab.errors import UsageError

# Those that a shell can lead to the same place as a file of ours.
OWN = (1, 2)
REFUSED = {
    stat.S_IFDIR: "it is a folder: give the name of a file",
    stat.S_IFSOCK: "it is a socket: give the name of a file or of a pipe",
}


def is_stream(path: Path) -> bool:
    """Return whether a name leads to something that is written to as it is: never renamed over.

    That is a pipe, a device, and whatever our own output goes to: `/dev/stdout` or its file.
    Raises OSError for a link that leads to itself.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(status.st_mode) or _own(status) is not None:
        return True
    # A link of the system can lead to a file that has no name any more.
    return not _has_name(path, status)


class Stream:
    """Text for a pipe or a device: kept until all of it is known, since none can be taken back."""

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        """Keep text for what is at a path; `tell` says what the user waits for.

        Raises UsageError for what cannot be written to, and OSError where nothing can be kept.
        """
        self._path, self._tell = path, tell
        self._status = path.stat()
        self._own = _own(self._status)
        self._is_awaited = stat.S_ISFIFO(self._status.st_mode) and self._own is None
        if self._own is None:
            if why := REFUSED.get(stat.S_IFMT(self._status.st_mode)):
                raise UsageError(f"Cannot write {path}: {why}.")
            if not os.access(path, os.W_OK):
                raise UsageError(f"Cannot write {path}: Permission denied.")
        self._kept = tempfile.TemporaryFile()  # noqa: SIM115

    @property
    def handle(self) -> int:
        """A new handle for writing what is kept."""
        return os.dup(self._kept.fileno())

    @property
    def is_terminal(self) -> bool:
        """Whether a terminal shows what is written."""
        if self._own is not None:
            return os.isatty(self._own)
        if not stat.S_ISCHR(self._status.st_mode):
            return False
        handle = os.open(self._path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            return os.isatty(handle)
        finally:
            os.close(handle)

    def send(self) -> None:
        """Write all that was kept. Raises OSError if that fails; who reads less is told of."""
        self._kept.seek(0)
        try:
            with open(self._opened(), "wb") as file:
                shutil.copyfileobj(self._kept, file)
        except BrokenPipeError:
            self._tell(f"{self._path}: whoever read it left before the end.")

    def discard(self) -> None:
        """Forget what was kept; who waits at the other end of a pipe waits no longer."""
        self._kept.close()
        if self._is_awaited:
            with contextlib.suppress(OSError):
                os.close(os.open(self._path, os.O_WRONLY | os.O_NONBLOCK))

    def _opened(self) -> int:
        if self._own is not None:
            # What was said before comes before; and a file's end is where our output ends.
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            return os.dup(self._own)
        handle = self._opened_at_once() if self._is_awaited else None
        if handle is None:
            handle = os.open(self._path, os.O_WRONLY | os.O_NOCTTY)
        self._is_awaited = False
        return handle

    def _opened_at_once(self) -> int | None:
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            self._tell(f"{self._path}: waiting until somebody reads this pipe.")
            return None
        os.set_blocking(handle, True)
        return handle


def _own(status: os.stat_result) -> int | None:
    """Return which of our outputs goes to the same place, or None."""
    for number in OWN:
        with contextlib.suppress(OSError):
            if os.path.samestat(status, os.fstat(number)):
                return number
    return None


def _has_name(path: Path, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(status, os.stat(os.path.realpath(path)))
    except OSError:
        return False
