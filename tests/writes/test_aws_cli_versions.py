"""The real AWS CLI does with our commands what the tool would do: `--long`, with AWS_CLIS set.

AWS_CLIS names them, as PATH does, such as version 1 of PyPI in an environment of its own and
version 2 of Debian: `AWS_CLIS=/tmp/cli/bin/aws:/usr/bin/aws python -m pytest --long ...`.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from apigw_vtab.writes.aws_cli import commands
from apigw_vtab.writes.changes import Change
from tests.control_plane import Plane, ServedEstate, access_key, serve
from tests.writes.aws_cli_cases import (
    HOSTILE,
    Row,
    certificate_deleted,
    certificate_made,
    hostile_change,
    lane,
    row_changed,
    stage_changed,
    stage_of_version_2_changed,
)

# Read before a fixture empties the environment of AWS's settings.
CLIS = [path for path in os.environ.get("AWS_CLIS", "").split(os.pathsep) if path]
SIZE = ServedEstate.numbered(accounts=2, regions=1, rest_apis=1, stages=1)
OWN, ANOTHER = SIZE.accounts
# What the CLI could take for something else; the shells' tests have more.
ODD_PROFILES = ("default", "-x", "--debug", "file:///etc/hostname", "it's", "a\\b", "é")
(REGION,) = SIZE.regions

every_cli = pytest.mark.parametrize("cli", CLIS or ["none"])


@pytest.fixture(autouse=True)
def wanted(request: pytest.FixtureRequest) -> None:
    """Skip what needs programs that are not here, and takes minutes, unless it is asked for."""
    if not (CLIS and request.config.getoption("--long")):
        pytest.skip("runs the real AWS CLI: set AWS_CLIS, and add --long")


@pytest.fixture
def plane(aws_configuration: Path) -> Iterator[Plane]:
    """A control plane that notes the calls, and profiles: `default` is another account."""
    sections = [
        f"[{'default' if name == 'default' else f'profile {shlex.quote(name)}'}]\n"
        f"aws_access_key_id = {access_key(OWN)}\naws_secret_access_key = secret\n"
        for name in ("first", *ODD_PROFILES)
    ]
    aws_configuration.write_text("".join(sections))
    with serve(SIZE) as plane:
        yield plane


def run(cli: str, lines: Sequence[str], folder: Path, **environment: str) -> str:
    """Run lines in sh, where `aws` is a real AWS CLI; return what it said."""
    link = folder / "aws"
    link.symlink_to(cli)
    done = subprocess.run(
        ["sh"],
        input="".join(f"{line}\n" for line in lines),
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        cwd=folder,
        env=os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"} | environment,
    )
    return done.stdout


def sent(plane: Plane) -> list[tuple[str, str, str, dict[str, Any]]]:
    """What has been sent since the last time."""
    calls = [(call.account, call.region, call.operation, call.params) for call in plane.calls]
    plane.reset()
    return calls


def send(changes: Sequence[Change]) -> None:
    """Send changes as the tool does; the control plane notes also what it refuses."""
    for change in changes:
        client = change.lane.client(change.write.service)
        with contextlib.suppress(client.exceptions.ClientError):
            getattr(client, xform_name(change.write.name))(**change.parameters)


@every_cli
def test_a_hostile_text_reaches_aws_unchanged(cli: str, plane: Plane, tmp_path: Path) -> None:
    where = lane(endpoint_url=plane.url)
    texts = [text for text in HOSTILE if text]
    # A command takes a second: each has one text as its stage's name, and nine as variables.
    changes = [
        hostile_change(where, start, *texts[start : start + 9]) for start in range(0, len(texts), 9)
    ]
    changes += [
        stage_changed(where, 0, description=""),
        certificate_made(where, 0, tags='{"a":""}'),
    ]
    send(changes)
    meant = sent(plane)
    said = run(cli, commands(changes), tmp_path)
    assert sent(plane) == meant, said
    assert len(meant) == len(changes)


@every_cli
def test_every_form_of_change_reaches_aws_unchanged(cli: str, plane: Plane, tmp_path: Path) -> None:
    where = lane(endpoint_url=plane.url)
    method: Row = {"rest_api_id": "a", "resource_id": "b", "http_method": "GET"}
    auth: Row = {"authorization_type": "CUSTOM", "authorizer_id": "abc"}
    changes = [
        *stage_of_version_2_changed(where),
        *row_changed(where, "account_settings", {}, {}, cloudwatch_role_arn="arn:x"),
        *row_changed(where, "v2_routes", {"api_id": "a", "route_id": "b"}, {}, **auth),
        *row_changed(where, "methods", method, {}, **auth),
        *row_changed(
            where,
            "domain_names",
            {"domain_name": "*.example.com", "domain_name_id": "c"},
            {},
            security_policy="TLS_1_2",
        ),
        *row_changed(where, "stages", {}, {"arn": "arn:x", "tags": '{"a":"b"}'}, tags='{"c":"d"}'),
    ]
    send(changes)
    meant = sent(plane)
    # What is refused here would keep the lines from running that rest on it.
    said = run(cli, [line for one in changes for line in commands([one])], tmp_path)
    assert sent(plane) == meant, said
    assert len(meant) == len(changes)


@every_cli
def test_an_option_would_have_been_read_from_a_file(cli: str, plane: Plane, tmp_path: Path) -> None:
    """This is why values are in JSON."""
    (tmp_path / "secret").write_text("of the machine")
    (line,) = commands([certificate_made(lane(endpoint_url=plane.url), 1)])
    before, middle, after = line.partition(" --query ")
    run(cli, [f"{before} --description file://secret{middle}{after}"], tmp_path)
    assert sent(plane)[0][3] == {"description": "of the machine"}


@every_cli
def test_a_made_certificate_is_attached(cli: str, plane: Plane, tmp_path: Path) -> None:
    where = lane(endpoint_url=plane.url)
    changes = [
        certificate_made(where, 1, description="new"),
        stage_changed(where, 2, client_certificate_id="$certificate_1"),
        certificate_deleted(where, 3, "$certificate_1"),
    ]
    said = run(cli, commands(changes), tmp_path)
    _, update, delete = sent(plane)
    made = update[3]["patchOperations"][0]["value"]
    assert made, said
    assert delete[3] == {"clientCertificateId": made}


@every_cli
def test_a_profile_is_the_one_that_is_meant(cli: str, plane: Plane, tmp_path: Path) -> None:
    lines = [
        line
        for name in ODD_PROFILES
        for line in commands([stage_changed(lane(name, plane.url), description=name)])
    ]
    keys = {"AWS_ACCESS_KEY_ID": access_key(ANOTHER), "AWS_SECRET_ACCESS_KEY": "secret"}
    said = run(cli, lines, tmp_path, AWS_PROFILE="second", **keys)
    told = [
        (account, params["patchOperations"][0]["value"]) for account, _, _, params in sent(plane)
    ]
    assert told == [(OWN, name) for name in ODD_PROFILES], said


@every_cli
def test_without_a_profile_the_keys_of_the_environment_count(
    cli: str, plane: Plane, tmp_path: Path
) -> None:
    lines = commands([stage_changed(lane(None, plane.url), description="x")])
    keys = {"AWS_ACCESS_KEY_ID": access_key(ANOTHER), "AWS_SECRET_ACCESS_KEY": "secret"}
    said = run(cli, lines, tmp_path, AWS_PROFILE="first", **keys)
    assert [account for account, *_ in sent(plane)] == [ANOTHER], said
