"""Worker processes on this machine: started here, and gone when this process is.

A process learns by its standard input where the scheduler is, with the certificate that lets it
in. When that input ends, it ends: also after this process was killed.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

# Seconds that a process has to end by itself.
ENDING = 2.0
# Not -m, which would import what lies in the current folder, whoever put it there.
_PROGRAM = "import sys; sys.path[:] = {path!r}; from apigw_vtab.cluster.process import main; main()"
# What is read of what a process said before it died.
_LAST_WORDS = 2_000


class WorkerProcesses:
    """So many processes. What they write goes to files in a folder that ends with them."""

    def __init__(self, count: int) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="apigw-vtab-"))
        self._processes: list[subprocess.Popen[bytes]] = []
        try:
            for number in range(count):
                self._processes.append(self._started(number))
        except OSError:
            self.close()
            raise

    def admit(self, address: str, certificate: dict[str, str]) -> None:
        """Tell the processes where the scheduler is, and what lets them in."""
        for number, process in enumerate(self._processes):
            told = {"address": address, "name": number, "folder": str(self._folder), **certificate}
            assert process.stdin
            with contextlib.suppress(OSError):
                process.stdin.write(json.dumps(told).encode() + b"\n")
                process.stdin.flush()

    @property
    def pids(self) -> list[int]:
        """The ids of the processes."""
        return [process.pid for process in self._processes]

    def is_running(self, number: int) -> bool:
        """Return whether a process has not ended."""
        return self._processes[number].poll() is None

    def last_words(self, number: int) -> str:
        """Return the last line that a process wrote, such as its error."""
        with contextlib.suppress(OSError):
            written = self._file(number).read_bytes()[-_LAST_WORDS:].decode(errors="replace")
            return written.strip().rpartition("\n")[2].strip()
        return ""

    def close(self) -> None:
        """End the processes, and remove their folder."""
        for process in self._processes:
            with contextlib.suppress(OSError):
                assert process.stdin
                process.stdin.close()
        for process in self._processes:
            try:
                process.wait(ENDING)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _started(self, number: int) -> subprocess.Popen[bytes]:
        # Ctrl-C is for the process that reads; it ends the others.
        alone: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            alone = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        with self._file(number).open("wb") as words:
            return subprocess.Popen(
                [sys.executable, "-c", _PROGRAM.format(path=sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=words,
                **alone,
            )

    def _file(self, number: int) -> Path:
        return self._folder / f"{number}.txt"
