"""Makes the text of docs/controls.md from the saved queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apigw_vtab.controls.parameters import Parameter
from apigw_vtab.controls.saved_query import SavedQuery

INTRODUCTION = """# The controls

Each control is a file in `queries/`. Run it by its name or by any of its ids: `apigw-vtab check
AG-006`. This page is generated from those files.
"""


def page(queries: Iterable[SavedQuery]) -> str:
    """Return the page: an index, then each control with its ids, its reasons and its SQL."""
    every = list(queries)
    lines = [INTRODUCTION, "| control | severity | also known as |", "| --- | --- | --- |"]
    lines += [
        f"| [{query.name}](#{query.name}) | {query.severity} | {', '.join(query.references)} |"
        for query in every
    ]
    return "\n".join([*lines, *(line for query in every for line in _section(query))]) + "\n"


def _section(query: SavedQuery) -> Iterator[str]:
    yield f"\n## {query.name}\n"
    yield f"**{query.title}.**"
    facts = {
        "Severity": query.severity,
        "Tags": ", ".join(query.tags),
        "Ids": ", ".join(f"`{one}`" for one in query.references),
        "Parameters": "; ".join(map(_parameter, query.declared.values())),
    }
    yield "\n" + " · ".join(f"{name}: {value}" for name, value in facts.items() if value)
    for text in (query.description, query.rationale):
        if text:
            yield f"\n{text}"
    if query.remediation:
        yield f"\n*What to do.* {query.remediation}"
    yield f"\n```sql\n{_statement(query.sql)}\n```"
    yield from _remedy(query)


def _remedy(query: SavedQuery) -> Iterator[str]:
    if not query.remedy:
        return
    yield "\n*The remedy*, which `remediate` makes for the rows in alarm."
    for one in query.asked.values():
        yield f"It needs `--param {one.name}=VALUE`, {one.wanted}, such as `{one.default}`."
    for one in query.of_the_remedy.values():
        yield f"It takes `--param {one.name}=VALUE`, {one.wanted}, else `{one.default}`."
    yield f"\n```sql\n{query.remedy};\n```"
    if query.remedy_leaves:
        yield "\n*What it leaves alone*, with the reason; NULL is nothing."
        yield f"\n```sql\n{query.remedy_leaves}\n```"


def _parameter(one: Parameter) -> str:
    default = f"{one.default} unless given" if one.default != "" else "none unless given"
    return f"`{one.name}`, {one.wanted} ({default})"


def _statement(sql: str) -> str:
    """Return the SQL without its header."""
    lines = sql.strip().splitlines()
    first = next(number for number, line in enumerate(lines) if not line.startswith("--"))
    return "\n".join(lines[first:]).strip()
