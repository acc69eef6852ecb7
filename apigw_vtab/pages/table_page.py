"""The page of a table: examples, columns in AWS's words, calls, writes, joins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apigw_vtab.pages.joins import joins_of
from apigw_vtab.pages.permissions import action_of, path_of, quota_of
from apigw_vtab.scan.planner import narrowing_columns
from apigw_vtab.tables.columns import Column, Origin
from apigw_vtab.tables.declaration import Operation, Read, Scope, Table, Write
from apigw_vtab.tables.tagging import TAGS, tagging_of

PLACES = {
    Scope.LANE: "account and region",
    Scope.ACCOUNT: "account",
}


def table_page(table: Table, tables: Iterable[Table], words_from: str) -> str:
    """Return a table's page; `words_from` says whose words about the columns these are."""
    sections = (_examples(table), _columns(table), _calls(table), _writes(table))
    lines = [f"# {table.name}", "", table.description, "", "[All tables](README.md)"]
    lines += [line for section in (*sections, _joins(table, tables)) for line in section]
    if any(column.origin is Origin.MEMBER and column.kind for column in table.columns):
        lines += ["", f"The descriptions of the columns are AWS's, from {words_from}."]
    return "\n".join(lines) + "\n"


def link(table: Table, folder: str = "") -> str:
    """Return a link to a table's page."""
    return f"[`{table.name}`]({folder}{table.name}.md)"


def escaped(text: str) -> str:
    """Return text that means itself in a cell of a Markdown table."""
    for character in "\\|<*":
        text = text.replace(character, f"\\{character}")
    return text


def _examples(table: Table) -> Iterator[str]:
    if table.queries:
        yield from ("", "## Examples")
    for title, sql in table.queries.items():
        yield from ("", f"{title}:", "", "```sql", f"{sql};", "```")


def _columns(table: Table) -> Iterator[str]:
    yield from (
        "",
        "## Columns",
        "",
        "| column | type | | description |",
        "| --- | --- | --- | --- |",
    )
    saving = narrowing_columns(table)
    for column in table.columns:
        marks = {
            "key": column.name in table.key,
            "saves calls": column.name in saving,
            "secret": any(column.name in read.secrets for read in table.reads),
            "hidden": column.hidden,
        }
        marked = ", ".join(mark for mark, is_so in marks.items() if is_so)
        yield f"| `{column.name}` | {column.type} | {marked} | {escaped(column.description)} |"
    yield from _what_marks_mean(table)


def _what_marks_mean(table: Table) -> Iterator[str]:
    if table.key:
        key = _names(("account_id", "region", *table.key))
        yield from ("", f"A row is identified by {key}.")
    for column in table.columns:
        if column.hidden:
            yield from (
                "",
                f"`{column.name}` is not part of `select *`.{_why_hidden(table, column)}",
            )


def _why_hidden(table: Table, column: Column) -> str:
    asking = [read for read in table.reads if column.name in read.asks]
    if asking:
        asked = ", ".join(f"{read.name} with {_sent(read, column.name)}" for read in asking)
        each = ", one call for each row" if all(read.is_get for read in asking) else ""
        return f" It is read only where a statement names it: {asked}{each}."
    if any(column.name in read.secrets for read in table.reads):
        return " AWS sends it unasked; it is dropped at once unless a statement names it."
    return ""


def _sent(read: Read, column: str) -> str:
    words = {True: "true", False: "false"}
    return ", ".join(
        f"`{name}={words.get(value, value) if isinstance(value, bool) else ','.join(value)}`"
        for name, value in read.asks[column].items()
    )


def _calls(table: Table) -> Iterator[str]:
    if not table.reads:
        return
    yield from ("", "## Calls", "", "| operation | when | IAM action | quota |")
    yield "| --- | --- | --- | --- |"
    for read in table.reads:
        yield f"| {read.name} | {_when(table, read)} | {_permission(read)} | {quota_of(read)} |"


def _when(table: Table, read: Read) -> str:
    """Return when an operation is used, and how often."""
    owner = table.owner(read)
    shared = f"; its answer has the rows of {link(owner)}, too" if owner is not table else ""
    if read.is_get:
        return f"for a statement that gives {_names(read.needs)}{shared}"
    place = PLACES[table.scope]
    when = f"once in each {place}"
    if read.needs and owner.parent:
        given = _names(read.needs)
        when = f"for each row of {link(owner.parent)}, or for the {given} that a statement gives"
    for name, choices in read.choices.items():
        when += f", for each `{name}`: {' and '.join(choices)}"
    if read.page:
        when += f", in pages of {read.page.size}"
    return when + shared


def _permission(operation: Operation) -> str:
    action, path = action_of(operation), path_of(operation)
    if not action:
        return "none"
    return f"`{action}` on `{path}`" if path else f"`{action}`"


def _writes(table: Table) -> Iterator[str]:
    written = list(_written(table))
    if not written:
        return
    yield from ("", "## Writes", "", "They need `--allow-writes`.", "")
    yield from ("| statement | operation | columns | IAM action | quota |",)
    yield "| --- | --- | --- | --- | --- |"
    for statement, write, columns in written:
        names = ", ".join(f"`{name}`" for name in columns)
        permission, quota = _permission(write), quota_of(write)
        yield f"| `{statement}` | {write.name} | {names} | {permission} | {quota} |"
    for _, write, _ in written:
        if write.live_after:
            yield from ("", f"Callers notice {write.name} only after {write.live_after}.")


def _written(table: Table) -> Iterator[tuple[str, Write, Iterable[str]]]:
    """Yield each operation that writes, with its statement and the columns that it sets."""
    if table.insert:
        yield "insert", table.insert, table.insert.parameters.values()
    if update := table.update:
        yield "update", update, (*update.patches, *update.members)
        for name, member in update.members.items():
            if member.erased_by:
                yield "update", member.erased_by, (name,)
    if tagging := tagging_of(table):
        yield "update", tagging.add, (TAGS,)
        yield "update", tagging.remove, (TAGS,)
    if table.delete:
        yield "delete", table.delete, ()


def _joins(table: Table, tables: Iterable[Table]) -> Iterator[str]:
    found = joins_of(table, tables)
    if found:
        yield from ("", "## Joins", "")
    for columns, others in found.items():
        yield f"- `using ({', '.join(columns)})`: {', '.join(map(link, others))}"


def _names(names: Iterable[str]) -> str:
    *before, last = (f"`{name}`" for name in names)
    return f"{', '.join(before)} and {last}" if before else last
