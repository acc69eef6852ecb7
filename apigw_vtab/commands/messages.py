"""Error messages that a user can act on."""

from __future__ import annotations

import click

from apigw_vtab.errors import ApigwVtabError


def in_words(error: Exception) -> str:
    """Return what an error means to the user, without secrets."""
    from apigw_vtab.aws.secrets_in_use import masked

    return masked(_in_words(error))


def _in_words(error: Exception) -> str:
    if isinstance(error, ApigwVtabError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'The system'}: {error.strerror}."
    if isinstance(error, UnicodeError):
        return f"Text is not valid UTF-8: {error}."
    if type(error).__module__.startswith("apsw"):
        from apigw_vtab.sqlite.errors import explain_error

        return explain_error(error)
    return (
        f"{type(error).__name__}: {error}. This is a bug in apigw-vtab: "
        "run it again with --debug and report what it prints."
    )


def is_debugging() -> bool:
    """Whether the user wants tracebacks."""
    context = click.get_current_context(silent=True)
    return bool(context and context.find_root().meta.get("debug"))
