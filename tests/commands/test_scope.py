"""What check does with findings of which nothing tells whether they are in scope."""

from __future__ import annotations

import json
import re
from pathlib import Path

from click.testing import CliRunner, Result

from apigw_vtab.cli.main import main
from tests.conftest import REGIONS
from tests.control_plane import Fault, Plane


def check(*words: str) -> Result:
    return CliRunner().invoke(main, ["check", "AG-006", "--region", REGIONS[0], *words])


def test_an_alarm_of_which_a_condition_tells_nothing_stays_and_is_named(plane: Plane) -> None:
    plane.faults = [Fault("denied", operation="GetUsagePlans")]
    result = check("--where", "region in (select region from usage_plans)", "--output", "csv")
    assert ",alarm," in result.stdout
    assert "left out" not in result.stderr
    assert re.search(r"findings stay, because a part of what --where reads .*: arn:", result.stderr)
    assert result.exit_code == 3


def test_an_alarm_of_which_a_condition_tells_nothing_is_not_accepted(
    plane: Plane, tmp_path: Path
) -> None:
    plane.faults = [Fault("denied", operation="GetUsagePlans")]
    path = tmp_path / "accepted.json"
    where = "region in (select region from usage_plans)"
    result = check("--where", where, "--write-baseline", str(path), "--output", "csv")
    assert json.loads(path.read_text()) == {"accepted": []}
    assert ",alarm," in result.stdout
