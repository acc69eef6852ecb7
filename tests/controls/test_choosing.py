"""Which saved queries are controls: what is meant as one and is none is an error."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from apigw_vtab.cli.main import main
from tests.conftest import REGIONS
from tests.control_plane import Plane

SELECT = "select arn as resource, 'alarm' as status, 'x' as reason, {} from stages"
RIGHT, SWAPPED = SELECT.format("account_id, region"), SELECT.format("region, account_id")
PLAIN = "select arn, stage_name from stages"
HEADER = "-- severity: critical\n-- tags: mine\n"
OURS = "stage-client-certificate"
FAILED = "The control failed: "


def check(folder: Path, *words: str) -> tuple[Result, dict[str, str]]:
    """Check with the controls of a folder; return the result, and reasons by control."""
    options = ("--queries", str(folder), "--region", REGIONS[0], "--output", "csv")
    result = CliRunner().invoke(main, ["check", *words, *options])
    rows = csv.DictReader(io.StringIO(result.stdout))
    return result, {row["control"]: row["reason"] for row in rows}


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        (PLAIN, "mine.sql: its columns begin with arn, stage_name. The columns of a control begin"),
        (SWAPPED, "its columns begin with resource, status, reason, region, account_id."),
        ("", "it has no SELECT. The columns of a control begin with resource, status, reason,"),
        ("selec", 'mine.sql, line 3: near "selec"'),
        ("delete from stages", "DELETE is not allowed"),
    ],
)
def test_what_has_a_severity_and_is_no_control_is_an_error(
    plane: Plane, tmp_path: Path, sql: str, words: str
) -> None:
    (tmp_path / "mine.sql").write_text(HEADER + sql)
    result, reasons = check(tmp_path, "--tag", "mine")
    assert result.exit_code == 3
    assert reasons["mine"].startswith(FAILED)
    assert words in reasons["mine"]


@pytest.mark.parametrize("wanted", [["--severity", "critical"], ["--tag", "MINE"], ["mine"], []])
def test_a_broken_control_is_an_error_whatever_it_is_selected_by(
    plane: Plane, tmp_path: Path, wanted: list[str]
) -> None:
    (tmp_path / "mine.sql").write_text(HEADER + SWAPPED)
    result, reasons = check(tmp_path, *wanted)
    assert result.exit_code == 3
    assert reasons["mine"].startswith(FAILED)


@pytest.mark.parametrize("sql", [SWAPPED, RIGHT.replace("as resource", "as Resource")])
def test_what_has_all_columns_of_a_control_in_another_form_is_an_error(
    plane: Plane, tmp_path: Path, sql: str
) -> None:
    (tmp_path / "mine.sql").write_text(sql)
    result, reasons = check(tmp_path)
    assert result.exit_code == 3
    assert "give one of its columns another name" in reasons["mine"]


@pytest.mark.parametrize("sql", [PLAIN, "selec", "", "delete from stages"])
@pytest.mark.parametrize(
    "wanted",
    [["--suite", "conformity"], ["--tag", "backend"], ["--severity", "medium"], ["AG-006"], []],
)
def test_what_takes_a_controls_place_and_is_none_is_an_error(
    plane: Plane, tmp_path: Path, wanted: list[str], sql: str
) -> None:
    (tmp_path / f"{OURS}.sql").write_text(sql)
    result, reasons = check(tmp_path, *wanted)
    assert result.exit_code == 3
    assert reasons[OURS].startswith(FAILED)


def test_what_takes_a_controls_place_and_is_none_says_to_rename_it(
    plane: Plane, tmp_path: Path
) -> None:
    (tmp_path / f"{OURS}.sql").write_text(PLAIN)
    _, reasons = check(tmp_path, OURS)
    assert f"queries/{OURS}.sql is checked." in reasons[OURS]


def test_what_takes_a_controls_place_is_selected_by_its_header(
    plane: Plane, tmp_path: Path
) -> None:
    (tmp_path / f"{OURS}.sql").write_text(RIGHT)
    result, reasons = check(tmp_path, "--tag", "backend", "--severity", "medium")
    assert result.exit_code == 1
    assert reasons[OURS] == "x"


def test_what_takes_a_controls_place_has_the_last_word_on_its_severity(
    plane: Plane, tmp_path: Path
) -> None:
    (tmp_path / f"{OURS}.sql").write_text(f"-- severity: low\n{RIGHT}")
    _, reasons = check(tmp_path, "--tag", "backend", "--severity", "medium")
    assert OURS not in reasons


@pytest.mark.parametrize("text", [RIGHT.encode(), b"\xff"])
def test_what_takes_a_controls_place_need_not_have_its_parameters(
    plane: Plane, tmp_path: Path, text: bytes
) -> None:
    (tmp_path / "domain-name-tls.sql").write_bytes(text)
    result, reasons = check(tmp_path, "--suite", "securityhub")
    assert result.exit_code == (3 if text == b"\xff" else 1)
    assert "domain-name-tls" in reasons


def test_an_own_control_whose_place_a_plain_query_takes_is_an_error(
    plane: Plane, tmp_path: Path
) -> None:
    for name, text in (("one", f"{HEADER}-- references: ACME-1\n{RIGHT}"), ("two", PLAIN)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.sql").write_text(text)
    result, reasons = check(tmp_path / "two", "ACME-1", "--queries", str(tmp_path / "one"))
    assert result.exit_code == 3
    assert "one/mine.sql is checked" in reasons["mine"]


def test_a_plain_query_is_not_checked(plane: Plane, tmp_path: Path) -> None:
    (tmp_path / "mine.sql").write_text(PLAIN)
    result, reasons = check(tmp_path)
    assert "mine" not in reasons
    assert "mine" not in result.stderr


def test_a_tag_that_only_plain_queries_have_is_wrong_usage(plane: Plane, tmp_path: Path) -> None:
    (tmp_path / "mine.sql").write_text(f"-- tags: mine\n{PLAIN}")
    result, _ = check(tmp_path, "--tag", "mine")
    assert result.exit_code == 2
    assert "'mine' is not a control" in result.stderr


def test_what_is_broken_costs_nothing(plane: Plane, tmp_path: Path) -> None:
    (tmp_path / "mine.sql").write_text(HEADER + SWAPPED)
    words = ["check", "mine", "--estimate", "--queries", str(tmp_path), "--region", REGIONS[0]]
    result = CliRunner().invoke(main, words)
    assert "0 calls to make" in result.stdout
