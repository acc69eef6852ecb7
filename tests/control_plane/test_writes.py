"""The control plane's writes: client certificates, stages, deployments."""

from __future__ import annotations

import pytest

from tests.control_plane import Plane, ServedEstate, serve
from tests.control_plane.clients import ACCOUNT, REGION, client, first_api, refused


def test_a_generated_certificate_is_listed_and_lives_a_year(written: Plane) -> None:
    gateway = client(written)
    made = gateway.generate_client_certificate(description="new", tags={"team": "a"})
    assert (made["expirationDate"] - made["createdDate"]).days == 365
    listed = gateway.get_client_certificates()["items"]
    assert [item["clientCertificateId"] for item in listed][2:] == [made["clientCertificateId"]]
    assert (listed[2]["description"], listed[2]["tags"]) == ("new", {"team": "a"})


def test_a_lane_has_60_certificates_at_most() -> None:
    with (
        serve(ServedEstate.numbered(certificates=60)) as plane,
        refused("LimitExceededException", 429),
    ):
        client(plane).generate_client_certificate()


def test_update_stage_attaches_and_detaches_a_certificate(written: Plane) -> None:
    gateway, api = client(written), first_api(written)
    certificate = gateway.generate_client_certificate()["clientCertificateId"]
    for value in (certificate, ""):
        patch = [{"op": "replace", "path": "/clientCertificateId", "value": value}]
        gateway.update_stage(restApiId=api, stageName="dev", patchOperations=patch)
        stages = {stage["stageName"]: stage for stage in gateway.get_stages(restApiId=api)["item"]}
        assert stages["dev"].get("clientCertificateId", "") == value


def test_update_stage_patches_by_path(written: Plane) -> None:
    values = {
        "/tracingEnabled": "true",
        "/cacheClusterSize": "1.6",
        "/variables/color": "blue",
        "/accessLogSettings/format": "$context.requestId",
        "/accessLogSettings/destinationArn": "arn:aws:logs:eu-west-1:1:log-group:a",
        "/*/*/logging/loglevel": "INFO",
        "/~1pets/GET/throttling/burstLimit": "7",
    }
    patch = [{"op": "replace", "path": path, "value": value} for path, value in values.items()]
    stage = client(written).update_stage(
        restApiId=first_api(written), stageName="prod", patchOperations=patch
    )
    assert stage["tracingEnabled"] is True
    assert stage["cacheClusterSize"] == "1.6"
    assert stage["variables"]["color"] == "blue"
    assert stage["accessLogSettings"]["format"] == "$context.requestId"
    assert stage["methodSettings"]["*/*"]["loggingLevel"] == "INFO"
    assert stage["methodSettings"]["~1pets/GET"]["throttlingBurstLimit"] == 7


LOG_GROUP = "arn:aws:logs:eu-west-1:1:log-group:a"


@pytest.mark.parametrize(
    ("member", "values"),
    [
        ("methodSettings", {"/*/*/logging/loglevel": "INFO"}),
        ("variables", {"/variables/color": "blue"}),
        ("canarySettings", {"/canarySettings/stageVariableOverrides/color": "blue"}),
        (
            "accessLogSettings",
            {
                "/accessLogSettings/format": "$context.requestId",
                "/accessLogSettings/destinationArn": LOG_GROUP,
            },
        ),
    ],
)
def test_a_member_that_is_null_can_be_patched(member: str, values: dict[str, str]) -> None:
    api = {"id": "api0000001", "name": "orders", "stages": [{"stageName": "prod", member: None}]}
    patch = [{"op": "replace", "path": path, "value": value} for path, value in values.items()]
    with serve(ServedEstate.declared({(ACCOUNT, REGION): {"rest_apis": [api]}})) as plane:
        changed = client(plane).update_stage(
            restApiId="api0000001", stageName="prod", patchOperations=patch
        )
    assert changed[member]


@pytest.mark.parametrize(
    "wrong",
    [
        {"op": "replace", "path": "/stageName", "value": "x"},
        {"op": "remove", "path": "/clientCertificateId"},
        {"op": "replace", "path": "/tracingEnabled", "value": "perhaps"},
        {"op": "replace", "path": "/deploymentId", "value": "nothere"},
    ],
)
def test_update_stage_does_all_or_nothing(written: Plane, wrong: dict[str, str]) -> None:
    gateway, api = client(written), first_api(written)
    good = {"op": "replace", "path": "/description", "value": "changed"}
    with refused("BadRequestException", 400):
        gateway.update_stage(restApiId=api, stageName="prod", patchOperations=[good, wrong])
    assert gateway.get_stage(restApiId=api, stageName="prod")["description"] != "changed"


