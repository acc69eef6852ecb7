"""The journal: a file that says what is about to change, and what became of it."""

from __future__ import annotations

import os
import stat
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from apigw_vtab.errors import UsageError
from apigw_vtab.tables.values import json_text
from apigw_vtab.writes.changes import Change


class Journal:
    """A file of JSON lines that says for each change what is about to happen and what happened.

    It has the old values, so that a change can be undone. Raises UsageError if the file cannot
    be written.
    """

    def __init__(self, path: Path) -> None:
        try:
            # For its owner only: the journal shows the descriptions and variables of stages.
            self._file = os.fdopen(
                os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a"
            )
        except OSError as error:
            raise UsageError(f"Cannot write the journal {path}: {error.strerror}.") from None
        # A pipe or a terminal keeps nothing, and refuses to be asked for it.
        self._is_kept = stat.S_ISREG(os.fstat(self._file.fileno()).st_mode)
        self._lock = threading.Lock()

    def write(self, event: str, change: Change, account_id: str | None, **more: Any) -> None:
        """Append a line, and have it on disk before anything else happens."""
        lane = change.lane
        entry = {
            "at": datetime.now(timezone.utc).isoformat(" ", "milliseconds").removesuffix("+00:00"),
            "event": event,
            "change": change.number,
            "account_id": account_id,
            "profile": lane.account.profile,
            "region": lane.region,
            "operation": change.write.name,
            "table": change.table.name,
            "key": change.key,
            "old": change.old,
            "new": change.new,
        }
        with self._lock:
            self._file.write((json_text(entry | more) or "") + "\n")
            self._file.flush()
            if self._is_kept:
                os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()
