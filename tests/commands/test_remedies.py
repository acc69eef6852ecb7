"""Each control's remedy on the sandbox's estate: from alarm to ok, and nothing else is touched.

Once by `remediate`, and once by pasting the column `remediation` into a shell. All changes of a
table become commands in the same way, so only its first control is pasted into sh, bash, zsh and
fish, which have to make the same calls; the others are pasted into sh.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import apigw_vtab
from apigw_vtab.cli.main import main
from apigw_vtab.controls.library import all_queries
from apigw_vtab.controls.remedy import DeclaredChange, declared_change
from apigw_vtab.controls.run import run_controls
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.sandbox import identities, process, seeding, shop
from apigw_vtab.sandbox.server import SandboxServer
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.tables.tagging import TAGS
from apigw_vtab.tables.v1.client_certificates import CLIENT_CERTIFICATES
from apigw_vtab.tables.v1.deployments import DEPLOYMENTS
from apigw_vtab.tables.values import SqlValue
from tests.sandbox.clients import reach
from tests.writes.aws_cli_cases import REQUIRED, StubCall, pasted

REGION = "us-east-1"
# What AWS itself notes of any change.
NOTED = ("last_updated_date",)
# What it notes of a stage that it deploys by itself.
OF_A_DEPLOYMENT = ("deployment_id", "last_deployment_status_message")
# What has to be the same of two new certificates or deployments.
KEPT = ("account_id", "region", "rest_api_id", "client_certificate_id", "description", "tags")
# A shell that is missing is left out, unless APIGW_VTAB_SHELLS names it: .ci/run names all.
PASTED_INTO = [one for one in ("bash", "zsh", "fish") if one in REQUIRED or shutil.which(one)]
CHANGES = {one.name: change for one in all_queries() if (change := declared_change(one))}
WITH_REMEDY = [query for query in all_queries() if query.name in CHANGES]
# What remedies change, and what they make.
TABLES = {one.table for one in CHANGES.values()} | {CLIENT_CERTIFICATES, DEPLOYMENTS}
# The first control of each table.
INTO_EACH_SHELL = {CHANGES[one.name].table: one.name for one in reversed(WITH_REMEDY)}.values()
# Examples of what the user chooses that are there in the sandbox.
CHOSEN: dict[str, dict[str, SqlValue]] = {
    "method-request-validated": {"request_validator": "body"},
    "v2-stage-client-certificate": {"client_certificate_id": "g0p4wf"},
}
# What puts a resource of the sandbox in alarm, for controls that find none there.
WORSE = {
    "v2-cors-any-origin": """
        update v2_apis
        set cors_configuration = json_insert(cors_configuration, '$.AllowOrigins[#]', 'https://*')
        where cors_configuration ->> 'AllowCredentials'
    """,
    "v2-stage-execution-logging": """
        update v2_stages
        set default_route_settings = json_set(default_route_settings, '$.LoggingLevel', 'OFF')
        where default_route_settings ->> 'LoggingLevel' = 'INFO'
    """,
}
# The resources of the estate with all their columns, by table, account and key.
Key = tuple[Any, ...]
Estate = dict[Key, dict[str, Any]]
Row = dict[str, Any]


@dataclass
class Reader:
    """One sandbox for all tests of this file, and one connection that reads it: both are dear."""

    server: SandboxServer
    connection: Connection
    at_first: Estate = field(default_factory=dict)

    def reset(self, control: SavedQuery) -> Estate:
        """Make the estate what it was at first, with something in alarm for a control."""
        self.server.backends.clear()
        today = datetime.now(timezone.utc).date()
        seeding.populate(self.server.backends, shop.SHOP_REGIONS, today)
        if sql := WORSE.get(control.name):
            assert run("query", sql, "--allow-writes", "--yes").exit_code == 0
            return self.estate()
        # It is dear, and the same for all others.
        self.at_first = self.at_first or self.estate()
        return self.at_first

    def findings(self, control: SavedQuery) -> list[Row]:
        """What a control finds, given what is the user's to choose."""
        (found,) = run_controls(self.connection, [control], chosen(control))
        return [dict(zip(found.columns, row, strict=True)) for row in found.rows]

    def alarms(self, control: SavedQuery) -> list[Row]:
        return [row for row in self.findings(control) if row["status"] == "alarm"]

    def estate(self) -> Estate:
        found: Estate = {}
        for table in TABLES:
            cursor = self.connection.execute(f"select * from {table.name}")
            names = [name for name, *_ in cursor.get_description()]
            for values in cursor:
                row = dict(zip(names, values, strict=True))
                for name in (*NOTED, *(OF_A_DEPLOYMENT if row.get("auto_deploy") else ())):
                    row.pop(name, None)
                found[(table.name, row["account_id"], *(row[one] for one in table.key))] = row
        return found