def test_update_stage_knows_its_certificates(written: Plane) -> None:
    patch = [{"op": "replace", "path": "/clientCertificateId", "value": "none00"}]
    with refused("NotFoundException", 404):
        client(written).update_stage(
            restApiId=first_api(written), stageName="prod", patchOperations=patch
        )


def test_update_client_certificate_changes_its_description(written: Plane) -> None:
    gateway = client(written)
    certificate = gateway.get_client_certificates()["items"][0]["clientCertificateId"]
    patch = [{"op": "replace", "path": "/description", "value": "renamed"}]
    gateway.update_client_certificate(clientCertificateId=certificate, patchOperations=patch)
    assert gateway.get_client_certificates()["items"][0]["description"] == "renamed"


def test_a_certificate_is_deleted_unless_a_stage_has_it(written: Plane) -> None:
    gateway = client(written)
    used = gateway.get_client_certificates()["items"][0]["clientCertificateId"]
    unused = gateway.generate_client_certificate()["clientCertificateId"]
    gateway.delete_client_certificate(clientCertificateId=unused)
    with refused("BadRequestException", 400):
        gateway.delete_client_certificate(clientCertificateId=used)
    assert len(gateway.get_client_certificates()["items"]) == 2


def test_a_deployment_moves_its_stage(written: Plane) -> None:
    gateway, api = client(written), first_api(written)
    made = gateway.create_deployment(restApiId=api, stageName="prod", description="again")
    assert gateway.get_stage(restApiId=api, stageName="prod")["deploymentId"] == made["id"]
    assert [item["id"] for item in gateway.get_deployments(restApiId=api)["items"]][1:] == [
        made["id"]
    ]


def test_a_deployment_makes_a_stage_that_is_not_there(written: Plane) -> None:
    gateway, api = client(written), first_api(written)
    gateway.create_deployment(restApiId=api, stageName="fresh")
    assert gateway.get_stage(restApiId=api, stageName="fresh")["tracingEnabled"] is False


def test_update_rest_api_patches_by_path(written: Plane) -> None:
    gateway, api = client(written), first_api(written)
    values = {
        "/securityPolicy": "TLS_1_2",
        "/minimumCompressionSize": "1024",
        "/disableExecuteApiEndpoint": "true",
    }
    patch = [{"op": "replace", "path": path, "value": value} for path, value in values.items()]
    gateway.update_rest_api(restApiId=api, patchOperations=patch)
    made = gateway.get_rest_api(restApiId=api)
    assert made["securityPolicy"] == "TLS_1_2"
    assert made["minimumCompressionSize"] == 1024
    assert made["disableExecuteApiEndpoint"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/minimumCompressionSize", "many"),
        ("/nothing", "x"),
    ],
)
def test_update_rest_api_refuses_what_aws_refuses(written: Plane, path: str, value: str) -> None:
    gateway, api = client(written), first_api(written)
    before = gateway.get_rest_api(restApiId=api)
    patch = [{"op": "replace", "path": path, "value": value}]
    patch.insert(0, {"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "true"})
    with refused("BadRequestException", 400):
        gateway.update_rest_api(restApiId=api, patchOperations=patch)
    after = gateway.get_rest_api(restApiId=api)
    assert after.get("disableExecuteApiEndpoint") == before.get("disableExecuteApiEndpoint")


def test_a_newer_security_policy_needs_an_access_mode() -> None:
    lane = {"rest_apis": [{"id": "api0000001", "name": "orders", "stages": []}]}
    estate = ServedEstate.declared({(ACCOUNT, REGION): lane})
    policy = {"op": "replace", "path": "/securityPolicy", "value": "SecurityPolicy_TLS13_2025"}
    mode = {"op": "replace", "path": "/endpointAccessMode", "value": "BASIC"}
    with serve(estate) as plane:
        gateway = client(plane)
        with refused("BadRequestException", 400):
            gateway.update_rest_api(restApiId="api0000001", patchOperations=[policy])
        gateway.update_rest_api(restApiId="api0000001", patchOperations=[policy, mode])
