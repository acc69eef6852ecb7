"""The sandbox against what AWS was recorded to answer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from apigw_vtab.sandbox.errors import ConcurrentModification, DeniedByServiceControlPolicy
from apigw_vtab.sandbox.gateway import Refused
from apigw_vtab.sandbox.server import SandboxServer
from apigw_vtab.sandbox.shop import ACCOUNTS
from tests.control_plane.recorded import POLICY, RECORDED, RecordedFact
from tests.sandbox.clients import STRANGER, an_api, reach


class SandboxDouble:
    """The sandbox as a double of AWS."""

    stage, access_key, region = "prod", STRANGER.access_key, "us-east-1"
    role = f"arn:aws:iam::{ACCOUNTS[0].id}:role/auditor"
    refused_role = f"arn:aws:iam::{ACCOUNTS[0].id}:role/administrator"

    def __init__(self, server: SandboxServer, gateway: Any) -> None:
        self.url, self.gateway = server.endpoint_url, gateway
        self._backends = server.backends
        self.api = an_api(gateway, policy=json.dumps(POLICY))
        gateway.create_deployment(restApiId=self.api, stageName=self.stage)
        self.api_without_methods = gateway.create_rest_api(name="bare")["id"]
        self.api_without_integration = an_api(gateway)
        (root,) = gateway.get_resources(restApiId=self.api_without_integration)["items"]
        gateway.put_method(
            restApiId=self.api_without_integration,
            resourceId=root["id"],
            httpMethod="POST",
            authorizationType="NONE",
        )

    def refuse(self, kind: str, times: int) -> None:
        resource = f"arn:aws:apigateway:{self.region}::/restapis"
        error = (
            ConcurrentModification()
            if kind == "conflict"
            else DeniedByServiceControlPolicy(STRANGER.access_key, "apigateway:GET", resource)
        )
        self._backends.refused = [Refused(error, times=times)]

    def client(self, service: str, *keys: str) -> Any:
        named = dict(zip(("access_key", "secret_key", "session_token"), keys, strict=False))
        profile = replace(STRANGER, **named)
        return reach(self.url, service, profile)

    def choose(self, *, deletes_attached: bool, unknown_is_not_found: bool) -> None:
        chosen = self._backends[STRANGER.account_id, self.region].undocumented
        chosen.deletes_attached_certificates = deletes_attached
        chosen.unknown_certificate_is_not_found = unknown_is_not_found


@pytest.fixture
def aws(server: SandboxServer, gateway: Any) -> SandboxDouble:
    return SandboxDouble(server, gateway)


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda one: one.words)
def test_the_sandbox_does_what_aws_does(aws: SandboxDouble, recorded: RecordedFact) -> None:
    recorded.holds(aws)
