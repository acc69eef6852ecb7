"""Command-line completion in bash, zsh and fish: click's own, plus our names."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem, get_completion_class

PROGRAM = "apigw-vtab"
VARIABLE = "_APIGW_VTAB_COMPLETE"
# Where each shell looks by default, below the user's home; zsh has to be told to look there.
PLACES = {
    "bash": Path(".local/share/bash-completion/completions") / PROGRAM,
    "zsh": Path(".zfunc") / f"_{PROGRAM}",
    "fish": Path(".config/fish/completions") / f"{PROGRAM}.fish",
}


def install(context: click.Context, _parameter: click.Parameter, shell: str | None) -> None:
    """Install completion where a shell looks for it, and say what is left to do."""
    if not shell or context.resilient_parsing:
        return
    if shell == "auto":
        shell = Path(os.environ.get("SHELL", "")).name
    if shell not in PLACES:
        raise click.UsageError(
            f"No completion for {shell or 'your shell'}: "
            "use --install-completion=bash, zsh or fish."
        )
    found = get_completion_class(shell)
    assert found is not None
    path = Path.home() / PLACES[shell]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found(context.command, {}, PROGRAM, VARIABLE).source(), "utf-8")
    except OSError as error:
        raise click.UsageError(f"Cannot write {path}: {error.strerror}.") from None
    click.echo(f"Wrote {path}. It takes effect in new shells.")
    if shell == "zsh":
        line = "fpath+=~/.zfunc; autoload -Uz compinit; compinit"
        click.echo(f"If it does not, add this line to ~/.zshrc: {line}")
    context.exit()


def names_of_queries(
    context: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Return the saved queries and rule ids that match."""
    from apigw_vtab.controls.library import all_queries

    with contextlib.suppress(Exception):
        return _matching(
            typed,
            (
                (name, query.title)
                for query in all_queries(context.params.get("queries") or ())
                for name in (query.name, *query.references)
            ),
        )
    return []


def names_of_frameworks(
    _context: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Return the frameworks that match."""
    from apigw_vtab.controls.frameworks import shipped_frameworks
    from apigw_vtab.controls.library import shipped_folder

    known = shipped_frameworks(shipped_folder())
    return _matching(typed, ((one.name, one.title) for one in known))


def names_of_tables(
    _context: click.Context, _parameter: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Return the tables that match."""
    from apigw_vtab.tables.registry import TABLES

    return _matching(typed, ((table.name, table.description) for table in TABLES))


def names_of_regions(*arguments: Any) -> list[CompletionItem]:
    """Return the regions that match the last item of a comma-separated list."""
    from apigw_vtab.aws.regions import known_regions

    return _last_of_list(arguments[-1], known_regions())


def names_of_profiles(*arguments: Any) -> list[CompletionItem]:
    """Return the profiles in the AWS configuration that match the last item of a list."""
    from apigw_vtab.aws.reach.profiles import known_profiles

    with contextlib.suppress(Exception):
        return _last_of_list(arguments[-1], known_profiles(()))
    return []


def _last_of_list(text: str, names: Iterable[str]) -> list[CompletionItem]:
    """Return a comma-separated list with each of the names that its last item may become."""
    earlier, comma, typed = text.rpartition(",")
    return [
        CompletionItem(f"{earlier}{comma}{item.value}", help=item.help)
        for item in _matching(typed, ((name, "") for name in names))
    ]


def _matching(typed: str, names: Iterable[tuple[str, str]]) -> list[CompletionItem]:
    return [
        CompletionItem(name, help=note)
        for name, note in names
        if name.lower().startswith(typed.lower())
    ]
