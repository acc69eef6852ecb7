"""Lists of saved queries and of tables."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apigw_vtab.commands import exports
from apigw_vtab.commands.check_findings import lines_of
from apigw_vtab.commands.settings import Output
from apigw_vtab.controls.parameters import parts_of
from apigw_vtab.errors import UsageError, did_you_mean
from apigw_vtab.output.cells import Row
from apigw_vtab.output.files import whole_files
from apigw_vtab.output.formats import row_format_of
from apigw_vtab.output.reports.overview import in_order
from apigw_vtab.output.sinks import write_rows
from apigw_vtab.output.terminal import harmless, terminal_width

# Words that a parameter can be, in a list of queries.
MOST_WORDS = 6
# Columns of a list that is not on a terminal.
IN_A_PIPE = 100

if TYPE_CHECKING:
    from apigw_vtab.controls.rules import Rule
    from apigw_vtab.controls.saved_query import SavedQuery
    from apigw_vtab.tables.declaration import Table


def list_queries(
    found: Sequence[SavedQuery], output: Output, not_evaluated: Sequence[Rule] = ()
) -> None:
    """List the saved queries, and the rules that none of them answers."""
    columns = ("name", "severity", "title", "references", "params", "tags")
    rows = [
        (
            query.name,
            query.severity,
            query.title,
            ", ".join(query.references),
            query.header.get("params", ""),
            ", ".join(query.tags),
        )
        for query in found
    ]
    if output.format or output.exports:
        _write_listing(columns, rows, output)
        for rule in not_evaluated:
            click.echo(f"apigw-vtab: {rule.why_not}", err=True)
        return
    width = terminal_width(sys.stdout) or IN_A_PIPE
    for query, row in zip(found, rows, strict=True):
        _, severity, title, references, _, tags = map(harmless, row)
        more = " · ".join(filter(None, (severity, tags)))
        click.echo(f"{harmless(query.told_name)}  {click.style(more, dim=True)}")
        also = f"Also: {references}" if references else ""
        for text in filter(None, (title, also, _parameters(query))):
            for line in lines_of(text, width - 4):
                click.echo(f"    {line}")
    for rule in not_evaluated:
        for line in lines_of(rule.why_not, width):
            click.echo(line)


def _parameters(query: SavedQuery) -> str:
    """Return the parameters of a query with their ranges, the long ones cut short."""
    told = []
    for text in parts_of(query.header.get("params", "")):
        start, bracket, choices = text.partition("[")
        count = choices.count("|") + 1
        long = f"[{count} words: apigw-vtab queries show {query.short}]"
        told.append(f"{start}{long}" if bracket and count > MOST_WORDS else text)
    return f"Parameters: {', '.join(told)}" if told else ""


def list_frameworks(output: Output) -> None:
    """List the frameworks: their names and titles, who maps rules to them, and how many."""
    from apigw_vtab.controls.frameworks import shipped_frameworks
    from apigw_vtab.controls.library import shipped_folder

    rows: list[Row] = [
        (one.name, one.title, ", ".join(one.sources), len({made.rule for made in one.mappings}))
        for one in shipped_frameworks(shipped_folder())
    ]
    _write_listing(("framework", "title", "mapped by", "rules"), rows, output)


def list_requirements(name: str, folders: Sequence[Path], output: Output) -> None:
    """List the requirements of a framework: who maps which rule to each, and what answers it.

    Raises UsageError for another name.
    """
    from apigw_vtab.controls.frameworks import find_framework, shipped_frameworks
    from apigw_vtab.controls.library import all_queries, shipped_folder

    framework = find_framework(name, shipped_frameworks(shipped_folder()))
    controls: dict[str, list[str]] = {}
    for query in all_queries(folders):
        for one in (*(rule.id for rule in query.rules), *query.own_references):
            controls.setdefault(one, []).append(query.name)
    rows: list[Row] = []
    rules = list(dict.fromkeys(made.rule for made in framework.mappings))
    for rule in rules:
        answers = ", ".join(dict.fromkeys(controls.get(rule, ()))) or "not evaluated"
        rows += [
            (one.name, ", ".join(one.sources), rule, answers)
            for one in framework.requirements_of([rule])
        ]
    rows.sort(key=lambda row: in_order(str(row[0])))
    _write_listing(("requirement", "mapped by", "rule", "controls"), rows, output)


def list_tables(name: str | None, output: Output) -> None:
    """List the tables and views, one table's columns and examples, or the SQL of one view.

    Raises UsageError for another name.
    """
    from apigw_vtab.tables.registry import TABLES
    from apigw_vtab.tables.views import shipped_views

    views = shipped_views()
    described = {table.name: table.description for table in TABLES}
    described |= {view.name: view.description for view in views}
    if name is None:
        listed: list[Row] = [*described.items()]
        _write_listing(("table", "description"), listed, output)
        return
    for table in TABLES:
        if table.name == name.lower():
            rows: list[Row] = [
                (column.name, column.type, column.description) for column in table.columns
            ]
            _write_listing(("column", "type", "description"), rows, output)
            if not (output.format or output.exports):
                _show_examples(table)
            return
    for view in views:
        if view.name == name.lower():
            click.echo(f"-- {view.description}\ncreate view {view.name} as\n{view.sql};")
            return
    raise UsageError(
        f"No table {name!r}.{did_you_mean(name, described)} The tables are: {', '.join(described)}."
    )


def _show_examples(table: Table) -> None:
    for title, sql in table.queries.items():
        click.echo(f"\n{click.style(title, bold=True)}:\n\n{textwrap.indent(sql, '  ')};")


def _write_listing(columns: Sequence[str], rows: Sequence[Row], output: Output) -> None:
    exports.refuse_same_file(output.exports)
    formats = [row_format_of(path) for path in output.exports]
    with whole_files(exports.tell) as whole:
        files = [whole.open(path) for path in output.exports]
        if files:
            write_rows(columns, rows, list(zip(files, formats, strict=True)), output.style)
    exports.tell(*(f"{path}: {len(rows):,} rows" for path in output.exports))
    write_rows(columns, rows, [(sys.stdout, output.format or "table")], output.style)
