"""The commands that list what there is: saved queries, frameworks, tables."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apigw_vtab.cli.option_completion import names_of_queries, names_of_tables
from apigw_vtab.cli.options import output_options, query_folders, selection_options
from apigw_vtab.commands.settings import Output

if TYPE_CHECKING:
    from apigw_vtab.controls.selection import Selection


@click.group(invoke_without_command=True)
@query_folders
@selection_options
@output_options()
@click.pass_context
def queries(
    ctx: click.Context, queries: Sequence[Path], selection: Selection, output: Output
) -> None:
    """List the saved queries, or show one."""
    ctx.obj = queries
    if ctx.invoked_subcommand is None:
        from apigw_vtab.commands.listings import list_queries
        from apigw_vtab.controls.library import all_queries

        list_queries(selection.choose(all_queries(queries)), output, selection.not_evaluated())


@queries.command("show")
@click.argument("name", shell_complete=names_of_queries)
@click.pass_obj
def show_query(folders: Sequence[Path], name: str) -> None:
    """Print a saved query: its header and its SQL, and the parameters of a rule."""
    from apigw_vtab.controls.library import all_queries, find_queries
    from apigw_vtab.output.terminal import harmless_lines

    for found in find_queries([name], all_queries(folders)):
        as_rules = [f"-- {one.id} has {told}" for one in found.asked_as if (told := one.given)]
        sql = "\n".join([*as_rules, found.sql.rstrip()])
        # A file or a pipe gets the text unchanged.
        click.echo(harmless_lines(sql.expandtabs()) if sys.stdout.isatty() else sql)


@queries.command("test")
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.pass_obj
def test_queries(folders: Sequence[Path], folder: Path | None) -> None:
    """Run the controls of a folder over their own examples; without one, ours."""
    from apigw_vtab.commands.examples import run_examples
    from apigw_vtab.controls.library import shipped_folder

    sys.exit(run_examples(folder or shipped_folder(), folders))


@click.command()
@click.argument("framework", required=False)
@query_folders
@output_options()
def frameworks(framework: str | None, queries: Sequence[Path], output: Output) -> None:
    """List the frameworks for --framework, or the requirements of one and what answers them."""
    from apigw_vtab.commands.listings import list_frameworks, list_requirements

    if framework is None:
        list_frameworks(output)
    else:
        list_requirements(framework, queries, output)


@click.command()
@click.argument("table", required=False, shell_complete=names_of_tables)
@output_options()
def tables(table: str | None, output: Output) -> None:
    """List the tables, or describe the columns of one, with example queries."""
    from apigw_vtab.commands.listings import list_tables

    list_tables(table, output)
