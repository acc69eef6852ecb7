"""Each command line of our pages is run as a shell would run it, in an empty folder.

A line that only a shell understands is run by one. Of any other, a shell makes words and no more,
so its words are run in this process.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.tokens import SSOTokenProvider
from click.testing import CliRunner

from apigw_vtab.cli.main import main
from tests.control_plane import ServedEstate, access_key, serve
from tests.control_plane.sign_in import TOKEN
from tests.documents.test_writing_controls import write_the_control
from tests.shell.terminal import TerminalProgram

ROOT = Path(__file__).parents[2]
# The page of controls is generated; each remedy that it names is run in tests/commands.
GENERATED = ROOT / "docs" / "controls.md"
WRITTEN = [one for one in sorted((ROOT / "docs").glob("*.md")) if one != GENERATED]
PAGES = [ROOT / "README.md", *WRITTEN, ROOT / "SECURITY.md"]
# The regions that README names, of both accounts that it names.
NUMBERED = ServedEstate.numbered(accounts=2, regions=2, rest_apis=1, stages=1, certificates=1)
ESTATE = replace(NUMBERED, assigned=["ReadOnlyAccess"], units=1)
# A check that finds an alarm says so; all other lines succeed.
IN_ALARM = (
    "check",
    "check AG-006 --profile prod --profile dev",
    "check AG-006 --profile 'prod-*,dev'",
    "check AG-006 --organization --assume-role audit",
    "check AG-006 --organization --assume-role audit --ou ou-ab12-00000001 --account 'shop-*'",
    "check AG-006 --accounts-from accounts.csv --assume-role audit",
    "check AG-006 --sso-role 'ReadOnly*' --profile corp",
    "check AG-006 --region 'eu-*,us-east-1' --export findings.csv",
    "check --suite securityhub --severity medium --export report.html --export junit.xml",
    "check --framework pci-dss-4.0 --framework hipaa/aws-config --export findings.csv",
    "check stage-owner --queries my-controls --sandbox",
    "check stage-owner --queries my-controls --export findings.csv",
)
# The reader's own profile of IAM Identity Center.
SIGNED_IN = (
    "[profile corp]\nregion = us-east-1\nsso_session = corp\n"
    "[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.awsapps.com/start\n"
)
# This one asks, and a terminal answers.
ASKS = "remediate AG-006 --pem-dir keys --journal changes.jsonl"
LEFT_BEHIND = {
    "accounts.csv",
    "findings.csv",
    "report.html",
    "junit.xml",
    "accepted.json",
    "keys",
    "changes.jsonl",
}


def lines_of(page: Path) -> list[str]:
    """The command lines of a page: those of its blocks, and those within its text."""
    text = page.read_text("utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    in_blocks = [line for block in blocks for line in block.splitlines()]
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    in_text = [re.sub(r"\s+", " ", one) for one in re.findall(r"`([^`]+)`", prose)]
    found = [line for line in (*in_blocks, *in_text) if re.match(r"apigw-vtab(?= |$)", line)]
    return list(dict.fromkeys(found))


LINES = list(dict.fromkeys(line for page in PAGES for line in lines_of(page)))
WORDS = {line: re.sub(r"\s+#.*", "", line.removeprefix("apigw-vtab")).strip() for line in LINES}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """An empty folder, and the environment of somebody who has installed us and has accounts."""
    home, work = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("work")
    command = home / "bin" / "apigw-vtab"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m apigw_vtab "$@"\n')
    command.chmod(0o755)
    names = ("default", *(f"profile {name}" for name in ("prod", "dev", "prod-eu")))
    accounts = (ESTATE.accounts[0], *ESTATE.accounts, ESTATE.accounts[0])
    (home / "config").write_text(
        "".join(
            f"[{name}]\nregion = {ESTATE.regions[0]}\n"
            f"aws_access_key_id = {access_key(account)}\naws_secret_access_key = secret\n"
            for name, account in zip(names, accounts, strict=True)
        )
        + SIGNED_IN
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with serve(ESTATE) as plane:
        yield (
            work,
            kept
            | {
                "PATH": f"{command.parent}:{os.environ['PATH']}",
                "HOME": str(home),
                "XDG_CONFIG_HOME": str(home / "config-of-apps"),
                "XDG_STATE_HOME": str(home / "state"),
                "SHELL": "/bin/bash",
                "TERM": "xterm-256color",
                "AWS_CONFIG_FILE": str(home / "config"),
                "AWS_SHARED_CREDENTIALS_FILE": str(home / "none"),
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_ENDPOINT_URL": plane.url,
            },
        )


def run(line: str, folder: tuple[Path, Mapping[str, str]]) -> tuple[int, str]:
    """Run a line, without a terminal; return its exit code and all that it wrote."""
    _, environment = folder
    if needs_a_shell(line):
        return run_in_a_shell(line, folder)
    given: dict[str, str | None] = {name: None for name in os.environ if name.startswith("AWS_")}
    result = CliRunner().invoke(
        main, shlex.split(line, comments=True)[1:], input="", env=given | dict(environment)
    )
    told = "" if isinstance(result.exception, (SystemExit, type(None))) else "Traceback"
    return result.exit_code, result.output + told


def needs_a_shell(line: str) -> bool:
    """Whether more than words and quotes is in a line, as in `> FILE`."""
    unquoted = re.sub(r"'[^']*'|\"[^\"$`]*\"|\s#.*", "", line)
    return re.search(r"[^\w\s.,:=/-]", unquoted) is not None


def run_in_a_shell(line: str, folder: tuple[Path, Mapping[str, str]]) -> tuple[int, str]:
    """Run a line in a shell, without a terminal; return its exit code and all that it wrote."""
    work, environment = folder
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=work,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_pages_have_command_lines() -> None:
    assert len(LINES) >= 15
    assert {*IN_ALARM, ASKS} <= set(WORDS.values())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("apigw-vtab check AG-006 --region 'eu-*,us-east-1'  # two; regions", False),
        ('apigw-vtab query "select 1"', False),
        ("apigw-vtab < script.sql", True),
        ("apigw-vtab check --region eu-*", True),
        ("apigw-vtab check | head -1", True),
        ('apigw-vtab query "select $NAME"', True),
    ],
)
def test_a_line_with_more_than_words_and_quotes_is_run_by_a_shell(
    line: str, expected: bool
) -> None:
    assert needs_a_shell(line) == expected


def sign_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the token of a sign-in at IAM Identity Center, as `aws sso login` does."""
    tokens = home / "tokens"
    tokens.mkdir()
    token = {"accessToken": TOKEN, "expiresAt": "2099-01-01T00:00:00Z"}
    (tokens / f"{hashlib.sha1(b'corp').hexdigest()}.json").write_text(json.dumps(token))
    monkeypatch.setattr(SSOTokenProvider, "_SSO_TOKEN_CACHE_DIR", str(tokens))


