"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from apigw_vtab.errors import UsageError

PRIVATE = 0o600


@contextlib.contextmanager
def whole_file(path: Path, is_private: Callable[[], bool] = lambda: False) -> Iterator[IO[str]]:
    """Open a file to be written whole or not at all: a temporary file is renamed at the end.

    `is_private` is asked at the end: whether only the user may read what was written.
    Raises UsageError when the folder cannot be written to.
    """
    # A symbolic link stays one: its target is replaced.
    target = Path(os.path.realpath(path))
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise UsageError(f"Cannot write {path}: {error.strerror}.") from None
    try:
        # Half of a pair, which AWS's JSON can hold, is no UTF-8: it is written as JSON writes it.
        with open(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
        os.chmod(temporary, _mode_for(target) & (PRIVATE if is_private() else 0o7777))
        os.replace(temporary, target)
    except BaseException as error:
        os.unlink(temporary)
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            raise UsageError(f"Cannot write {path}: {error.strerror}.") from None
        raise


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
