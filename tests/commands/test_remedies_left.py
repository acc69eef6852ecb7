"""remediate by a declared change: what it leaves alone, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from apigw_vtab.cli.main import main
from tests.control_plane import Fault, Plane, ServedEstate, access_key, serve

ACCOUNT, HERE, THERE = "111122223333", "eu-west-1", "us-east-1"
XRAY = "stage-xray-tracing"


def rest_api(name: str, *stages: dict[str, object]) -> dict[str, object]:
    regional = {"endpointConfiguration": {"types": ["REGIONAL"]}}
    return {"id": f"{name}00000000"[:10], "name": name, "stages": list(stages), **regional}


@pytest.fixture
def plane(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    """Two regions: one with two REST APIs, one with one; each has a stage without tracing."""
    lanes = {
        (ACCOUNT, HERE): {
            "rest_apis": [
                rest_api("one", {"stageName": "off"}, {"stageName": "on", "tracingEnabled": True}),
                rest_api("two", {"stageName": "off"}),
            ]
        },
        (ACCOUNT, THERE): {"rest_apis": [rest_api("far", {"stageName": "off"})]},
    }
    with serve(ServedEstate.declared(lanes)) as plane:
        monkeypatch.setenv("AWS_ENDPOINT_URL", plane.url)
        monkeypatch.delenv("AWS_PROFILE")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(ACCOUNT))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        yield plane


def run(*words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--region", f"{HERE},{THERE}"])


def sent(plane: Plane) -> list[tuple[str, str]]:
    """The region and the REST API of each write, sorted."""
    return sorted(
        (call.region, call.params["restApiId"])
        for call in plane.calls
        if call.operation.startswith("Update")
    )


def test_without_a_fault_each_alarm_gets_one_call_and_nothing_else_does(plane: Plane) -> None:
    result = run("remediate", XRAY, "--yes")
    assert result.exit_code == 0
    assert "3 of 3 alarms to fix" in result.stderr
    assert [api for _, api in sent(plane)] == ["one0000000", "two0000000", "far0000000"]
    assert run("check", XRAY).exit_code == 0


def test_where_a_part_could_not_be_read_nothing_is_sent(plane: Plane) -> None:
    plane.faults = [Fault("denied", operation="GetStages", region=HERE, times=1)]
    result = run("remediate", XRAY, "--yes")
    assert result.exit_code == 3
    assert sent(plane) == [(THERE, "far0000000")]
    assert "Left alone: arn:aws:apigateway:eu-west-1" in result.stderr
    assert "could not be read whole" in result.stderr


def test_where_the_second_reading_fails_nothing_is_sent(plane: Plane) -> None:
    plane.faults = [Fault("denied", operation="GetStages", region=HERE, after=2)]
    result = run("remediate", XRAY, "--yes")
    assert result.exit_code == 3
    assert sent(plane) == [(THERE, "far0000000")]


def test_a_region_that_could_not_be_read_at_all_is_named(plane: Plane) -> None:
    plane.faults = [Fault("denied", region=HERE)]
    result = run("remediate", XRAY, "--yes")
    assert result.exit_code == 3
    assert sent(plane) == [(THERE, "far0000000")]
    assert "GetRestApis in eu-west-1" in result.stderr


def test_one_refusal_stops_no_other(plane: Plane) -> None:
    plane.faults = [Fault("denied", operation="UpdateStage", region=HERE, times=1)]
    result = run("remediate", XRAY, "--yes")
    assert result.exit_code == 3
    assert len([call for call in plane.calls if call.operation == "UpdateStage"]) == 3
    assert "2 made, 1 failed." in result.stderr


def test_only_matching_alarms_are_ended(plane: Plane) -> None:
    result = run("remediate", XRAY, "--yes", "--where", f"region = '{THERE}'")
    assert "1 of 3 alarms to fix" in result.stderr
    assert sent(plane) == [(THERE, "far0000000")]


def test_what_the_remedy_cannot_end_is_named_and_left(plane: Plane) -> None:
    words = ("rest-api-default-endpoint-disabled", "--param", "disable_execute_api_endpoint=0")
    result = run("remediate", *words, "--yes")
    assert result.exit_code == 3
    assert result.stderr.count("Left alone: ") == 3
    assert not sent(plane)


def test_what_aws_would_refuse_is_named_and_not_sent(plane: Plane) -> None:
    words = (
        "rest-api-tls-security-policy",
        "--param=security_policy=SecurityPolicy_TLS13_2025_EDGE",
    )
    result = run("remediate", *words, "--yes")
    assert result.exit_code == 3
    assert "0 of 3 alarms to fix" in result.stderr
    assert result.stderr.count("only an edge-optimized endpoint takes a policy") == 3
    assert not sent(plane)


def test_a_reason_of_many_alarms_is_told_once(plane: Plane) -> None:
    lane = {"rest_apis": [rest_api(f"api{n}", {"stageName": "off"}) for n in range(5)]}
    words = ("rest-api-default-endpoint-disabled", "--param", "disable_execute_api_endpoint=0")
    plane.estate = ServedEstate.declared({(ACCOUNT, HERE): lane})
    result = run("remediate", *words, "--yes")
    (line,) = [one for one in result.stderr.splitlines() if one.startswith("Left alone: ")]
    assert "Left alone: 5 alarms, of arn:aws:apigateway:eu-west-1::/restapis/api0000000" in line
    assert f"(account {ACCOUNT})" in line
    assert "and 2 more: with disable_execute_api_endpoint=0, the remedy would change" in line


def test_without_an_alarm_every_remedy_runs(plane: Plane) -> None:
    words = ("account-cloudwatch-role", "--param=role_arn=arn:aws:iam::{account_id}:role/logs")
    result = run("remediate", *words, "--yes")
    assert result.exit_code == 0
    assert "0 of 0 alarms to fix" in result.stderr


@pytest.mark.parametrize("value", ["0.7", "5", "large"])
def test_a_value_that_is_no_choice_is_refused_before_anything_is_read(
    plane: Plane, value: str
) -> None:
    result = run("remediate", "stage-cache-enabled", f"--param=cache_cluster_size={value}", "--yes")
    assert result.exit_code == 2
    assert "takes one of 0.5, 1.6, 6.1" in result.stderr
    assert not plane.calls


@pytest.mark.parametrize("value", ["2", "yes", ""])
def test_a_value_that_makes_no_sense_is_refused_before_anything_is_read(
    plane: Plane, value: str
) -> None:
    words = ("rest-api-default-endpoint-disabled", f"--param=disable_execute_api_endpoint={value}")
    assert run("remediate", *words, "--yes").exit_code == 2
    assert not sent(plane)


def test_the_sql_runs_by_itself(plane: Plane, tmp_path: Path) -> None:
    path = tmp_path / "remedy.sql"
    path.write_text(run("remediate", XRAY, "--show-sql").stdout)
    assert not sent(plane)
    assert run("query", "--file", str(path), "--allow-writes", "--yes").exit_code == 0
    assert run("check", XRAY).exit_code == 0


def test_the_dry_run_prints_what_the_column_says(plane: Plane) -> None:
    dry = run("remediate", XRAY, "--dry-run").stdout.splitlines()
    column = [row["remediation"] for row in found("check") if row["status"] == "alarm"]
    assert sorted(dry) == sorted(column)
    assert [row["remediation"] for row in found("query") if row["remediation"]] == column
    assert not sent(plane)


def found(command: str) -> list[dict[str, str]]:
    rows = json.loads(run(command, XRAY, "--output", "json").stdout)
    assert isinstance(rows, list)
    return rows


def test_a_control_of_ones_own_has_a_remedy_of_ones_own(plane: Plane, tmp_path: Path) -> None:
    (tmp_path / "described.sql").write_text(
        "-- title: Every stage is described\n-- severity: low\n"
        "-- remedy:\n--   update stages\n--   set description = :text\n"
        "-- remedy-asks: text=hello\n\n"
        "select arn as resource, iif(description is null, 'alarm', 'ok') as status,"
        " 'It is.' as reason, account_id, region, rest_api_id, stage_name from stages;\n"
    )
    folder = ("--queries", str(tmp_path))
    words = ("--param", "text=it's $HOME", "--yes")
    assert run("remediate", "described", *folder, *words).exit_code == 0
    assert len(sent(plane)) == 4
    assert run("check", "described", *folder).exit_code == 0


KEYED = (
    "-- severity: low\n-- remedy: update stages set description = 'x'\nselect arn as resource, "
    "'alarm' as status, {} as reason, account_id, region, rest_api_id, stage_name from stages"
)


@pytest.mark.parametrize(
    ("name", "sql", "words"),
    [
        ("stage-client-certificate", "select arn, stage_name from stages", "begin with arn,"),
        ("stage-client-certificate", "selec", 'line 1: near "selec"'),
        (
            "stage-client-certificate",
            "select arn as resource, '' as status, '' as reason, account_id, region from stages",
            "needs the column rest_api_id in its rows: add it to the SELECT in",
        ),
        ("mine", KEYED.format("'x'").replace("stage_name", "1"), "needs the column stage_name"),
        ("mine", KEYED.format("'x'").replace("severity: low", "titel: x"), "Did you mean title?"),
        (
            "mine",
            KEYED.format("'x'").replace("from stages", "from nosuch"),
            "no such table: nosuch",
        ),
        ("mine", "delete from stages -- remedy", "To give it one, write a line -- remedy: into"),
        ("mine", KEYED.format("'x'") + "; select 1", "more than one statement"),
        ("mine", KEYED.partition("select")[0] + "delete from stages", "DELETE is not allowed"),
        ("mine", "-- remedy: update stages set description = 'x'\nselect 1", "is not a control"),
        (
            "mine",
            KEYED.format("'x'").replace("-- remedy: ", "-- (remedy) "),
            "To give it one, write a line -- remedy: into",
        ),
    ],
)
def test_what_cannot_run_as_a_control_is_wrong_usage_that_says_what_to_write(
    plane: Plane, tmp_path: Path, name: str, sql: str, words: str
) -> None:
    (tmp_path / f"{name}.sql").write_text(sql)
    result = run("remediate", name, "--queries", str(tmp_path), "--yes")
    assert result.exit_code == 2
    assert words in result.stderr
    assert not plane.calls


def test_a_control_that_fails_is_named(plane: Plane, tmp_path: Path) -> None:
    (tmp_path / "mine.sql").write_text(KEYED.format("json('{')"))
    result = run("remediate", "mine", "--queries", str(tmp_path), "--yes")
    assert result.exit_code == 3
    assert "Left alone: mine (account unknown): The control failed: " in result.stderr


def test_a_log_group_of_one_region_is_for_the_stages_there_and_the_others_are_named(
    plane: Plane,
) -> None:
    arn = f"arn:aws:logs:{HERE}:{ACCOUNT}:log-group:access"
    result = run("remediate", "stage-access-logging", "--yes", "--param", f"log_group_arn={arn}")
    assert result.exit_code == 3
    assert [region for region, _ in sent(plane)] == [HERE] * 3
    (line,) = [one for one in result.stderr.splitlines() if one.startswith("Left alone: ")]
    assert f"arn:aws:apigateway:{THERE}" in line
    assert f"arn:aws:logs:{THERE}:{ACCOUNT}:log-group:*" in line


@pytest.mark.parametrize("words", [("--yes",), ("--dry-run",)])
def test_a_change_of_a_rest_api_is_said_to_need_a_deployment(
    plane: Plane, words: tuple[str, ...]
) -> None:
    sql = "update rest_apis set minimum_compression_size = 5"
    result = run("query", sql, "--allow-writes", *words)
    assert result.exit_code == 0, result.stderr
    told = "Callers notice 3 UpdateRestApi only after a deployment of the REST API"
    assert told in result.stderr
    assert told not in result.stdout


def test_it_is_said_also_where_only_some_changes_were_made(plane: Plane) -> None:
    plane.faults = [Fault("denied", operation="UpdateRestApi", region=THERE)]
    result = run("remediate", "rest-api-content-encoding", "--yes")
    assert result.exit_code == 3
    assert "Callers notice 2 UpdateRestApi only after a deployment" in result.stderr
