"""Values of options that make no sense end in words, and before anything is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import apigw_vtab
from apigw_vtab.cli.main import main
from apigw_vtab.errors import UsageError
from tests.conftest import REGIONS
from tests.control_plane import Plane

ODD = ("1e300", "1e-300", "nan", "inf", "-inf", "-1", "9" * 40, "", "x", "0x10", "1e999")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("--timeout", value) for value in (*ODD, "0", "86401")),
        *(("--max-rps", value) for value in (*ODD, "0")),
        *(("--cache-ttl", value) for value in ODD if value != "1e-300"),
    ],
)
def test_a_number_that_makes_no_sense_is_wrong_usage(plane: Plane, option: str, value: str) -> None:
    words = ["query", "select name from rest_apis", "--region", REGIONS[0], option, value]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert "must be from" in result.stderr or option in result.stderr
    assert "Traceback" not in result.output
    assert not plane.calls


@pytest.mark.parametrize("name", ["timeout", "max_rps", "cache_ttl"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300, -1])
def test_a_library_refuses_the_same(name: str, value: float) -> None:
    with pytest.raises(UsageError, match="must be from"):
        apigw_vtab.connect(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "shown"), [("\\t", "1\t2"), ("→", "1→2"), (";", "1;2"), ("\\x7c", "1|2")]
)
def test_a_separator_is_taken_as_it_is_written(given: str, shown: str) -> None:
    words = ["query", "select 1, 2", "--output", "csv", "--no-header", "--separator", given]
    assert CliRunner().invoke(main, words).stdout == f"{shown}\n"


@pytest.mark.parametrize("given", ["", "\\x", "\\", '"', "\\n", "\r"])
def test_what_cannot_separate_is_wrong_usage(given: str) -> None:
    result = CliRunner().invoke(main, ["query", "select 1, 2", "--separator", given])
    assert (result.exit_code, "cannot separate CSV fields" in result.stderr) == (2, True)


@pytest.mark.parametrize("empty", ["", ",", "eu-west-1,", " "])
@pytest.mark.parametrize(
    ("option", "word"),
    [
        ("--account", "Empty account"),
        ("--ou", "Empty organizational unit"),
        ("--profile", "Empty profile"),
        ("--sso-role", "Empty role"),
        ("--region", "Empty region"),
    ],
)
def test_an_empty_choice_does_not_mean_all(
    plane: Plane, option: str, word: str, empty: str
) -> None:
    way = [] if option == "--sso-role" else ["--organization", "--assume-role", "audit"]
    words = ["remediate", "AG-006", "--yes", *way, option, empty]
    result = CliRunner().invoke(main, words)
    assert (result.exit_code, word in result.stderr) == (2, True), result.output
    assert not plane.calls


@pytest.mark.parametrize("option", ["ACCOUNT", "OU", "PROFILE", "SSO_ROLE", "REGION"])
def test_an_empty_variable_counts_as_unset(
    plane: Plane, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setenv(f"APIGW_VTAB_{option}", "")
    result = CliRunner().invoke(main, ["query", "select count(*) from rest_apis"])
    assert result.exit_code == 0, result.output


def test_a_variable_is_parted_at_commas_alone(
    plane: Plane, monkeypatch: pytest.MonkeyPatch, aws_configuration: Path
) -> None:
    text = aws_configuration.read_text()
    aws_configuration.write_text(text.replace("profile second", 'profile "my prof"'))
    monkeypatch.setenv("APIGW_VTAB_PROFILE", "my prof, first")
    # A region has no spaces, which may part several as well.
    monkeypatch.setenv("APIGW_VTAB_REGION", f"{REGIONS[0]}, {REGIONS[1]} {REGIONS[2]}")
    words = [
        "query",
        "select distinct profile, s.region from stages s join accounts using (account_id)",
    ]
    result = CliRunner().invoke(main, [*words, "--output", "csv", "--no-header"])
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) == 6
    assert "my prof" in result.stdout
