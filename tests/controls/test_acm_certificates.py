"""Verdicts that rest on ACM, and on who presents a certificate: never ok without having read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from apigw_vtab.cli.main import main
from apigw_vtab.controls.findings import Finding
from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.controls.run import report_of, run_controls
from tests.conftest import Connect, operations
from tests.control_plane import Fault, Plane, ServedEstate

ACCOUNT, OTHER, REGION, FAR = "111122223333", "111122223334", "eu-west-1", "us-east-1"
OLD, NOW, LATER = 1_000_000_000, 1_700_000_000, 4_000_000_000
VALID, USED = "stage-client-certificate-valid", "client-certificate-unused"
Check = Callable[..., dict[str, Finding]]


def acm(label: str, region: str = REGION, account: str = ACCOUNT) -> str:
    return f"arn:aws:acm:{region}:{account}:certificate/{label}"


GOOD = {
    "CertificateArn": acm("good"), "Status": "ISSUED", "NotBefore": NOW, "NotAfter": LATER,
}  # fmt: skip


@pytest.fixture
def lane(plane: Plane) -> Iterator[Callable[..., None]]:
    """Set what the first account has in the first region, and in the second."""
    usual = plane.estate

    def declare(far: dict[str, Any] | None = None, **parts: Any) -> None:
        lanes = {(ACCOUNT, REGION): parts, (ACCOUNT, FAR): far or {}, (OTHER, REGION): {}}
        plane.estate = ServedEstate.declared(lanes)

    yield declare
    plane.estate = usual


@pytest.fixture
def check(plane: Plane, connect: Connect) -> Check:
    """Run a control; return its findings by stage, or by certificate."""

    def run(name: str, **options: Any) -> dict[str, Finding]:
        connection = connect(regions=REGION, on_error="warn", **options)
        (outcome,) = run_controls(connection, find_queries([name], all_queries()), {})
        findings = report_of(connection, [outcome]).findings
        return {one.resource.rpartition("/")[2]: one for one in findings}

    return run


def stages(**presented: str) -> list[dict[str, Any]]:
    named = [{"stageName": name, "clientCertificateId": value} for name, value in presented.items()]
    return [{"id": "api0000001", "name": "orders", "stages": named}]


def web_socket(*certificates: str, protocol: str = "WEBSOCKET") -> dict[str, Any]:
    return {
        "apiId": f"{protocol[:2].lower()}00000001",
        "name": "chat",
        "protocolType": protocol,
        "stages": [
            {"stageName": f"live{place}", "clientCertificateId": one}
            for place, one in enumerate(certificates)
        ],
    }


# Whether a certificate of ACM is valid


@pytest.mark.parametrize(
    ("members", "status", "words"),
    [
        ({}, "ok", "is valid until 2096-10-02."),
        ({"NotAfter": OLD}, "alarm", "expired on 2001-09-09."),
        ({"NotAfter": OLD, "Status": "EXPIRED"}, "alarm", "expired on 2001-09-09."),
        ({"NotBefore": LATER, "NotAfter": LATER + 9}, "alarm", "is not valid before 2096-10-02."),
        ({"Status": "PENDING_VALIDATION"}, "alarm", "is not issued, but PENDING_VALIDATION."),
        ({"Status": "FAILED", "NotAfter": None}, "alarm", "is not issued, but FAILED."),
        ({"Status": "REVOKED", "RevokedAt": NOW}, "alarm", "was revoked."),
        ({"RevokedAt": NOW}, "alarm", "was revoked."),
        ({"Status": "SOMETHING_NEW"}, "error", "is not issued, but SOMETHING_NEW."),
        ({"Status": None}, "error", "has no status that ACM tells"),
        ({"NotAfter": None}, "error", "has no expiry date that AWS tells"),
        ({"NotAfter": "soon"}, "error", "has no expiry date that AWS tells"),
        ({"NotBefore": None}, "error", "has no first day of validity"),
        ({"CertificateArn": acm("another")}, "alarm", "no longer exists."),
    ],
)
def test_a_certificate_of_acm_is_judged_by_what_acm_says(
    lane: Any, check: Check, members: dict[str, Any], status: str, words: str
) -> None:
    lane(rest_apis=stages(prod=acm("good")), acm_certificates=[GOOD | members])
    found = check(VALID)["prod"]
    assert (found.status, words in found.reason) == (status, True), found.reason


def test_each_certificate_is_read_once_and_one_of_api_gateway_not_there(
    lane: Any, plane: Plane, check: Check
) -> None:
    lane(
        rest_apis=stages(a=acm("good"), b=acm("good"), c="cert00", d=acm("far", FAR), e=""),
        client_certificates=[{"clientCertificateId": "cert00", "expirationDate": LATER}],
        acm_certificates=[GOOD],
        far={"acm_certificates": [GOOD | {"CertificateArn": acm("far", FAR)}]},
    )
    assert {one.status for one in check(VALID).values()} == {"ok", "skip"}
    assert operations(plane) == {
        "GetCallerIdentity": 1,
        "GetRestApis": 1,
        "GetStages": 1,
        "GetClientCertificates": 1,
        "DescribeCertificate": 2,
    }


def test_whether_a_stage_presents_one_is_told_without_asking_acm(
    lane: Any, plane: Plane, check: Check
) -> None:
    lane(rest_apis=stages(a=acm("good"), b=acm("gone")))
    assert {one.status for one in check("AG-006").values()} == {"ok"}
    assert operations(plane) == {"GetCallerIdentity": 1, "GetRestApis": 1, "GetStages": 1}


def test_what_acm_does_not_tell_touches_only_the_stages_that_present_it(
    lane: Any, plane: Plane, check: Check
) -> None:
    lane(
        rest_apis=stages(a=acm("good"), b=acm("far", FAR), c="cert00", d="gone00"),
        client_certificates=[{"clientCertificateId": "cert00", "expirationDate": LATER}],
        acm_certificates=[GOOD],
        far={"acm_certificates": [GOOD | {"CertificateArn": acm("far", FAR)}]},
    )
    plane.faults = [Fault("denied", region=FAR, operation="DescribeCertificate")]
    found = check(VALID)
    statuses = {name: one.status for name, one in found.items() if not one.is_unread}
    assert statuses == {"a": "ok", "b": "error", "c": "ok", "d": "alarm"}
    assert "Allow acm:DescribeCertificate to this identity." in found["b"].reason
    assert Counter(one.is_unread for one in found.values())[True] == 1


def test_a_certificate_of_an_account_that_is_not_read_is_an_error_that_says_so(
    lane: Any, plane: Plane, check: Check
) -> None:
    lane(rest_apis=stages(prod=acm("theirs", account=OTHER)))
    found = check(VALID)["prod"]
    assert found.status == "error"
    assert "of another account, which is not read" in found.reason
    assert plane.count("DescribeCertificate") == 0


def test_no_command_replaces_a_certificate_of_acm(lane: Any, plane: Plane) -> None:
    lane(rest_apis=stages(a=acm("gone"), b="gone00"))
    result = CliRunner().invoke(main, ["remediate", VALID, "--region", REGION, "--dry-run"])
    assert "1 of 2 alarms to fix" in result.stderr
    assert "Left alone: arn:aws:apigateway:eu-west-1::/restapis/api0000001/stages/a" in (
        result.stderr
    )
    assert "--stage-name b" in result.stdout
    assert "--stage-name a" not in result.stdout


def test_what_acm_does_not_tell_of_one_stage_leaves_the_remedy_to_the_others(
    lane: Any, plane: Plane
) -> None:
    lane(rest_apis=stages(a=acm("good"), b="gone00"), acm_certificates=[GOOD])
    plane.faults = [Fault("denied", operation="DescribeCertificate")]
    result = CliRunner().invoke(main, ["remediate", VALID, "--region", REGION, "--dry-run"])
    assert "1 of 1 alarms to fix" in result.stderr
    assert "--stage-name b" in result.stdout
    assert result.exit_code == 3


# Who presents a certificate


def certificates(*ids: str) -> list[dict[str, Any]]:
    return [{"clientCertificateId": one, "expirationDate": LATER} for one in ids]


def test_a_certificate_that_only_a_web_socket_stage_presents_is_in_use(
    lane: Any, plane: Plane, check: Check
) -> None:
    lane(
        rest_apis=stages(prod="both00"),
        client_certificates=certificates("both00", "live00", "idle00"),
        web_socket_apis=[
            web_socket("both00", "live00"),
            web_socket("idle00", protocol="HTTP"),
        ],
    )
    found = check(USED)
    assert {name: one.status for name, one in found.items()} == {
        "both00": "ok",
        "live00": "ok",
        "idle00": "alarm",
    }
    assert found["both00"].reason == "Presented by 2 stages."
    # The stages of an HTTP API, which presents none, are not read.
    assert operations(plane) == {
        "GetCallerIdentity": 1,
        "GetClientCertificates": 1,
        "GetRestApis": 1,
        "GetStages": 1,
        "GetApis": 1,
        "GetStagesV2": 1,
    }


@pytest.mark.parametrize("operation", ["GetApis", "GetStagesV2", "GetStages"])
def test_whether_one_is_in_use_is_not_decided_where_stages_could_not_be_read(
    lane: Any, plane: Plane, check: Check, operation: str
) -> None:
    lane(
        rest_apis=stages(prod="used00"),
        client_certificates=certificates("used00", "idle00"),
        web_socket_apis=[web_socket("live00")],
    )
    plane.faults = [Fault("denied", operation=operation)]
    found = check(USED)
    assert {found["used00"].status, found["idle00"].status} == {"error"}
