"""What check selects and accepts, and its exit code."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from apigw_vtab.cli.main import main
from apigw_vtab.controls.baseline import Acceptance, apply
from apigw_vtab.controls.findings import Finding
from apigw_vtab.controls.saved_query import read_query
from tests.conftest import REGIONS, operations
from tests.control_plane import Fault, Plane, ServedEstate

FIRST, SECOND = REGIONS[:2]
ENTRY = {
    "control": "a",
    "account_id": "111122223333",
    "region": FIRST,
    "resource": "b",
    "until": "2030-01-01",
    "reason": "c",
}
GONE = f"arn:aws:apigateway:{FIRST}::/restapis/gone/stages/x"


def check(*words: str) -> Result:
    return CliRunner().invoke(main, ["check", "AG-006", "--region", FIRST, *words])


def baseline_of(path: Path) -> list[dict[str, str]]:
    entries: list[dict[str, str]] = json.loads(path.read_text())["accepted"]
    return entries


@pytest.fixture
def accepted(plane: Plane, tmp_path: Path) -> Path:
    """A baseline in which every alarm is accepted."""
    path = tmp_path / "accepted.json"
    result = check("--write-baseline", str(path))
    assert result.exit_code == 0
    return path


@pytest.mark.parametrize(("fail_on", "code"), [("alarm", 1), ("error", 0), ("never", 0)])
def test_alarms_fail_as_the_user_wants(plane: Plane, fail_on: str, code: int) -> None:
    assert check("--fail-on", fail_on).exit_code == code


@pytest.mark.parametrize(("fail_on", "code"), [("alarm", 3), ("error", 3), ("never", 0)])
def test_what_could_not_be_read_fails_unless_nothing_does(
    plane: Plane, fail_on: str, code: int
) -> None:
    plane.faults = [Fault("denied", region=FIRST)]
    assert check("--fail-on", fail_on).exit_code == code


def test_a_baseline_accepts_the_alarms_that_were_there(accepted: Path) -> None:
    result = check("--baseline", str(accepted))
    assert result.exit_code == 0
    assert "Accepted until" in result.stdout
    assert " alarm" not in result.stdout


def test_an_acceptance_that_has_ended_is_an_alarm_again_and_no_other(accepted: Path) -> None:
    entries = baseline_of(accepted)
    entries[0]["until"] = "2020-01-01"
    accepted.write_text(json.dumps({"accepted": entries}))
    result = check("--baseline", str(accepted), "--output", "json")
    alarms = [row for row in json.loads(result.stdout) if row["status"] == "alarm"]
    assert [row["resource"] for row in alarms] == [entries[0]["resource"]]
    assert "ended on 2020-01-01" in alarms[0]["reason"]
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("control", "words"),
    [
        ("stage-client-certificat", "Did you mean stage-client-certificate"),
        ("AG-006", ""),
        ("stage-client-*", ""),
    ],
)
def test_an_entry_for_a_control_that_there_is_not_is_told(
    accepted: Path, control: str, words: str
) -> None:
    entry = baseline_of(accepted)[0] | {"control": control, "resource": "*"}
    accepted.write_text(json.dumps({"accepted": [{**entry, "pattern": True}]}))
    told = check("--baseline", str(accepted)).stderr
    assert (f"{control} is not the name of a control, so it accepts nothing." in told) is bool(
        words
    )
    assert words in told


def test_what_has_expired_and_patterns_are_not_counted_as_accepted_alarms(accepted: Path) -> None:
    entries = baseline_of(accepted)
    more = {"resource": "*", "pattern": True}
    patterns = [
        entries[0] | more | {"region": "x*"},
        entries[0] | more | {"region": "y*", "until": "2020-01-01"},
    ]
    accepted.write_text(json.dumps({"accepted": [*entries, *patterns]}))
    told = check("--baseline", str(accepted), "--write-baseline", str(accepted)).stderr
    assert f"{len(entries)} alarms accepted, 1 pattern, 1 expired; give each one" in told


def test_a_rule_that_no_control_answers_takes_nothing_from_the_others(plane: Plane) -> None:
    result = check("CKV_AWS_217")
    assert result.exit_code == 3
    assert "CKV_AWS_217 is not evaluated. " in result.stdout
    assert "stage-client-certificate" in result.stdout


def test_rules_that_no_control_answers_are_not_evaluated_without_a_call(plane: Plane) -> None:
    result = CliRunner().invoke(main, ["check", "CKV_AWS_217"])
    assert (result.exit_code, result.stdout) == (3, "")
    assert "CKV_AWS_217 is not evaluated. " in result.stderr
    assert not plane.calls


def test_rules_that_no_control_answers_are_in_a_report(tmp_path: Path) -> None:
    path = tmp_path / "n.ocsf.json"
    result = CliRunner().invoke(main, ["check", "CKV_AWS_217", "--export", str(path), "-o", "csv"])
    assert (result.exit_code, result.stdout.split(",")[0]) == (3, "control")
    assert "CKV_AWS_217 is not evaluated" in path.read_text()


def test_a_condition_says_how_much_it_leaves_out(plane: Plane) -> None:
    result = check("--where", "status = 'zzz'")
    assert re.search(r"(\d+) of \1 findings are left out because of --where", result.stderr)
    assert result.exit_code == 0


def test_a_new_alarm_is_not_accepted(accepted: Path) -> None:
    entries = baseline_of(accepted)
    accepted.write_text(json.dumps({"accepted": entries[1:]}))
    assert check("--baseline", str(accepted)).exit_code == 1


def test_writing_again_keeps_reasons_and_days(accepted: Path) -> None:
    entries = baseline_of(accepted)
    entries[0] |= {"reason": "Ticket 4711", "until": "2099-01-01"}
    accepted.write_text(json.dumps({"accepted": entries}))
    check("--baseline", str(accepted), "--write-baseline", str(accepted))
    assert baseline_of(accepted)[0] == entries[0]


@pytest.fixture
def stale(accepted: Path) -> Path:
    """A baseline with one entry for a stage that is gone."""
    entries = baseline_of(accepted)
    entries[0]["resource"] = GONE
    accepted.write_text(json.dumps({"accepted": entries}))
    return accepted


def resources(path: Path) -> set[str]:
    return {entry["resource"] for entry in baseline_of(path)}


def test_an_acceptance_of_no_alarm_is_told(stale: Path) -> None:
    assert "1 acceptance no longer matches an alarm" in check("--baseline", str(stale)).stderr


def test_writing_again_drops_what_is_no_alarm_any_more(stale: Path) -> None:
    check("--baseline", str(stale), "--write-baseline", str(stale))
    assert GONE not in resources(stale)


@pytest.mark.parametrize(
    "words",
    [
        ["check", "AG-006", "--region", SECOND],
        ["check", "stage-xray-tracing", "--region", FIRST],
    ],
)
def test_writing_again_keeps_what_was_not_looked_at(
    plane: Plane, stale: Path, words: list[str]
) -> None:
    result = CliRunner().invoke(
        main, [*words, "--baseline", str(stale), "--write-baseline", str(stale)]
    )
    assert GONE in resources(stale)
    assert "no longer match" not in result.stderr


def test_writing_again_keeps_what_could_not_be_read(plane: Plane, stale: Path) -> None:
    plane.faults = [Fault("denied", region=FIRST)]
    check("--baseline", str(stale), "--write-baseline", str(stale))
    assert GONE in resources(stale)


def test_writing_again_keeps_what_a_control_that_failed_accepted(
    plane: Plane, stale: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "stage-client-certificate.sql").write_text("select arn from stages")
    kept = resources(stale)
    # The other control reads the region.
    options = ("AG-003", "--queries", str(tmp_path / "mine"), "--baseline", str(stale))
    result = check(*options, "--write-baseline", str(stale))
    assert "no longer match" not in result.stderr
    assert kept <= resources(stale)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "is not a valid baseline"),
        ("[]", "is not a valid baseline"),
        ('{"accepted": 1}', "a list named accepted"),
        ('{"accepted": [{"control": "a"}]}', "entry 1"),
        (json.dumps({"accepted": [ENTRY | {"until": "soon"}]}), "write YYYY-MM-DD"),
        (json.dumps({"accepted": [ENTRY | {"reason": " "}]}), "reason must be a non-empty string"),
        (json.dumps({"accepted": [ENTRY, ENTRY]}), "entry 2"),
    ],
)
def test_a_bad_baseline_is_wrong_usage_and_makes_no_call(
    plane: Plane, tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    result = check("--baseline", str(path))
    assert (result.exit_code, complaint in result.stderr) == (2, True)
    assert not plane.calls


@pytest.mark.parametrize("suite", ["conformity", "prowler", "checkov", "kics", "cloudsploit"])
def test_each_suite_has_the_client_certificate_rule(suite: str) -> None:
    result = CliRunner().invoke(main, ["queries", "--suite", suite, "--output", "json"])
    assert "stage-client-certificate" in [row["name"] for row in json.loads(result.stdout)]


def test_queries_are_chosen_by_severity() -> None:
    result = CliRunner().invoke(main, ["queries", "--severity", "low", "--output", "json"])
    assert {row["severity"] for row in json.loads(result.stdout)} == {"low"}


def test_a_tag_that_nothing_has_is_wrong_usage() -> None:
    result = CliRunner().invoke(main, ["queries", "--tag", "nonsense"])
    assert result.exit_code == 2
    assert "No saved query matches nonsense" in result.stderr


def test_the_summary_says_how_much_was_read(plane: Plane) -> None:
    plane.faults = [Fault("denied", region=SECOND)]
    words = ["check", "--region", ",".join(REGIONS)]
    result = CliRunner().invoke(main, words)
    assert f"{len(REGIONS) - 1} of {len(REGIONS)} regions read" in result.stdout
    assert result.exit_code == 3


def test_a_control_without_anything_to_look_at_says_so(plane: Plane) -> None:
    usual, plane.estate = plane.estate, ServedEstate.numbered(regions=1, rest_apis=0)
    words = ["check", "AG-006", "--region", plane.estate.regions[0], "--output", "json"]
    result = CliRunner().invoke(main, words)
    plane.estate = usual
    (row,) = json.loads(result.stdout)
    assert row["status"] == "skip"
    assert (
        row["reason"] == "Nothing to check: the control returned no rows about stages in 1 region."
    )
    assert result.exit_code == 0


def test_several_exports_are_written_from_one_pass(plane: Plane, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("report.html", "findings.csv", "junit.xml", "f.sarif")]
    words = [word for path in paths for word in ("--export", str(path))]
    result = CliRunner().invoke(main, ["check", "--region", FIRST, *words])
    assert result.exit_code == 1
    assert all(path.stat().st_size for path in paths)
    operations(plane)


def test_a_report_of_an_unknown_kind_is_wrong_usage(plane: Plane, tmp_path: Path) -> None:
    result = check("--export", str(tmp_path / "report.pdf"))
    assert result.exit_code == 2
    assert ".html" in result.stderr
    assert not plane.calls


# Patterns, and reasons


def changed(path: Path, **texts: object) -> None:
    """Let a baseline have a single entry: its first one, with these texts."""
    (first, *_) = baseline_of(path)
    path.write_text(json.dumps({"accepted": [{**first, "reason": "Agreed.", **texts}]}))


@pytest.mark.parametrize(
    "texts",
    [
        {"region": "*", "account_id": "*", "resource": "*"},
        {
            "region": "*",
            "account_id": "*",
            "resource": "arn:aws:apigateway:*::/restapis/*/stages/*",
        },
    ],
)
def test_a_pattern_accepts_all_that_it_matches(accepted: Path, texts: dict[str, str]) -> None:
    changed(accepted, pattern=True, **texts)
    assert check("--baseline", str(accepted)).exit_code == 0


@pytest.mark.parametrize("pattern", [True, False])
def test_an_entry_may_name_a_rule_in_any_spelling(accepted: Path, pattern: bool) -> None:
    entries = [
        {**entry, "control": "ag-006", "pattern": pattern} for entry in baseline_of(accepted)
    ]
    accepted.write_text(json.dumps({"accepted": entries}))
    result = check("--baseline", str(accepted))
    assert (result.exit_code, "no longer" in result.stderr) == (0, False)


def test_an_entry_for_a_rule_of_another_control_accepts_nothing(accepted: Path) -> None:
    entries = [{**entry, "control": "APIGateway.2"} for entry in baseline_of(accepted)]
    accepted.write_text(json.dumps({"accepted": entries}))
    assert check("--baseline", str(accepted)).exit_code == 1


@pytest.mark.parametrize(
    "texts",
    [
        {"resource": "arn:aws:apigateway:*::/restapis/*/stages/[a-z]*"},
        {"resource": "*", "region": "no-such-*"},
        {"resource": "*", "control": "another-*"},
        {"resource": "*", "region": "*", "account_id": "*", "until": "2001-01-01"},
    ],
)
def test_a_pattern_accepts_nothing_else(accepted: Path, texts: dict[str, str]) -> None:
    changed(accepted, pattern=True, **texts)
    assert check("--baseline", str(accepted)).exit_code == 1


def test_a_pattern_that_matches_no_alarm_is_told(accepted: Path) -> None:
    changed(accepted, pattern=True, resource="nothing")
    assert "1 pattern of the baseline matches no alarm" in check("--baseline", str(accepted)).stderr


def test_without_the_word_pattern_a_star_is_a_star(accepted: Path) -> None:
    changed(accepted, resource="*")
    assert check("--baseline", str(accepted)).exit_code == 1


def test_writing_again_keeps_a_pattern_and_adds_nothing_that_it_accepts(accepted: Path) -> None:
    changed(accepted, pattern=True, resource="*", region="*", account_id="*")
    before = baseline_of(accepted)
    check("--baseline", str(accepted), "--write-baseline", str(accepted))
    assert baseline_of(accepted) == before


def test_an_acceptance_without_a_reason_is_told(accepted: Path) -> None:
    assert "accepted without a reason: say why" in check("--baseline", str(accepted)).stderr
    changed(accepted)
    assert "without a reason" not in check("--baseline", str(accepted)).stderr


def test_what_was_accepted_of_the_control_before_stays_accepted() -> None:
    control = read_query("new", "-- formerly: old\nselect 1")
    finding = Finding(control, "arn", "alarm", "Bad.", "1", "r")
    old = Acceptance("old", "1", "r", "arn", "2999-01-01", "Agreed.")
    (found,) = apply([finding], {old.key: old}, date(2026, 1, 1))
    assert found.status == "info"


# Only some findings


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("status = 'alarm'", 1),
        ("status = 'ok'", 0),
        ("rest_api_id in (select rest_api_id from rest_apis where name = 'no such')", 0),
        ("no_such = 1", 2),
    ],
)
def test_only_findings_that_match_count(plane: Plane, where: str, code: int) -> None:
    assert check("--where", where).exit_code == code


def test_what_a_condition_reads_and_the_control_has_read_costs_no_call(plane: Plane) -> None:
    check("--where", "rest_api_id in (select rest_api_id from rest_apis where name <> 'x')")
    assert operations(plane) == {"GetRestApis": 1, "GetStages": 4, "GetCallerIdentity": 1}
