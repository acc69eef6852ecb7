"""Dry runs: the commands that are printed do what the tool would have done."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from apigw_vtab.cli.main import main
from tests.control_plane import Plane, ServedEstate, access_key, serve

SIZE = ServedEstate.numbered(regions=1, rest_apis=2, stages=2, certificates=1)
REGION = SIZE.regions[0]
# Stands for the AWS CLI, which cannot be installed beside a current boto3: it takes texts as
# options and all parameters as JSON. tests/writes/test_aws_cli_versions.py runs the real one.
AWS = """
import json, sys
import boto3
from botocore import xform_name

service, operation, *rest = sys.argv[1:]
assert all(word.startswith("--") for word in rest[::2]), rest
given = {word[2:]: value for word, value in zip(rest[::2], rest[1::2], strict=True)}
query = given.pop("query", None)
given.pop("output", None)
client = boto3.client(
    service, region_name=given.pop("region"), endpoint_url=given.pop("endpoint-url")
)
parameters = json.loads(given.pop("cli-input-json", "{}"))
model = client.meta.service_model
(name,) = (one for one in model.operation_names if xform_name(one, "-") == operation)
members = {xform_name(one, "-"): one for one in model.operation_model(name).input_shape.members}
parameters |= {members[option]: value for option, value in given.items()}
answer = getattr(client, xform_name(name))(**parameters)
if query:
    print(answer[query])
"""


@pytest.fixture
def plane(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    """A control plane that a test may change."""
    with serve(SIZE) as plane:
        monkeypatch.delenv("AWS_PROFILE")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(SIZE.accounts[0]))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        yield plane


def run(plane: Plane, *words: str) -> Result:
    where = ("--region", REGION, "--endpoint-url", plane.url)
    return CliRunner().invoke(main, [*words, *where])


def paste(commands: str, folder: Path) -> None:
    """Run commands in a shell, with a stand-in for the AWS CLI."""
    (folder / "aws.py").write_text(AWS)
    aws = folder / "aws"
    aws.write_text(f'#!/bin/sh\nexec {sys.executable} {folder / "aws.py"} "$@"\n')
    aws.chmod(0o755)
    environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-e"], input=commands, text=True, check=True, env=environment)


def rows_of(plane: Plane, sql: str, description: str | None = None) -> list[str]:
    """The first column of a query, perhaps of the rows of a description."""
    where = f" where description = '{description}'" if description else ""
    return run(plane, "query", sql + where, "--output", "csv").stdout.splitlines()[1:]


def writes(plane: Plane) -> list[tuple[str, str]]:
    """The calls that were not reads, sorted."""
    return sorted(
        (call.operation, str(sorted(call.params.items())))
        for call in plane.calls
        if not call.operation.startswith(("Get", "Describe"))
    )


SQL = [
    "update stages set description = 'it''s $HOME, `x` \"y\" %'",
    """update stages set variables = '{"a": "1", "b": "x,y=z"}', tracing_enabled = 1""",
    """update stages set method_settings =
        json_patch(coalesce(method_settings, '{}'), '{"*/*": {"throttlingBurstLimit": 5}}')""",
    """insert into client_certificates (region, tags) values ('eu-west-1', '{"a": "b c"}')""",
    "update client_certificates set description = ''",
    "update methods set api_key_required = 1 where http_method = 'GET'",
    # Three operations for one row.
    """update stages set description = 'x', tags = '{"a": "it''s"}'
        where (rest_api_id, stage_name) in
        (select min(rest_api_id), 'prod' from rest_apis)""",
]


def test_what_callers_do_not_notice_yet_is_told_before_and_after(plane: Plane) -> None:
    sql = "update methods set api_key_required = 1"
    told = "Callers notice 4 UpdateMethod only after a deployment of the REST API"
    for words in (("--dry-run",), ("--allow-writes", "--yes")):
        result = run(plane, "query", sql, *words)
        assert result.exit_code == 0
        assert told in result.stderr
        assert told not in result.stdout


@pytest.mark.parametrize("sql", SQL)
def test_the_commands_do_the_same_as_the_sql(plane: Plane, tmp_path: Path, sql: str) -> None:
    planned = run(plane, "query", sql, "--dry-run")
    assert planned.exit_code == 0, planned.stderr
    assert not writes(plane)
    plane.reset()
    paste(planned.stdout, tmp_path)
    by_hand = writes(plane)
    with serve(SIZE) as other:
        assert run(other, "query", sql, "--allow-writes", "--yes").exit_code == 0
        assert writes(other) == by_hand
        assert by_hand


def test_the_commands_of_a_remediation_do_what_it_would_have_done(
    plane: Plane, tmp_path: Path
) -> None:
    planned = run(plane, "remediate", "AG-006", "--dry-run", "--label", "it's due")
    first = planned.stdout.splitlines()[0]
    assert first.startswith('export certificate_1="$(aws apigateway generate-client-certificate ')
    assert first.endswith('--output text)" && test -n "$certificate_1"')
    assert not writes(plane)
    plane.reset()
    paste(planned.stdout, tmp_path)
    assert run(plane, "check", "AG-006").exit_code == 0


def test_a_dry_run_goes_on_as_if_it_had_been_sent(plane: Plane) -> None:
    sql = (
        "insert into client_certificates (region, description) values ('eu-west-1', 'new');"
        "select client_certificate_id from client_certificates where description = 'new'"
    )
    result = run(plane, "query", sql, "--dry-run", "--output", "csv")
    assert result.stdout.splitlines()[-1] == "$certificate_1"
    assert not writes(plane)


def test_an_id_of_an_earlier_statement_is_used_in_a_later_one(plane: Plane, tmp_path: Path) -> None:
    sql = (
        "insert into client_certificates (region, description) values ('eu-west-1', 'new');"
        "update stages set client_certificate_id = '$certificate_1', description = '$certificate_1'"
        " where stage_name = (select min(stage_name) from stages)"
    )
    planned = run(plane, "query", sql, "--dry-run")
    plane.reset()
    paste(planned.stdout, tmp_path)
    made = rows_of(plane, "select client_certificate_id from client_certificates", "new")
    sql = "select distinct client_certificate_id from stages"
    assert rows_of(plane, sql, "$certificate_1") == made != []


def test_a_command_of_the_sandbox_does_not_reach_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREALREALREALREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    result = CliRunner().invoke(main, ["remediate", "AG-006", "--dry-run", "--sandbox"])
    lines = result.stdout.splitlines()
    assert lines
    for line in lines:
        assert " --profile sandbox-" in line
        assert " --endpoint-url http://127.0.0.1:" in line


def test_without_a_terminal_nothing_is_sent_unasked(plane: Plane) -> None:
    result = run(plane, "query", "update stages set description = 'x'", "--allow-writes")
    assert result.exit_code == 2
    assert "add --yes" in result.stderr
    assert not writes(plane)
