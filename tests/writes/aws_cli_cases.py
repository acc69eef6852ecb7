"""Changes to write as commands, hostile texts, and shells to paste the commands into."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from botocore import xform_name

from apigw_vtab.aws.accounts import Account, Lane
from apigw_vtab.tables.model import service_model
from apigw_vtab.tables.registry import TABLES
from apigw_vtab.tables.v1.client_certificates import CLIENT_CERTIFICATES
from apigw_vtab.tables.v1.deployments import DEPLOYMENTS
from apigw_vtab.tables.v1.stages import STAGES
from apigw_vtab.tables.values import SqlValue
from apigw_vtab.writes.changes import Change
from apigw_vtab.writes.pending_changes import PendingChanges
from apigw_vtab.writes.sequence import read_beside

REGION = "eu-west-1"
Row = dict[str, SqlValue]
# What a shell, a terminal or the AWS CLI does something with.
HOSTILE = (
    *("file:///etc/hostname", "fileb:///etc/hostname", "http://127.0.0.1:9/x", "https://[::1]:9/x"),
    *("-x", "--debug", "--", "--cli-input-json", "-", "@/etc/hostname", "null", "true", "12", "[]"),
    *("", " ", "  a  b ", "a=b,c=d", '{"a": 1}', "op=remove,path=/x", "[1,2]", "a,b", "?"),
    *("$certificate_1", "$certificate_2", "${HOME}", "$(touch x)", "`touch x`", "$'x'", "$", "$$"),
    *("it's", "''", "a''b", "'", '"', 'a"b', "\\", "a\\", "\\'", "\\\\", "\\n", "\\u0041", "a\\ b"),
    *("a\nb", "\n", "a\r\nb", "a\tb", "\x1b[31m", "\x00", "\x01", "\x7f", "\x85", "\u2028"),
    *("!x", "!!", "a!b'c", "^a^b", "#x", "%self", "%1", "=ls", "~", "~root", "*", "/*", "[a-z]*"),
    *("a;touch x", "a&touch x", "a|touch x", "a>x", "<x", "(touch x)", "{a,b}", "a && touch x"),
    *(
        "é",
        "日本",
        "😀",
        "\u202e",
        "\ufeff",
        "\u00a0",
        "\uff07",
        "\u2018\u2019",
        "\ufffe",
        "\ue000",
    ),
)
# Names of profiles: they are options, so that JSON cannot carry them.
PROFILES = (
    *("default", "a b", "it's", "a''b", "'", "a\\b", "\\", "\\'", "-x", "--debug", "$HOME", "a!b"),
    *('a"b', "`touch x`", "$(touch x)", "*", "~", "#a", "file:///etc/hostname", "é", "a;b", "=ls"),
)

# Each as a user would have it, without anybody's own configuration.
SHELLS: dict[str, tuple[str, ...]] = {
    "sh": ("sh",),
    "dash": ("dash",),
    "dash, interactive": ("dash", "-i"),
    "bash": ("bash", "--noprofile", "--norc"),
    "bash, interactive": ("bash", "--noprofile", "--norc", "-i"),
    "zsh": ("zsh", "-f"),
    "zsh, interactive": ("zsh", "-f", "-i"),
    "zsh, rc_quotes": (
        "zsh",
        "-f",
        "-o",
        "rcquotes",
        "-o",
        "extendedglob",
        "-o",
        "cshjunkiequotes",
    ),
    "fish": ("fish", "--no-config"),
    "fish, interactive": ("fish", "--no-config", "--interactive"),
}
# Shells that must be there: those of CI. The environment is read before a fixture empties it.
REQUIRED = frozenset(filter(None, os.environ.get("APIGW_VTAB_SHELLS", "").split(",")))

# Notes how it was called, and answers with an id where one is asked for.
STUB = r"""#!/bin/sh
{ printf '%s\0' "${AWS_PAGER-unset}" "$@"; printf '\1\0'; } >> "$STUB_CALLS"
[ -z "$STUB_FAILS" ] || exit 254
printf . >> "$STUB_CALLS.count"
echo "made$(($(wc -c < "$STUB_CALLS.count")))"
"""


class StubCall(NamedTuple):
    """One call of the stub: the pager in its environment, and its words."""

    pager: str
    words: list[str]

    @property
    def options(self) -> dict[str, str]:
        """The options that are no parameters of the operation, by name."""
        return {name: value for name, value in self._options() if name in OWN_OPTIONS}

    @property
    def operation(self) -> str:
        """The operation in the CLI's spelling."""
        return self.words[1]

    @property
    def parameters(self) -> dict[str, Any]:
        """What AWS would be sent."""
        given = {name: value for name, value in self._options() if name not in OWN_OPTIONS}
        parameters: dict[str, Any] = json.loads(given.pop("cli-input-json", "{}"))
        # Version 2's parameters begin with a capital letter.
        upper = self.words[0] == "apigatewayv2"
        members = {name: MEMBERS[name] for name in given}
        names = {name: m[0].upper() + m[1:] if upper else m for name, m in members.items()}
        return parameters | {names[name]: value for name, value in given.items()}

    def _options(self) -> list[tuple[str, str]]:
        left, found = list(self.words[2:]), []
        while left:
            option, equals, value = left.pop(0).partition("=")
            assert option.startswith("--"), self.words
            found.append((option[2:], value if equals else left.pop(0)))
        return found