def test_each_command_line_runs_in_an_empty_folder(
    folder: tuple[Path, Mapping[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In their order, because a line may read what one before it wrote."""
    work, environment = folder
    monkeypatch.chdir(work)
    sign_in(Path(environment["HOME"]), monkeypatch)
    for line, words in WORDS.items():
        if "script.sql" in line:
            # The reader's own file.
            (work / "script.sql").write_text("select count(*) from stages;\n")
        if "accounts.csv" in line:
            (work / "accounts.csv").write_text(f"id,name,role\n{ESTATE.accounts[1]},dev,\n")
        if "my-controls" in line:
            write_the_control(work)
        if words == ASKS:
            asked = TerminalProgram(["sh", "-c", f"cd {work} && {line}"], environment)
            try:
                asked.shows("Send these changes? [y/N]:")
                asked.keys("y\r")
                code = asked.ended()
                said = asked.screen
            finally:
                asked.close()
        else:
            code, said = run(line, folder)
        assert code == (1 if words in IN_ALARM else 0), f"{line}\n{said}"
        assert "Traceback" not in said
    (work / "script.sql").unlink()
    shutil.rmtree(work / "my-controls")
    assert {path.name for path in work.iterdir()} == LEFT_BEHIND
    assert all(path.stat().st_size for path in work.iterdir())
