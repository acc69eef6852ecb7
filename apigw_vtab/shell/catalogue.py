"""The names that completion knows, gathered without a call to AWS."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import apsw

from apigw_vtab.lanes import known_profiles, known_regions
from apigw_vtab.saved_queries import find_all
from apigw_vtab.shell.commands import LINES
from apigw_vtab.shell.completion import Catalogue

if TYPE_CHECKING:
    from apigw_vtab.shell.session import Shell

MODES = ("table", "line", "csv", "json", "jsonl", "markdown", "box", "column", "html", "insert")
ARGUMENTS = {
    **dict.fromkeys(("run", "check"), ("QUERY",)),
    **dict.fromkeys(("tables", "inspect", "schema", "dump", "find", "indices"), ("TABLE",)),
    **dict.fromkeys(
        ("headers", "pretty", "timing", "timer", "changes", "echo", "dryrun", "bail"),
        ("on", "off"),
    ),
    "cache": ("on", "off", "clear"),
    "colour": ("default", "off"),
    "help": ("COMMAND",),
    "keys": ("emacs", "vi"),
    "mode": MODES,
    "output": ("stdout",),
    "parameter": ("set", "unset", "list", "clear"),
    "profiles": ("PROFILE",),
    "regions": ("*", "REGION"),
}


def catalogue(shell: Shell, *, columns: bool) -> Catalogue:
    """Gather names; `columns` are AWS's, whose models take a moment to load."""
    tables = shell.connection.source.tables.values()
    queries = []
    with contextlib.suppress(Exception):
        queries = find_all(shell.folders)
    names = [name for query in queries for name in (query.name, *query.references)]
    titles = {name: query.title for query in queries for name in (query.name, *query.references)}
    return Catalogue(
        tables={table.name: table.description for table in tables} | shell.own_tables(),
        columns={
            table.name: {column.name: column.description for column in table.columns}
            for table in tables
        }
        if columns
        else {},
        keywords=sorted(word.lower() for word in apsw.keywords),
        functions=shell.functions,
        queries={name: titles[name] for name in names},
        commands={name: line.text for name, line in LINES.items()},
        arguments=ARGUMENTS,
        regions=known_regions() if columns else (),
        profiles=known_profiles(shell.connection.source.estate.profiles) if columns else (),
        parameters={
            name: list(query.parameters)
            for query in queries
            for name in (query.name, *query.references)
        },
    )
