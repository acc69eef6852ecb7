"""Each control's remedy on the sandbox's estate: from alarm to ok, and nothing else is touched.

Once by `remediate`, and once by pasting the column `remediation` into a shell.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import apigw_vtab
from apigw_vtab.cli.main import main
from apigw_vtab.controls.library import all_queries
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.sandbox import process
from apigw_vtab.tables.v1.client_certificates import CLIENT_CERTIFICATES
from apigw_vtab.tables.v1.rest_apis import REST_APIS
from apigw_vtab.tables.v1.stages import STAGES
from tests.sandbox.clients import reach
from tests.writes.aws_cli_cases import REQUIRED, StubCall, pasted

REGION = "us-east-1"
TABLES = (REST_APIS, STAGES, CLIENT_CERTIFICATES)
# What AWS itself notes of any change.
NOTED = "last_updated_date"
WITH_REMEDY = [query for query in all_queries() if query.remedy]
each_remedy = pytest.mark.parametrize("control", WITH_REMEDY, ids=lambda one: one.name)
# The resources of the estate with all their columns, by table, account and key.
Estate = dict[tuple[Any, ...], dict[str, Any]]


@pytest.fixture(autouse=True)
def sandbox() -> Iterator[None]:
    """A sandbox of one's own, as a test changes it."""
    process._running.clear()
    yield
    process._running.clear()


def run(*words: str) -> Result:
    # The sandbox has no quota.
    where = ("--sandbox", "--region", REGION, "--max-rps", "10000")
    return CliRunner().invoke(main, [*words, *where])


def verdicts(control: SavedQuery) -> list[dict[str, Any]]:
    """What the control finds, row by row."""
    found = json.loads(run("check", control.name, "--output", "json").stdout)
    assert isinstance(found, list)
    return found


def in_alarm(control: SavedQuery) -> list[dict[str, Any]]:
    return [row for row in verdicts(control) if row["status"] == "alarm"]


def estate() -> Estate:
    connection = apigw_vtab.connect(sandbox=True, regions=[REGION], max_rps=10_000)
    found: Estate = {}
    for table in TABLES:
        cursor = connection.execute(f"select * from {table.name}")
        names = [name for name, *_ in cursor.get_description()]
        for values in cursor:
            row = dict(zip(names, values, strict=True))
            row.pop(NOTED, None)
            found[(table.name, row["account_id"], *(row[one] for one in table.key))] = row
    connection.close()
    return found


def changed(before: Estate, after: Estate) -> set[tuple[Any, ...]]:
    """The resources that were there before and are another way now."""
    assert set(before) <= set(after)
    return {key for key, row in before.items() if after[key] != row}


def resources(rows: Sequence[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """The resources that rows of a control are about."""
    return {
        ("stages", row["account_id"], row["rest_api_id"], row["stage_name"])
        if row.get("stage_name")
        else ("rest_apis", row["account_id"], row["rest_api_id"])
        for row in rows
    }


def remediated(control: SavedQuery) -> Result:
    asked = [f"--param={name}={value!s}" for name, value in control.examples.items()]
    return run("remediate", control.name, "--yes", *asked)


@each_remedy
def test_remediate_ends_each_alarm_and_touches_nothing_else(control: SavedQuery) -> None:
    alarms, before = in_alarm(control), estate()
    assert alarms
    result = remediated(control)
    assert result.exit_code == 0, result.stderr
    assert {row["status"] for row in verdicts(control)} <= {"ok", "skip", "info"}
    assert changed(before, estate()) == resources(alarms)


@each_remedy
def test_pasting_the_column_does_what_remediate_does(control: SavedQuery, tmp_path: Path) -> None:
    alarms, before = in_alarm(control), estate()
    lines = [line for row in alarms for line in row["remediation"].splitlines()]
    calls = pasted("bash", lines, tmp_path)
    for shell in ("zsh", "fish"):
        if shell in REQUIRED or shutil.which(shell):
            assert pasted(shell, lines, tmp_path) == calls
    replay(calls)
    assert not in_alarm(control)
    by_hand = estate()
    assert changed(before, by_hand) == resources(alarms)
    if ":new_certificate" in control.remedy:
        # Each stage gets a certificate of its own, and remediate deploys the stage, too.
        assert len(by_hand) == len(before) + len(alarms)
        return
    process._running.clear()
    remediated(control)
    assert estate() == by_hand


@pytest.mark.parametrize("control", [one for one in WITH_REMEDY if one.asked], ids=lambda c: c.name)
def test_a_value_that_can_do_harm_is_asked_for(control: SavedQuery) -> None:
    before = estate()
    result = run("remediate", control.name, "--yes")
    assert result.exit_code == 2
    for name, example in control.examples.items():
        assert f"--param {name}=VALUE, such as {name}={example!s}" in result.stderr
    assert estate() == before


def replay(calls: Sequence[StubCall]) -> None:
    """Make the calls that a stub of the AWS CLI was asked to make, with the ids that AWS gives."""
    profiles = {one.name: one for one in process.start().profiles}
    ids: dict[str, str] = {}
    for number, call in enumerate(calls, 1):
        profile = profiles[call.options["profile"]]
        client = reach(process.start().endpoint_url, "apigateway", profile, call.options["region"])
        text = json.dumps(call.parameters)
        for made, real in ids.items():
            text = text.replace(f'"{made}"', f'"{real}"')
        answer = getattr(client, call.operation.replace("-", "_"))(**json.loads(text))
        if query := call.options.get("query"):
            ids[f"made{number}"] = answer[query]
