"""The command line: options in, results to stdout, everything else to stderr, an exit code."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from apigw_vtab import __version__
from apigw_vtab.cli.estimating import refuse_ignored
from apigw_vtab.cli.lists import frameworks, queries, tables
from apigw_vtab.cli.option_completion import install, names_of_queries
from apigw_vtab.cli.options import (
    REPORT_NAMES,
    estimating,
    gate_options,
    output_options,
    parameters,
    query_folders,
    reading,
    remedy_options,
    scope_options,
    selection_options,
    typed,
    writing_options,
)
from apigw_vtab.commands.exit_codes import INTERRUPTED, exit_code
from apigw_vtab.commands.messages import in_words, is_debugging
from apigw_vtab.commands.settings import Gate, Output, Reading, Writes
from apigw_vtab.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from apigw_vtab.commands.scope import FindingScope
    from apigw_vtab.controls.saved_query import SavedQuery
    from apigw_vtab.controls.selection import Selection

ONE_WORD_SQL = {"analyze", "begin", "commit", "end", "reindex", "rollback", "vacuum"}


class CommandGroup(click.Group):
    """The commands; with none given, the shell. Errors become a message and an exit code."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Treat options that come before any command as options of the shell."""
        own = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        first = args[0].partition("=")[0] if args else ""
        is_option = first[:1] == "-" and first not in own
        # During completion, `args` leaves out the word at the cursor.
        if is_option or not (args or ctx.resilient_parsing):
            args = ["shell", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest command for an unknown one."""
        if self.get_command(ctx, args[0]) is None:
            hint = did_you_mean(args[0], self.list_commands(ctx))
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command, and turn any error into a message and an exit code."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        except Exception as error:
            if is_debugging():
                raise
            from apigw_vtab.output.terminal import harmless_lines

            click.echo(f"apigw-vtab: {harmless_lines(in_words(error))}", err=True)
            ctx.exit(exit_code(error))


class Script(click.Path):
    """A file of SQL. A command name here means that it was typed after its options."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Explain the right order when a command was meant."""
        commands = main.commands if not Path(value).exists() else {}
        if str(value) in commands:
            raise click.UsageError(
                f"The command comes before its options: apigw-vtab {value} [OPTIONS] ...", ctx
            )
        return super().convert(value, param, ctx)


@click.group(
    cls=CommandGroup,
    epilog="Every option can be set in the environment, for example --region as APIGW_VTAB_REGION.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--install-completion",
    is_flag=False,
    flag_value="auto",
    metavar="[SHELL]",
    expose_value=False,
    is_eager=True,
    callback=install,
    help="Install completion of commands, saved queries and tables for bash, zsh or fish.",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Amazon API Gateway as SQL tables, straight from AWS.

    Try it without an AWS account: apigw-vtab check --sandbox
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot encode a name shows escapes instead of failing.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@main.command()
@click.argument("script", required=False, type=Script(path_type=Path, dir_okay=False, exists=True))
@click.option("-cmd", "--cmd", multiple=True, metavar="TEXT", help="Run this first. Repeatable.")
@query_folders
@writing_options
@reading
def shell(
    script: Path | None,
    cmd: Sequence[str],
    queries: Sequence[Path],
    settings: Reading,
    writes: Writes,
) -> None:
    """Type SQL, see rows. This is the default when no command is given.

    \b
    apigw-vtab
    apigw-vtab shell report.sql
    echo "select count(*) from stages;" | apigw-vtab
    """  # noqa: D301
    from apigw_vtab.shell.main import Opening, run_shell

    sys.exit(run_shell(settings, writes, Opening(cmd, script, queries)))


@main.command()
@click.argument("sql", required=False, shell_complete=names_of_queries)
@click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    envvar="APIGW_VTAB_FILE",
    help="Read the SQL from a file; - means standard input.",
)
@parameters
@query_folders
@estimating
@writing_options
@output_options()
@reading
def query(
    sql: str | None,
    file: Path | None,
    estimate: bool,
    param: Sequence[str],
    queries: Sequence[Path],
    writes: Writes,
    output: Output,
    settings: Reading,
) -> None:
    """Run SQL, or a saved query by name, and print the rows.

    \b
    apigw-vtab query "select region, name from rest_apis"
    apigw-vtab query client-certificate-expiring --param days=60
    """  # noqa: D301
    from apigw_vtab.commands.query import run_query
    from apigw_vtab.controls.parameters import read_parameters

    if estimate:
        refuse_ignored()
    wanted = _wanted_query(sql, file, queries)
    given = wanted.bound(read_parameters(param))
    if estimate:
        from apigw_vtab.commands.estimate import estimate_query

        sys.exit(estimate_query(settings, wanted, given, writes))
    sys.exit(run_query(settings, wanted, given, output, writes))


@main.command()
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=names_of_queries)
@selection_options
@gate_options
@click.option("--all", "show_all", is_flag=True, help="Also show what is ok or skipped.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="N",
    help="Findings of each control to show; 0 shows every one. Default: as many as fit on a page.",
)
@scope_options
@click.option(
    "--params",
    "choices",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Take parameters from a YAML file, by name, or by control or rule id and name.",
)
@parameters
@query_folders
@estimating
@output_options(*REPORT_NAMES)
@reading
def check(
    names: Sequence[str],
    estimate: bool,
    selection: Selection,
    gate: Gate,
    show_all: bool,
    limit: int | None,
    scope: FindingScope,
    choices: Path | None,
    param: Sequence[str],
    queries: Sequence[Path],
    output: Output,
    settings: Reading,
) -> None:
    """Run all controls, or the given ones by name or rule id.

    \b
    apigw-vtab check
    apigw-vtab check AG-006 --region 'eu-*' --output csv
    apigw-vtab check --suite securityhub --export report.html --export junit.xml
    apigw-vtab check --baseline accepted.json
    """  # noqa: D301
    from apigw_vtab.commands.check import Check, report_not_evaluated, run_check
    from apigw_vtab.controls.choices import places_in, read_choices, with_choices
    from apigw_vtab.controls.library import all_queries, not_answered
    from apigw_vtab.controls.parameters import read_parameters

    if estimate:
        refuse_ignored()
    every = all_queries(queries)
    left = not_answered(names, every) if names else selection.not_evaluated()
    answered = [name for name in names if not any(rule.is_called(name) for rule in left)]
    if names and not answered:
        sys.exit(report_not_evaluated(Check((), {}, gate, output, left)))
    wanted = selection.choose_named(answered, every) if names else selection.choose(every)
    given = read_parameters(param)
    if choices:
        wanted = with_choices(wanted, read_choices(choices), every, places_in(choices))
    if estimate:
        from apigw_vtab.commands.estimate import estimate_check

        sys.exit(estimate_check(settings, wanted, given, left, chosen=bool(names)))
    run = Check(wanted, given, gate, output, left, bool(names), show_all, limit, scope, every)
    sys.exit(run_check(settings, run))


