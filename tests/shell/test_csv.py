"""What the shell writes as CSV, to the screen and to files."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner

from apigw_vtab.cli.main import main
from tests.conftest import REGIONS
from tests.control_plane import Plane

FORMULA = "=1+1"


def shell(*lines: str) -> str:
    words = ["shell", "--region", REGIONS[0]]
    return CliRunner().invoke(main, words, input="".join(f"{line}\n" for line in lines)).stdout


def fields(text: str, separator: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


@pytest.mark.parametrize(
    ("setting", "separator"),
    [((".mode csv",), ","), ((".mode tabs",), "\t"), ((".mode csv", ".separator ;"), ";")],
)
@pytest.mark.parametrize("cell", [FORMULA, " =1", "@x", "+1", "-1+1"])
def test_no_cell_and_no_column_name_is_a_formula(
    plane: Plane, setting: tuple[str, ...], separator: str, cell: str
) -> None:
    text = shell(*setting, ".headers on", f"""select '{cell}' as "{cell}", 'a b', -5;""")
    assert fields(text, separator) == [[f"'{cell}", "'a b'", "-5"], [f"'{cell}", "a b", "-5"]]


@pytest.mark.parametrize("command", [".once rows.csv", ".output rows.csv"])
def test_a_file_has_no_formula(
    plane: Plane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shell(".mode csv", command, f"select '{FORMULA}', char(10) || '{FORMULA}';")
    read = fields((tmp_path / "rows.csv").read_bytes().decode(), ",")
    assert read == [[f"'{FORMULA}", f"'\n{FORMULA}"]]


def test_null_is_an_empty_field_and_an_empty_text_two_quotes(plane: Plane) -> None:
    assert shell(".mode csv", "select null, '', 'a,b', 'say \"hi\"';") == ',"","a,b","say ""hi"""\n'


def test_rows_come_as_they_are_read(plane: Plane) -> None:
    text = shell(".mode csv", ".headers on", "select 1 as a union all select 2;", "select 3;")
    assert text == "a\n1\n2\n3\n3\n"
