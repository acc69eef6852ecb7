"""The live line on a terminal's stderr during a long scan. It leaves no trace."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TextIO

from apigw_vtab.aws.executor import Progress
from apigw_vtab.aws.local_executor import LocalExecutor

# Seconds before the line appears, and between two of its states.
PATIENCE = 0.5
BETWEEN = 0.2
ERASE = "\r\x1b[K"


@contextlib.contextmanager
def shown(executor: LocalExecutor, stream: TextIO | None = None) -> Iterator[Callable[[], None]]:
    """Show how far the calls are while the block runs, if the stream (stderr) is a terminal.

    Gives a function that takes the line away, for when something else is to be written.
    """
    terminal = stream or sys.stderr
    if not terminal.isatty():
        yield lambda: None
        return
    over = threading.Event()
    thread = threading.Thread(target=_show, args=(executor, terminal, over), daemon=True)
    thread.start()

    def take_away() -> None:
        over.set()
        thread.join()

    try:
        yield take_away
    finally:
        take_away()


def _show(executor: LocalExecutor, terminal: TextIO, over: threading.Event) -> None:
    before, began = executor.progress(), time.monotonic()
    written = False
    pause = PATIENCE
    while not over.wait(pause):
        pause = BETWEEN
        now = executor.progress()
        if now.done < now.known:
            seconds = time.monotonic() - began
            terminal.write(ERASE + in_words(before, now, seconds))
            terminal.flush()
            written = True
    if written:
        terminal.write(ERASE)
        terminal.flush()


def in_words(before: Progress, now: Progress, seconds: float) -> str:
    """Give the line: calls done of calls known, the rate, lanes still busy, the time left."""
    done, known = now.done - before.done, now.known - before.done
    rate = done / seconds if seconds > 0 else 0.0
    lanes = "1 lane" if now.busy_lanes == 1 else f"{now.busy_lanes} lanes"
    # The slowest lane's quota sets the time, or else the rate so far.
    left = max(now.seconds_left, (known - done) / rate if rate else 0.0)
    return f"{done:,} of {known:,} calls, {rate:.0f}/s, {lanes} busy, about {left:.0f} s left"
