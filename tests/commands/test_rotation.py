"""remediate client-certificate-expiring: two steps and an end, and nothing in use is deleted."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from apigw_vtab.cli.main import main
from apigw_vtab.sandbox import process
from tests.commands.certificate_lanes import (
    EXPIRING,
    LATE,
    OTHER_REGION,
    REGION,
    SOON,
    estate_of,
    lane,
    remediate,
    written,
)
from tests.control_plane import Fault, Plane


def presented(bare: Plane) -> str:
    sql = "select client_certificate_id from stages"
    where = ["--region", REGION, "--output", "json"]
    (row,) = json.loads(CliRunner().invoke(main, ["query", sql, *where]).stdout)
    return str(row["client_certificate_id"])


@pytest.fixture
def expiring(bare: Plane) -> Plane:
    """The stage presents a certificate that has expired."""
    bare.estate = estate_of(lane(certificate="over00"))
    return bare


def test_a_rotation_is_two_steps_and_an_end(expiring: Plane) -> None:
    prepared = remediate(EXPIRING, "--prepare")
    assert prepared.exit_code == 0, prepared.stderr
    assert written(expiring) == {"GenerateClientCertificate": 1}
    assert presented(expiring) == "over00"
    assert prepared.stdout.count("-----BEGIN CERTIFICATE-----") == 1
    assert "Nothing is attached yet" in prepared.stderr

    expiring.reset()
    attached = remediate(EXPIRING)
    assert attached.exit_code == 0, attached.stderr
    assert written(expiring) == {"UpdateStage": 1, "CreateDeployment": 1}
    assert presented(expiring) in prepared.stdout
    assert "Take the old public keys from the backends" in attached.stderr

    expiring.reset()
    assert remediate(EXPIRING, "--delete-old").exit_code == 0
    assert written(expiring) == {"DeleteClientCertificate": 2}
    check = CliRunner().invoke(main, ["check", EXPIRING, "--region", REGION])
    assert check.exit_code == 0


def test_nothing_is_attached_that_no_backend_could_trust_yet(expiring: Plane) -> None:
    result = remediate(EXPIRING)
    assert result.exit_code == 1
    assert not written(expiring)
    assert "certificate over00 in eu-west-1: api0000001/prod" in result.stderr
    first = f"First run: apigw-vtab remediate {EXPIRING} --prepare --region {REGION}"
    assert first in result.stderr


def test_preparing_twice_generates_once_and_hands_out_the_same_key(expiring: Plane) -> None:
    first, second = (remediate(EXPIRING, "--prepare") for _ in range(2))
    assert written(expiring) == {"GenerateClientCertificate": 1}
    assert first.stdout == second.stdout


def test_the_keys_go_to_a_folder_if_one_is_given(expiring: Plane, tmp_path: Path) -> None:
    result = remediate(EXPIRING, "--prepare", "--pem-dir", str(tmp_path))
    (path,) = tmp_path.iterdir()
    assert path.name in result.stdout
    assert "BEGIN CERTIFICATE" in path.read_text()


@pytest.mark.parametrize("operation", ["UpdateStage", "CreateDeployment"])
def test_an_interrupted_switch_is_found_again_days_later(expiring: Plane, operation: str) -> None:
    """The stage was deployed after the new certificate was made, and before it was attached."""
    served = lane(certificate="over00")
    made, deployed = SOON + 100, SOON + 5_000
    served["rest_apis"][0]["deployments"][0]["createdDate"] = deployed
    served["rest_apis"][0]["stages"][0]["lastUpdatedDate"] = deployed + 1
    successor = {"clientCertificateId": "next00", "description": "apigw-vtab: replaces over00"}
    served["client_certificates"].append({**successor, "createdDate": made, "expirationDate": LATE})
    expiring.estate = estate_of(served)
    expiring.faults = [Fault("denied", operation=operation)]
    assert remediate(EXPIRING).exit_code == 3
    expiring.faults = []
    expiring.reset()
    assert remediate(EXPIRING).exit_code == 0
    update = 1 if operation == "UpdateStage" else 0
    assert written(expiring) == Counter(CreateDeployment=1) + Counter(UpdateStage=update)
    assert presented(expiring) == "next00"
    expiring.reset()
    assert remediate(EXPIRING).exit_code == 0
    assert not written(expiring)


def test_an_interrupted_deletion_goes_on(expiring: Plane) -> None:
    remediate(EXPIRING, "--prepare")
    remediate(EXPIRING)
    expiring.faults = [Fault("denied", operation="DeleteClientCertificate", times=1)]
    assert remediate(EXPIRING, "--delete-old").exit_code == 3
    expiring.faults = []
    expiring.reset()
    assert remediate(EXPIRING, "--delete-old").exit_code == 0
    assert written(expiring) == {"DeleteClientCertificate": 1}


# --- Nothing is deleted that is in use ---


def test_a_certificate_that_a_stage_presents_is_kept_and_named(expiring: Plane) -> None:
    result = remediate(EXPIRING, "--delete-old")
    assert result.exit_code == 1
    assert "over00 in eu-west-1 (111122223333): the stage api0000001/prod presents it" in (
        result.stderr
    )
    deleted = [c.params for c in expiring.calls if c.operation == "DeleteClientCertificate"]
    assert deleted == [{"clientCertificateId": "idle00"}]


def test_a_certificate_is_kept_until_its_successor_is_deployed(expiring: Plane) -> None:
    remediate(EXPIRING, "--prepare")
    remediate(EXPIRING, "--no-redeploy")
    expiring.reset()
    result = remediate(EXPIRING, "--delete-old", "--where", "client_certificate_id = 'over00'")
    assert result.exit_code == 1
    assert "was not deployed since it got the new one" in result.stderr
    assert not written(expiring)
    # Neither does it matter what this run is asked not to deploy, nor what its label is.
    for words in (("--no-redeploy",), ("--label", "mine")):
        where = ("--where", "client_certificate_id = 'over00'")
        assert remediate(EXPIRING, "--delete-old", *words, *where).exit_code == 1
        assert not written(expiring)


def test_a_certificate_is_kept_that_a_stage_may_still_present_whoever_changed_the_stage(
    bare: Plane,
) -> None:
    """Somebody attached a newer certificate under a description of their own."""
    served = lane(certificate="hand00")
    hand = {"clientCertificateId": "hand00", "description": "by hand"}
    served["client_certificates"].append(
        {**hand, "createdDate": SOON + 100, "expirationDate": LATE}
    )
    bare.estate = estate_of(served)
    result = remediate(EXPIRING, "--delete-old")
    assert result.exit_code == 1
    assert not written(bare)
    assert "over00 in eu-west-1 (111122223333): the stage api0000001/prod was not deployed" in (
        result.stderr
    )
    sql = "insert into deployments (region, rest_api_id, stage_name)"
    sql += f" values ('{REGION}', 'api0000001', 'prod')"
    CliRunner().invoke(main, ["query", sql, "--region", REGION, "--allow-writes", "--yes"])
    bare.reset()
    assert remediate(EXPIRING, "--delete-old").exit_code == 0
    assert written(bare) == {"DeleteClientCertificate": 2}


def test_what_was_prepared_is_not_deleted_before_it_is_attached(expiring: Plane) -> None:
    expiring.estate = estate_of(lane(certificate="over00"))
    remediate(EXPIRING, "--prepare", "--param", "days=400")
    expiring.reset()
    result = remediate(EXPIRING, "--delete-old", "--param", "days=400")
    assert "it is prepared to replace over00" in result.stderr
    deleted = [c.params for c in expiring.calls if c.operation == "DeleteClientCertificate"]
    assert deleted == [{"clientCertificateId": "idle00"}]


def test_a_certificate_that_only_a_web_socket_stage_presents_is_kept(bare: Plane) -> None:
    served = lane()
    stage = {"stageName": "live", "clientCertificateId": "over00"}
    served["web_socket_apis"] = [{"apiId": "chatroom1a", "name": "chat", "stages": [stage]}]
    bare.estate = estate_of(served)
    result = remediate(EXPIRING, "--delete-old", "--dry-run")
    assert result.exit_code == 3
    assert "still in use by the WebSocket stage chatroom1a/live" in result.stderr
    assert "--client-certificate-id over00" not in result.stdout
    assert "--client-certificate-id idle00" in result.stdout
    result = remediate(EXPIRING, "--delete-old")
    assert result.exit_code == 3
    assert "still in use by the WebSocket stage chatroom1a/live" in result.stderr
    deleted = [c.params for c in bare.calls if c.operation == "DeleteClientCertificate"]
    assert deleted == [{"clientCertificateId": "idle00"}]


def test_where_stages_could_not_be_read_nothing_is_deleted(bare: Plane) -> None:
    bare.estate = estate_of(lane(certificate="over00"), lane())
    bare.faults = [Fault("denied", operation="GetStages", region=REGION)]
    assert remediate(EXPIRING, "--delete-old", "--region", OTHER_REGION).exit_code == 3
    deleted = {c.region for c in bare.calls if c.operation == "DeleteClientCertificate"}
    assert deleted == {OTHER_REGION}


# --- Words ---


def test_two_steps_in_one_run_are_refused(bare: Plane) -> None:
    result = remediate(EXPIRING, "--prepare", "--delete-old")
    assert result.exit_code == 2
    assert not bare.calls


def test_only_a_rotation_has_old_certificates(bare: Plane) -> None:
    result = remediate("AG-006", "--delete-old")
    assert result.exit_code == 2
    assert EXPIRING in result.stderr
    assert not bare.calls


PREPARE, ATTACH, DELETE = ("--prepare",), (), ("--delete-old",)


@pytest.mark.parametrize(
    ("before", "step", "sent"),
    [
        ([], PREPARE, {"GenerateClientCertificate": 1}),
        ([PREPARE], ATTACH, {"UpdateStage": 1, "CreateDeployment": 1}),
        ([PREPARE, ATTACH], DELETE, {"DeleteClientCertificate": 2}),
    ],
)
def test_the_sql_of_each_step_runs_by_itself(
    expiring: Plane,
    tmp_path: Path,
    before: list[tuple[str, ...]],
    step: tuple[str, ...],
    sent: dict[str, int],
) -> None:
    for words in before:
        remediate(EXPIRING, *words)
    expiring.reset()
    path = tmp_path / "step.sql"
    path.write_text(remediate(EXPIRING, *step, "--show-sql").stdout)
    assert not written(expiring)
    query = ["query", "--file", str(path), "--allow-writes", "--yes", "--region", REGION]
    result = CliRunner().invoke(main, query)
    assert result.exit_code == 0, result.stderr
    assert written(expiring) == sent


# --- What is said ---


def test_the_commands_that_are_printed_carry_a_rotation_to_its_end(expiring: Plane) -> None:
    """Each is the whole command that goes on with the same work: quoted, without --yes."""
    label = 'it\'s "due" $HOME'
    words = ("--label", label, "--param", "days=40", "--where", "description is null or 'a' = 'a'")
    result = remediate(EXPIRING, "--prepare", *words)
    for step, sent in (
        ("  2. ", {"UpdateStage": 1, "CreateDeployment": 1}),
        ("  3. ", {"DeleteClientCertificate": 2}),
    ):
        lines = result.stderr.splitlines()
        number = next(number for number, line in enumerate(lines) if line.startswith(step))
        program, *again = shlex.split(lines[number + 1])
        assert (program, "--yes" in again) == ("apigw-vtab", False)
        assert again[-8:-2] == [*words[4:], "--label", label, "--param", "days=40"]
        expiring.reset()
        result = CliRunner().invoke(main, [*again, "--yes"])
        assert result.exit_code == 0, result.stderr
        assert written(expiring) == sent


def test_before_a_stage_gets_another_certificate_its_backend_is_spoken_of(expiring: Plane) -> None:
    remediate(EXPIRING, "--prepare")
    result = remediate(EXPIRING, "--dry-run")
    assert "Another certificate than now, for 1 stage." in result.stderr
    assert "refuse every request" in result.stderr


def test_the_keys_are_handed_out_also_where_a_change_failed(expiring: Plane) -> None:
    remediate(EXPIRING, "--prepare")
    expiring.faults = [Fault("denied", operation="CreateDeployment")]
    result = remediate(EXPIRING)
    assert result.exit_code == 3
    assert presented(expiring) in result.stdout
    assert "--delete-old" not in result.stderr
    expiring.faults = []
    assert presented(expiring) in remediate(EXPIRING).stdout


def test_nothing_is_prepared_for_a_certificate_that_no_stage_presents(bare: Plane) -> None:
    result = remediate(EXPIRING, "--prepare")
    assert result.exit_code == 0
    assert "there is nothing to prepare" in result.stderr
    assert not written(bare)


@pytest.mark.parametrize("step", [PREPARE, ATTACH, DELETE])
def test_without_an_alarm_nothing_is_done(bare: Plane, step: tuple[str, ...]) -> None:
    result = remediate(EXPIRING, *step, "--where", "false")
    assert result.exit_code == 0, result.stderr
    assert "0 of 2 alarms to fix" in result.stderr
    assert not written(bare)
    assert bare.count("GetDeployments") == 0


def test_the_whole_rotation_in_the_sandbox() -> None:
    where = ["--sandbox", "--profile", "sandbox-production", "--region", "us-east-1"]
    where += ["--max-rps", "1000"]

    def rotate(*words: str) -> int:
        given = ["remediate", EXPIRING, *words, "--yes", *where]
        return CliRunner().invoke(main, given).exit_code

    try:
        codes = [rotate(), rotate("--prepare"), rotate(), rotate("--delete-old")]
        words = ["check", EXPIRING, *where, "--output", "json"]
        left = json.loads(CliRunner().invoke(main, words).stdout)
    finally:
        # The sandbox lives as long as the process: the next test needs a new one.
        process._running.clear()
    # Of the two, one is kept: its stage has a canary, and so was not deployed.
    assert codes == [1, 0, 0, 1]
    alarms = [one["description"] for one in left if one["status"] == "alarm"]
    assert alarms == ["orders-api beta"]
