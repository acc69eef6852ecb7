"""Changes in an account that is reached by a role: made with its keys, and shown for no other."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from apigw_vtab.cli.main import main
from tests.aws.reach.conftest import ESTATE, IDS
from tests.conftest import Connect, rows
from tests.control_plane import Plane

FIRST = ESTATE.regions[0]
ONE = ("--organization", "--assume-role", "audit", "--account", IDS[1], "--region", FIRST)
UPDATE = """
update stages set description = 'seen'
where rest_api_id = (select min(rest_api_id) from rest_apis)
"""
#: An AWS CLI that has the keys of one account, and writes down what it is asked for.
AWS = """#!/bin/sh
case "$*" in
    *get-caller-identity*) echo {account} ;;
    *) echo "$@" >> {log}; echo certificate ;;
esac
"""


def test_a_change_is_made_with_the_keys_of_its_account(
    organization: Plane, connect: Connect
) -> None:
    connection = connect(
        regions=FIRST,
        organization=True,
        assume_role="audit",
        accounts=IDS[1],
        allow_writes=True,
        credential_cache=False,
    )
    rows(connection, UPDATE)
    (made,) = [one for one in organization.calls if one.operation == "UpdateStage"]
    assert made.access_key.startswith(f"ASIA{IDS[1]}")
    assert organization.count("AssumeRole") == 1


@pytest.fixture(name="command")
def command_fixture(organization: Plane) -> str:
    """What a dry run prints of a change in an account behind a role."""
    words: list[str] = ["query", UPDATE, *ONE, "--allow-writes", "--dry-run"]
    result = CliRunner().invoke(main, words)
    (line,) = result.stdout.splitlines()
    return line


def test_a_command_says_whose_keys_it_needs(command: str) -> None:
    assert f"With the keys of arn:aws:iam::{IDS[1]}:role/audit" in command
    assert "--profile" not in command


@pytest.fixture(name="pasted")
def pasted_fixture(tmp_path: Path) -> Callable[[str, str], list[str]]:
    """Paste commands into a shell in which the AWS CLI has the keys of an account."""

    def pasted(commands: str, account: str) -> list[str]:
        log = tmp_path / "log"
        log.touch()
        aws = tmp_path / "aws"
        aws.write_text(AWS.format(account=account, log=log))
        aws.chmod(0o700)
        path = f"{tmp_path}:{os.environ['PATH']}"
        subprocess.run(["sh", "-c", commands], env={"PATH": path}, check=False)
        return [line.split()[1] for line in log.read_text().splitlines()]

    return pasted


def test_a_command_for_an_account_behind_a_role_does_nothing_elsewhere(
    command: str, pasted: Callable[[str, str], list[str]]
) -> None:
    assert pasted(command, IDS[0]) == []
    assert pasted(command, IDS[1]) == ["update-stage"]


def test_the_remediation_of_two_stages_makes_one_certificate_in_the_right_account(
    organization: Plane, pasted: Callable[[str, str], list[str]]
) -> None:
    organization.estate = replace(ESTATE, stages=3)
    words: list[str] = ["check", "AG-006", *ONE, "--output", "json"]
    findings = json.loads(CliRunner().invoke(main, words).stdout)
    commands = "\n".join(one["remediation"] for one in findings if one.get("remediation"))
    stages = commands.count(" update-stage ")
    assert stages > 1
    assert pasted(commands, IDS[0]) == []
    made = pasted(commands, IDS[1])
    assert (made.count("generate-client-certificate"), made.count("update-stage")) == (1, stages)
