"""Exports are in their place whoever reads what is printed, and nothing else is overwritten."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from apigw_vtab.cli.main import main
from tests.conftest import REGIONS
from tests.control_plane import Fault, Plane

FIRST = REGIONS[0]
COMMANDS = {
    "check": "check AG-006 --region {}",
    "check as rows": "check AG-006 --region {} --output csv",
    "query": "query 'select * from stages' --region {} --output csv",
    "queries": "queries --output csv",
}


def check(*words: str) -> Result:
    return CliRunner().invoke(main, ["check", "AG-006", "--region", FIRST, *words])


def shell(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell in a folder, with `apigw-vtab` for our command."""
    ours = f"{sys.executable} -m apigw_vtab"
    return subprocess.run(
        ["sh", "-c", line.replace("apigw-vtab", ours)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("reader", ["| head -1", "2>&1 | true", ">&- 2>&-"])
def test_a_file_is_written_although_nobody_reads_the_screen(
    plane: Plane, tmp_path: Path, command: str, reader: str
) -> None:
    words = COMMANDS[command].format(FIRST)
    done = shell(tmp_path, f"apigw-vtab {words} --export rows.csv {reader}")
    written = (tmp_path / "rows.csv").read_text()
    assert written.count("\n") > 3
    assert "Traceback" not in done.stderr


def test_a_reader_who_leaves_does_not_change_the_exit_code(plane: Plane, tmp_path: Path) -> None:
    code = "{ apigw-vtab check --region eu-west-1; echo $? > code; } | true"
    shell(tmp_path, code.replace("eu-west-1", FIRST))
    assert (tmp_path / "code").read_text() == "1\n"


def test_a_part_of_asff_is_of_one_account_and_region(plane: Plane, tmp_path: Path) -> None:
    places = ["--region", ",".join(REGIONS), "--profile", "first", "--profile", "second"]
    path = tmp_path / "findings.asff.json"
    result = CliRunner().invoke(main, ["check", *places, "--export", str(path)])
    parts = sorted(tmp_path.iterdir())
    made = [json.loads(part.read_text()) for part in parts]
    assert all(len(part) <= 100 for part in made)
    assert all(len({(one["AwsAccountId"], one["Region"]) for one in part}) == 1 for part in made)
    count = sum(map(len, made))
    assert f"{path} and {len(made) - 1} more, to findings-{len(made)}.asff.json" in result.stderr
    assert f": {count:,} findings" in result.stderr


def test_the_count_of_an_export_is_of_what_was_written(plane: Plane, tmp_path: Path) -> None:
    plane.faults = [Fault("denied", operation="GetCallerIdentity")]
    names = ("f.asff.json", "f.csv")
    words = [word for name in names for word in ("--export", str(tmp_path / name))]
    result = check(*words)
    rows = (tmp_path / "f.csv").read_bytes().count(b"\r\n") - 1
    placed = json.loads((tmp_path / "f.asff.json").read_text())
    assert f"f.csv: {rows} finding" in result.stderr
    assert len(placed) < rows
    assert (
        f"f.asff.json: {len(placed)} findings; {rows - len(placed)} left out, because Security Hub"
        in result.stderr
    )


def test_a_part_of_an_earlier_report_is_told(plane: Plane, tmp_path: Path) -> None:
    (tmp_path / "f-2.asff.json").write_text("[]")
    result = check("--export", str(tmp_path / "f.asff.json"))
    assert "f-2.asff.json: not of this report, but of an earlier one" in result.stderr


@pytest.mark.parametrize(
    "text", ["precious\n", "", "[]", "{}", '{"accepted": 1}', '{"accepted": [{}]}', "\udcff"]
)
def test_a_baseline_overwrites_nothing_but_a_baseline(
    plane: Plane, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "notes.json"
    before = text.encode("utf-8", "surrogateescape")
    path.write_bytes(before)
    result = check("--write-baseline", str(path))
    assert (result.exit_code, path.read_bytes()) == (2, before)
    assert "Not overwritten" in result.stderr
    assert not plane.calls


@pytest.mark.parametrize("kind", ["mkfifo {0}", "ln -s nowhere {0}"])
def test_a_baseline_overwrites_nothing_that_is_no_file(
    plane: Plane, tmp_path: Path, kind: str
) -> None:
    shell(tmp_path, kind.format("there.json"))
    result = check("--write-baseline", str(tmp_path / "there.json"))
    assert result.exit_code == 2
    assert re.search(r"Not overwritten: .* Write it to another name\.", result.stderr)
    assert not plane.calls


@pytest.mark.parametrize("command", COMMANDS)
def test_a_pipe_is_written_to_and_stays_one(plane: Plane, tmp_path: Path, command: str) -> None:
    line = f"apigw-vtab {COMMANDS[command].format(FIRST)} --export rows.csv >printed"
    done = shell(tmp_path, f"mkfifo rows.csv; cat rows.csv >got & {line}; wait; test -p rows.csv")
    assert done.returncode == 0
    assert (tmp_path / "got").read_text().count("\n") > 3
    assert re.search(r"rows\.csv: \d+ (rows|findings)\n", done.stderr)


@pytest.mark.parametrize(
    "words",
    [
        ("--export", "a.json", "--export", "./a.json"),
        ("--export", "a.json", "--write-baseline", "a.json"),
        ("--export", "accepted.json", "--baseline", "accepted.json"),
    ],
)
def test_two_outputs_in_one_file_are_wrong_usage(
    plane: Plane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("accepted.json").write_text('{"accepted": []}')
    result = check(*words)
    assert result.exit_code == 2
    assert "is named twice" in result.stderr
    assert not plane.calls


def test_a_baseline_is_not_written_without_the_reports(plane: Plane, tmp_path: Path) -> None:
    report, accepted = tmp_path / "f.html", tmp_path / "accepted.json"
    report.symlink_to("/dev/full")
    result = check("--export", str(report), "--write-baseline", str(accepted))
    assert result.exit_code == 2
    assert f"Cannot write {report}: No space left on device." in result.stderr
    assert "accepted.json" not in result.stderr
    assert not accepted.exists()


def test_a_baseline_that_cannot_be_written_is_told_before_any_call(
    plane: Plane, tmp_path: Path
) -> None:
    result = check("--write-baseline", str(tmp_path / "nowhere" / "accepted.json"))
    assert result.exit_code == 2
    assert "No such file or directory. Create its folder first" in result.stderr
    assert not plane.calls


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("--export", "f-2.asff.json"),
        ("--export", "./f-12.asff.json"),
        ("--export", "link.json"),
        ("--write-baseline", "f-3.asff.json"),
        ("--baseline", "f-2.asff.json"),
    ],
)
def test_a_name_that_a_part_of_a_report_can_get_is_no_other_output(
    plane: Plane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("link.json").symlink_to("f-2.asff.json")
    Path("f-2.asff.json").write_text('{"accepted": []}')
    before = sorted(tmp_path.iterdir())
    for words in (
        (option, name, "--export", "f.asff.json"),
        ("--export", "f.asff.json", option, name),
    ):
        result = check(*words)
        assert result.exit_code == 2
        assert f"{Path(name)} is also the name of a further part of f.asff.json" in result.stderr
    assert sorted(tmp_path.iterdir()) == before
    assert Path("f-2.asff.json").read_text() == '{"accepted": []}'
    assert not plane.calls


@pytest.mark.parametrize("name", ["f-1.asff.json", "f-2.csv", "f-02.asff.json", "g/f-2.asff.json"])
def test_a_name_that_no_part_can_get_is_free(plane: Plane, tmp_path: Path, name: str) -> None:
    (tmp_path / "g").mkdir()
    names = ("f.asff.json", name)
    result = check(*(word for one in names for word in ("--export", str(tmp_path / one))))
    assert result.exit_code == 1
    assert all((tmp_path / one).exists() for one in names)


@pytest.mark.parametrize(
    "words",
    [("check", "AG-006"), ("query", "select * from stages")],
)
def test_a_file_of_a_sample_is_told_as_one(
    plane: Plane, tmp_path: Path, words: tuple[str, ...]
) -> None:
    path = tmp_path / "rows.csv"
    more = ("--region", FIRST, "--profile", "*", "--export", str(path))
    told = r"rows\.csv: \d+ (?:rows|findings)"
    sample = CliRunner().invoke(main, [*words, *more, "--sample", "1"])
    assert re.search(told + "; a sample: 1 of 2 accounts\n", sample.stderr)
    every = CliRunner().invoke(main, [*words, *more, "--sample", "2"])
    assert re.search(told + "\n", every.stderr)


def test_a_page_that_leaves_findings_out_is_told(
    plane: Plane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apigw_vtab.output.reports.html.MOST_SHOWN", 2)
    result = check("--export", str(tmp_path / "f.html"))
    assert re.search(r"f\.html: 2 findings; \d+ left out, because a page", result.stderr)


def test_the_parts_of_a_report_are_no_open_files(
    plane: Plane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apigw_vtab.output.reports.asff.MOST_FINDINGS", 1)
    most_open: list[int] = []
    replace = os.replace

    def counted(source: str, target: Path) -> None:
        most_open.append(len(os.listdir("/dev/fd")))
        replace(source, target)

    monkeypatch.setattr(os, "replace", counted)
    check("--export", str(tmp_path / "f.asff.json"))
    assert len(most_open) > 3
    assert max(most_open) == min(most_open)