def chosen(control: SavedQuery) -> dict[str, SqlValue]:
    """What the user chooses."""
    return control.examples | CHOSEN.get(control.name, {})


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    process._running.clear()
    server = process.serve()
    profiles = tuple(identities.session_of(one, one.roles[0]) for one in shop.ACCOUNTS)
    process._running[True] = process.Sandbox(server.endpoint_url, profiles)
    connection = apigw_vtab.connect(sandbox=True, regions=[REGION], max_rps=10_000, cache_ttl=0)
    yield Reader(server, connection)
    connection.close()
    process._running.clear()
    server.stop()


@dataclass
class Fixed:
    """A control that was remediated: its alarms, and the estate before and after.

    `left` are its findings afterwards.
    """

    control: SavedQuery
    alarms: list[Row]
    before: Estate
    result: Result
    left: list[Row]
    after: Estate

    @property
    def change(self) -> DeclaredChange:
        return CHANGES[self.control.name]

    @property
    def commands(self) -> dict[Key, str]:
        """The commands of the column `remediation`, by the row of the remedy's table."""
        table = self.change.table
        return {
            (table.name, row["account_id"], *(row[one] for one in table.key)): row["remediation"]
            for row in self.alarms
            if row["remediation"]
        }

    @property
    def columns(self) -> set[str]:
        """The columns that are another way now."""
        return {
            name
            for key in self.changed(self.after)
            for name, value in self.before[key].items()
            if self.after[key][name] != value
        }

    def changed(self, after: Estate) -> set[Key]:
        """The resources that were there before and are another way now."""
        assert set(self.before) <= set(after)
        return {key for key, row in self.before.items() if after[key] != row}

    def comparable(self, after: Estate) -> list[tuple[str, ...]]:
        """An estate without what AWS chose by chance: the ids, keys and dates of what is new."""
        new = {str(key[-1]) for key in set(after) - set(self.before)}
        return sorted(
            tuple(
                f"{name}={'new' if str(value) in new else value}"
                for name, value in row.items()
                if key in self.before or name in KEPT
            )
            for key, row in after.items()
        )


# By control, so that the tests about one follow each other.
@pytest.fixture(scope="module", params=WITH_REMEDY, ids=lambda one: one.name)
def fixed(reader: Reader, request: pytest.FixtureRequest) -> Fixed:
    control = request.param
    before, alarms = reader.reset(control), reader.alarms(control)
    result = remediate(control)
    return Fixed(control, alarms, before, result, reader.findings(control), reader.estate())


def remediate(control: SavedQuery) -> Result:
    asked = [f"--param={name}={value!s}" for name, value in chosen(control).items()]
    return run("remediate", control.name, "--yes", *asked)


def run(*words: str) -> Result:
    # The sandbox has no quota.
    where = ("--sandbox", "--region", REGION, "--max-rps", "10000")
    return CliRunner().invoke(main, [*words, *where])


