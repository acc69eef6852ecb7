"""Estates that people reported a wrong verdict on, made small, and others of their kind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from apigw_vtab.controls.findings import Finding
from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.controls.run import run_controls
from apigw_vtab.tables.values import SqlValue
from tests.conftest import REGIONS, Connect
from tests.control_plane import Plane, ServedEstate
from tests.controls.test_shipped import ACCOUNT

# Policies whose letter says what is in them; "who" is everybody, whatever the condition.
OFFICE = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
NOT_IN_THE_VPC = {"StringNotEquals": {"aws:SourceVpce": "vpce-0123"}}


def statement(effect: str, condition: object = None, resource: str = "execute-api:/*") -> Any:
    made = {"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke"}
    return made | {"Resource": resource} | ({} if condition is None else {"Condition": condition})


OPEN = statement("Allow")
POLICIES: dict[str, tuple[list[Any], str]] = {
    "every address": ([statement("Allow", {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})], "alarm"),
    "every address and one range": (
        [statement("Allow", {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}})],
        "alarm",
    ),
    "all but a VPC endpoint": ([statement("Allow", NOT_IN_THE_VPC)], "alarm"),
    "only over TLS": ([statement("Allow", {"Bool": {"aws:SecureTransport": "true"}})], "alarm"),
    "an empty condition": ([statement("Allow", {})], "alarm"),
    "a Deny of another resource": (
        [statement("Deny", NOT_IN_THE_VPC, "execute-api:/*/DELETE/*"), OPEN],
        "alarm",
    ),
    "one range": ([statement("Allow", OFFICE)], "ok"),
    "denied to all": ([statement("Deny"), OPEN], "ok"),
    # Others of the kind.
    "two halves of every address": (
        [statement("Allow", {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}})],
        "alarm",
    ),
    "a Deny of plain HTTP": (
        [statement("Deny", {"Bool": {"aws:SecureTransport": "false"}}), OPEN],
        "alarm",
    ),
    "a Deny for all but a VPC endpoint": ([statement("Deny", NOT_IN_THE_VPC), OPEN], "ok"),
    "an organisation": (
        [statement("Allow", {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}})],
        "ok",
    ),
}

# Stage variables, in the order of their reporter; the last of each kind are ours.
HARMLESS = {
    "the name of a secret's ARN": {
        "dbSecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"
    },
    "the URL of a token": {"tokenUrl": "https://auth.example.com/oauth2/token"},
    "a function": {"lambdaFunctionName": "OrdersServiceProdLambdaFunctionV12"},
    "a tenant": {"tenant": "550e8400e29b41d4a716446655440000"},
    "a parameter's path": {"passwordParameter": "/prod/orders/db/password"},
    "a flag": {"requirePassword": "true"},
}
SECRET = {
    "an AWS secret key": {"backend": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
    "a JWT": {
        "hdr": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0"
        ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
    },
    "names of passwords": {
        "DB_PWD": "hunter2",
        "dbPass": "hunter2",
        "auth": "Basic=dXNlcjpwYXNzd29yZA==",
    },
    "one of three": {"host": "orders.example.com", "mode": "live", "clientSecret": "Tr0ub4dor-3"},
    "a token of GitHub": {"upstream": "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"},
}

SETTINGS = {
    "loggingLevel": "INFO",
    "metricsEnabled": True,
    "cachingEnabled": False,
    "cacheDataEncrypted": True,
}
OVERRIDDEN = {
    "loggingLevel": "OFF",
    "metricsEnabled": False,
    "cachingEnabled": True,
    "cacheDataEncrypted": False,
}
METHOD_CONTROLS = ("stage-execution-logging", "stage-detailed-metrics", "stage-cache-encrypted")


@pytest.fixture
def judged(plane: Plane, connect: Connect) -> Iterator[Any]:
    """Run a control over REST APIs; return its findings by the name of a REST API or stage."""
    usual = plane.estate

    def run(name: str, apis: list[dict[str, Any]], **given: str) -> dict[str, Finding]:
        plane.estate = ServedEstate.declared({(ACCOUNT, REGIONS[0]): {"rest_apis": apis}})
        connection = connect(regions=REGIONS[0])
        (found,) = run_controls(connection, find_queries([name], all_queries()), given)
        findings = found.findings(1)
        return {str(one.more.get("stage_name") or one.more["rest_api"]): one for one in findings}

    yield run
    plane.estate = usual


def of_stages(**stages: dict[str, Any]) -> list[dict[str, Any]]:
    """A REST API with these stages."""
    items = [{"stageName": name, **stage} for name, stage in stages.items()]
    return [{"id": "abcde12345", "name": "orders", "stages": items}]


def test_a_policy_is_judged_by_whom_it_lets_in(judged: Any) -> None:
    apis = [
        {
            "id": f"p{number:09d}",
            "name": name,
            # AWS's escapes, once more than JSON has.
            "policy": json.dumps(json.dumps({"Version": "2012-10-17", "Statement": statements}))[
                1:-1
            ].replace("/", "\\/"),
        }
        for number, (name, (statements, _)) in enumerate(POLICIES.items())
    ]
    found = judged("rest-api-policy-public", apis)
    assert {name: one.status for name, one in found.items()} == {
        name: status for name, (_, status) in POLICIES.items()
    }
    assert all(one.reason for one in found.values())


@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_sounds_like_a_secret_is_ok(judged: Any, name: str) -> None:
    stage = {"variables": HARMLESS[name]}
    canary = {"canarySettings": {"percentTraffic": 10.0, "stageVariableOverrides": HARMLESS[name]}}
    found = judged("stage-variable-secrets", of_stages(prod=stage, canary=canary))
    assert {one.status for one in found.values()} == {"ok"}


@pytest.mark.parametrize("name", [*SECRET])
def test_a_secret_is_in_alarm_in_the_stage_and_in_its_canary(judged: Any, name: str) -> None:
    stage = {"variables": SECRET[name]}
    canary = {"canarySettings": {"percentTraffic": 10.0, "stageVariableOverrides": SECRET[name]}}
    found = judged("stage-variable-secrets", of_stages(prod=stage, canary=canary))
    assert {one.status for one in found.values()} == {"alarm"}
    for one in found.values():
        assert not any(value in repr(one) for value in SECRET[name].values() if len(value) > 6)


@pytest.mark.parametrize("control", METHOD_CONTROLS)
@pytest.mark.parametrize("method", ["~1pets~1{petId}/GET", "~1{proxy+}/ANY", "~1/GET"])
def test_a_method_that_overrides_its_stage_is_in_alarm(
    judged: Any, control: str, method: str
) -> None:
    settings = {"*/*": SETTINGS, method: OVERRIDDEN}
    stage = {"cacheClusterEnabled": True, "methodSettings": settings}
    (finding,) = judged(control, of_stages(prod=stage)).values()
    assert finding.status == "alarm"
    assert finding.more["bad_methods"] == method


# Method settings and TLS where AWS says nothing


@pytest.mark.parametrize("settings", [{}, None, {"*/*": {}}, {"a/GET": SETTINGS}])
def test_a_cluster_that_is_on_caches_in_the_clear_unless_told_otherwise(
    judged: Any, settings: object
) -> None:
    stage = {"cacheClusterEnabled": True, "methodSettings": settings}
    (finding,) = judged("stage-cache-encrypted", of_stages(prod=stage)).values()
    assert finding.status == "alarm"
    assert "not encrypted" in finding.reason or "unencrypted" in finding.reason


@pytest.mark.parametrize(
    ("level", "given", "status"),
    [
        ("INFO", {}, "ok"),
        ("ERROR", {}, "ok"),
        ("OFF", {}, "alarm"),
        ("DEBUG", {}, "alarm"),
        ("INFO", {"loggingLevel": "INFO"}, "ok"),
        ("ERROR", {"loggingLevel": "INFO"}, "alarm"),
        ("OFF", {"loggingLevel": "INFO"}, "alarm"),
        ("ERROR", {"loggingLevel": "ERROR"}, "ok"),
        ("INFO", {"loggingLevel": "ERROR"}, "alarm"),
    ],
)
def test_execution_logging_has_to_be_at_a_level_that_is_asked_for(
    judged: Any, level: str, given: dict[str, str], status: str
) -> None:
    stage = {"methodSettings": {"*/*": {"loggingLevel": level}}}
    (finding,) = judged("stage-execution-logging", of_stages(prod=stage), **given).values()
    assert finding.status == status


@pytest.mark.parametrize(
    ("endpoint", "status"),
    [("REGIONAL", "alarm"), ("EDGE", "alarm"), ("PRIVATE", "ok"), (None, "alarm")],
)
def test_an_api_that_names_no_tls_policy_has_the_default_of_its_endpoint(
    judged: Any, endpoint: str | None, status: str
) -> None:
    configuration = {"endpointConfiguration": {"types": [endpoint]}} if endpoint else {}
    api = {"id": "abcde12345", "name": "orders", **configuration}
    (finding,) = judged("rest-api-tls-security-policy", [api]).values()
    assert finding.status == status
    assert "TLS" in finding.reason


def test_each_variable_is_looked_at_once(plane: Plane, connect: Connect) -> None:
    usual = plane.estate
    stages = of_stages(prod={"variables": {"a": "x", "password": "hunter2", "b": "y"}})
    plane.estate = ServedEstate.declared({(ACCOUNT, REGIONS[0]): {"rest_apis": stages}})
    connection = connect(regions=REGIONS[0])
    seen: list[str] = []

    def secret_kind(*arguments: SqlValue) -> SqlValue:
        seen.append(str(arguments[0]))
        return "a password" if arguments[0] == "password" else None

    connection.create_scalar_function("secret_kind", secret_kind, 2, deterministic=True)
    (query,) = find_queries(["stage-variable-secrets"], all_queries())
    assert [row[1] for row in connection.execute(query.sql)] == ["alarm"]
    assert sorted(seen) == ["a", "b", "password"]
    plane.estate = usual
