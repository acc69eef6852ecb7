"""The tables by kind and the policy that reads them all, for README and docs/tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from apigw_vtab.pages.permissions import actions_to_read
from apigw_vtab.pages.table_page import escaped, link
from apigw_vtab.tables.declaration import Scope, Table
from apigw_vtab.tables.views import SharedView

FOLDER = "docs/tables/"
COMMAND = "python -m apigw_vtab.pages"
ALONE = {
    Scope.LANE: "On their own",
    Scope.ACCOUNT: "Of each account",
    Scope.CONNECTION: "Of the connection itself",
}
LIST = ("<!-- tables -->\n", "<!-- end of tables -->")
POLICY = ("<!-- policy -->\n```json\n", "```")
INDEX = f"""# The tables

These pages are made from the declarations by `{COMMAND}`.

A condition on a column that *saves calls* is passed on to AWS. A *hidden* column is not part of
`select *`. A *shared* quota is one for all operations of a service in an account and region. The
paths beside an IAM action are for a policy that allows less than everything:
`arn:aws:apigateway:*::/restapis/*`.
"""
VIEWS = """
## The views

What several of our controls read, and may be of use in yours. A view costs the calls of its tables,
and a condition is passed on to them. `apigw-vtab tables VIEW` shows its SQL.
"""


def index(tables: Sequence[Table], views: Sequence[SharedView]) -> str:
    """Return the page that lists all tables, and the views over them."""
    lines = [INDEX, "| table | what is in it |", "| --- | --- |"]
    lines += [f"| {link(table)} | {escaped(table.description)} |" for table in tables]
    lines += [VIEWS, "| view | what its rows are |", "| --- | --- |"]
    lines += [f"| `{view.name}` | {escaped(view.description)} |" for view in views]
    return "\n".join(lines) + "\n"


def readme(text: str, tables: Sequence[Table]) -> str:
    """Return README with its parts that are made from the declarations."""
    kinds = "".join(f"- {line}\n" for line in by_kind(tables))
    return _between(POLICY, policy(tables), _between(LIST, kinds, text))


def _between(marks: tuple[str, str], made: str, text: str) -> str:
    """Replace what stands between two marks; without them a ValueError."""
    begin = text.index(marks[0]) + len(marks[0])
    return text[:begin] + made + text[text.index(marks[1], begin) :]


def by_kind(tables: Sequence[Table]) -> Iterator[str]:
    """Yield a line for each table that others belong to, then one for the others of each scope."""
    families: dict[Table, list[Table]] = {table: [] for table in tables}
    for table in tables:
        if (first := _first(table)) is not table:
            families[first].append(table)
    for first, others in sorted(families.items(), key=lambda one: -len(one[1])):
        if others:
            yield f"{_links([first])}, and of each: {_links(others)}"
    for scope, title in ALONE.items():
        alone = [
            table
            for table, others in families.items()
            if table.scope is scope and not others and _first(table) is table
        ]
        if alone:
            yield f"{title}: {_links(alone)}"


def policy(tables: Iterable[Table]) -> str:
    """Return the IAM policy that allows to read these tables, the same in each partition."""
    statement = {"Effect": "Allow", "Action": actions_to_read(tables), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2) + "\n"


def _first(table: Table) -> Table:
    above = table.outer or table.parent
    return _first(above) if above else table


def _links(tables: Iterable[Table]) -> str:
    return ", ".join(link(table, FOLDER) for table in tables)
