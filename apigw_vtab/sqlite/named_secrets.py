"""The secrets that statements have named, and the database files that hold them by now."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable

from apigw_vtab.aws.call_log import CallLog
from apigw_vtab.writes.readings import OwnTable, Touched

PRIVATE = 0o600
# Files beside a database that hold its pages: https://sqlite.org/tempfiles.html
BESIDE = ("", "-journal", "-wal", "-shm")


class NamedSecrets:
    """The secret columns that a connection's statements have named, such as `api_keys.value`.

    Whoever writes rows to a file from then on keeps it for the user alone.
    """

    def __init__(self, log: CallLog) -> None:
        self.columns: set[str] = set()
        self._log = log
        # The user's own tables that hold such values.
        self._tables: set[OwnTable] = set()

    def __bool__(self) -> bool:
        return bool(self.columns)

    def __str__(self) -> str:
        return ", ".join(sorted(self.columns))

    def statement_began(self, touched: Touched, files: Iterable[str]) -> None:
        """Note what a statement names, and keep the files that it writes for the user alone."""
        if not touched.secrets and touched.reads.isdisjoint(self._tables):
            return
        self.columns |= touched.secrets
        self._tables |= touched.writes
        for file in files:
            _keep_private(file)
            self._log.warn(f"{file} may hold {self} now: only you can read it (mode 0600).")


def _keep_private(database: str) -> None:
    """Let only the owner read a database and the files beside it; make it if it is not there."""
    os.close(os.open(database, os.O_RDONLY | os.O_CREAT, PRIVATE))
    for suffix in BESIDE:
        with contextlib.suppress(FileNotFoundError):
            mode = stat.S_IMODE(os.stat(database + suffix).st_mode)
            os.chmod(database + suffix, mode & PRIVATE)
