"""What refused a call is said, with the next step and AWS's own sentence."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from apigw_vtab.cli.main import main
from tests.promises.refused_profiles import (
    BASE,
    BLOCKED,
    GOOD,
    INVALID,
    NO_ROLE,
    ROLE,
    Run,
    causes,
    findings,
)
from tests.promises.refusing_endpoint import Refusal, refusing


@pytest.fixture(autouse=True)
def of_these(profiles: None) -> None:
    """Use these profiles."""


WORDS = [
    pytest.param(
        "refused",
        refusing(".* AssumeRole", 403, "AccessDenied", NO_ROLE),
        [f"sts:AssumeRole was refused for {ROLE}", "trust policy", NO_ROLE],
        id="a role that may not be assumed",
    ),
    pytest.param(
        "refused",
        refusing(".* AssumeRole", 403, "AccessDenied", f"{NO_ROLE} with an explicit deny in a SCP"),
        [f"sts:AssumeRole was refused for {ROLE}"],
        id="a role that a policy denies",
    ),
    pytest.param(
        "refused",
        refusing(".* AssumeRole", 403, "AccessDenied", "MultiFactorAuthentication failed"),
        [f"sts:AssumeRole was refused for {ROLE}", "mfa_serial"],
        id="a role whose refusal does not name it",
    ),
    pytest.param(
        "refused",
        refusing(".* AssumeRole", 403, "InvalidClientTokenId", INVALID),
        ["sts:AssumeRole failed, which profile refused needs", INVALID],
        id="a role whose source has wrong keys",
    ),
    pytest.param(
        "sso",
        refusing("nobody sso .*", 403, "ForbiddenException", "No access"),
        ["sso:GetRoleCredentials was refused for the role Audit in account 333333333333"],
        id="an SSO role that is not assigned",
    ),
    pytest.param(
        "sso",
        refusing("nobody sso .*", 404, "ResourceNotFoundException", "No such account"),
        ["sso:GetRoleCredentials was refused", "sso_account_id", "No such account"],
        id="an SSO account that is not there",
    ),
    pytest.param(
        "good",
        refusing(f"{GOOD} .*", 403, "SignatureDoesNotMatch", "Signature expired: now is later"),
        ["the clock of this machine is 120 minutes behind", "time server"],
        id="a clock that is behind",
    ),
    pytest.param(
        "good",
        refusing(f"{GOOD} .*", 401, "AuthFailure", "AWS was not able to validate them"),
        ["the clock of this machine is 120 minutes behind"],
        id="a clock that AWS does not speak of",
    ),
    pytest.param(
        "good",
        refusing(f"{GOOD} .*", 403, "RequestTimeTooSkewed", "The difference is too large"),
        ["the clock of this machine is 120 minutes behind"],
        id="a request time that is too far off",
    ),
    pytest.param(
        "garbled",
        [],
        ["Profile garbled", "the source of the credentials failed", "JSONDecodeError"],
        id="a credential_process that prints no JSON",
    ),
    pytest.param(
        "half",
        [],
        ["its credentials are incomplete", "aws_secret_access_key"],
        id="a key without its secret",
    ),
    pytest.param(
        "unheard",
        [],
        ["its settings cannot be used", "STS regional endpoints option never is invalid"],
        id="a setting that botocore refuses",
    ),
    pytest.param(
        "absent",
        [],
        ["Profile absent", "/does/not/exist", "credential_process"],
        id="a credential_process that is not there",
    ),
]


@pytest.fixture
def sso_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign-in that is good for years."""
    token = {"accessToken": "t", "expiresAt": "2099-01-01T00:00:00Z"}
    name = hashlib.sha1(b"https://corp.awsapps.com/start").hexdigest()
    (tmp_path / f"{name}.json").write_text(json.dumps(token))
    monkeypatch.setattr("botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", str(tmp_path))


@pytest.mark.parametrize(("profile", "rules", "words"), WORDS)
@pytest.mark.parametrize("where", [(), ("--region", "us-east-1,eu-west-1")], ids=["all", "named"])
def test_what_a_profile_lacks_is_one_line_with_the_next_step(
    run: Run,
    sso_session: None,
    profile: str,
    rules: Sequence[Refusal],
    words: Sequence[str],
    where: Sequence[str],
) -> None:
    names = ("AG-006", "client-certificate-expiring")
    words_of_check = ("check", *names, "--profile", profile, *where, "--output", "csv")
    result, _ = run(rules, *words_of_check, seconds_off=7200)
    assert result.exit_code == 3
    (line,) = causes(result)
    for word in words:
        assert word in line
    assert "apigateway:GET" not in result.stderr
    assert {row["status"] for row in findings(result)} == {"error"}
    assert max(Counter(row["control"] for row in findings(result)).values()) == 1


