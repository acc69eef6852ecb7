"""The live progress line on a terminal during a long scan. It is erased afterwards."""

from __future__ import annotations

import contextlib
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TextIO

from apigw_vtab.aws.executor import Progress
from apigw_vtab.aws.local_executor import LocalExecutor

# Seconds before the line appears, and between its updates.
PATIENCE = 0.5
BETWEEN = 0.2
ERASE = "\r\x1b[K"


@contextlib.contextmanager
def shown(executor: LocalExecutor, stream: TextIO | None = None) -> Iterator[Callable[[], None]]:
    """Show the progress of calls while the block runs, if the stream (stderr) is a terminal.

    Yields a function that removes the line, to be called before anything else is written.
    """
    terminal = stream or sys.stderr
    if not terminal.isatty():
        yield lambda: None
        return
    over = threading.Event()
    thread = threading.Thread(target=_show, args=(executor, terminal, over), daemon=True)

    def take_away() -> None:
        over.set()
        if thread.ident:
            thread.join()

    try:
        thread.start()
        yield take_away
    finally:
        # Ctrl-C can come here, too, and the line would be written over the prompt from then on.
        try:
            take_away()
        finally:
            over.set()


def _show(executor: LocalExecutor, terminal: TextIO, over: threading.Event) -> None:
    before, began = executor.progress(), time.monotonic()
    written = False
    pause = PATIENCE
    while not over.wait(pause):
        pause = BETWEEN
        now = executor.progress()
        if now.done < now.known:
            seconds = time.monotonic() - began
            # A line that is too long would go on in the next one, which nothing erases.
            columns = shutil.get_terminal_size().columns - 1
            terminal.write(ERASE + in_words(before, now, seconds)[:columns])
            terminal.flush()
            written = True
    if written:
        terminal.write(ERASE)
        terminal.flush()


def in_words(before: Progress, now: Progress, seconds: float) -> str:
    """Return the line: calls done of calls known, the rate, who is busy, the time left."""
    done, known = now.done - before.done, now.known - before.done
    rate = done / seconds if seconds > 0 else 0.0
    regions = "1 region" if now.busy_lanes == 1 else f"{now.busy_lanes} regions"
    # The slowest lane's quota sets the time left, or the rate so far if that takes longer.
    left = max(now.seconds_left, (known - done) / rate if rate else 0.0)
    busy = f"{regions} busy"
    if now.accounts > 1:
        busy = f"{now.accounts_done:,} of {now.accounts:,} accounts done"
    line = f"{done:,} of {known:,} calls, {rate:.0f}/s, {busy}, about {left:.0f} s left"
    if now.waiting:
        changes = "1 change" if now.waiting == 1 else f"{now.waiting} changes"
        line += f", waiting for AWS to take {changes}"
    return line
