"""Runs the command, without a traceback for Ctrl-C or for a closed pipe."""

from __future__ import annotations

import os
import sys


def run() -> None:
    """Run the command line."""
    try:
        from apigw_vtab.cli.main import main

        main(prog_name="apigw-vtab")
    except KeyboardInterrupt:
        from apigw_vtab.commands.exit_codes import INTERRUPTED

        sys.exit(INTERRUPTED)
    finally:
        _flush()


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
