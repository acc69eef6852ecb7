"""Names of a database that hide SQLite's functions, and names that ours hide."""

from __future__ import annotations

from collections.abc import Container

import apsw

from apigw_vtab.errors import UsageError

# SQLite lists these only once a statement has named them.
LISTED_WHEN_USED = frozenset(("json_each", "json_tree", "jsonb_each", "jsonb_tree"))


def refuse_hidden_names(connection: apsw.Connection, ours: Container[str]) -> None:
    """Raise UsageError if a database has a table or view with the name of a table-valued function.

    SQLite looks for a table `json_each` before its function of that name, so queries would read
    something else: https://sqlite.org/vtab.html#epovtab. `ours` come first in any case, because
    they are in the temp schema.
    """
    # As statements: as functions, these could be hidden themselves.
    listed = connection.execute("pragma module_list")
    modules = LISTED_WHEN_USED | {str(name).lower() for (name,) in listed}
    for _, schema, file in list(connection.execute("pragma database_list")):
        quoted = '"' + str(schema).replace('"', '""') + '"'
        named = f"select type, name from {quoted}.sqlite_schema where type in ('table', 'view')"
        for kind, name in list(connection.execute(named)):
            low = str(name).lower()
            if low in ours or not (low in modules or low.startswith("pragma_")):
                continue
            raise UsageError(
                f"{file or f'The database {schema}'} has a {kind} named {name}, which queries "
                "would read instead of SQLite's function of that name: rename it."
            )


def names_that_ours_hide(connection: apsw.Connection, ours: Container[str]) -> list[str]:
    """Return what to tell of a database's own tables that cannot be read by their bare names."""
    named = "select type, name from main.sqlite_schema where type in ('table', 'view')"
    return [
        f"{kind.capitalize()} {name} of {connection.filename}: {name} alone is AWS's table, "
        f"which comes first. Write main.{name}."
        for kind, name in connection.execute(named)
        if str(name).lower() in ours
    ]
