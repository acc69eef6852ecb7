"""The shipped controls on AWS's answers: commands for what is in alarm, and no secret shown.

Their verdicts are in the examples beside them, which test_examples.py tries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from apigw_vtab.controls.findings import Finding
from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.controls.run import report_of, run_controls
from tests.conftest import REGIONS, Connect
from tests.control_plane import Plane, ServedEstate

ACCOUNT = "111122223333"
TRACED = {"*/*": {"dataTraceEnabled": True}}
# Each remedy of a stage has at least one of these to mend.
STAGES = [
    {"stageName": "bare", "methodSettings": TRACED},
    {"stageName": "late", "cacheClusterEnabled": True, "clientCertificateId": "cert00"},
    {"stageName": "open", "variables": {"db_password": "hunter2"}},
]
OLD = [{"clientCertificateId": "cert00", "expirationDate": 1_000_000_000}]


@pytest.fixture
def found(plane: Plane, connect: Connect) -> Iterator[Any]:
    """Run controls over the stages of one REST API; return their findings."""
    usual = plane.estate

    def run(names: Sequence[str]) -> list[Finding]:
        api = {"id": "api0000001", "name": "orders", "stages": STAGES}
        lane = {"rest_apis": [api], "client_certificates": OLD}
        plane.estate = ServedEstate.declared({(ACCOUNT, REGIONS[0]): lane})
        connection = connect(regions=REGIONS[0])
        outcomes = run_controls(connection, find_queries(names, all_queries()), {})
        return list(report_of(connection, list(outcomes)).findings)

    yield run
    plane.estate = usual


def test_a_stage_in_alarm_comes_with_commands_for_it(found: Any) -> None:
    names = {one.name for one in all_queries() if one.remedy and one.name.startswith("stage-")}
    alarms = [one for one in found(sorted(names)) if one.status == "alarm"]
    assert {one.control.name for one in alarms} == names
    assert all(one.remediation for one in alarms)
    lines = "\n".join(one.remediation for one in alarms).splitlines()
    # What the user has to choose stands where there is no command.
    for line in (one for one in lines if not one.startswith(": '")):
        assert "aws apigateway " in line
        assert f"--profile first --region {REGIONS[0]} " in line


def test_a_secret_is_never_shown(found: Any) -> None:
    (finding,) = (one for one in found(["stage-variable-secrets"]) if one.status == "alarm")
    assert "db_password" in finding.reason
    assert "hunter2" not in repr(finding)
