"""The exit codes, as README.md documents them."""

from __future__ import annotations

from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.errors import UsageError, WriteFailed

# INCOMPLETE outranks FAILED.
FAILED, WRONG_USAGE, INCOMPLETE, INTERRUPTED = 1, 2, 3, 130


def exit_code(error: Exception) -> int:
    """Return the exit code for an error."""
    if isinstance(error, (CallFailed, WriteFailed)):
        return INCOMPLETE
    return WRONG_USAGE if isinstance(error, UsageError) else FAILED
