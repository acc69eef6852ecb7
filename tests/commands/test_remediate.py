"""remediate: what a control found in alarm is fixed, and the next check says so."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509

from apigw_vtab.cli.main import main
from apigw_vtab.sandbox import process
from tests.control_plane import Fault, Plane, Quota, ServedEstate, access_key, serve

ACCOUNT, REGION = "111122223333", "eu-west-1"
SOON, LATE = 1_000_000_000, 4_000_000_000


def stage(name: str, certificate: str | None = None) -> dict[str, object]:
    return {"stageName": name, **({"clientCertificateId": certificate} if certificate else {})}


LANE = {
    "rest_apis": [
        {"id": "api0000001", "name": "orders", "stages": [stage("bare"), stage("good", "good00")]},
        {"id": "api0000002", "name": "items", "stages": [stage("old", "over00")]},
    ],
    "client_certificates": [
        {"clientCertificateId": "good00", "expirationDate": LATE},
        {"clientCertificateId": "over00", "expirationDate": SOON},
        {"clientCertificateId": "idle00", "expirationDate": SOON},
    ],
}


@pytest.fixture
def plane(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    """A control plane with AWS's quota; AWS_ENDPOINT_URL leads to it."""
    with serve(ServedEstate.declared({(ACCOUNT, REGION): LANE}), quota=Quota()) as plane:
        monkeypatch.setenv("AWS_ENDPOINT_URL", plane.url)
        monkeypatch.delenv("AWS_PROFILE")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(ACCOUNT))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        yield plane


