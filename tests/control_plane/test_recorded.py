"""The control plane against what AWS was recorded to answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.control_plane import Fault, Plane, ServedEstate, access_key, serve
from tests.control_plane.clients import ACCOUNT, REGION, client
from tests.control_plane.recorded import POLICY, RECORDED, RecordedFact

INTEGRATION = {"type": "HTTP_PROXY", "httpMethod": "GET", "uri": "https://example.com"}
METHOD = {"httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": False}


def rest_api(name: str, methods: dict[str, Any], **members: Any) -> dict[str, Any]:
    resource = {"id": "r00001", "path": "/", "resourceMethods": methods}
    return {"id": name, "name": name, "resources": [resource], **members}


LANE = {
    "rest_apis": [
        rest_api(
            "served0001",
            {"GET": METHOD | {"methodIntegration": INTEGRATION}},
            policy=POLICY,
            stages=[{"stageName": "prod", "deploymentId": "first0"}],
        ),
        rest_api("bare000001", {}),
        rest_api(
            "half000001", {"GET": METHOD | {"methodIntegration": INTEGRATION}, "POST": METHOD}
        ),
    ]
}


class ServedDouble:
    """The control plane as a double of AWS."""

    api, stage = "served0001", "prod"
    api_without_methods, api_without_integration = "bare000001", "half000001"
    access_key, region = access_key(ACCOUNT), REGION
    role = f"arn:aws:iam::{ACCOUNT}:role/path/auditor"
    refused_role = f"arn:aws:iam::{ACCOUNT}:role/administrator"

    def __init__(self, plane: Plane) -> None:
        self._plane = plane
        self.url = plane.url
        self.gateway = client(plane)

    def refuse(self, kind: str, times: int) -> None:
        self._plane.faults = [Fault(kind, times=times)]

    def client(self, service: str, *keys: str) -> Any:
        return client(self._plane, service, key=keys[0] if keys else self.access_key)

    def choose(self, *, deletes_attached: bool, unknown_is_not_found: bool) -> None:
        self._plane.allow(
            deletes_attached_certificates=deletes_attached,
            unknown_certificate_is_not_found=unknown_is_not_found,
        )


@pytest.fixture
def aws() -> Iterator[ServedDouble]:
    estate = ServedEstate.declared({(ACCOUNT, REGION): LANE})
    with serve(replace(estate, roles=["auditor"])) as plane:
        yield ServedDouble(plane)


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda one: one.words)
def test_the_control_plane_does_what_aws_does(aws: ServedDouble, recorded: RecordedFact) -> None:
    recorded.holds(aws)
