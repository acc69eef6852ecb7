"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from apigw_vtab.errors import UsageError
from apigw_vtab.output.streams import Stream, is_stream

PRIVATE = 0o600
BUFFERED = 1 << 16


# What to do about an error, where its own words do not say it.
NEXT = {
    errno.ENOENT: " Create its folder first, or give another name.",
    errno.ENOTDIR: " Give a name in a folder.",
    errno.ELOOP: " It is a link that leads to itself: delete it, or give another name.",
    errno.ENOSPC: " Make room there, or give a name on another disk.",
}
NEXT_FOR_KEPT = {errno.ENOSPC: " Make room there, or set TMPDIR to a folder on another disk."}


def _no() -> bool:
    return False


class WholeFiles:
    """Files that get their names together: each is whole by then, or all stay as they were."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._opened: list[_Replacement | _Sent] = []
        self._taken: set[str] = set()

    def open(self, path: Path, is_private: Callable[[], bool] = _no) -> IO[str]:
        """Open a file to be written; it may be closed before the others are.

        `is_private` is asked at the end: whether only the user may read what was written.
        Raises UsageError when it cannot be written to, here and for each text that is written, and
        for a file that is open already.
        """
        if (real := os.path.realpath(path)) in self._taken:
            raise UsageError(f"{path} is named twice: each output needs a file of its own.")
        with _telling(path):
            to_stream = is_stream(path)
            opened = _Sent(path, self._tell) if to_stream else _Replacement(path, is_private)
        self._opened.append(opened)
        self._taken.add(real)
        return opened.text

    def finish(self) -> None:
        """Give the files their names. Raises UsageError, and then all stay as they were."""
        for one in self._opened:
            one.text.close()
        # What went to a pipe cannot be taken back, but no more can fail by then.
        for one in sorted(self._opened, key=lambda one: isinstance(one, _Replacement)):
            with _telling(one.path):
                one.put()

    def discard(self) -> None:
        """Remove what did not get its name."""
        for one in self._opened:
            # It may hold what did not fit on a disk, and fail once more.
            with contextlib.suppress(UsageError, OSError):
                one.text.close()
            one.discard()


@contextlib.contextmanager
def whole_files(tell: Callable[[str], None] = lambda _: None) -> Iterator[WholeFiles]:
    """Yield what opens files to be written whole or not at all, all of them or none.

    A temporary file is renamed at the end; a pipe, a device and our own output are written to
    then. `tell` says what the user waits for. Raises UsageError for what cannot be written.
    """
    files = WholeFiles(tell)
    try:
        yield files
        files.finish()
    finally:
        files.discard()


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[IO[str]]:
    """Open one file to be written whole or not at all, as `whole_files` does."""
    with whole_files() as files:
        yield files.open(path)


def kept_text(*, is_terminal: bool) -> IO[str]:
    """Return a file without a name, for text that is read again; it is gone once it is closed.

    Raises UsageError for each text for which there is no room.
    """
    folder = Path(tempfile.gettempdir())
    with _telling(folder, NEXT_FOR_KEPT), tempfile.TemporaryFile() as file:
        return _Text(_Raw(os.dup(file.fileno()), folder, NEXT_FOR_KEPT), is_terminal=is_terminal)


class _Replacement:
    """A temporary file that takes the place of a file."""

    def __init__(self, path: Path, is_private: Callable[[], bool]) -> None:
        self.path, self._is_private = path, is_private
        # A symbolic link stays one: its target is replaced.
        self._target = Path(os.path.realpath(path))
        prefix = f".{self._target.name}."
        handle, self._temporary = tempfile.mkstemp(dir=self._target.parent, prefix=prefix)
        self.text = _Text(_Raw(handle, path))

    def put(self) -> None:
        mode = _mode_for(self._target) & (PRIVATE if self._is_private() else 0o7777)
        os.chmod(self._temporary, mode)
        os.replace(self._temporary, self._target)

    def discard(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._temporary)


class _Sent:
    """Text that goes to a pipe or a device."""

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        self.path = path
        self._stream = Stream(path, tell)
        raw = _Raw(self._stream.handle, Path(tempfile.gettempdir()), NEXT_FOR_KEPT)
        self.text = _Text(raw, is_terminal=self._stream.is_terminal)

    def put(self) -> None:
        self._stream.send()

    def discard(self) -> None:
        self._stream.discard()


class _Raw(io.FileIO):
    """An open file whose errors say which file it is, whoever writes to it."""

    def __init__(self, handle: int, path: Path, further: Mapping[int, str] = NEXT) -> None:
        super().__init__(handle, "r+b")
        self._path, self._further = path, further

    def write(self, data: Any) -> int:
        with _telling(self._path, self._further):
            return super().write(data)

    def close(self) -> None:
        with _telling(self._path, self._further):
            super().close()


class _Text(io.TextIOWrapper):
    """Text as all files have it. Half of a pair, which AWS's JSON can hold, is as in JSON."""

    def __init__(self, raw: _Raw, *, is_terminal: bool = False) -> None:
        file = io.BufferedRandom(raw, BUFFERED)
        super().__init__(file, encoding="utf-8", errors="backslashreplace", newline="")
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@contextlib.contextmanager
def _telling(path: Path, further: Mapping[int, str] = NEXT) -> Iterator[None]:
    """Raise UsageError for an OSError: which file, and what to do."""
    try:
        yield
    except OSError as error:
        then = further.get(error.errno or 0, "")
        raise UsageError(f"Cannot write {path}: {error.strerror}.{then}") from None


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
