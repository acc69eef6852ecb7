"""The controls over REST APIs and stages: what is ok, in alarm or skipped, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from apigw_vtab.controls.examples import examples_of
from apigw_vtab.controls.findings import Finding
from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.controls.run import report_of, run_controls
from tests.conftest import REGIONS, Connect
from tests.control_plane import Plane, ServedEstate

ACCOUNT = "111122223333"
OLD, NOW = 1_000_000_000, 4_000_000_000
LOGS = {"loggingLevel": "ERROR"}
LOGGED = {"destinationArn": "arn:x", "format": '{"id": "$context.extendedRequestId"}'}
ANYONE = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
ACM = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
CONDITION = {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
NOT_IN_THE_VPC = {"Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-0123456789abcdef0"}}}


def policy(*statements: dict[str, Any], escaped: int = 1) -> str:
    """A resource policy as AWS returns it: escaped once more than JSON."""
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    for _ in range(escaped):
        text = json.dumps(text)[1:-1]
    return text


def allow(principal: object, **more: object) -> dict[str, Any]:
    return ANYONE | {"Principal": principal} | more


@pytest.fixture
def found(plane: Plane, connect: Connect) -> Iterator[Any]:
    """Run a control over one stage of one REST API; return its finding."""
    usual = plane.estate

    def run(
        name: str,
        stage: dict[str, Any] | None,
        certificate: dict[str, Any] | None = None,
        **api: Any,
    ) -> Finding:
        stages = [] if stage is None else [{"stageName": "prod", **stage}]
        api = {"id": "api0000001", "name": "orders", "stages": stages, **api}
        certificates = [{"clientCertificateId": "cert00", **certificate}] if certificate else []
        lane = {"rest_apis": [api], "client_certificates": certificates}
        plane.estate = ServedEstate.declared({(ACCOUNT, REGIONS[0]): lane})
        connection = connect(regions=REGIONS[0])
        (control,) = find_queries([name], all_queries())
        (outcome,) = run_controls(connection, [control], control.examples)
        (finding,) = report_of(connection, [outcome]).findings
        return finding

    yield run
    plane.estate = usual


STAGES = [
    ("stage-execution-logging", {"methodSettings": {"*/*": LOGS}}, "ok"),
    ("stage-execution-logging", {"methodSettings": {"*/*": {"loggingLevel": "OFF"}}}, "alarm"),
    ("stage-execution-logging", {"methodSettings": {"*/*": LOGS, "a/GET": {}}}, "alarm"),
    ("stage-execution-logging", {"methodSettings": {"a/GET": LOGS}}, "alarm"),
    ("stage-execution-logging", {}, "alarm"),
    ("stage-detailed-metrics", {"methodSettings": {"*/*": {"metricsEnabled": True}}}, "ok"),
    ("stage-detailed-metrics", {"methodSettings": {"*/*": {"metricsEnabled": False}}}, "alarm"),
    ("stage-detailed-metrics", {}, "alarm"),
    ("stage-access-logging", {"accessLogSettings": LOGGED}, "ok"),
    (
        "stage-access-logging",
        {"accessLogSettings": LOGGED | {"format": "$context.status"}},
        "error",
    ),
    ("stage-access-logging", {"accessLogSettings": {"destinationArn": "arn:x"}}, "alarm"),
    ("stage-access-logging", {"accessLogSettings": {"format": "x"}}, "alarm"),
    ("stage-access-logging", {}, "alarm"),
    ("stage-xray-tracing", {"tracingEnabled": True}, "ok"),
    ("stage-xray-tracing", {"tracingEnabled": False}, "alarm"),
    ("stage-xray-tracing", {}, "alarm"),
    ("stage-waf-web-acl", {"webAclArn": "arn:aws:wafv2:x"}, "ok"),
    ("stage-waf-web-acl", {}, "alarm"),
    ("stage-cache-enabled", {"cacheClusterEnabled": True}, "ok"),
    ("stage-cache-enabled", {}, "alarm"),
    ("stage-cache-encrypted", {}, "skip"),
    ("stage-cache-encrypted", {"cacheClusterEnabled": True}, "alarm"),
    (
        "stage-cache-encrypted",
        {"cacheClusterEnabled": True, "methodSettings": {"*/*": {"cachingEnabled": False}}},
        "skip",
    ),
    ("stage-client-certificate", {"clientCertificateId": ""}, "alarm"),
    ("stage-client-certificate", {"clientCertificateId": ACM}, "ok"),
    ("stage-client-certificate-valid", {"clientCertificateId": ""}, "skip"),
    (
        "stage-cache-encrypted",
        {
            "cacheClusterEnabled": True,
            "methodSettings": {"*/*": {"cachingEnabled": True, "cacheDataEncrypted": True}},
        },
        "ok",
    ),
    (
        "stage-cache-encrypted",
        {
            "cacheClusterEnabled": True,
            "methodSettings": {"*/*": {"cachingEnabled": False}, "a/GET": {"cachingEnabled": True}},
        },
        "alarm",
    ),
    (
        "stage-cache-encrypted",
        {"cacheClusterEnabled": False, "methodSettings": {"*/*": {"cachingEnabled": True}}},
        "skip",
    ),
    ("stage-deployed-lately", {"lastUpdatedDate": NOW}, "ok"),
    ("stage-deployed-lately", {"lastUpdatedDate": OLD}, "alarm"),
    ("stage-variable-secrets", {}, "skip"),
    ("stage-variable-secrets", {"variables": {"host": "orders.example.com"}}, "ok"),
    ("stage-variable-secrets", {"variables": {"db_password": "x"}}, "alarm"),
    ("stage-variable-secrets", {"variables": {"a": "AKIAABCDEFGHIJKLMNOP"}}, "alarm"),
    ("stage-variable-secrets", {"variables": {"api_key": "0123456789abcdef" * 2}}, "alarm"),
    ("stage-variable-secrets", {"variables": {"commit": "0123456789abcdef" * 2}}, "ok"),
    (
        "stage-variable-secrets",
        {"canarySettings": {"stageVariableOverrides": {"password": "hunter2"}}},
        "alarm",
    ),
    ("stage-client-certificate", {}, "alarm"),
    ("stage-client-certificate", {"clientCertificateId": "abc123"}, "ok"),
]


@pytest.mark.parametrize(("control", "stage", "status"), STAGES)
def test_a_stage_has_the_status_that_it_should(
    found: Any, control: str, stage: dict[str, Any], status: str
) -> None:
    assert found(control, stage).status == status


REST_APIS = [
    ("rest-api-content-encoding", {"minimumCompressionSize": 0}, "ok"),
    ("rest-api-content-encoding", {}, "alarm"),
    ("rest-api-private-endpoint", {"endpointConfiguration": {"types": ["PRIVATE"]}}, "ok"),
    ("rest-api-private-endpoint", {"endpointConfiguration": {"types": ["EDGE"]}}, "alarm"),
    ("rest-api-private-endpoint", {"endpointConfiguration": None}, "error"),
    ("rest-api-default-endpoint-disabled", {"disableExecuteApiEndpoint": True}, "ok"),
    ("rest-api-default-endpoint-disabled", {"disableExecuteApiEndpoint": False}, "alarm"),
    ("rest-api-tls-security-policy", {"securityPolicy": "TLS_1_2"}, "ok"),
    ("rest-api-tls-security-policy", {"securityPolicy": "TLS_1_0"}, "alarm"),
    ("rest-api-tls-security-policy", {"securityPolicy": None}, "alarm"),
    (
        "rest-api-tls-security-policy",
        {"securityPolicy": None, "endpointConfiguration": {"types": ["PRIVATE"]}},
        "ok",
    ),
    ("rest-api-tls-security-policy", {"securityPolicy": "SOMETHING_NEW"}, "error"),
    ("rest-api-policy-public", {"policy": None}, "skip"),
    ("rest-api-policy-public", {"policy": "no policy"}, "error"),
    *(
        ("rest-api-policy-public", {"policy": policy(statement, escaped=escaped)}, status)
        for escaped in (0, 1)
        for statement, status in (
            (ANYONE, "alarm"),
            (allow({"AWS": "*"}), "alarm"),
            (allow({"AWS": ["arn:aws:iam::111122223333:root", "*"]}), "alarm"),
            (ANYONE | CONDITION, "ok"),
            (allow({"AWS": "111122223333"}), "ok"),
            (ANYONE | {"Effect": "Deny"}, "ok"),
        )
    ),
    (
        "rest-api-policy-public",
        {"policy": policy(ANYONE, ANYONE | CONDITION | {"Effect": "Deny"})},
        "alarm",
    ),
    (
        "rest-api-policy-public",
        {"policy": policy(ANYONE, ANYONE | NOT_IN_THE_VPC | {"Effect": "Deny"})},
        "ok",
    ),
    ("rest-api-policy-cross-account", {"policy": None}, "skip"),
    ("rest-api-policy-cross-account", {"policy": "{"}, "error"),
    *(
        ("rest-api-policy-cross-account", {"policy": policy(allow(principal))}, status)
        for principal, status in (
            ({"AWS": "arn:aws:iam::777788889999:root"}, "alarm"),
            ({"AWS": ["111122223333", "777788889999"]}, "alarm"),
            ({"AWS": "arn:aws:iam::111122223333:role/reader"}, "ok"),
            ({"Service": "apigateway.amazonaws.com"}, "info"),
            ("*", "alarm"),
        )
    ),
]


@pytest.mark.parametrize(("control", "api", "status"), REST_APIS)
def test_a_rest_api_has_the_status_that_it_should(
    found: Any, control: str, api: dict[str, Any], status: str
) -> None:
    assert found(control, None, **api).status == status


ATTACHED = {"clientCertificateId": "cert00"}
CERTIFICATES: list[tuple[str, dict[str, Any] | None, dict[str, Any], str]] = [
    ("client-certificate-expiring", None, {"expirationDate": NOW}, "ok"),
    ("client-certificate-expiring", None, {"expirationDate": OLD}, "alarm"),
    ("client-certificate-expiring", None, {"expirationDate": None}, "error"),
    ("client-certificate-unused", ATTACHED, {"expirationDate": NOW}, "ok"),
    ("client-certificate-unused", {}, {"expirationDate": NOW}, "alarm"),
    ("stage-client-certificate-valid", ATTACHED, {"expirationDate": NOW}, "ok"),
    ("stage-client-certificate-valid", ATTACHED, {"expirationDate": OLD}, "alarm"),
]


@pytest.mark.parametrize(("control", "stage", "certificate", "status"), CERTIFICATES)
def test_a_certificate_has_the_status_that_it_should(
    found: Any,
    control: str,
    stage: dict[str, Any] | None,
    certificate: dict[str, Any],
    status: str,
) -> None:
    assert found(control, stage, certificate).status == status


def test_each_control_is_seen_ok_and_in_alarm() -> None:
    seen = {(row[0], row[-1]) for row in (*STAGES, *REST_APIS, *CERTIFICATES)}
    for control in all_queries():
        verdicts = (one for example in examples_of(control) for one, _ in example.wanted)
        seen |= {(control.name, status) for status in verdicts}
    wanted = {(one.name, status) for one in all_queries() for status in ("ok", "alarm")}
    assert wanted <= seen, "add an example for it to the .yaml file beside the control"


def test_a_secret_is_never_shown(found: Any) -> None:
    finding = found("stage-variable-secrets", {"variables": {"db_password": "hunter2"}})
    assert "db_password" in finding.reason
    assert "hunter2" not in repr(finding)


WITH_COMMANDS = {query.name for query in all_queries() if query.remedy}


@pytest.mark.parametrize(
    ("control", "stage"),
    [
        (name, stage)
        for name, stage, status in STAGES
        if status == "alarm" and name in WITH_COMMANDS
    ],
)
def test_a_stage_in_alarm_comes_with_commands_for_it(
    found: Any, control: str, stage: dict[str, Any]
) -> None:
    lines = found(control, stage).remediation.splitlines()
    commands = [line for line in lines if not line.startswith(": '")]
    assert commands
    for line in commands:
        assert "aws apigateway " in line
        assert f"--profile first --region {REGIONS[0]} " in line