def test_remediate_ends_each_alarm_and_touches_nothing_else(fixed: Fixed) -> None:
    kept = [row for row in fixed.alarms if not row["remediation"]]
    assert fixed.commands
    assert fixed.result.exit_code == (3 if kept else 0), fixed.result.stderr
    # One line for each, or for many with the same reason.
    told = re.findall(r"^Left alone: (?:([\d,]+) alarms)?", fixed.result.stderr, re.MULTILINE)
    assert sum(int(one or 1) for one in told) == len(kept)
    assert {row["status"] for row in fixed.left} <= {"ok", "skip", "info", "alarm"}
    assert [row for row in fixed.left if row["status"] == "alarm"] == kept
    assert fixed.changed(fixed.after) == set(fixed.commands)


def test_pasting_the_column_does_what_remediate_does(
    reader: Reader, fixed: Fixed, tmp_path: Path
) -> None:
    """A deployment is the part that the column leaves to `remediate`, which finds what is left."""
    reader.reset(fixed.control)
    lines = [line for text in fixed.commands.values() for line in text.splitlines()]
    calls = pasted("sh", lines, tmp_path)
    for shell in PASTED_INTO if fixed.control.name in INTO_EACH_SHELL else ():
        assert pasted(shell, lines, tmp_path) == calls, shell
    replay(calls)
    assert not any(row["remediation"] for row in reader.alarms(fixed.control))
    by_hand = reader.estate()
    assert fixed.changed(by_hand) == set(fixed.commands)
    if fixed.change.makes_certificate:
        result = remediate(fixed.control)
        assert "0 of 0 alarms to fix" in result.stderr
        by_hand = reader.estate()
    assert fixed.comparable(by_hand) == fixed.comparable(fixed.after)


def test_a_change_that_callers_do_not_notice_at_once_is_told_so(fixed: Fixed) -> None:
    write = fixed.change.table.update
    assert write
    # Tags have operations of their own, which take effect at once.
    is_late = bool(write.live_after) and fixed.columns != {TAGS}
    told = f"only after {write.live_after}" if is_late else "only after"
    assert (told in fixed.result.stderr) == is_late
    # A text is quoted for the shell, so that a name in it may not be where it was.
    assert all(("only after" in text) == is_late for text in fixed.commands.values())


ASKING = [one for one in WITH_REMEDY if one.asked]


@pytest.mark.parametrize("control", ASKING, ids=lambda one: one.name)
def test_a_value_that_can_do_harm_is_asked_for(reader: Reader, control: SavedQuery) -> None:
    before = reader.reset(control)
    result = run("remediate", control.name, "--yes")
    assert result.exit_code == 2
    for name, example in control.examples.items():
        assert f"--param {name}=VALUE, such as {name}={example!s}" in result.stderr
    assert reader.estate() == before


@pytest.mark.parametrize("control", ASKING, ids=lambda one: one.name)
def test_the_column_has_no_command_before_a_value_is_chosen(
    reader: Reader, control: SavedQuery
) -> None:
    reader.reset(control)
    (found,) = run_controls(reader.connection, [control], {})
    texts = {str(row[-1]) for row in found.rows if row[1] == "alarm"}
    (text,) = texts
    assert "aws " not in text
    assert text.endswith(" && false")
    for name in control.asked:
        assert f"--param {name}=VALUE" in text


@lru_cache
def client_of(endpoint_url: str, service: str, profile: str, region: str) -> Any:
    (found,) = (one for one in process.start().profiles if one.name == profile)
    return reach(endpoint_url, service, found, region)


def replay(calls: Sequence[StubCall]) -> None:
    """Make the calls that a stub of the AWS CLI was asked to make, with the ids that AWS gives."""
    ids: dict[str, str] = {}
    for number, call in enumerate(calls, 1):
        url = process.start().endpoint_url
        client = client_of(url, call.words[0], call.options["profile"], call.options["region"])
        text = json.dumps(call.parameters)
        for made, real in ids.items():
            text = text.replace(f'"{made}"', f'"{real}"')
        answer = getattr(client, call.operation.replace("-", "_"))(**json.loads(text))
        if query := call.options.get("query"):
            ids[f"made{number}"] = answer[query]
