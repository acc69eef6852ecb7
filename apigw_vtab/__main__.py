"""Runs the command, without a traceback for Ctrl-C or for a closed pipe."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
import threading
from types import TracebackType
from typing import Any, TextIO


class Messages:
    """Standard error that nobody may read any more, as in `2>&1 | head -1`: the work goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write text, or lose it if its reader has left."""
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            return len(text)

    def flush(self) -> None:
        """Pass on what was written, if somebody still reads it."""
        try:
            self._stream.flush()
        except BrokenPipeError:
            # Otherwise the same text fails again when Python ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def run() -> None:
    """Run the command line, and leave without taking apart what the system takes back at once.

    That would take 80 ms, a fifth of a short query. All that is registered with `atexit` is done.
    """
    # To look for garbage while modules are imported takes a tenth of the time to a first answer;
    # `connect` begins with it.
    gc.disable()
    code: list[object] = [1]
    # What is registered first is called last: what others, such as a profiler, registered before
    # would never be.
    if not atexit._ncallbacks():
        atexit.register(_leave, code)
    try:
        _run()
        code[0] = 0
    except SystemExit as error:
        code[0] = error.code
        raise


def _leave(code: list[object]) -> None:
    """End the process with the code that `sys.exit` was called with."""
    for stream in (sys.__stdout__, sys.stderr):
        # What was said at the end; that of the command itself is out.
        with contextlib.suppress(OSError, AttributeError):
            stream.flush()  # type: ignore[union-attr]
    (last,) = code
    os._exit(last if isinstance(last, int) else int(last is not None))


def _run() -> None:
    _open_streams()
    sys.excepthook = _tell_unexpected
    threading.excepthook = lambda error: _tell_unexpected(
        error.exc_type, error.exc_value, error.exc_traceback
    )
    try:
        from apigw_vtab.commands.signals import on_signals

        on_signals()
        from apigw_vtab.cli.main import main

        main(prog_name="apigw-vtab")
    except KeyboardInterrupt:
        from apigw_vtab.commands.exit_codes import INTERRUPTED

        sys.exit(INTERRUPTED)
    finally:
        _flush()


def _open_streams() -> None:
    """Make sure that there is something to write to: a shell can close it with `2>&-`."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = Messages(sys.stderr)


def _tell_unexpected(
    kind: type[BaseException], error: BaseException | None, where: TracebackType | None
) -> None:
    """Print a traceback without secrets: botocore's errors have AWS's whole message in them."""
    import traceback

    from apigw_vtab.aws.secrets_in_use import without_secrets

    for line in traceback.format_exception(kind, error, where):
        sys.stderr.write(without_secrets(line))


def _flush() -> None:
    """Write what is left of the output, while a failure can still be reported.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    if sys.__stdout__ is None:
        return
    try:
        # Not sys.stdout: click may have replaced it with a stream that reports no failure.
        sys.__stdout__.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())
        if not isinstance(error, BrokenPipeError):
            sys.exit(f"apigw-vtab: the output could not be written: {error.strerror}.")


if __name__ == "__main__":
    run()
