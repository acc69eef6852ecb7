"""The lines of the column `remediation` that are not a command of their own, in every shell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import apigw_vtab
from apigw_vtab.controls.library import all_queries, find_queries
from apigw_vtab.controls.run import run_controls
from tests.commands.certificate_lanes import ACCOUNT, OTHER_REGION, REGION, estate_of, lane
from tests.control_plane import access_key, serve
from tests.writes.aws_cli_cases import SHELLS, pasted

CERTIFICATE, TLS = "stage-client-certificate", "rest-api-tls-security-policy"
every_shell = pytest.mark.parametrize("shell", SHELLS)


@pytest.fixture(scope="module")
def column() -> Iterator[dict[str, list[str]]]:
    """The lines of the rows in alarm, by control: of two stages here, and of one there."""
    served = lane()
    (api,) = served["rest_apis"]
    api["stages"] = [{**api["stages"][0], "stageName": name} for name in ("beta", "prod")]
    with serve(estate_of(served, lane())) as plane, pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ACCESS_KEY_ID", access_key(ACCOUNT))
        patched.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        patched.delenv("AWS_PROFILE", raising=False)
        connection = apigw_vtab.connect(regions=[REGION, OTHER_REGION], endpoint_url=plane.url)
        controls = find_queries([CERTIFICATE, TLS], all_queries())
        yield {
            one.control.name: [
                line for row in one.rows if row[1] == "alarm" for line in str(row[-1]).splitlines()
            ]
            for one in run_controls(connection, controls, {})
        }
        connection.close()


@every_shell
def test_what_is_to_be_chosen_sends_nothing(
    shell: str, column: dict[str, list[str]], tmp_path: Path
) -> None:
    lines = column[TLS]
    assert len(lines) == 2
    assert pasted(shell, lines, tmp_path) == []
    # And it has failed: what a script does next is not done.
    assert pasted(shell, [f"{line} && aws x y" for line in lines], tmp_path) == []
    assert len(pasted(shell, [f"{line} || aws x y" for line in lines], tmp_path)) == 2


@every_shell
def test_the_stages_of_an_account_and_region_share_a_certificate(
    shell: str, column: dict[str, list[str]], tmp_path: Path
) -> None:
    calls = pasted(shell, column[CERTIFICATE], tmp_path)
    assert [(one.operation, one.options["region"]) for one in calls] == [
        ("generate-client-certificate", REGION),
        ("update-stage", REGION),
        ("update-stage", REGION),
        ("generate-client-certificate", OTHER_REGION),
        ("update-stage", OTHER_REGION),
    ]
    values = [
        one.parameters["patchOperations"][0]["value"] for one in calls if "stage" in one[1][1]
    ]
    assert values == ["made1", "made1", "made4"]


@every_shell
def test_no_stage_is_touched_where_no_certificate_could_be_made(
    shell: str, column: dict[str, list[str]], tmp_path: Path
) -> None:
    calls = pasted(shell, column[CERTIFICATE], tmp_path, {"STUB_FAILS": "yes"})
    assert {one.operation for one in calls} == {"generate-client-certificate"}
    assert len(calls) == 3