def test_an_mfa_code_is_not_taken_from_standard_input(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def without_terminal(path: Any, *more: Any) -> int:
        if path == "/dev/tty":
            raise OSError("No such device or address")
        return real(path, *more)

    monkeypatch.setattr("os.open", without_terminal)
    sql = "select count(*) from rest_apis;\nselect 'the second line';\n"
    result, endpoint = run([], "query", "-", "--profile", "mfa", typed=sql)
    assert result.exit_code == 3
    assert "its role needs an MFA code, and there is no terminal" in causes(result)[0]
    assert "the second line" in result.stdout
    assert not any("AssumeRole" in call for call in endpoint.calls)


@pytest.mark.parametrize("where", [(), ("--region", "us-east-1")], ids=["all", "named"])
def test_keys_of_another_partition_without_a_region(run: Run, where: Sequence[str]) -> None:
    rules = refusing(f"{BASE} .*", 403, "UnrecognizedClientException", INVALID)
    result, _ = run(rules, "check", "AG-006", "--profile", "nowhere", *where)
    assert result.exit_code == 3
    (line,) = causes(result)
    assert "profile nowhere names no region" in line
    assert "aws configure set region us-gov-west-1 --profile nowhere, or cn-north-1" in line


@pytest.mark.parametrize(
    ("words", "region"),
    [
        (("--profile", "nowhere", "--region", "us-gov-east-1"), "us-gov-west-1"),
        (("--profile", "nowhere", "--region", "cn-*"), "cn-north-1"),
        (("--profile", "govcloud"), "us-gov-west-1"),
    ],
)
def test_a_profile_without_a_region_is_asked_in_its_partition(
    run: Run, words: Sequence[str], region: str
) -> None:
    found = ("us-gov-west-1", "us-gov-east-1", "cn-north-1")
    sql = "select account_id, region from rest_apis"
    result, endpoint = run([], "query", sql, *words, regions=found)
    assert result.exit_code == 0, result.stderr
    assert {call.split()[2] for call in endpoint.calls if " sts " in call} == {region}


AF = refusing(".* af-south-1 .*", 403, "UnrecognizedClientException", INVALID)


def test_an_enabled_region_that_takes_no_old_token_is_told_as_such(run: Run) -> None:
    words = ("check", "AG-006", "--profile", "temporary", "--output", "csv")
    result, _ = run(AF, *words, regions=("us-east-1", "af-south-1"))
    assert result.exit_code == 3
    (line,) = causes(result)
    assert "GetRestApis in af-south-1" in line
    assert "It is of version 1" in line
    assert {row["region"] for row in findings(result) if row["status"] == "alarm"} == {"us-east-1"}


@pytest.mark.parametrize(
    ("profile", "listed", "words"),
    [
        ("good", True, "AWS does not know these credentials"),
        ("good", False, "credentials that are good elsewhere"),
        ("temporary", False, "the session token is of version 1"),
    ],
)
def test_a_named_region_that_does_not_take_the_keys(
    run: Run, profile: str, listed: bool, words: str
) -> None:
    cannot = refusing(".* ec2 .*", 403, "UnauthorizedOperation", "not authorized")
    where = ("--profile", profile, "--region", "us-east-1,af-south-1")
    rules = AF if listed else [*AF, *cannot]
    result, _ = run(rules, "check", "AG-006", *where, regions=("us-east-1", "af-south-1"))
    assert result.exit_code == 3
    assert words in causes(result)[0]


STS_DENIED = refusing(".* sts .*", 403, "AccessDenied", "with an explicit deny")
EC2_DENIED = refusing(".* ec2 .*", 403, "UnauthorizedOperation", "not authorized")
THROTTLED = refusing(".* (sts|ec2) .*", 400, "Throttling", "Rate exceeded")
SOME = ("--profile", "good", "--region", "af-*,us-east-1,il-*,mx-*", "--output", "csv")
ABSENT = refusing(".* apigateway (af|il|mx)-.*", 403, "UnrecognizedClientException", INVALID)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (STS_DENIED, ["GetCallerIdentity in us-east-1 (profile good): access denied"]),
        (EC2_DENIED, []),
        (STS_DENIED + EC2_DENIED, ["GetCallerIdentity in us-east-1 (profile good): access denied"]),
        (
            THROTTLED,
            ["DescribeRegions, GetCallerIdentity in us-east-1 (profile good, 2 calls): st"],
        ),
    ],
    ids=["sts denied", "ec2 denied", "both denied", "both throttled"],
)
def test_who_and_where_are_told_in_one_line_and_the_rows_come(
    run: Run, rules: list[Refusal], told: list[str]
) -> None:
    sql = "select account_id, region from rest_apis"
    result, _ = run([*rules, *ABSENT], "query", sql, *SOME)
    account = "111111111111" if rules is EC2_DENIED else ""
    assert result.stdout.splitlines() == ["account_id,region", f"{account},us-east-1"]
    assert [line[: len(told[0])] for line in causes(result)] == told
    assert result.exit_code == (3 if told else 0)
    assert ("cannot list its regions" in result.stderr) == (rules not in (STS_DENIED, THROTTLED))


