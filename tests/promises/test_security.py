"""The claims of docs/security.md that no other test covers."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from string import ascii_letters, digits
from urllib.parse import quote

import apsw
import pytest
from click.testing import CliRunner, Result

from apigw_vtab.aws.secrets_in_use import without_secrets
from apigw_vtab.cli.main import main
from apigw_vtab.controls.findings import ERROR
from apigw_vtab.controls.library import save_query
from apigw_vtab.controls.run import run_controls
from apigw_vtab.controls.saved_query import read_query
from apigw_vtab.shell.history import History
from apigw_vtab.tables.values import SqlValue
from tests.conftest import REGIONS, Connect, rows
from tests.control_plane import Fault, Plane, ServedEstate, access_key

FIRST = REGIONS[0]
ACCOUNT = "111122223333"
ROOT = Path(__file__).parents[2]
REQUIRED = "'r' as resource, 'ok' as status, '' as reason, 'a' as account_id, 'b' as region"
SECRET, TOKEN = "wJalrXUtnFEMI/K7MDENG", "FwoGZXIvYXdzEJr"
QUOTED = "IQoJb3JpZ2luX2VjE" + "".join(Random(7).choices(ascii_letters + digits, k=400))

pytestmark = pytest.mark.promise(
    "Each claim of docs/security.md has its test",
    found=(
        "A control could ATTACH, write files and create tables: now it can only read. A stage's "
        "name could have put a command into the column remediation. AWS's answer to a wrong "
        "signature was shown with the session token in it."
    ),
)


@pytest.fixture
def declared(plane: Plane) -> Iterator[Plane]:
    """The control plane, whose estate a test may change."""
    usual = plane.estate
    yield plane
    plane.estate = usual
    plane.faults = []


def run(*words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--region", FIRST])


def test_every_test_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/security.md").read_text()))
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)\(", path.read_text())
    }
    assert named
    assert named <= there


def test_sql_in_a_name_is_a_name(declared: Plane, connect: Connect) -> None:
    name = "x'; drop table notes; --"
    api = {"id": "api0000001", "name": name, "stages": [{"stageName": name}]}
    declared.estate = ServedEstate.declared({(ACCOUNT, FIRST): {"rest_apis": [api]}})
    connection = connect(regions=FIRST)
    connection.execute("create table notes (a)")
    assert rows(
        connection,
        "select name, stage_name from rest_apis join stages using (region, rest_api_id)"
        " where stage_name = ?",
        (name,),
    ) == [(name, name)]
    assert run("check", "AG-006").exit_code == 1
    assert run("remediate", "AG-006", "--dry-run").exit_code == 0
    assert rows(connection, "select count(*) from notes") == [(0,)]


@pytest.mark.parametrize("name", ["$(touch x)", "a;touch x", "`touch x`", "a\ntouch x", "a'b c"])
def test_a_shell_runs_nothing_that_a_name_says(declared: Plane, name: str) -> None:
    api = {"id": "api0000001", "name": "n", "stages": [{"stageName": name}]}
    declared.estate = ServedEstate.declared({(ACCOUNT, FIRST): {"rest_apis": [api]}})
    printed = run(
        "query", "update stages set description = 'x'", "--allow-writes", "--dry-run"
    ).stdout
    (line,) = printed.splitlines()
    words = shlex.split(line)
    assert words[:4] == ["AWS_PAGER=", "aws", "apigateway", "update-stage"]
    assert json.loads(words[words.index("--cli-input-json") + 1])["stageName"] == name


@pytest.mark.parametrize("name", ["$(touch x)", "a;touch x", "`touch x`"])
def test_a_name_with_a_command_in_it_is_a_text_in_a_remediation(declared: Plane, name: str) -> None:
    api = {"id": "api0000001", "name": "n", "stages": [{"stageName": name}]}
    declared.estate = ServedEstate.declared({(ACCOUNT, FIRST): {"rest_apis": [api]}})
    (row,) = json.loads(run("check", "stage-xray-tracing", "--output", "json").stdout)
    words = shlex.split(row["remediation"])
    assert json.loads(words[words.index("--cli-input-json") + 1])["stageName"] == name


@pytest.mark.parametrize("name", ["$(touch x)", "a;touch x", "`touch x`"])
def test_a_name_with_a_command_in_it_gives_no_commands(
    declared: Plane, tmp_path: Path, name: str
) -> None:
    api = {"id": "api0000001", "name": "n", "stages": [{"stageName": name}]}
    declared.estate = ServedEstate.declared({(ACCOUNT, FIRST): {"rest_apis": [api]}})
    (tmp_path / "my-control.sql").write_text(
        "select arn as resource, 'alarm' as status, '' as reason, account_id, region, stage_name,"
        " 'aws apigateway get-stage --stage-name ' || stage_name as remediation from stages"
    )
    result = run("check", "my-control", "--queries", str(tmp_path), "--output", "json")
    (row,) = json.loads(result.stdout)
    assert row["remediation"] is None
    assert "a shell would run part of a name in them" in row["reason"]


def test_a_file_of_a_certificate_stays_in_its_folder(tmp_path: Path) -> None:
    from apigw_vtab.commands.public_keys import write_pem

    row: dict[str, SqlValue] = {
        "region": "../../etc",
        "client_certificate_id": "../x",
        "pem_encoded_certificate": "PEM",
        "account_id": "/root",
    }
    path = write_pem(tmp_path, row)
    assert path.resolve().parent == tmp_path.resolve()


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ("attach '{0}/x.db' as x", "ATTACH"),
        ("vacuum into '{0}/x.db'", "ATTACH"),
        ("pragma journal_mode = wal", "PRAGMA"),
        ("pragma temp_store_directory = '{0}'", "PRAGMA"),
        ("create table t (a)", "INSERT"),
        ("create temp table t (a)", "INSERT"),
        ("create temp view v as select 1", "INSERT"),
        ("drop table mine", "DELETE"),
        ("insert into mine values (1)", "INSERT"),
        ("update stages set description = 'x'", "UPDATE"),
        ("select load_extension('{0}/x.so')", "LOAD_EXTENSION"),
        ("begin", "TRANSACTION"),
        ("detach main", "DETACH"),
    ],
)
def test_a_control_reads_and_does_no_more(
    plane: Plane, connect: Connect, tmp_path: Path, more: str, word: str
) -> None:
    connection = connect(regions=FIRST, allow_writes=True)
    connection.execute("create table mine (a)")
    before = list(connection.execute("select * from sqlite_schema"))
    sql = f"select {REQUIRED};\n{more.format(tmp_path)}"
    control = read_query("hostile", sql)
    ((outcome,),) = (list(one.rows) for one in run_controls(connection, [control], {}))
    assert outcome[1] == ERROR
    assert f"'hostile' may only read: {word}" in str(outcome[2])
    assert list(connection.execute("select * from sqlite_schema")) == before
    assert list(tmp_path.iterdir()) == []
    # Afterwards the user's own statements work as before.
    connection.execute("insert into mine values (1)")


def test_no_extension_is_loaded_anywhere(connect: Connect) -> None:
    with pytest.raises(apsw.SQLError, match="not authorized"):
        rows(connect(regions=FIRST), "select load_extension('x')")


def test_nothing_is_written_without_being_allowed(plane: Plane) -> None:
    result = run("query", "update stages set description = 'x'")
    assert "--allow-writes" in result.stderr
    assert {call.operation[:3] for call in plane.calls} <= {"Get", "Des"}


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_an_export_has_the_mode_that_the_umask_gives(
    plane: Plane, tmp_path: Path, umask: int
) -> None:
    before = os.umask(umask)
    try:
        for name in ("rows.csv", "report.html"):
            command = ("query", "select 1") if name == "rows.csv" else ("check", "AG-006")
            run(*command, "--export", str(tmp_path / name))
            assert (tmp_path / name).stat().st_mode & 0o777 == 0o666 & ~umask
    finally:
        os.umask(before)
    (tmp_path / "rows.csv").chmod(0o640)
    run("query", "select 2", "--export", str(tmp_path / "rows.csv"))
    assert (tmp_path / "rows.csv").stat().st_mode & 0o777 == 0o640


def test_what_is_saved_has_the_mode_that_the_umask_gives(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        path = save_query(tmp_path, "mine", "select 1")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o640


FAILURES = {
    "nothing": [],
    "a refusal": [Fault("denied")],
    "an expired token": [Fault("expired")],
    "no answer": [Fault("silence")],
    "a reset": [Fault("reset")],
    "a body cut off": [Fault("cut-off")],
    "an error of the server": [Fault("internal-error")],
}


@pytest.mark.parametrize("failure", FAILURES)
def test_no_credential_is_shown(
    plane: Plane, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, failure: str
) -> None:
    monkeypatch.delenv("AWS_PROFILE")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(ACCOUNT))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)
    plane.faults = FAILURES[failure]
    script = "select * from rest_apis;\nselect * from api_calls;\nselect * from scan_errors;\n"
    shown = []
    for more in ([], ["--debug"], ["--debug", "--on-error", "fail"]):
        words = ["shell", "--region", FIRST, "--timeout", "0.3", *more]
        result = CliRunner().invoke(main, words, input=f".bail off\n{script}")
        shown.append(result.output)
        words = ["query", "select * from rest_apis", "--region", FIRST, "--timeout", "0.3", *more]
        result = CliRunner().invoke(main, words)
        shown += [result.output, repr(result.exception), str(result.exc_info)]
    text = "\n".join(shown)
    assert FIRST in text
    for secret in (SECRET, TOKEN, "Signature=", "X-Amz-Security-Token"):
        assert secret not in text


@pytest.mark.parametrize(
    "message",
    [
        "The Canonical String should have been 'GET\nhost:x\nx-amz-security-token:TOP=/+SECRET\n'",
        "GET /?X-Amz-Security-Token=TOP%2FSECRET&X-Amz-Date=1",
        "Authorization: AWS4-HMAC-SHA256 Credential=AKIA, Signature=TOPSECRET",
        "Could not connect to http://user:TOPSECRET@proxy:8080/",
    ],
)
def test_a_message_of_aws_gives_no_secret_away(message: str) -> None:
    told = without_secrets(message)
    assert "TOP" not in told
    assert "SECRET" not in told
    assert "***" in told


def test_a_message_without_end_is_cut() -> None:
    assert len(without_secrets("x" * 3_000_000)) < 3_000


def test_keys_are_kept_out_of_the_history(tmp_path: Path) -> None:
    history = History(tmp_path / "history")
    history.append_string(f"select '{access_key(ACCOUNT)}ABCD'; -- secret_access_key = '{SECRET}'")
    assert SECRET not in (tmp_path / "history").read_text()


@pytest.fixture
def quoting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An endpoint that refuses each call, and quotes its signed headers with breaks in them."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            token = str(self.headers["X-Amz-Security-Token"])
            quoted = [
                token,
                f"{token[:90]}\r{token[90:]}",
                f"{token[:5]}\n{token[5:]}",
                quote(token),
            ]
            headers = "\n".join(f"x-amz-security-token:{one}" for one in quoted)
            said = f"{headers}\n{self.headers['Authorization']}\nand {token[:70]}\n{token[70:]}"
            body = json.dumps({"message": f"It should have been '{said}'"}).encode()
            self.send_response(403)
            self.send_header("x-amzn-ErrorType", "InvalidSignatureException")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.delenv("AWS_PROFILE")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(ACCOUNT))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", QUOTED)
    yield
    server.shutdown()
    server.server_close()


def test_no_token_is_shown_that_aws_quotes(quoting: None, tmp_path: Path) -> None:
    names = ("f.csv", "f.json", "f.md", "f.html", "f.xml", "f.sarif", "f.asff.json")
    exports = [word for name in names for word in ("--export", str(tmp_path / name))]
    shown = [run("check", "AG-006", *exports).output]
    shown += [path.read_text() for path in tmp_path.iterdir()]
    shown.append(run("query", "select * from rest_apis; select * from scan_errors").output)
    words = [sys.executable, "-m", "apigw_vtab", "query", "select * from rest_apis"]
    more = ("--region", FIRST, "--debug", "--on-error", "fail")
    done = subprocess.run([*words, *more], capture_output=True, text=True, check=False)
    assert "Traceback" in done.stderr
    shown += [done.stdout, done.stderr]
    for text in shown:
        letters = "".join(filter(str.isalnum, text))
        assert [at for at in range(len(QUOTED) - 12) if QUOTED[at : at + 12] in letters] == []
    assert sum("should have been" in text for text in shown) > len(names)
