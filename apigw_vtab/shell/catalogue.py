"""The names that completion knows, gathered without calling AWS."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import apsw

from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.reach.profiles import known_profiles
from apigw_vtab.aws.regions import known_regions
from apigw_vtab.controls.library import all_queries
from apigw_vtab.errors import UsageError
from apigw_vtab.shell.commands import COMMANDS
from apigw_vtab.shell.sql_completion import Catalogue
from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.views import shipped_views

if TYPE_CHECKING:
    from apigw_vtab.shell.session import Shell

KEYWORDS = sorted(word.lower() for word in apsw.keywords)
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


def catalogue(shell: Shell) -> Catalogue:
    """Gather the names that are available without botocore."""
    queries = []
    with contextlib.suppress(UsageError):
        queries = all_queries(shell.folders)
    named = {name: query for query in queries for name in (query.name, *query.references)}
    tables = {table.name: table.description for table in shell.connection.context.tables.values()}
    tables |= {view.name: view.description for view in shipped_views()}
    return Catalogue(
        tables=tables | shell.own_tables(),
        keywords=KEYWORDS,
        functions=shell.functions,
        queries={name: query.title for name, query in named.items()},
        commands={name: line.text for name, line in COMMANDS.items()},
        arguments=ARGUMENTS,
        parameters={name: list(query.parameters) for name, query in named.items()},
    )


def of_aws(tables: Iterable[Table], profiles: Sequence[Account]) -> dict[str, Any]:
    """Gather the names in AWS's models and configuration, which needs botocore."""
    return {
        "columns": {
            table.name: {column.name: column.description for column in table.columns}
            for table in tables
        },
        "regions": known_regions(),
        "profiles": known_profiles(profiles),
    }
