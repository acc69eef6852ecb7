"""remediate with client certificates: deployed with its eyes open, and again after a stop."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from apigw_vtab.cli.main import main
from apigw_vtab.controls.library import shipped_folder
from tests.commands.certificate_lanes import (
    AS_DEPLOYED,
    CANARY,
    LATE,
    OWNED,
    REGION,
    SOON,
    estate_of,
    lane,
    remediate,
    written,
)
from tests.control_plane import Fault, Plane

NOT_DEPLOYED = "Not to be deployed again, although the new certificate is attached (1 stage):"

# --- Why a stage is left undeployed ---

POST_ONLY = {"/orders": {"POST": AS_DEPLOYED["/orders"]["POST"]}}
OPEN = deepcopy(AS_DEPLOYED) | {}
OPEN["/orders"]["GET"]["authorizationType"] = "NONE"
WITH_KEY = deepcopy(AS_DEPLOYED)
WITH_KEY["/orders"]["POST"]["apiKeyRequired"] = True
MORE = {**AS_DEPLOYED, "/old": {"ANY": {"authorizationType": "NONE", "apiKeyRequired": False}}}
LEFT = {
    "a method more": (lane(summary=POST_ONLY), "adds GET /orders (AWS_IAM)"),
    "a method less": (lane(summary=MORE), "removes ANY /old"),
    "another authorization": (lane(summary=OPEN), "changes GET /orders from NONE to AWS_IAM"),
    "an API key": (lane(summary=WITH_KEY), "changes POST /orders from AWS_IAM and an API key"),
    "a canary": (lane(stage={"canarySettings": CANARY}), "a canary with 10.0 %"),
    "a stack": (lane(stage={"tags": OWNED}), "belongs to the CloudFormation stack shop"),
    "a stack's API": (
        lane(api={"tags": OWNED}),
        "its API belongs to the CloudFormation stack shop",
    ),
}


@pytest.mark.parametrize(("served", "reason"), LEFT.values(), ids=LEFT)
def test_a_stage_that_is_not_ours_to_deploy_is_attached_and_named(
    bare: Plane, served: dict[str, Any], reason: str
) -> None:
    bare.estate = estate_of(served)
    result = remediate("AG-006")
    assert result.exit_code == 0, result.stderr
    assert written(bare) == {"GenerateClientCertificate": 1, "UpdateStage": 1}
    (line,) = [one for one in result.stderr.splitlines() if "api0000001" in one]
    assert "prod: " in line and reason in line
    assert NOT_DEPLOYED in result.stderr


@pytest.mark.parametrize("served", [one for one, _ in LEFT.values()], ids=LEFT)
def test_it_is_deployed_when_that_is_asked_for_in_so_many_words(
    bare: Plane, served: dict[str, Any]
) -> None:
    bare.estate = estate_of(served)
    result = remediate("AG-006", "--redeploy-changed")
    assert written(bare)["CreateDeployment"] == 1
    assert "To be deployed again, as you asked (1 stage)" in result.stderr


def test_the_summary_says_what_was_not_compared(bare: Plane) -> None:
    result = remediate("AG-006")
    assert written(bare)["CreateDeployment"] == 1
    assert "eu-west-1 orders (api0000001, account 111122223333): prod" in result.stderr
    assert "Not compared: integrations, mappings, models" in result.stderr


def test_each_api_and_each_deployment_is_asked_once(bare: Plane) -> None:
    served = lane()
    (api,) = served["rest_apis"]
    api["stages"] += [{**api["stages"][0], "stageName": name} for name in ("beta", "test")]
    bare.estate = estate_of(served)
    assert remediate("AG-006", "--dry-run").stdout.count("create-deployment") == 3
    assert bare.count("GetResources") == 1
    embedded = [c for c in bare.calls if c.operation == "GetDeployment" and "embed" in c.params]
    assert len(embedded) == 1


def test_without_redeploy_nothing_is_compared(bare: Plane) -> None:
    result = remediate("AG-006", "--no-redeploy")
    assert bare.count("GetResources") == 0
    assert written(bare) == {"GenerateClientCertificate": 1, "UpdateStage": 1}
    assert "No stage is deployed" in result.stderr


# --- What could not be compared ---

NO_METHODS_TOLD = [{"id": "root00", "path": "/", "resourceMethods": {"GET": {}}}]
UNREADABLE: dict[str, tuple[dict[str, Any], list[Fault]]] = {
    "GetDeployment denied": (lane(), [Fault("denied", operation="GetDeployment")]),
    "GetResources denied": (lane(), [Fault("denied", operation="GetResources")]),
    "GetResources failing": (lane(), [Fault("internal-error", operation="GetResources")]),
    "no such API any more": (lane(), [Fault("vanished", operation="GetResources")]),
    "no such deployment": (lane(stage={"deploymentId": "gone00"}), []),
    "a stage without deployment": (lane(stage={"deploymentId": None}), []),
    "no summary": (lane(summary=None), []),
    "a summary of another form": (lane(summary=["GET /orders"]), []),
    "methods of another form": (lane(summary={"/orders": {"GET": "AWS_IAM"}}), []),
    "no resource at all": (lane(resources=[]), []),
}


@pytest.mark.parametrize(("served", "faults"), UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("words", [(), ("--redeploy-changed",)])
def test_what_could_not_be_compared_is_attached_not_deployed_and_named(
    bare: Plane,
    served: dict[str, Any],
    faults: list[Fault],
    words: tuple[str, ...],
) -> None:
    bare.estate = estate_of(served)
    bare.faults = faults
    result = remediate("AG-006", *words)
    assert result.exit_code == 3, result.stderr
    assert written(bare) == {"GenerateClientCertificate": 1, "UpdateStage": 1}
    assert NOT_DEPLOYED in result.stderr
    assert [one for one in result.stderr.splitlines() if "api0000001" in one and "prod: " in one]


def test_methods_whose_authorization_is_not_told_never_count_as_the_same(bare: Plane) -> None:
    """AWS that leaves out `embed` on both sides must not look like two sides that agree."""
    bare.estate = estate_of(lane(summary={"/": {"GET": {}}}, resources=NO_METHODS_TOLD))
    assert "does not tell" in remediate("AG-006").stderr
    assert "CreateDeployment" not in written(bare)


def test_an_api_that_cannot_be_compared_keeps_no_other_from_its_deployment(bare: Plane) -> None:
    served = lane()
    (api,) = served["rest_apis"]
    served["rest_apis"].append({**api, "id": "api0000002"})
    bare.estate = estate_of(served)
    bare.faults = [Fault("denied", operation="GetResources", times=1)]
    result = remediate("AG-006")
    assert result.exit_code == 3
    assert written(bare) == Counter(GenerateClientCertificate=1, UpdateStage=2, CreateDeployment=1)


# --- What a new certificate cannot end ---


def test_a_new_certificate_is_never_one_of_those_allowed(bare: Plane) -> None:
    result = remediate("api-gw-ssl-enabled", "--param", "CertificateIDs=abc123")
    assert result.exit_code == 3
    assert "0 of 1 alarms to fix" in result.stderr
    assert "a new certificate is none of those allowed: attach one of abc123" in result.stderr
    assert not written(bare)


def test_a_stage_whose_alarm_is_left_alone_is_not_deployed_either(bare: Plane) -> None:
    assert remediate("api-gw-ssl-enabled", "--no-redeploy").exit_code == 0
    assert remediate("api-gw-ssl-enabled", "--param", "CertificateIDs=abc123").exit_code == 3
    assert written(bare) == {"GenerateClientCertificate": 1, "UpdateStage": 1}


def test_nothing_is_sent_for_an_alarm_that_a_certificate_does_not_end(
    bare: Plane, tmp_path: Path
) -> None:
    ours = (shipped_folder() / "stage-client-certificate.sql").read_text()
    assert "when is_id(client_certificate_id) then 'ok'" in ours
    never = ours.replace("when is_id(client_certificate_id) then 'ok'", "when true then 'alarm'")
    (tmp_path / "stage-client-certificate.sql").write_text(never)
    result = remediate("AG-006", "--queries", str(tmp_path))
    assert result.exit_code == 3
    assert "it would not be ok afterwards" in result.stderr
    assert not written(bare)


# --- A run that was interrupted is found again, by no date ---


def test_a_certificate_that_nobody_attached_is_used(bare: Plane) -> None:
    bare.faults = [Fault("denied", operation="UpdateStage")]
    assert remediate("AG-006").exit_code == 3
    bare.faults = []
    assert remediate("AG-006").exit_code == 0
    assert written(bare) == Counter(GenerateClientCertificate=1, UpdateStage=2, CreateDeployment=1)


def test_a_stage_that_was_not_deployed_is_deployed(bare: Plane) -> None:
    bare.faults = [Fault("denied", operation="CreateDeployment")]
    assert remediate("AG-006").exit_code == 3
    bare.faults = []
    bare.reset()
    assert remediate("APIGateway.2").exit_code == 0
    assert written(bare) == {"CreateDeployment": 1}
    bare.reset()
    remediate("AG-006")
    assert not written(bare)


def test_a_condition_on_a_region_without_stages_is_none_to_keep(bare: Plane) -> None:
    bare.estate = estate_of({"rest_apis": []})
    result = remediate("AG-006", "--where", "stage_name = 'prod'")
    assert result.exit_code == 0, result.stderr


def test_it_is_left_where_the_condition_does_not_admit_it(bare: Plane) -> None:
    bare.faults = [Fault("denied", operation="CreateDeployment")]
    remediate("AG-006")
    bare.faults = []
    bare.reset()
    remediate("AG-006", "--where", "stage_name <> 'prod'")
    assert not written(bare)


def test_a_stage_that_somebody_else_deployed_meanwhile_is_left(bare: Plane) -> None:
    remediate("AG-006", "--no-redeploy")
    api = {"region": REGION, "api": "api0000001", "stage": "prod"}
    sql = "insert into deployments (region, rest_api_id, stage_name) values ('{region}', '{api}', "
    sql = f"{sql}'{{stage}}')".format(**api)
    where = ["--region", REGION, "--allow-writes", "--yes"]
    assert CliRunner().invoke(main, ["query", sql, *where]).exit_code == 0
    bare.reset()
    remediate("AG-006")
    assert not written(bare)


def test_stages_that_could_not_be_read_whole_are_not_deployed_again(bare: Plane) -> None:
    remediate("AG-006", "--no-redeploy")
    bare.faults = [Fault("denied", operation="GetDeployments")]
    bare.reset()
    assert remediate("AG-006").exit_code == 3
    assert not written(bare)


# --- Somebody else's work is recognised by the certificate and the deployment, not by a label ---


def attached_by_hand(**stage: Any) -> dict[str, Any]:
    """The stage presents a valid certificate that is newer than what is deployed."""
    served = lane(certificate="hand00", stage=stage)
    hand = {"clientCertificateId": "hand00", "description": "by hand"}
    served["client_certificates"].append(
        {**hand, "createdDate": SOON + 100, "expirationDate": LATE}
    )
    return served


def test_a_stage_that_somebody_attached_and_did_not_deploy_is_named_and_left(bare: Plane) -> None:
    bare.estate = estate_of(attached_by_hand())
    result = remediate("AG-006")
    assert result.exit_code == 0, result.stderr
    assert not written(bare)
    assert bare.count("GetResources") == 0
    assert NOT_DEPLOYED in result.stderr
    assert (
        "prod: its certificate (by hand) is not one of this run's, and was never" in result.stderr
    )


def test_it_is_deployed_where_that_is_asked_for(bare: Plane) -> None:
    bare.estate = estate_of(attached_by_hand())
    remediate("AG-006", "--redeploy-changed")
    assert written(bare) == {"CreateDeployment": 1}
    bare.reset()
    assert "by hand" not in remediate("AG-006").stderr
    assert not written(bare)


def test_a_stage_that_was_deployed_after_its_certificate_was_made_is_nobodys_to_name(
    bare: Plane,
) -> None:
    served = attached_by_hand()
    served["rest_apis"][0]["deployments"][0]["createdDate"] = SOON + 5_000
    bare.estate = estate_of(served)
    assert "by hand" not in remediate("AG-006").stderr


# --- Words ---


def test_what_is_to_be_deployed_by_another_run_is_a_whole_command(bare: Plane) -> None:
    bare.estate = estate_of(lane(stage={"canarySettings": CANARY}))
    words = ("--label", "it's due", "--where", "stage_name = 'prod'", "--max-rps", "100")
    result = remediate("AG-006", *words)
    line = next(one for one in result.stderr.splitlines() if "apigw-vtab remediate" in one)
    program, *again = shlex.split(line.partition("compared: ")[2])
    assert program == "apigw-vtab"
    assert again == ["remediate", "AG-006", "--redeploy-changed", *again[3:]]
    given = dict(zip(again[3::2], again[4::2], strict=True))
    assert given == {
        **dict(zip(words[::2], words[1::2], strict=True)),
        "--region": REGION,
        "--max-rps": "100.0",
    }


def test_where_no_folder_is_given_the_public_keys_are_a_command_away(bare: Plane) -> None:
    result = remediate("AG-006")
    line = next(one for one in result.stderr.splitlines() if "public keys: apigw" in one)
    (row,) = json.loads(invoke(shlex.split(line.partition(": ")[2])[1:]).stdout)
    assert "BEGIN CERTIFICATE" in row["pem_encoded_certificate"]


def invoke(words: list[str]) -> Result:
    return CliRunner().invoke(main, words)


def test_the_backends_part_is_said(bare: Plane) -> None:
    assert "nothing is protected" in remediate("AG-006").stderr


@pytest.mark.parametrize("per", ["region", "stage"])
def test_a_label_of_ones_own_finds_its_certificates_and_no_others(bare: Plane, per: str) -> None:
    label = "it's [a] 100% *label*"
    bare.faults = [Fault("denied", operation="CreateDeployment")]
    assert remediate("AG-006", "--label", label, "--per", per).exit_code == 3
    bare.faults = []
    bare.reset()
    for another in ("it's", "it's [a]", "%"):
        remediate("AG-006", "--label", another)
    assert not written(bare)
    assert remediate("AG-006", "--label", label).exit_code == 0
    assert written(bare) == {"CreateDeployment": 1}


def test_a_stage_without_an_alarm_is_not_deployed_because_it_was_changed_since(bare: Plane) -> None:
    """Somebody deployed it after our certificate was attached; then another setting was changed."""
    label = "apigw-vtab: for stages without a valid client certificate"
    served = lane(certificate="ours00", stage={"lastUpdatedDate": SOON + 9_000})
    served["rest_apis"][0]["deployments"][0]["createdDate"] = SOON + 5_000
    ours = {"clientCertificateId": "ours00", "description": label}
    served["client_certificates"].append(
        {**ours, "createdDate": SOON + 100, "expirationDate": LATE}
    )
    bare.estate = estate_of(served)
    result = remediate("AG-006")
    assert "0 of 0 alarms to fix" in result.stderr
    assert not written(bare)


def test_a_certificate_whose_end_aws_does_not_tell_is_not_used_again(bare: Plane) -> None:
    label = "apigw-vtab: for stages without a valid client certificate"
    served = lane()
    served["client_certificates"].append(
        {"clientCertificateId": "weird0", "description": label, "createdDate": SOON}
    )
    bare.estate = estate_of(served)
    assert remediate("AG-006").exit_code == 0
    assert written(bare)["GenerateClientCertificate"] == 1