@main.command()
@click.argument("name", shell_complete=names_of_queries)
@scope_options
@click.option(
    "--per",
    type=click.Choice(("region", "stage")),
    default="region",
    show_default=True,
    help="Create one new certificate per region, or one per stage.",
)
@click.option(
    "--prepare", is_flag=True, help="Only create the new certificates, and print their public keys."
)
@click.option("--no-redeploy", is_flag=True, help="Do not deploy the stages again.")
@click.option(
    "--redeploy-changed",
    is_flag=True,
    help="Also deploy stages whose API was changed, with a canary, or of CloudFormation.",
)
@click.option(
    "--delete-old", is_flag=True, help="Finally, delete the certificates that no stage uses."
)
@click.option(
    "--pem-dir",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the public keys to this folder, for the backends.",
)
@click.option("--label", metavar="TEXT", help="Description of the new certificates.")
@click.option(
    "--baseline",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Leave alone the alarms that this file accepts.",
)
@click.option("--show-sql", is_flag=True, help="Print the SQL without running it.")
@parameters
@query_folders
@remedy_options
@reading
def remediate(
    name: str,
    scope: FindingScope,
    per: str,
    prepare: bool,
    no_redeploy: bool,
    redeploy_changed: bool,
    delete_old: bool,
    pem_dir: Path | None,
    label: str | None,
    baseline: Path | None,
    show_sql: bool,
    param: Sequence[str],
    queries: Sequence[Path],
    writes: Writes,
    settings: Reading,
) -> None:
    """End a control's alarms, where its remedy is a change that can be written for you.

    \b
    apigw-vtab remediate stage-xray-tracing
    apigw-vtab remediate AG-006 --dry-run
    apigw-vtab remediate AG-006 --where "region like 'eu-%'" --pem-dir keys
    apigw-vtab remediate client-certificate-expiring --prepare > new.pem
    apigw-vtab remediate client-certificate-expiring
    apigw-vtab remediate client-certificate-expiring --delete-old
    """  # noqa: D301
    from apigw_vtab.commands.remediate import Remediation, run_remediation
    from apigw_vtab.commands.typed import the_one
    from apigw_vtab.controls.certificates import Step, StepOptions
    from apigw_vtab.controls.library import all_queries, find_queries
    from apigw_vtab.controls.parameters import read_parameters

    if prepare and delete_old:
        raise UsageError("--prepare begins a rotation and --delete-old ends it: give one of them.")
    step = Step.PREPARE if prepare else Step.DELETE if delete_old else Step.ATTACH
    wanted = Remediation(
        the_one(find_queries([name], all_queries(queries)), typed()),
        read_parameters(param),
        scope=scope,
        certificates=StepOptions(step, label, per, not no_redeploy, redeploy_changed),
        pem_dir=pem_dir,
        baseline=baseline,
        show_sql=show_sql,
        typed=typed(),
    )
    sys.exit(run_remediation(settings, wanted, writes))


for listing in (frameworks, queries, tables):
    main.add_command(listing)


def _wanted_query(sql: str | None, file: Path | None, folders: Sequence[Path]) -> SavedQuery:
    """Return the SQL that the user wants, wherever it comes from."""
    from apigw_vtab.controls.saved_query import read_query

    if (sql is None) == (file is None):
        raise click.UsageError("Give the SQL, the name of a saved query, or --file FILE.")
    if sql == "-" or (file is not None and str(file) == "-"):
        return read_query("standard input", sys.stdin.read())
    if file is not None:
        from apigw_vtab.controls.library import read_query_file

        return read_query_file(file)
    assert sql is not None
    # Apart from these, no statement is one word, so any other single word names a saved query.
    if re.fullmatch(r"[\w.-]+", sql.strip()) and sql.strip().lower() not in ONE_WORD_SQL:
        from apigw_vtab.commands.typed import the_one
        from apigw_vtab.controls.library import all_queries, find_queries

        return the_one(find_queries([sql.strip()], all_queries(folders)), typed())
    return read_query("query", sql)
