"""Roles and sign-ins against each double of AWS: granted, or refused in one line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from apigw_vtab.cli.main import main
from apigw_vtab.sandbox import process
from apigw_vtab.sandbox.shop import ACCOUNTS
from tests.control_plane import ServedEstate, access_key, serve
from tests.control_plane.sign_in import REFRESH_TOKEN, TOKEN
from tests.promises.refused_profiles import causes

ACCOUNT, STRANGER = ACCOUNTS[0].id, "999988887777"
LATER, EARLIER = "2099-01-01T00:00:00Z", "2001-01-01T00:00:00Z"
START = "sso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n"
SESSIONS = ("corp", "stale", "renewable", "unrenewable")


@dataclass(frozen=True)
class Running:
    """A double of AWS that grants the role `auditor` alone."""

    url: str


@pytest.fixture(params=["control plane", "sandbox"])
def double(request: pytest.FixtureRequest) -> Iterator[Running]:
    if request.param == "sandbox":
        server = process.serve()
        yield Running(server.endpoint_url)
        server.stop()
    else:
        with serve(ServedEstate([ACCOUNT, STRANGER], ["us-east-1"], roles=["auditor"])) as plane:
            yield Running(plane.url)


def profile(name: str, *settings: str) -> str:
    return "\n".join((f"[profile {name}]", "region = us-east-1", *settings, ""))


def role(name: str) -> Sequence[str]:
    return (f"role_arn = arn:aws:iam::{ACCOUNT}:role/{name}", "source_profile = base")


def sign_in(session: str, name: str) -> Sequence[str]:
    return (f"sso_session = {session}", f"sso_account_id = {ACCOUNT}", f"sso_role_name = {name}")


@pytest.fixture(autouse=True)
def configured(
    aws_configuration: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, double: Running
) -> None:
    """A profile of each kind, and the sign-ins that they name."""
    key = access_key(STRANGER)
    keys = (f"aws_access_key_id = {key}", "aws_secret_access_key = s")
    parts = [
        profile("base", *keys),
        profile("assumed", *role("auditor")),
        profile("refused", *role("administrator")),
        profile("signed-in", *sign_in("corp", "auditor")),
        profile("unassigned", *sign_in("corp", "administrator")),
        profile("stale", *sign_in("stale", "auditor")),
        profile("renewed", *sign_in("renewable", "auditor")),
        profile("gone", *sign_in("unrenewable", "auditor")),
        *(f"[sso-session {session}]\n{START}" for session in SESSIONS),
    ]
    aws_configuration.write_text("\n".join(parts))
    monkeypatch.delenv("AWS_PROFILE")
    monkeypatch.setenv("AWS_ENDPOINT_URL", double.url)
    for provider in ("botocore.credentials.SSOProvider", "botocore.tokens.SSOTokenProvider"):
        monkeypatch.setattr(f"{provider}._SSO_TOKEN_CACHE_DIR", str(tmp_path))
    registered = {"clientId": "c", "clientSecret": "s", "registrationExpiresAt": LATER}
    tokens: dict[str, dict[str, str]] = {
        "corp": {"accessToken": TOKEN, "expiresAt": LATER},
        # AWS has ended it before its time, such as by a sign-out elsewhere.
        "stale": {"accessToken": "of-yesterday", "expiresAt": LATER},
        "renewable": {"expiresAt": EARLIER, "refreshToken": REFRESH_TOKEN, **registered},
        "unrenewable": {"expiresAt": EARLIER, "refreshToken": "of-yesterday", **registered},
    }
    for session, token in tokens.items():
        name = hashlib.sha1(session.encode()).hexdigest()
        content = {"startUrl": "https://corp.awsapps.com/start", "accessToken": "old", **token}
        (tmp_path / f"{name}.json").write_text(json.dumps(content))


def asked(*profiles: str) -> Result:
    """Count the REST APIs of the profiles in one region, which is one call each."""
    words = [word for name in profiles for word in ("--profile", name)]
    sql = "select count(*) from rest_apis"
    where = ("--region", "us-east-1", "--output", "csv", "--no-header")
    return CliRunner().invoke(main, ["query", sql, *words, *where])


@pytest.mark.parametrize("name", ["assumed", "signed-in", "renewed"])
def test_what_is_granted_reads(name: str) -> None:
    result = asked(name)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "0\n", "")


NO_SIGN_IN = "the sign-in session is missing or has expired"
REFUSED = [
    (
        "refused",
        f"sts:AssumeRole was refused for arn:aws:iam::{ACCOUNT}:role/administrator",
        "(AccessDenied)",
        f"is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::{ACCOUNT}",
        "trust policy",
    ),
    (
        "unassigned",
        "sso:GetRoleCredentials was refused",
        f"for the role administrator in account {ACCOUNT}",
        "(ForbiddenException). AWS said: No access.",
        "assigned to you in IAM Identity Center",
    ),
    ("stale", NO_SIGN_IN, "aws sso login --profile stale"),
    ("gone", NO_SIGN_IN, "aws sso login --profile gone"),
]


@pytest.mark.parametrize(("name", "words"), [(name, words) for name, *words in REFUSED])
def test_what_is_refused_is_one_line_with_role_and_action(name: str, words: Sequence[str]) -> None:
    result = asked("assumed", name)
    assert result.exit_code == 3
    (line,) = causes(result)
    assert line.startswith(f"Profile {name} in us-east-1")
    assert [word for word in words if word not in line] == []


def test_several_that_are_refused_are_a_line_each() -> None:
    result = asked("refused", "unassigned", "stale")
    assert [line.split()[1] for line in causes(result)] == ["refused", "unassigned", "stale"]