def test_a_condition_on_an_account_that_is_not_known_says_why_there_are_no_rows(run: Run) -> None:
    sql = "select region from rest_apis where account_id = '111111111111'"
    result, _ = run(STS_DENIED, "query", sql, *SOME)
    assert result.stdout.splitlines() == ["region"]
    (line,) = causes(result)
    assert "needs no permission" in line
    assert line.endswith("its rows have no account_id, and a condition on that keeps none of them.")
    assert result.exit_code == 3


def test_what_is_not_paced_is_no_reason_to_lower_the_pace(run: Run) -> None:
    result, _ = run(THROTTLED, "query", "select * from accounts", *SOME)
    assert "try again later" in causes(result)[0]
    assert "--max-rps" not in result.stderr


def test_a_region_that_has_answered_is_not_left_out_as_not_enabled(run: Run) -> None:
    rules = [
        *refusing(".* af-south-1 .*/stages", 403, "UnrecognizedClientException", INVALID),
        *refusing(".* ec2 .*", 403, "UnauthorizedOperation", "not authorized"),
    ]
    words = ("--profile", "good", "--region", "af-*", "--output", "csv")
    for sql in ("select count(*) from stages", "select count(*) from rest_apis join stages using"):
        columns = " (region, rest_api_id)" if "join" in sql else ""
        result, _ = run(rules, "query", sql + columns, *words)
        assert result.exit_code == 3
        assert "GetStages in af-south-1" in result.stderr


# What is not AWS


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "access denied by something that is not AWS (401)"),
        (403, "access denied by something that is not AWS (403)"),
        (407, "the proxy wants to know who you are (407)"),
        (302, "leads elsewhere, as a proxy does to its sign-in page (302)"),
        (502, "something between here and AWS failed (502)"),
        (503, "something between here and AWS failed (503)"),
        (404, "something that is not AWS answered (404)"),
    ],
)
@pytest.mark.parametrize("table", ["rest_apis", "regions", "accounts"])
def test_a_refusal_without_a_code_of_aws(run: Run, status: int, words: str, table: str) -> None:
    where = ("--profile", "good", "--region", "us-east-1", "--output", "csv")
    result, _ = run([Refusal(".*", status, BLOCKED)], "query", f"select * from {table}", *where)
    assert result.exit_code == 3
    (line,) = causes(result)
    assert words in line


@pytest.mark.parametrize(
    "body",
    [BLOCKED, "Ask IT", '{"message": "Ask IT"}', "<?xml version='1.0'?><p>Ask IT</p>"],
    ids=["HTML", "text", "JSON", "XML"],
)
@pytest.mark.parametrize("table", ["rest_apis", "regions"])
def test_what_it_says_is_told_without_markup(run: Run, body: str, table: str) -> None:
    where = ("--profile", "good", "--region", "us-east-1", "--output", "csv")
    result, _ = run([Refusal(".*", 403, body)], "query", f"select * from {table}", *where)
    (line,) = causes(result)
    assert "Ask IT" in line
    assert "<" not in line


def test_a_proxy_that_asks_for_a_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def refuse() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1 << 16)
            connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")

    threading.Thread(target=refuse, daemon=True).start()
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:secret@127.0.0.1:{listener.getsockname()[1]}")
    where = ("--profile", "good", "--region", "us-east-1")
    result = CliRunner().invoke(main, ["query", "select name from rest_apis", *where])
    listener.close()
    assert result.exit_code == 3
    assert "the proxy wants to know who you are" in result.stderr
    assert "secret" not in result.stderr