OWN_OPTIONS = ("profile", "region", "endpoint-url", "query", "output")
# The parameters of all writes by their option, in version 1's spelling.
MEMBERS = {
    xform_name(member, "-"): member[0].lower() + member[1:]
    for table in TABLES
    for write in (table.insert, table.update, table.delete)
    if write
    for member in service_model(write.service).operation_model(write.name).input_shape.members
}


def lane(profile: str | None = "first", endpoint_url: str | None = "http://127.0.0.1:9") -> Lane:
    """An account and region, with what the AWS CLI is to be told of them."""
    session = boto3.Session(profile_name="first")
    return Account(session, endpoint_url=endpoint_url, cli_profile=profile).lane(REGION)


def stage_changed(
    where: Lane, number: int = 1, api: str = "api0000001", stage: str = "prod", **new: SqlValue
) -> Change:
    """The UPDATE of a stage that has none of the new values."""
    assert STAGES.update
    key = {"rest_api_id": api, "stage_name": stage}
    return Change(number, STAGES, STAGES.update, where, key, dict.fromkeys(new), new)


def row_changed(where: Lane, table: str, key: Row, old: Row, **new: SqlValue) -> list[Change]:
    """The operations of an UPDATE of a row of any table, whose other values are in `old`."""
    (declared,) = (one for one in TABLES if one.name == table)
    changes = PendingChanges()
    beside = {name: old.get(name) for name in read_beside(declared, new)}
    named = {name: None if value is None else str(value) for name, value in key.items()}
    before = {name: old.get(name) for name in new}
    changes.update(declared, where, named, before, new, beside)
    return changes.pending


def stage_of_version_2_changed(where: Lane) -> list[Change]:
    """An UPDATE that takes four operations: its members, an erasure, new tags and old ones."""
    arn = "arn:aws:apigateway:eu-west-1::/apis/a1b2/stages/$default"
    old: Row = {"access_log_settings": '{"Format":"f"}', "tags": '{"a":"1"}', "arn": arn}
    settings = '{"GET /it\'s":{"ThrottlingRateLimit":0.5,"DetailedMetricsEnabled":true}}'
    return row_changed(
        where,
        "v2_stages",
        {"api_id": "a1b2", "stage_name": "$default"},
        old,
        auto_deploy=1,
        route_settings=settings,
        access_log_settings=None,
        tags='{"b":"file://x"}',
    )


def certificate_replaced(where: Lane, number: int, old: str, new: str, stage: str) -> Change:
    """The UPDATE of a stage from one certificate to another."""
    change = stage_changed(where, number, stage=stage, client_certificate_id=new)
    return replace(change, old={"client_certificate_id": old})


def certificate_made(where: Lane, number: int = 1, **new: SqlValue) -> Change:
    """The INSERT of a certificate, whose id is to come."""
    assert CLIENT_CERTIFICATES.insert
    placeholder = f"$certificate_{number}"
    key = {"client_certificate_id": placeholder}
    return Change(
        number, CLIENT_CERTIFICATES, CLIENT_CERTIFICATES.insert, where, key, {}, new, placeholder
    )


def certificate_deleted(where: Lane, number: int, certificate: str) -> Change:
    """The DELETE of a certificate."""
    assert CLIENT_CERTIFICATES.delete
    key = {"client_certificate_id": certificate}
    return Change(number, CLIENT_CERTIFICATES, CLIENT_CERTIFICATES.delete, where, key)


def deployment_made(where: Lane, number: int, **new: SqlValue) -> Change:
    """The INSERT of a deployment, whose id is to come."""
    assert DEPLOYMENTS.insert
    placeholder = f"$deployment_{number}"
    key = {"rest_api_id": "api0000001", "deployment_id": placeholder}
    return Change(number, DEPLOYMENTS, DEPLOYMENTS.insert, where, key, {}, new, placeholder)


def hostile_change(where: Lane, number: int, text: str, *more: str) -> Change:
    """The UPDATE of a stage with texts wherever there is room for one."""
    variables = {one: f"-{one}" for one in (text, *more)} | {f"a{one}": one or "x" for one in more}
    new = {"description": text, "variables": json.dumps(variables)}
    return stage_changed(where, number, f"api{number}", text, **new)


def need(shell: str) -> Sequence[str]:
    """Return the command of a shell; skip the test where it is missing and need not be there."""
    command = SHELLS[shell]
    if shutil.which(command[0]) is None:
        if command[0] in REQUIRED:
            pytest.fail(f"{command[0]} is not installed, and APIGW_VTAB_SHELLS names it")
        pytest.skip(f"{command[0]} is not installed")
    return command


def pasted(
    shell: str, lines: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> list[StubCall]:
    """Paste lines into a shell; return how it called a stub of the AWS CLI."""
    command = need(shell)
    stub, calls = folder / "aws", folder / "calls"
    if not stub.exists():
        stub.write_text(STUB)
        stub.chmod(0o755)
    for path in (calls, folder / "calls.count"):
        path.unlink(missing_ok=True)
    work = folder / "empty"
    work.mkdir(exist_ok=True)
    subprocess.run(
        command,
        input="".join(f"{line}\n" for line in lines),
        encoding="utf-8",
        capture_output=True,
        check=False,
        timeout=60,
        cwd=work,
        env={
            "PATH": f"{folder}:{os.environ['PATH']}",
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
            "AWS_PAGER": "less",
            "STUB_CALLS": str(calls),
            **(environment or {}),
        },
    )
    assert not list(work.iterdir()), "a shell ran or wrote what a text says"
    if not calls.exists():
        return []
    records = calls.read_text(encoding="utf-8").split("\x01\0")[:-1]
    return [StubCall(words[0], words[1:-1]) for words in (one.split("\0") for one in records)]