def run(*words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--region", REGION])


def written(plane: Plane) -> Counter[str]:
    return Counter(
        call.operation for call in plane.calls if not call.operation.startswith(("Get", "Describe"))
    )


def test_the_rule_is_kept_afterwards_by_exactly_these_calls(plane: Plane, tmp_path: Path) -> None:
    assert run("check", "AG-006").exit_code == 1
    plane.reset()
    result = run("remediate", "AG-006", "--yes", "--pem-dir", str(tmp_path / "keys"))
    assert result.exit_code == 0, result.stderr
    assert written(plane) == {
        "GenerateClientCertificate": 1,
        "UpdateStage": 1,
        "CreateDeployment": 1,
    }
    assert run("check", "AG-006").exit_code == 0
    (path,) = (tmp_path / "keys").iterdir()
    assert path.name.startswith(f"{ACCOUNT}-{REGION}-")
    assert path.stat().st_mode & 0o777 == 0o644
    assert path.name in result.stdout


def test_the_steps_of_the_rule_page_as_sql(plane: Plane) -> None:
    script = f"""
        insert into client_certificates (region, description)
        values ('{REGION}', 'for backends')
        returning client_certificate_id, pem_encoded_certificate;
    """
    result = run("query", script, "--allow-writes", "--yes", "--output", "json")
    (made,) = json.loads(result.stdout)
    assert "BEGIN CERTIFICATE" in made["pem_encoded_certificate"]
    script = f"""
        begin;
        update stages set client_certificate_id = '{made["client_certificate_id"]}'
        where region = '{REGION}' and client_certificate_id is null;
        insert into deployments (region, rest_api_id, stage_name, description)
        select region, rest_api_id, stages.stage_name, 'client certificate' from stages
        where client_certificate_id = '{made["client_certificate_id"]}';
        commit;
    """
    assert run("query", script, "--allow-writes", "--yes").exit_code == 0
    assert run("check", "AG-006").exit_code == 0
    assert written(plane) == {
        "GenerateClientCertificate": 1,
        "UpdateStage": 1,
        "CreateDeployment": 1,
    }


def test_without_redeploy_nothing_is_deployed_until_somebody_asks(plane: Plane) -> None:
    run("remediate", "AG-006", "--yes", "--no-redeploy")
    assert "CreateDeployment" not in written(plane)
    plane.reset()
    run("remediate", "AG-006", "--yes")
    assert written(plane) == {"CreateDeployment": 1}


def test_a_second_run_does_what_the_first_one_could_not(plane: Plane) -> None:
    plane.faults = [Fault("denied", operation="CreateDeployment")]
    result = run("remediate", "AG-006", "--yes")
    assert result.exit_code == 3
    assert "2 made, 1 failed." in result.stderr
    plane.faults = []
    plane.reset()
    assert run("remediate", "AG-006", "--yes").exit_code == 0
    assert written(plane) == {"CreateDeployment": 1}


def test_a_third_run_does_nothing(plane: Plane) -> None:
    run("remediate", "AG-006", "--yes")
    plane.reset()
    assert run("remediate", "AG-006", "--yes").exit_code == 0
    assert not written(plane)


def test_an_expired_certificate_is_replaced(plane: Plane) -> None:
    control = "stage-client-certificate-valid"
    assert run("remediate", control, "--yes").exit_code == 0
    assert run("check", control).exit_code == 0


def test_where_narrows_it(plane: Plane) -> None:
    result = run("remediate", "AG-006", "--yes", "--where", "stage_name <> 'bare'")
    assert "0 of 1 alarms to fix" in result.stderr
    assert not written(plane)


@pytest.mark.parametrize(
    ("where", "exit_code"),
    [
        ("nothing = 1", 2),
        ("true; drop table in_alarm", 2),
        ("true) --", 2),
        ("0) union select 0 where (1", 2),
        ("0) union select 99999 where (1", 2),
    ],
)
def test_a_bad_condition_is_an_error_and_nothing_is_sent(
    plane: Plane, where: str, exit_code: int
) -> None:
    result = run("remediate", "AG-006", "--yes", "--where", where)
    assert result.exit_code == exit_code
    assert not written(plane)


def test_a_column_of_ones_own_does_not_lead_where_to_another_resource(
    plane: Plane, tmp_path: Path
) -> None:
    (tmp_path / "mine.sql").write_text(
        "-- title: Mine\n-- severity: low\n-- remedy: update stages set tracing_enabled = 1\n"
        "select arn as resource, iif(tracing_enabled, 'ok', 'alarm') as status, 'x' as reason,"
        " account_id, region, rest_api_id,"
        ' stage_name, 3 - row_number() over (order by stage_name) as rowid, \'y\' as "a""b"'
        " from stages"
    )
    words = ("mine", "--queries", str(tmp_path), "--dry-run", "--where", "stage_name = 'bare'")
    result = run("remediate", *words)
    assert "--stage-name bare" in result.stdout, result.stderr
    assert result.stdout.count("update-stage") == 1


@pytest.mark.parametrize("word", ["in", "not in"])
def test_where_a_condition_could_not_be_decided_nothing_is_sent(plane: Plane, word: str) -> None:
    plane.faults = [Fault("denied", operation="GetUsagePlans")]
    where = f"rest_api_id {word} (select rest_api_id from usage_plan_stages)"
    result = run("remediate", "AG-006", "--where", where, "--yes")
    assert result.exit_code == 3
    assert "0 of 1 alarms to fix" in result.stderr
    assert "stages/bare" in result.stderr
    assert "whether it is in scope is not known: a part of what --where reads" in result.stderr
    assert not written(plane)


def test_what_is_accepted_is_left_alone(plane: Plane, tmp_path: Path) -> None:
    path = tmp_path / "accepted.json"
    run("check", "AG-006", "--write-baseline", str(path))
    result = run("remediate", "AG-006", "--yes", "--baseline", str(path))
    assert "0 of 0 alarms to fix" in result.stderr
    assert not written(plane)


def test_nothing_is_done_on_what_could_not_be_read(plane: Plane) -> None:
    plane.faults = [Fault("denied", operation="GetClientCertificates")]
    result = run("remediate", "stage-client-certificate-valid", "--yes")
    assert result.exit_code == 3
    assert not written(plane)


def test_the_sql_is_shown_and_runs_by_itself(plane: Plane, tmp_path: Path) -> None:
    shown = run("remediate", "AG-006", "--show-sql").stdout
    assert not written(plane)
    path = tmp_path / "remedy.sql"
    path.write_text(shown)
    result = run("query", "--file", str(path), "--allow-writes", "--yes")
    assert result.exit_code == 0, result.stderr
    assert run("check", "AG-006").exit_code == 0


@pytest.mark.parametrize("words", [(), ("--param", "days=3")])
def test_a_control_without_a_remedy_says_what_to_do(plane: Plane, words: tuple[str, ...]) -> None:
    result = run("remediate", "stage-waf-web-acl", "--yes", *words)
    assert "stage-waf-web-acl has no remedy" in result.stderr
    assert result.exit_code == 2
    assert "associate-web-acl" in result.stderr
    assert not plane.calls


def test_deployments_keep_to_their_own_quota(plane: Plane) -> None:
    script = f"""
        insert into deployments (region, rest_api_id, stage_name)
        values ('{REGION}', 'api0000001', 'bare'), ('{REGION}', 'api0000001', 'good');
    """
    assert run("query", script, "--allow-writes", "--yes").exit_code == 0
    assert [call.status for call in plane.calls] == [201, 201]


def test_the_whole_story_in_the_sandbox(tmp_path: Path) -> None:
    where = ("--sandbox", "--region", "eu-west-1,ap-southeast-2", "--max-rps", "1000")
    per_stage = ("--per", "stage", "--pem-dir", str(tmp_path))
    try:
        found, fixed, left = (
            CliRunner().invoke(main, [*words, *where])
            for words in (
                ("check", "AG-006", "--output", "json"),
                ("remediate", "AG-006", "--yes", "--no-redeploy", *per_stage),
                ("check", "AG-006"),
            )
        )
        assert (found.exit_code, fixed.exit_code, left.exit_code) == (1, 0, 0)
        keys = list(tmp_path.iterdir())
        alarms = [one for one in json.loads(found.stdout) if one["status"] == "alarm"]
        assert len(keys) == len(alarms) > 1
        for key in keys:
            assert x509.load_pem_x509_certificate(key.read_bytes())
    finally:
        # The sandbox lives as long as the process: the next test needs a new one.
        process._running.clear()


def test_an_alarm_that_is_out_of_scope_by_its_tags_is_left_alone(plane: Plane) -> None:
    result = run("remediate", "AG-006", "--dry-run", "--resource-tag", "no such tag")
    assert " findings are left out because of tags" in result.stderr
    assert re.search(r"0 of [1-9]\d* alarms to fix", result.stderr)
