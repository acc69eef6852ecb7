"""The estate that the sandbox is seeded with: something of everything, the same every day."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from apigw_vtab.sandbox import process
from apigw_vtab.sandbox.accounts import SandboxProfile
from apigw_vtab.sandbox.seeding import populate
from apigw_vtab.sandbox.shop import ACCOUNTS, SHOP_REGIONS
from tests.sandbox.clients import REGIONS, Row, everything, reach


def setting(stage: Row, name: str) -> Any:
    return stage["methodSettings"].get("*/*", {}).get(name)


def policy_of(api: Row) -> Row:
    """The resource policy, which AWS escapes once more than it needs."""
    policy: Row = json.loads(json.loads(f'"{api["policy"]}"')) if "policy" in api else {}
    return policy


def is_open_to_anyone(api: Row) -> bool:
    return any(
        statement["Principal"] == "*" and "Condition" not in statement
        for statement in policy_of(api).get("Statement", [])
    )


@pytest.fixture(scope="module")
def estate() -> list[tuple[SandboxProfile, str, list[Row], list[Row], list[Row]]]:
    """The whole seeded estate, one lane after the other."""
    running = process.start()
    return [
        (p, region, *everything(reach(running.endpoint_url, "apigateway", p, region)))
        for p in running.profiles
        for region in REGIONS
    ]


@pytest.fixture(scope="module")
def apis(estate: Any) -> list[Row]:
    return [api for _, _, apis, _, _ in estate for api in apis]


@pytest.fixture(scope="module")
def stages(estate: Any) -> list[Row]:
    return [stage for _, _, _, stages, _ in estate for stage in stages]


def test_two_starts_on_one_day_give_the_same_answers() -> None:
    answers = []
    for _ in range(2):
        server = process.serve()
        populate(server.backends, SHOP_REGIONS, date(2026, 11, 23))
        answers.append(
            [
                everything(reach(server.endpoint_url, "apigateway", profile, region))
                for profile in process.start().profiles
                for region in REGIONS
            ]
        )
        server.stop()
    assert answers[0] == answers[1]


def test_the_estate_has_fifteen_apis_and_thirty_stages(apis: list[Row], stages: list[Row]) -> None:
    assert (len(apis), len(stages)) == (15, 30)


def test_both_accounts_and_three_regions_have_apis(estate: Any) -> None:
    populated = {(p.account_id, region) for p, region, apis, _, _ in estate if apis}
    assert {account for account, _ in populated} == {account.id for account in ACCOUNTS}
    assert {region for _, region in populated} == set(REGIONS)


def test_ids_are_unique_and_look_like_api_gateways(apis: list[Row]) -> None:
    ids = [api["id"] for api in apis]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[a-z0-9]{10}", api_id) for api_id in ids)


def test_client_certificates_are_in_every_state(estate: Any) -> None:
    now = datetime.now(timezone.utc)
    states = []
    for _, _, _, stages, certificates in estate:
        expiry = {c["clientCertificateId"]: c["expirationDate"] for c in certificates}
        attached = {s.get("clientCertificateId") for s in stages}
        states += ["unused" for certificate_id in expiry if certificate_id not in attached]
        for stage in stages:
            if "clientCertificateId" not in stage:
                states.append("none")
            elif stage["clientCertificateId"].startswith("arn:"):
                states.append("of ACM")
            elif stage["clientCertificateId"] not in expiry:
                states.append("dangling")
            else:
                left = expiry[stage["clientCertificateId"]] - now
                expired, soon = left < timedelta(0), left < timedelta(days=30)
                states.append("expired" if expired else "expires soon" if soon else "valid")
    assert {state: states.count(state) for state in states} == {
        "valid": 6,
        "expires soon": 2,
        "expired": 3,
        "dangling": 2,
        "none": 16,
        "of ACM": 1,
        "unused": 3,
    }


STAGE_CONTROLS: dict[str, Callable[[Row], bool]] = {
    "client certificate": lambda s: "clientCertificateId" in s,
    "execution logging": lambda s: setting(s, "loggingLevel") in ("ERROR", "INFO"),
    "request data in the logs": lambda s: bool(setting(s, "dataTraceEnabled")),
    "access logging": lambda s: "destinationArn" in s.get("accessLogSettings", {}),
    "metrics": lambda s: bool(setting(s, "metricsEnabled")),
    "X-Ray tracing": lambda s: s["tracingEnabled"],
    "web ACL": lambda s: "webAclArn" in s,
    "cache": lambda s: s["cacheClusterEnabled"],
    "throttling": lambda s: setting(s, "throttlingRateLimit") not in (None, 10000.0),
    "canary": lambda s: "canarySettings" in s,
    "description": lambda s: "description" in s,
    "tags": lambda s: bool(s.get("tags")),
    "variables": lambda s: bool(s.get("variables")),
    "variable that looks like a secret": lambda s: any(
        word in name for name in s.get("variables", {}) for word in ("password", "key")
    ),
    "updated this quarter": lambda s: (
        datetime.now(timezone.utc) - s["lastUpdatedDate"] < timedelta(days=90)
    ),
    "any method setting": lambda s: bool(s["methodSettings"]),
    "override of a method": lambda s: len(s["methodSettings"]) > 1,
}

API_CONTROLS: dict[str, Callable[[Row], bool]] = {
    "content encoding": lambda a: "minimumCompressionSize" in a,
    "compression of everything": lambda a: a.get("minimumCompressionSize") == 0,
    "private endpoint": lambda a: a["endpointConfiguration"]["types"] == ["PRIVATE"],
    "regional endpoint": lambda a: a["endpointConfiguration"]["types"] == ["REGIONAL"],
    "edge endpoint": lambda a: a["endpointConfiguration"]["types"] == ["EDGE"],
    "default endpoint disabled": lambda a: a["disableExecuteApiEndpoint"],
    "TLS 1.0": lambda a: a["securityPolicy"] == "TLS_1_0",
    "TLS 1.3": lambda a: "TLS13" in a["securityPolicy"],
    "resource policy": lambda a: "policy" in a,
    "policy open to anyone": is_open_to_anyone,
    "policy for another account": lambda a: "777788889999" in a.get("policy", ""),
    "keys from an authorizer": lambda a: a["apiKeySource"] == "AUTHORIZER",
    "binary media types": lambda a: "binaryMediaTypes" in a,
    "version": lambda a: "version" in a,
    "warnings": lambda a: "warnings" in a,
    "tags": lambda a: "tags" in a,
}


@pytest.mark.parametrize("control", STAGE_CONTROLS)
def test_some_stages_have_and_some_lack(stages: list[Row], control: str) -> None:
    assert {bool(STAGE_CONTROLS[control](stage)) for stage in stages} == {True, False}


@pytest.mark.parametrize("control", API_CONTROLS)
def test_some_apis_have_and_some_lack(apis: list[Row], control: str) -> None:
    assert {bool(API_CONTROLS[control](api)) for api in apis} == {True, False}


def test_some_caches_are_encrypted_and_some_are_not(stages: list[Row]) -> None:
    cached = [stage for stage in stages if stage["cacheClusterEnabled"]]
    assert {setting(stage, "cacheDataEncrypted") for stage in cached} == {True, False}


def test_one_api_has_no_stage(apis: list[Row], stages: list[Row]) -> None:
    deployed = {stage["restApiId"] for stage in stages}
    assert [api["name"] for api in apis if api["id"] not in deployed] == ["loyalty-draft"]


@pytest.mark.parametrize("mark", ['"', "'", ",", "\n", "Каталог", "商品", "🛒"])
def test_some_name_needs_careful_quoting(apis: list[Row], mark: str) -> None:
    assert any(mark in api["name"] for api in apis)


def test_every_stage_serves_a_deployment_of_its_api() -> None:
    running = process.start()
    gateway = reach(running.endpoint_url, "apigateway", running.profiles[0])
    for api in gateway.get_rest_apis()["items"]:
        deployments = gateway.get_deployments(restApiId=api["id"])["items"]
        stages = gateway.get_stages(restApiId=api["id"])["item"]
        assert {s["deploymentId"] for s in stages} <= {d["id"] for d in deployments}


def test_a_seeded_api_can_be_deployed_again() -> None:
    server = process.serve()
    populate(server.backends, SHOP_REGIONS, date(2026, 11, 23))
    profile = process.start().profiles[0]
    gateway = reach(server.endpoint_url, "apigateway", profile)
    api = gateway.get_rest_apis()["items"][0]
    deployment = gateway.create_deployment(restApiId=api["id"], stageName="prod")
    stage = gateway.get_stage(restApiId=api["id"], stageName="prod")
    server.stop()
    assert stage["deploymentId"] == deployment["id"]


def test_no_moment_of_the_estate_lies_in_the_future(apis: list[Row], stages: list[Row]) -> None:
    now = datetime.now(timezone.utc)
    assert all(api["createdDate"] < now for api in apis)
    assert all(s["createdDate"] <= s["lastUpdatedDate"] < now for s in stages)
