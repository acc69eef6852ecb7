"""Completion of the command line: what a shell asks, what it gets, and where its script goes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from apigw_vtab.cli.main import main


def completed(*words: str) -> set[str]:
    """The words that bash gets to complete the last word with."""
    code = "from apigw_vtab.cli.main import main; main(prog_name='apigw-vtab')"
    environment = os.environ | {
        "_APIGW_VTAB_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(("apigw-vtab", *words)),
        "COMP_CWORD": str(len(words)),
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return {line.partition(",")[2] for line in done.stdout.splitlines()}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("rem",), "remediate"),
        (("check", "ag-"), "AG-006"),
        (("check", "stage-waf"), "stage-waf-web-acl"),
        (("tables", "st"), "stages"),
        (("query", "--region", "eu-central"), "eu-central-1"),
        (("query", "--region", "us-east-1,eu-central"), "us-east-1,eu-central-1"),
        (("--region", "eu-central"), "eu-central-1"),
        (("check", "--profile", "sec"), "second"),
        (("check", "--suite", "conf"), "conformity"),
    ],
)
def test_a_word_is_completed(words: tuple[str, ...], expected: str) -> None:
    assert expected in completed(*words)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_goes_where_the_shell_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    result = CliRunner().invoke(main, [f"--install-completion={shell}"])
    assert result.exit_code == 0
    (path,) = (one for one in tmp_path.rglob("*apigw-vtab*") if one.is_file())
    assert "_APIGW_VTAB_COMPLETE" in path.read_text()
    assert str(path) in result.stdout


def test_the_users_own_shell_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    assert "fish" in CliRunner().invoke(main, ["--install-completion"]).stdout


def test_an_unknown_shell_is_wrong_usage() -> None:
    result = CliRunner().invoke(main, ["--install-completion=tcsh"])
    assert result.exit_code == 2
    assert "bash, zsh or fish" in result.stderr
