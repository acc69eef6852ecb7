"""Names that steer a spreadsheet, a browser, a terminal or a table: harmless in every format."""

from __future__ import annotations

import csv
import html
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from apigw_vtab.cli.main import main
from tests.conftest import REGIONS
from tests.control_plane import Plane, ServedEstate

ACCOUNT = "111122223333"
NAMES = (
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "\x1b[31mred\x1b[0m\x9b2J",
    "pipe | and\nnewline\ttab",
    "\u202egnp.exe",
)


@pytest.fixture
def written(plane: Plane, tmp_path: Path) -> dict[str, str]:
    """What a check of hostile names writes: the screen, and each kind of file by its suffix."""
    usual = plane.estate
    apis = [
        {"id": f"api000000{number}", "name": name, "stages": [{"stageName": "prod"}]}
        for number, name in enumerate(NAMES)
    ]
    plane.estate = ServedEstate.declared({(ACCOUNT, REGIONS[0]): {"rest_apis": apis}})
    suffixes = ("html", "csv", "json", "jsonl", "md", "xml", "sarif", "asff")
    paths = {suffix: tmp_path / f"report.{suffix}" for suffix in suffixes}
    words = [word for path in paths.values() for word in ("--export", str(path))]
    result = CliRunner().invoke(main, ["check", "AG-006", "--region", REGIONS[0], *words])
    plane.estate = usual
    assert result.exit_code == 1, result.stderr
    texts = {suffix: path.read_bytes().decode("utf-8") for suffix, path in paths.items()}
    return texts | {"screen": result.stdout}


@pytest.mark.parametrize("form", ["screen", "html", "json", "jsonl", "md", "xml", "sarif", "asff"])
def test_no_escape_sequence_comes_out_raw(written: dict[str, str], form: str) -> None:
    assert not {"\x1b", "\x9b", "\u202e"} & set(written[form])


def test_a_table_is_a_line_for_each_row(written: dict[str, str]) -> None:
    lines = written["screen"].splitlines()
    assert len([line for line in lines if line.startswith("alarm ")]) == len(NAMES)
    assert r"pipe | and\nnewline" in written["screen"]


def test_a_spreadsheet_runs_no_formula(written: dict[str, str]) -> None:
    names = [row["rest_api"] for row in csv.DictReader(written["csv"].splitlines(keepends=True))]
    assert "'=cmd|' /C calc'!A0" in names
    assert not [name for name in names if name[0] in "=+-@\t\r"]
    assert "pipe | and\nnewline\ttab" in names


def test_a_browser_runs_no_script_of_a_name(written: dict[str, str]) -> None:
    assert "<script>alert(1)</script>" not in written["html"]
    assert html.escape("<script>alert(1)</script>") in written["html"]


def test_markdown_has_as_many_cells_in_every_line(written: dict[str, str]) -> None:
    *_, table = written["md"].strip().split("\n\n")
    lines = table.splitlines()
    assert len(lines) == 2 + len(NAMES)
    assert len({line.replace(r"\|", "").count("|") for line in lines}) == 1
    assert "<script>" not in written["md"]


def test_json_gives_the_names_as_they_are(written: dict[str, str]) -> None:
    assert {row["rest_api"] for row in json.loads(written["json"])} == set(NAMES)
    lines = written["jsonl"].splitlines()
    assert {json.loads(line)["rest_api"] for line in lines} == set(NAMES)


def test_reports_of_machines_stay_well_formed(written: dict[str, str]) -> None:
    assert len(ElementTree.fromstring(written["xml"]).findall(".//failure")) == len(NAMES)
    assert len(json.loads(written["sarif"])["runs"][0]["results"]) == len(NAMES)
    assert len(json.loads(written["asff"])) == len(NAMES)


def test_a_file_may_be_written_raw(plane: Plane, tmp_path: Path) -> None:
    usual, plane.estate = (
        plane.estate,
        ServedEstate.declared(
            {(ACCOUNT, REGIONS[0]): {"rest_apis": [{"id": "api0000001", "name": "=1+1"}]}}
        ),
    )
    words = ["query", "select name from rest_apis", "--region", REGIONS[0], "--output", "csv"]
    raw, tame = (CliRunner().invoke(main, [*words, *more]).stdout for more in (["--raw"], []))
    plane.estate = usual
    assert (raw.split(), tame.split()) == (["name", "=1+1"], ["name", "'=1+1"])
