"""One bad profile, control or region takes nothing from the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from apigw_vtab.cli.main import main
from tests.promises.refused_profiles import (
    BLOCKED,
    DENIED_BY_SCP,
    EXPIRED,
    GOOD,
    NO_ROLE,
    REGIONS,
    ROLE,
    Run,
    causes,
    findings,
)
from tests.promises.refusing_endpoint import Refusal, refusing


@pytest.fixture(autouse=True)
def of_these(profiles: None) -> None:
    """Use these profiles."""


THREE = [word for name in ("good", "expired", "refused") for word in ("--profile", name)]
FOUR = ("--region", ",".join(REGIONS))
ALL_AT_ONCE = [
    *refusing(f"{EXPIRED} .*", 403, "ExpiredToken", "The security token is expired"),
    *refusing(".* AssumeRole", 403, "AccessDenied", NO_ROLE),
    *DENIED_BY_SCP,
    Refusal(".* apigateway eu-central-1 .*", 0, ""),
]


@pytest.mark.parametrize("where", [FOUR, ()], ids=["four regions by name", "all regions"])
def test_three_profiles_and_four_regions(run: Run, where: Sequence[str]) -> None:
    result, endpoint = run(ALL_AT_ONCE, "check", "AG-006", *THREE, *where, "--output", "csv")
    assert result.exit_code == 3
    verdicts = [row for row in findings(result) if row["status"] != "error"]
    assert {(row["account_id"], row["region"]) for row in verdicts} == {
        ("111111111111", "us-east-1"),
        ("111111111111", "nz-north-1"),
    }
    assert {row["status"] for row in verdicts} == {"alarm"}
    told = causes(result)
    assert len(told) == 4
    for words in (
        # Of its regions, the one that was refused first is named.
        "Profile expired in ",
        f"sts:AssumeRole was refused for {ROLE} (AccessDenied). AWS said: {NO_ROLE}.",
        "in eu-west-1 (profile good): denied by a service control policy",
        "in eu-central-1 (profile good): no answer from the endpoint (ConnectionClosedError)",
    ):
        assert sum(words in line for line in told) == 1, words
    assert sum("AssumeRole" in call for call in endpoint.calls) == 1
    assert sum(EXPIRED in call for call in endpoint.calls) <= 2


def test_a_table_tells_what_was_not_read_once_for_all_controls(run: Run) -> None:
    result, _ = run(ALL_AT_ONCE, "check", *THREE, *FOUR)
    assert result.exit_code == 3
    assert "2 of 12 regions read" in result.stdout
    assert "AssumeRole" not in result.stdout
    assert len(causes(result)) == 4
    assert "Not read: 111111111111/eu-central-1, 111111111111/eu-west-1, " in result.stdout


BROKEN = [
    *("expired", "refused", "misplaced", "garbled", "absent", "half", "sourceless", "unheard"),
]


@pytest.mark.parametrize("where", [FOUR, ()], ids=["four regions by name", "all regions"])
@pytest.mark.parametrize("profile", BROKEN)
def test_a_broken_profile_takes_nothing_from_a_good_one(
    run: Run, profile: str, where: Sequence[str]
) -> None:
    words = ("--profile", "good", "--profile", profile, *where, "--output", "csv")
    result, _ = run(ALL_AT_ONCE[:-2], "check", "AG-006", *words)
    assert result.exit_code == 3
    assert [line.split()[1] for line in causes(result) if line.startswith("Profile")] == [profile]
    alarms = [row for row in findings(result) if row["status"] == "alarm"]
    assert {row["account_id"] for row in alarms} == {"111111111111"}
    errors = [row for row in findings(result) if row["resource"].startswith(f"{profile}/")]
    assert len(errors) == 1


def test_an_endpoint_of_a_profile_that_is_none_is_its_own(aws_configuration: Path) -> None:
    text = "[profile odd]\nendpoint_url = nonsense\naws_access_key_id = a\n"
    aws_configuration.write_text(f"{text}aws_secret_access_key = s\nregion = us-east-1\n")
    result = CliRunner().invoke(main, ["check", "AG-006", "--profile", "odd"])
    assert result.exit_code == 3
    assert "Profile odd in us-east-1: its settings cannot be used" in result.stderr
    assert "nonsense" in result.stderr


def test_no_credentials_at_all_are_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, aws_configuration: Path
) -> None:
    aws_configuration.write_text("")
    result, endpoint = run([], "check")
    assert result.exit_code == 3
    assert [line.partition(" (")[0] for line in causes(result)] == [
        "Profile default in us-east-1: no AWS credentials were found"
    ]
    lines = result.stdout.splitlines()
    assert len([one for one in lines if " is not evaluated. " not in one]) <= 4
    assert endpoint.calls == []


# STS that does not answer


NO_STS = [
    refusing(".* GetCallerIdentity", 403, "AccessDenied", "with an explicit deny"),
    refusing(".* GetCallerIdentity", 400, "ValidationError", "no"),
    [Refusal(".* sts .*", 403, BLOCKED)],
]


@pytest.mark.parametrize("rules", NO_STS, ids=["denied", "another refusal", "a proxy"])
@pytest.mark.parametrize("profiles_asked", [["good"], ["good", "temporary"]], ids=len)
def test_controls_decide_without_the_account_of_a_row(
    run: Run, rules: Sequence[Refusal], profiles_asked: Sequence[str]
) -> None:
    words = [word for name in profiles_asked for word in ("--profile", name)]
    result, _ = run(
        rules, "check", "AG-006", *words, "--region", "us-east-1,eu-west-1", "--output", "csv"
    )
    assert result.exit_code == 3
    alarms = [row for row in findings(result) if row["status"] == "alarm"]
    assert len(alarms) == 2 * len(profiles_asked)
    assert {row["account_id"] for row in alarms} == {""}
    errors = {row["resource"] for row in findings(result) if row["status"] == "error"}
    assert errors == {f"profile {name}" for name in profiles_asked}


def test_a_table_that_one_profile_lacks_decides_nothing_there_alone(run: Run) -> None:
    rules = [*NO_STS[0], *refusing(f"{GOOD} .* /clientcert.*", 403, "AccessDenied", "no")]
    held = '{"item": [{"stageName": "prod", "clientCertificateId": "abc123"}]}'
    rules.append(Refusal(".*/stages", 200, held))
    where = ("--profile", "good", "--profile", "temporary", "--region", "us-east-1")
    result, _ = run(rules, "check", "stage-client-certificate-valid", *where, "--output", "csv")
    stages = [row["status"] for row in findings(result) if row["resource"].startswith("arn:")]
    assert sorted(stages) == ["alarm", "error"]


# Controls


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("-- severity: high\nselect arn as resource,\n  nonsense(1) as status\nfrom stages", 3),
        ("-- severity: low\n\nselect 'ok' as status\n 'x' as reason from stages", 4),
        ("select 1 as resource, 1 as status, 1 as reason, account_id,\n region from nowhere", None),
    ],
)
@pytest.mark.parametrize("named", [True, False], ids=["named", "among all"])
def test_a_control_that_does_not_compile_names_its_file_and_line(
    run: Run, tmp_path: Path, sql: str, line: int | None, named: bool
) -> None:
    path = tmp_path / "broken.sql"
    path.write_text(sql)
    names = ("broken", "AG-006") if named else ()
    where = ("--profile", "good", "--region", "us-east-1", "--output", "csv")
    result, _ = run([], "check", *names, "--queries", str(tmp_path), *where)
    assert result.exit_code == 3
    (broken,) = (row for row in findings(result) if row["control"] == "broken")
    assert broken["status"] == "error"
    assert re.search(rf"{path}{f', line {line}' if line else ''}: ", broken["reason"])
    control = "stage-client-certificate"
    assert {row["status"] for row in findings(result) if row["control"] == control} == {"alarm"}


@pytest.mark.parametrize("content", [b"-- severity: low\nselect 'caf\xe9'", b"select '\0'"])
def test_a_control_that_is_no_text_takes_nothing_from_the_others(
    run: Run, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "broken.sql").write_bytes(content)
    where = ("--profile", "good", "--region", "us-east-1", "--output", "csv")
    result, _ = run([], "check", "--queries", str(tmp_path), *where)
    assert result.exit_code == 3
    (broken,) = (row for row in findings(result) if row["control"] == "broken")
    assert broken["status"] == "error"
    assert "broken" in broken["reason"]
    assert "alarm" in {row["status"] for row in findings(result)}
    result, _ = run([], "query", "broken", "--queries", str(tmp_path))
    assert result.exit_code == 2


# A list that is none


@pytest.mark.parametrize("body", ["{}", '{"item": null}', '{"message": "Forbidden", "item": null}'])
@pytest.mark.parametrize("path", ["/restapis", "/restapis/.*/stages", "/clientcertificates"])
def test_an_answer_without_its_list_is_no_empty_region(run: Run, body: str, path: str) -> None:
    names = ("AG-006", "client-certificate-unused", "--profile", "good", "--region", "us-east-1")
    result, _ = run([Refusal(f".* apigateway .* {path}", 200, body)], "check", *names)
    assert result.exit_code == 3
    assert "Get" in causes(result)[0]
