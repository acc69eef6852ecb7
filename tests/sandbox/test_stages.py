"""Stages in the sandbox, over real HTTP, as boto3 sees them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from apigw_vtab.sandbox.server import SandboxServer
from tests.sandbox.clients import (
    STRANGER,
    a_stage,
    an_api,
    patch,
    refusal,
)

UNKNOWN_API = "zzzzzzzzzz"


def test_a_certificate_attached_by_update_stage_is_seen_on_the_stage(gateway: Any) -> None:
    stage = a_stage(gateway)
    certificate_id = gateway.generate_client_certificate()["clientCertificateId"]
    gateway.update_stage(**stage, patchOperations=patch("/clientCertificateId", certificate_id))
    assert gateway.get_stage(**stage)["clientCertificateId"] == certificate_id
    (listed,) = gateway.get_stages(restApiId=stage["restApiId"])["item"]
    assert listed["clientCertificateId"] == certificate_id


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "/clientCertificateId", "value": ""},
        {"op": "replace", "path": "/clientCertificateId"},
    ],
)
def test_a_certificate_can_be_detached(gateway: Any, operation: dict[str, str]) -> None:
    stage = a_stage(gateway)
    certificate_id = gateway.generate_client_certificate()["clientCertificateId"]
    gateway.update_stage(**stage, patchOperations=patch("/clientCertificateId", certificate_id))
    gateway.update_stage(**stage, patchOperations=[operation])
    assert "clientCertificateId" not in gateway.get_stage(**stage)


def test_an_unknown_certificate_cannot_be_attached(gateway: Any) -> None:
    operations = patch("/clientCertificateId", "nosuch")
    assert refusal(gateway.update_stage, **a_stage(gateway), patchOperations=operations) == (
        400,
        "BadRequestException",
    )


def test_a_stage_keeps_the_id_of_a_certificate_that_was_deleted(gateway: Any) -> None:
    stage = a_stage(gateway)
    certificate_id = gateway.generate_client_certificate()["clientCertificateId"]
    gateway.update_stage(**stage, patchOperations=patch("/clientCertificateId", certificate_id))
    gateway.delete_client_certificate(clientCertificateId=certificate_id)
    assert gateway.get_stage(**stage)["clientCertificateId"] == certificate_id


def test_a_stage_has_the_dates_of_its_creation_and_last_update(gateway: Any) -> None:
    stage = gateway.get_stage(**a_stage(gateway))
    age = datetime.now(timezone.utc) - stage["createdDate"]
    assert timedelta(0) <= age < timedelta(minutes=1)
    assert stage["lastUpdatedDate"] == stage["createdDate"]


def test_an_update_moves_the_date_of_the_last_update(server: SandboxServer, gateway: Any) -> None:
    stage = a_stage(gateway)
    backend = server.backends[STRANGER.account_id, "us-east-1"]
    backend.get_stage(stage["restApiId"], "prod").last_updated_date -= 3600  # type: ignore[attr-defined]
    before = gateway.get_stage(**stage)
    after = gateway.update_stage(**stage, patchOperations=patch("/description", "new"))
    assert after["lastUpdatedDate"] - before["lastUpdatedDate"] >= timedelta(hours=1)
    assert after["createdDate"] == before["createdDate"]


@pytest.mark.parametrize(
    ("path", "value", "member", "expected"),
    [
        ("/description", "Live", "description", "Live"),
        ("/tracingEnabled", "true", "tracingEnabled", True),
        ("/cacheClusterEnabled", "true", "cacheClusterStatus", "AVAILABLE"),
        ("/variables/colour", "blue", "variables", {"colour": "blue"}),
    ],
)
def test_update_stage_sets(
    gateway: Any, path: str, value: str, member: str, expected: object
) -> None:
    stage = a_stage(gateway)
    gateway.update_stage(**stage, patchOperations=patch(path, value))
    assert gateway.get_stage(**stage)[member] == expected


def test_update_stage_sets_the_size_of_the_cache(gateway: Any) -> None:
    stage = a_stage(gateway)
    operations = [*patch("/cacheClusterEnabled", "true"), *patch("/cacheClusterSize", "1.6")]
    assert gateway.update_stage(**stage, patchOperations=operations)["cacheClusterSize"] == "1.6"


@pytest.mark.parametrize(
    ("path", "value", "member", "expected"),
    [
        ("logging/loglevel", "INFO", "loggingLevel", "INFO"),
        ("logging/dataTrace", "true", "dataTraceEnabled", True),
        ("metrics/enabled", "true", "metricsEnabled", True),
        ("throttling/rateLimit", "12.5", "throttlingRateLimit", 12.5),
        ("throttling/burstLimit", "25", "throttlingBurstLimit", 25),
        ("caching/dataEncrypted", "true", "cacheDataEncrypted", True),
    ],
)
@pytest.mark.parametrize("method", ["*/*", "orders/{id}/GET"])
def test_update_stage_sets_method_settings(
    gateway: Any, method: str, path: str, value: str, member: str, expected: object
) -> None:
    stage = a_stage(gateway)
    gateway.update_stage(**stage, patchOperations=patch(f"/{method}/{path}", value))
    assert gateway.get_stage(**stage)["methodSettings"][method][member] == expected


def test_settings_that_were_not_given_have_awss_defaults(gateway: Any) -> None:
    stage = a_stage(gateway)
    gateway.update_stage(**stage, patchOperations=patch("/*/*/metrics/enabled", "true"))
    settings = gateway.get_stage(**stage)["methodSettings"]["*/*"]
    assert "loggingLevel" not in settings
    assert settings["cacheDataEncrypted"] is False
    assert (settings["throttlingRateLimit"], settings["throttlingBurstLimit"]) == (10000.0, 5000)


def test_update_stage_refuses_a_path_that_it_does_not_know(gateway: Any) -> None:
    stage = a_stage(gateway)
    operations = [*patch("/description", "new"), *patch("/colour", "blue")]
    assert refusal(gateway.update_stage, **stage, patchOperations=operations) == (
        400,
        "BadRequestException",
    )
    assert "description" not in gateway.get_stage(**stage)


def test_a_deployment_leaves_the_settings_of_its_stage_alone(gateway: Any) -> None:
    stage = a_stage(gateway)
    certificate_id = gateway.generate_client_certificate()["clientCertificateId"]
    gateway.update_stage(**stage, patchOperations=patch("/clientCertificateId", certificate_id))
    deployment = gateway.create_deployment(**stage, description="with the certificate")
    after = gateway.get_stage(**stage)
    assert after["clientCertificateId"] == certificate_id
    assert after["deploymentId"] == deployment["id"]


def test_create_stage_takes_what_its_model_has(gateway: Any) -> None:
    deployed = a_stage(gateway)
    given = {
        "stageName": "next",
        "deploymentId": gateway.get_stage(**deployed)["deploymentId"],
        "description": "Next release",
        "variables": {"colour": "green"},
        "cacheClusterEnabled": True,
        "cacheClusterSize": "1.6",
        "tracingEnabled": True,
        "documentationVersion": "7",
        "canarySettings": {"percentTraffic": 5.0},
        "tags": {"team": "orders"},
    }
    gateway.create_stage(restApiId=deployed["restApiId"], **given)
    stage = gateway.get_stage(restApiId=deployed["restApiId"], stageName="next")
    assert {name: stage[name] for name in given} == given


def test_a_bare_stage_has_only_the_members_that_aws_always_gives(gateway: Any) -> None:
    stage = gateway.get_stage(**a_stage(gateway))
    del stage["ResponseMetadata"]
    assert sorted(stage) == [
        "cacheClusterEnabled",
        "cacheClusterStatus",
        "createdDate",
        "deploymentId",
        "lastUpdatedDate",
        "methodSettings",
        "stageName",
        "tracingEnabled",
    ]
    assert stage["cacheClusterStatus"] == "NOT_AVAILABLE"


def test_the_stages_of_an_unknown_api_are_not_found(gateway: Any) -> None:
    missing = (404, "NotFoundException")
    assert refusal(gateway.get_stages, restApiId=UNKNOWN_API) == missing
    assert refusal(gateway.get_stage, restApiId=UNKNOWN_API, stageName="prod") == missing
    assert refusal(gateway.delete_rest_api, restApiId=UNKNOWN_API) == missing


def test_an_unknown_stage_or_deployment_is_not_found(gateway: Any) -> None:
    api_id = an_api(gateway)
    missing = (404, "NotFoundException")
    assert refusal(gateway.get_stage, restApiId=api_id, stageName="prod") == missing
    assert refusal(gateway.get_deployment, restApiId=api_id, deploymentId="nosuch") == missing
