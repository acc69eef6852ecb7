"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from apigw_vtab.errors import UsageError
from apigw_vtab.output.streams import Stream, is_stream

PRIVATE = 0o600


# What to do about an error, where its own words do not say it.
NEXT = {
    errno.ENOENT: " Create its folder first, or give another name.",
    errno.ENOTDIR: " Give a name in a folder.",
    errno.ELOOP: " It is a link that leads to itself: delete it, or give another name.",
    errno.ENOSPC: " Make room there, or give a name on another disk.",
}


@contextlib.contextmanager
def whole_file(
    path: Path,
    is_private: Callable[[], bool] = lambda: False,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[IO[str]]:
    """Open a file to be written whole or not at all: a temporary file is renamed at the end.

    A pipe, a device and our own output are written to at the end. `is_private` is asked then:
    whether only the user may read what was written; `tell` says what the user waits for.
    Raises UsageError when it cannot be written to.
    """
    with _telling(path):
        opened = _stream if is_stream(path) else _replacement
        with opened(path, is_private, tell) as file:
            yield file


@contextlib.contextmanager
def _stream(
    path: Path, _is_private: Callable[[], bool], tell: Callable[[str], None]
) -> Iterator[IO[str]]:
    stream = Stream(path, tell)
    try:
        with _Text(open(stream.handle, "wb"), is_terminal=stream.is_terminal) as file:
            yield file
        stream.send()
    finally:
        stream.discard()


@contextlib.contextmanager
def _replacement(
    path: Path, is_private: Callable[[], bool], _tell: Callable[[str], None]
) -> Iterator[IO[str]]:
    # A symbolic link stays one: its target is replaced.
    target = Path(os.path.realpath(path))
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with _Text(open(handle, "wb")) as file:
            yield file
        os.chmod(temporary, _mode_for(target) & (PRIVATE if is_private() else 0o7777))
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


class _Text(io.TextIOWrapper):
    """Text as all files have it. Half of a pair, which AWS's JSON can hold, is as in JSON."""

    def __init__(self, file: IO[bytes], *, is_terminal: bool = False) -> None:
        super().__init__(file, encoding="utf-8", errors="backslashreplace", newline="")
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@contextlib.contextmanager
def _telling(path: Path) -> Iterator[None]:
    """Raise UsageError for an OSError: which file, and what to do."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        further = NEXT.get(error.errno or 0, "")
        raise UsageError(f"Cannot write {path}: {error.strerror}.{further}") from None


def keep_private(file: IO[str]) -> bool:
    """Let only the user read an open file; return whether it is one, and was not so yet."""
    try:
        status = os.fstat(file.fileno())
    except (OSError, ValueError):
        return False
    if not stat.S_ISREG(status.st_mode) or not stat.S_IMODE(status.st_mode) & ~PRIVATE:
        return False
    os.fchmod(file.fileno(), stat.S_IMODE(status.st_mode) & PRIVATE)
    return True


def _mode_for(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
