"""The options that commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from apigw_vtab.cli.option_completion import (
    names_of_frameworks,
    names_of_profiles,
    names_of_regions,
)
from apigw_vtab.cli.option_values import CODES, NAMES, parted_by
from apigw_vtab.commands.settings import Gate, Output, Reading, Writes
from apigw_vtab.commands.typed import Typed
from apigw_vtab.controls.suites import SUITES
from apigw_vtab.output.formats import FORMATS
from apigw_vtab.output.reports.registry import REPORT_FORMATS

Command = Callable[..., Any]
FORMAT_NAMES = tuple(FORMATS)
REPORT_NAMES = tuple(REPORT_FORMATS)
SUITE_NAMES = tuple(SUITES)


def _option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """Make an option that the environment variable APIGW_VTAB_<NAME> can also set."""
    name = names[0].split("/")[0].removeprefix("--").replace("-", "_").upper()
    return click.option(*names, envvar=f"APIGW_VTAB_{name}", **settings)


READING_OPTIONS = (
    _option(
        "--profile",
        multiple=True,
        type=NAMES,
        metavar="PATTERN",
        shell_complete=names_of_profiles,
        help="AWS profiles to read, separated by commas; * and ? are wildcards. Repeatable.",
    ),
    _option(
        "--organization",
        is_flag=True,
        help="Read all active accounts of the organization, each by the role of --assume-role.",
    ),
    _option(
        "--assume-role",
        metavar="NAME",
        help="Role to assume in each account of --organization or --accounts-from.",
    ),
    _option("--external-id", metavar="ID", help="External ID that the role asks for."),
    _option(
        "--role-session-name",
        metavar="NAME",
        help="Name of the role's session, as CloudTrail shows it. Default: botocore's.",
    ),
    _option(
        "--account",
        multiple=True,
        type=NAMES,
        metavar="PATTERN",
        help="Only accounts with this id or name, separated by commas; * and ? are wildcards. "
        "Repeatable.",
    ),
    _option(
        "--ou",
        multiple=True,
        type=CODES,
        metavar="ID",
        help="Only accounts in this organizational unit and those below it. Repeatable.",
    ),
    _option(
        "--accounts-from",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Read the accounts that a CSV file lists: id,name,role.",
    ),
    _option(
        "--sso-role",
        multiple=True,
        type=NAMES,
        metavar="PATTERN",
        help="Read each account in which IAM Identity Center has assigned you such a role; "
        "* and ? are wildcards. Repeatable.",
    ),
    _option(
        "--sample",
        type=click.IntRange(min=1),
        metavar="N",
        help="Read only so many of the accounts, for a first look.",
    ),
    _option(
        "--no-credential-cache",
        is_flag=True,
        help="Do not keep the keys of roles on disk, as the AWS CLI does.",
    ),
    _option(
        "--workers",
        type=click.IntRange(min=1),
        metavar="N",
        help="Make the calls by so many processes, each with accounts of its own.",
    ),
    _option(
        "--cluster",
        metavar="ADDRESS",
        help="Make the calls by the workers of a Dask cluster: tcp://HOST:PORT",
    ),
    _option(
        "--region",
        multiple=True,
        type=CODES,
        metavar="PATTERN",
        shell_complete=names_of_regions,
        help="Regions, separated by commas; * and ? are wildcards. Default: every enabled region.",
    ),
    _option("--endpoint-url", metavar="URL", help="Send requests to this endpoint, not to AWS."),
    _option("--sandbox", is_flag=True, help="Use a made-up AWS: no account, key or network."),
    _option(
        "--on-error",
        type=click.Choice(["warn", "fail"]),
        default="warn",
        show_default=True,
        help="What to do when something cannot be read.",
    ),
    _option(
        "--skip-denied-by-scp",
        is_flag=True,
        help="Leave out regions that a service control policy denies; they are named at the end.",
    ),
    _option(
        "--cache-ttl",
        type=click.FloatRange(min=0),
        default=300,
        show_default=True,
        metavar="SECONDS",
        help="How long to cache an answer; 0 turns the cache off.",
    ),
    _option(
        "--max-rps",
        type=click.FloatRange(min=0, min_open=True),
        metavar="N",
        help="Requests per second in each account and region. Default: AWS's quota of 10.",
    ),
    _option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=60,
        show_default=True,
        metavar="SECONDS",
        help="How long one call may take, including its retries.",
    ),
    _option(
        "--db",
        default=":memory:",
        metavar="FILE",
        help="SQLite database to open alongside the tables.",
    ),
    click.option(
        "--debug",
        is_flag=True,
        envvar="APIGW_VTAB_DEBUG",
        expose_value=False,
        callback=lambda ctx, _parameter, value: ctx.find_root().meta.update(debug=value),
        help="Show a traceback when an error occurs.",
    ),
)

OUTPUT_OPTIONS = (
    _option(
        "--export",
        multiple=True,
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write to a file, completely or not at all; the suffix sets the format. Repeatable.",
    ),
    _option("--no-header", is_flag=True, help="Leave out the header line."),
    _option("--separator", default=",", metavar="TEXT", help="Separator between CSV fields."),
    _option(
        "--raw",
        is_flag=True,
        help="Do not escape CSV text that a spreadsheet would run as a formula.",
    ),
)

ALLOW_WRITES = _option(
    "--allow-writes", is_flag=True, help="Let INSERT, UPDATE and DELETE change AWS, at COMMIT."
)
WRITING_OPTIONS = (
    _option(
        "--dry-run", is_flag=True, help="Print the changes as AWS CLI commands, and send nothing."
    ),
    _option("--yes", is_flag=True, help="Send changes without asking first."),
    _option(
        "--journal",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Log each change, with its old values, to this file before and after it is sent.",
    ),
)

SELECTION_OPTIONS = (
    _option(
        "--suite",
        multiple=True,
        type=click.Choice(SUITE_NAMES),
        help="Only controls that match a rule of this suite. Repeatable.",
    ),
    _option(
        "--framework",
        multiple=True,
        metavar="NAME",
        shell_complete=names_of_frameworks,
        help="Only controls that answer this framework, such as pci-dss-4.0 or, as Prowler maps "
        "it, pci-dss-4.0/prowler. Repeatable.",
    ),
    _option(
        "--severity",
        multiple=True,
        type=click.Choice(("critical", "high", "medium", "low")),
        help="Only controls of this severity. Repeatable.",
    ),
    _option("--tag", multiple=True, metavar="TAG", help="Only controls with this tag. Repeatable."),
)

GATE_OPTIONS = (
    _option(
        "--fail-on",
        type=click.Choice(("alarm", "error", "never")),
        default="alarm",
        show_default=True,
        help="Statuses that cause a non-zero exit: alarm (1) and error (3), only error, or none.",
    ),
    _option(
        "--baseline",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="File of accepted alarms, each with a reason and an end date.",
    ),
    _option(
        "--write-baseline",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Accept current alarms for 90 days; those in --baseline keep their reason and date.",
    ),
)

SCOPE_OPTIONS = (
    click.option(
        "--where", metavar="SQL", help="Only findings of which this is true: region like 'eu-%'"
    ),
    _option(
        "--resource-tag",
        multiple=True,
        metavar="KEY[=VALUE]",
        help="Only findings about resources with this tag; * is a wildcard. Repeatable.",
    ),
    _option(
        "--without-resource-tag",
        multiple=True,
        metavar="KEY[=VALUE]",
        help="Leave out findings about resources with this tag. Repeatable.",
    ),
)

parameters = _option(
    "--param", multiple=True, metavar="NAME=VALUE", help="Set :NAME in the SQL. Repeatable."
)
estimating = _option(
    "--estimate", is_flag=True, help="Only say how many calls it would take, and how long."
)
query_folders = _option(
    "--queries",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Also look for saved queries in this folder. Repeatable.",
)


def reading(command: Command) -> Command:
    """Add the options for what to read to a command, as its argument `settings`."""
    return _gather(command, READING_OPTIONS, "settings", Reading)


def output_options(*more: str) -> Callable[[Command], Command]:
    """Add the output options to a command, as its argument `output`; `more` adds formats."""
    formats = click.Choice((*FORMAT_NAMES, *more))
    output_option = _option("--output", "-o", type=formats, help="Output format. Default: table.")

    def gather(
        output: str | None, export: Sequence[Path], no_header: bool, separator: str, raw: bool
    ) -> Output:
        return Output(output, export, not no_header, parted_by(separator), raw)

    return lambda command: _gather(command, (output_option, *OUTPUT_OPTIONS), "output", gather)


def writing_options(command: Command) -> Command:
    """Add the write options to a command, as its argument `writes`."""

    def gather(allow_writes: bool, dry_run: bool, yes: bool, journal: Path | None) -> Writes:
        return Writes(allow_writes, dry_run, yes, journal)

    return _gather(command, (ALLOW_WRITES, *WRITING_OPTIONS), "writes", gather)


def remedy_options(command: Command) -> Command:
    """Add the write options, without --allow-writes, to a command that always writes."""

    def gather(dry_run: bool, yes: bool, journal: Path | None) -> Writes:
        return Writes(True, dry_run, yes, journal)

    return _gather(command, WRITING_OPTIONS, "writes", gather)


def selection_options(command: Command) -> Command:
    """Add the options that select saved queries to a command, as its argument `selection`."""

    def gather(
        suite: Sequence[str], framework: Sequence[str], severity: Sequence[str], tag: Sequence[str]
    ) -> Any:
        from apigw_vtab.controls.selection import Selection

        return Selection(suite, severity, tag, framework)

    return _gather(command, SELECTION_OPTIONS, "selection", gather)


def scope_options(command: Command) -> Command:
    """Add the options that say which findings count to a command, as its argument `scope`."""

    def gather(
        where: str | None, resource_tag: Sequence[str], without_resource_tag: Sequence[str]
    ) -> Any:
        from apigw_vtab.commands.scope import FindingScope
        from apigw_vtab.controls.tag_scope import TagScope, tag_patterns

        tags = TagScope(tag_patterns(resource_tag), tag_patterns(without_resource_tag))
        return FindingScope(where, tags)

    return _gather(command, SCOPE_OPTIONS, "scope", gather)


def gate_options(command: Command) -> Command:
    """Add the options that decide when a check fails to a command, as its argument `gate`."""
    return _gather(command, GATE_OPTIONS, "gate", Gate)


def typed() -> Typed:
    """Return the command of this run with the arguments and options that it was given."""
    context = click.get_current_context()
    given = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)
    words, options = [str(context.info_name)], {}
    for parameter in context.command.params:
        name = parameter.name or ""
        if name not in context.params or context.get_parameter_source(name) not in given:
            continue
        value = context.params[name]
        values = value if isinstance(value, tuple) else (value,)
        if isinstance(parameter, click.Argument):
            words += map(str, values)
        elif not isinstance(value, bool):
            options[parameter.opts[0].removeprefix("--")] = tuple(map(str, values))
        elif value:
            options[parameter.opts[0].removeprefix("--")] = ()
    return Typed(words, options)


def _gather(
    command: Command,
    options: Sequence[Callable[[Command], Command]],
    argument: str,
    gather: Callable[..., Any],
) -> Command:
    @functools.wraps(command)
    def gathered(*args: Any, **values: Any) -> Any:
        mine = {name: values.pop(name) for name in names if name in values}
        return command(*args, **values, **{argument: gather(**mine)})

    decorated: Any = gathered
    for option in reversed(options):
        decorated = option(decorated)
    names = [option.name for option in decorated.__click_params__[-len(options) :]]
    return gathered
