"""Controls: what check finds, how controls are named, and what it says about unread tables."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from apigw_vtab.cli.main import main
from tests.conftest import REGIONS, operations
from tests.control_plane import Fault, Plane, ServedEstate

FIRST, SECOND = REGIONS[:2]
Check = Callable[..., tuple[Result, list[dict[str, str]]]]

CONTROLS = {path.stem for path in (Path(__file__).parents[2] / "queries").glob("*.sql")}
ACCOUNT = "111122223333"
LANE = {
    "rest_apis": [
        {
            "id": "api0000001",
            "name": "orders",
            "stages": [
                {"stageName": "bare"},
                {"stageName": "good", "clientCertificateId": "good00"},
                {"stageName": "over", "clientCertificateId": "over00"},
                {"stageName": "gone", "clientCertificateId": "gone00"},
            ],
        },
        {"id": "api0000002", "name": "no stages", "stages": []},
    ],
    "client_certificates": [
        {"clientCertificateId": "good00", "expirationDate": 4_000_000_000},
        {"clientCertificateId": "over00", "expirationDate": 1_000_000_000},
        {"clientCertificateId": "idle00", "expirationDate": 4_000_000_000},
    ],
}


@pytest.fixture
def check(plane: Plane) -> Check:
    """Run check as CSV; return the result and its rows."""

    def runner(*words: str) -> tuple[Result, list[dict[str, str]]]:
        result = CliRunner().invoke(main, ["check", *words, "--output", "csv"])
        return result, list(csv.DictReader(io.StringIO(result.stdout)))

    return runner


@pytest.fixture
def one_lane(plane: Plane) -> object:
    """An estate of one lane, with a stage in each state; the usual one comes back after."""
    usual = plane.estate
    plane.estate = ServedEstate.declared({(ACCOUNT, FIRST): LANE})
    yield
    plane.estate = usual


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        ("AG-006", {"bare": "alarm", "good": "ok", "over": "ok", "gone": "ok"}),
        (
            "stage-client-certificate-valid",
            {"bare": "skip", "good": "ok", "over": "alarm", "gone": "alarm"},
        ),
    ],
)
def test_each_stage_has_the_status_that_it_should(
    one_lane: object, check: Check, control: str, expected: dict[str, str]
) -> None:
    result, found = check(control, "--region", FIRST)
    assert {row["stage_name"]: row["status"] for row in found} == expected
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        ("client-certificate-expiring", {"good00": "ok", "over00": "alarm", "idle00": "ok"}),
        ("client-certificate-unused", {"good00": "ok", "over00": "ok", "idle00": "alarm"}),
    ],
)
def test_each_certificate_has_the_status_that_it_should(
    one_lane: object, check: Check, control: str, expected: dict[str, str]
) -> None:
    _, found = check(control, "--region", FIRST)
    assert {row["client_certificate_id"]: row["status"] for row in found} == expected


def test_a_control_without_alarm_exits_0(one_lane: object, check: Check) -> None:
    result, found = check("rest-api-policy-public", "--region", FIRST)
    assert {row["status"] for row in found} == {"skip"}
    assert result.exit_code == 0


@pytest.mark.parametrize(
    "name",
    [
        "AG-006",
        "ag-006",
        "apigateway_restapi_client_certificate_enabled",
        "stage-client-certificate",
    ],
)
def test_a_control_answers_to_each_of_its_ids(check: Check, name: str) -> None:
    _, found = check(name, "--region", FIRST)
    assert {row["control"] for row in found} == {"stage-client-certificate"}


def test_an_id_that_two_controls_answer_asks_for_both(check: Check) -> None:
    _, found = check("CKV2_AWS_51", "--region", FIRST)
    assert {row["control"] for row in found} == {
        "stage-client-certificate",
        "v2-stage-client-certificate",
    }


def test_an_unknown_control_suggests_the_nearest(plane: Plane, check: Check) -> None:
    result, _ = check("AG-O06")
    assert result.exit_code == 2
    assert "Did you mean AG-006" in result.stderr


def test_all_controls_share_one_reading(plane: Plane, check: Check) -> None:
    _, found = check("--region", FIRST)
    assert {row["control"] for row in found} == CONTROLS
    assert operations(plane) == {
        "GetCallerIdentity": 1,
        "GetRestApis": 1,
        "GetStages": 4,
        "GetClientCertificates": 1,
        "GetApis": 1,
        "GetAccount": 1,
        "GetUsagePlans": 1,
        # Of each REST API.
        "GetAuthorizers": 4,
        "GetRequestValidators": 4,
        "GetResources": 4,
        "GetDomainNames": 1,
    }


def test_a_lane_that_could_not_be_read_is_an_error_row_of_each_control(
    plane: Plane, check: Check
) -> None:
    plane.faults = [Fault("denied", region=SECOND)]
    result, found = check("--region", f"{FIRST},{SECOND}")
    assert result.exit_code == 3
    assert {row["control"] for row in found if row["status"] == "error"} == CONTROLS
    assert {row["region"] for row in found if row["status"] == "error"} == {SECOND}
    assert {row["region"] for row in found if row["status"] != "error"} == {FIRST}
    # Each list that depends on no other is asked for once, for all controls.
    refused = [call.operation for call in plane.calls if call.status == 403]
    lists = {
        *("GetRestApis", "GetClientCertificates", "GetAccount", "GetUsagePlans", "GetApis"),
        "GetDomainNames",
    }
    assert Counter(refused) == dict.fromkeys(lists, 1)


def test_nothing_is_decided_on_a_table_that_could_not_be_read(plane: Plane, check: Check) -> None:
    plane.faults = [Fault("denied", region=FIRST, operation="GetClientCertificates")]
    result, found = check("stage-client-certificate-valid", "--region", FIRST)
    assert result.exit_code == 3
    assert {row["status"] for row in found} == {"error"}
    assert all("GetClientCertificates" in row["reason"] for row in found)


def test_stages_that_were_read_keep_their_status_when_others_were_not(
    plane: Plane, check: Check
) -> None:
    plane.faults = [Fault("denied", operation="GetStages", times=1)]
    _, found = check("AG-006", "--region", FIRST)
    assert Counter(row["status"] == "error" for row in found) == {False: 9, True: 1}


def test_the_table_groups_by_control_with_alarms_first(plane: Plane) -> None:
    result = CliRunner().invoke(main, ["check", "AG-006", "--region", FIRST, "--all"])
    lines = result.stdout.splitlines()
    assert "AG-006" in lines[2]
    assert lines[lines.index("Every stage presents a client certificate to its backend") - 2] == (
        "1 control: 1 alarm"
    )
    statuses = [line.split()[0] for line in lines if "attached" in line or "Presents" in line]
    assert statuses == sorted(statuses)
    assert len(statuses) == 12


BROKEN_PROFILES = {
    "expired": "sso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n"
    "sso_account_id = 333333333333\nsso_role_name = Audit\n",
    "failing": "credential_process = /bin/false\n",
}


@pytest.mark.parametrize("name", BROKEN_PROFILES)
def test_one_bad_profile_takes_nothing_from_the_others(
    check: Check, aws_configuration: Path, name: str
) -> None:
    broken = f"[profile {name}]\nregion = {FIRST}\n{BROKEN_PROFILES[name]}"
    aws_configuration.write_text(aws_configuration.read_text() + broken)
    profiles = ("first", "second", name)
    words = [word for profile in profiles for word in ("--profile", profile)]
    result, found = check("AG-006", *words, "--region", FIRST)
    assert result.exit_code == 3
    verdicts = [row for row in found if row["status"] != "error"]
    assert {row["account_id"] for row in verdicts} == {"111122223333", "111122223334"}
    assert {row["resource"] for row in found if row["status"] == "error"} == {f"{name}/{FIRST}"}


def test_a_profile_that_fails_by_itself_is_named(check: Check, aws_configuration: Path) -> None:
    aws_configuration.write_text(f"[profile failing]\n{BROKEN_PROFILES['failing']}")
    result, found = check("AG-006", "--profile", "failing", "--region", FIRST)
    assert result.exit_code == 3
    assert {row["status"] for row in found} == {"error"}
    assert "the source of the credentials failed" in result.stderr


@pytest.mark.parametrize("reason", ["null", "'Since ' || null"])
def test_an_ok_without_a_reason_is_none(plane: Plane, tmp_path: Path, reason: str) -> None:
    (tmp_path / "mine.sql").write_text(
        f"select 'r' as resource, 'ok' as status, {reason} as reason, 'a' as account_id,"
        " 'b' as region"
    )
    result = CliRunner().invoke(main, ["check", "mine", "--queries", str(tmp_path)])
    assert result.exit_code == 3
    assert "says ok, but not why" in result.stdout


def test_a_control_without_rows_does_not_say_that_there_are_no_resources(
    plane: Plane, tmp_path: Path
) -> None:
    (tmp_path / "mine.sql").write_text(
        "select arn as resource, 'ok' as status, 'x' as reason, account_id, region from stages"
        " where 1 = 0"
    )
    result = CliRunner().invoke(main, ["check", "mine", "--all", "--queries", str(tmp_path)])
    assert "Nothing to check: the control returned no rows about stages." in result.stdout
    assert result.exit_code == 0
