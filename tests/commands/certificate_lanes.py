"""A region whose stage needs a client certificate, and what `remediate` does to it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from click.testing import CliRunner, Result

from apigw_vtab.cli.main import main
from tests.control_plane import Plane, ServedEstate
from tests.control_plane.lanes import working_copy

ACCOUNT, REGION, OTHER_REGION = "111122223333", "eu-west-1", "us-east-1"
SOON, LATE = 1_000_000_000, 4_000_000_000
EXPIRING = "client-certificate-expiring"
PATHS = {"/": [], "/orders": ["GET", "POST"]}
AS_DEPLOYED = {
    "/orders": {
        verb: {"authorizationType": "AWS_IAM", "apiKeyRequired": False} for verb in ("GET", "POST")
    }
}
CANARY = {"percentTraffic": 10.0, "deploymentId": "canary"}
OWNED = {"aws:cloudformation:stack-name": "shop"}


def lane(
    *,
    certificate: str | None = None,
    summary: Any = AS_DEPLOYED,
    resources: Any = None,
    stage: dict[str, Any] | None = None,
    api: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A region with one API, whose stage prod was deployed long ago, and with two certificates."""
    presented = {"clientCertificateId": certificate} if certificate else {}
    prod = {"stageName": "prod", "deploymentId": "first0", "lastUpdatedDate": SOON}
    return {
        "rest_apis": [
            {
                "id": "api0000001",
                "name": "orders",
                "stages": [{**prod, **presented, **(stage or {})}],
                "deployments": [{"id": "first0", "createdDate": SOON, "apiSummary": summary}],
                "resources": working_copy(PATHS) if resources is None else resources,
                **(api or {}),
            },
        ],
        "client_certificates": [
            {"clientCertificateId": "over00", "createdDate": SOON, "expirationDate": SOON},
            {"clientCertificateId": "idle00", "createdDate": SOON, "expirationDate": SOON},
        ],
    }


def estate_of(*lanes: dict[str, Any]) -> ServedEstate:
    return ServedEstate.declared(
        {(ACCOUNT, region): one for region, one in zip((REGION, OTHER_REGION), lanes)}  # noqa: B905
    )


def remediate(name: str, *words: str) -> Result:
    return CliRunner().invoke(main, ["remediate", name, *words, "--yes", "--region", REGION])


def written(plane: Plane) -> Counter[str]:
    return Counter(
        call.operation for call in plane.calls if not call.operation.startswith(("Get", "Describe"))
    )
