"""Signals at random moments: what is interrupted ends soon, and leaves nothing half done."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import boto3
import pytest

from apigw_vtab import CallFailed, WriteFailed
from apigw_vtab.aws import retry
from apigw_vtab.aws.accounts import Account, Lane
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.local_executor import LocalExecutor
from apigw_vtab.aws.reply import Reply
from apigw_vtab.tables.registry import TABLES
from tests.conftest import Connect
from tests.control_plane import Fault, Plane, ServedEstate, access_key, serve
from tests.shell.terminal import TerminalProgram, heed_signals

SIZE = ServedEstate.numbered(regions=3, rest_apis=6, stages=3)
WORDS = ("--region", ",".join(SIZE.regions))
STAGES = "select region, rest_api_id, stage_name from stages"
LATENCY = 0.1
# Seconds that a command takes here, so that a moment within it can be chosen.
LASTS = 0.8
# A bound for a hang, not a measure of speed: the machine may be busy.
HANGS = 15.0
ROUNDS, QUICK_ROUNDS = 8, 60
OLD = "what was there before\n"

pytestmark = pytest.mark.promise(
    "Interrupted at any moment, it ends soon, and nothing is half done",
    found=(
        "SIGTERM left a half-written export; Ctrl-C while the first modules load caused a "
        "traceback; Ctrl-C in a commit waited as long as AWS took to answer, and while the "
        "commit's threads were starting it could wait for ever. SIGTERM in the import system was "
        "lost, and kept its lock."
    ),
)


@pytest.fixture
def plane(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    """A control plane that takes its time."""
    with serve(SIZE, latency=LATENCY) as plane:
        monkeypatch.setenv("AWS_ENDPOINT_URL", plane.url)
        monkeypatch.delenv("AWS_PROFILE")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(SIZE.accounts[0]))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        yield plane


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    until = time.monotonic() + HANGS
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def interrupted(moment: float, number: int, *words: str) -> tuple[int, str, float]:
    """Run a command and send it a signal; return exit code, stderr, and the seconds to its end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "apigw_vtab", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_signals,  # noqa: PLW1509
    )
    time.sleep(moment)
    process.send_signal(number)
    began = time.monotonic()
    _, stderr = process.communicate(timeout=HANGS)
    # Before our first line runs, Python ends in its own way.
    assert "Traceback" not in stderr or "in run" not in stderr, stderr
    return process.returncode, stderr, time.monotonic() - began


@pytest.fixture
def moments(many: int, request: pytest.FixtureRequest) -> Iterator[tuple[float, int]]:
    """Moments at which to send a signal, and which signal."""
    random = Random(f"{request.config.getoption('--seed')} {request.node.name}")
    return iter(
        [
            (random.uniform(0.05, LASTS), random.choice((signal.SIGINT, signal.SIGTERM)))
            for _ in range(ROUNDS * many)
        ]
    )


@pytest.fixture
def took(proof: Callable[..., None], request: pytest.FixtureRequest) -> Iterator[list[float]]:
    """The seconds from each signal to the end; reported with the test's name."""
    seconds: list[float] = []
    yield seconds
    name = request.node.name.removeprefix("test_").replace("_", " ")
    note = f"{len(seconds)} times {name}: after {max(seconds):.2f} s at most."
    proof(cases=len(seconds), note=f"Interrupted: {note}")


def test_a_scan_is_ended(
    plane: Plane, moments: Iterator[tuple[float, int]], took: list[float]
) -> None:
    for moment, number in moments:
        code, _, seconds = interrupted(moment, number, "query", STAGES, *WORDS)
        assert code in (0, 130, 128 + signal.SIGTERM, -number, 1)
        took.append(seconds)


def test_an_export_is_the_old_file_or_the_whole_new_one(
    plane: Plane, tmp_path: Path, moments: Iterator[tuple[float, int]], took: list[float]
) -> None:
    target = tmp_path / "stages.csv"
    words = ("query", STAGES, *WORDS, "--export", str(target))
    subprocess.run([sys.executable, "-m", "apigw_vtab", *words], check=True, capture_output=True)
    whole = target.read_text()
    assert whole.count("\n") == 1 + 54
    for moment, number in moments:
        target.write_text(OLD)
        took.append(interrupted(moment, number, *words)[2])
        assert target.read_text() in (OLD, whole)
        assert os.listdir(tmp_path) == [target.name]


def test_the_journal_of_a_write_is_true(
    plane: Plane, tmp_path: Path, moments: Iterator[tuple[float, int]], took: list[float]
) -> None:
    for turn, (moment, number) in enumerate(moments):
        plane.reset()
        journal = tmp_path / f"{turn}.jsonl"
        sql = f"update stages set description = 'turn {turn}'"
        write = ("--allow-writes", "--yes", "--journal", str(journal))
        _, stderr, seconds = interrupted(moment, number, "query", sql, *WORDS, *write)
        took.append(seconds)
        assert "\\n" not in stderr, "the account has lines"
        text = journal.read_text() if journal.exists() else ""
        entries = [json.loads(line) for line in text.splitlines()]
        told = {
            event: {
                (one["region"], *one["key"].values()) for one in entries if event in one["event"]
            }
            for event in ("sending", "made", "unknown", "not tried")
        }
        sent = {
            (call.region, call.params["restApiId"], call.params["stageName"]): call.status
            for call in plane.calls
            if call.operation == "UpdateStage"
        }
        # All that AWS saw was written before; what is reported as done, AWS has done.
        assert set(sent) <= told["sending"]
        assert told["made"] <= {stage for stage, status in sent.items() if status == 200}
        assert told["sending"] == told["made"] | told["unknown"] | told["not tried"]


@contextlib.contextmanager
def ctrl_c_after(seconds: float) -> Iterator[None]:
    """Let an alarm do what Ctrl-C does, inside the block and never after it.

    An interrupt that escapes from a test ends pytest, or its worker.
    """
    inside = True

    def interrupt(*_: object) -> None:
        if inside:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        yield
    finally:
        inside = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_statement_of_the_library_is_ended_and_the_connection_goes_on(
    plane: Plane,
    connect: Connect,
    many: int,
    request: pytest.FixtureRequest,
    proof: Callable[..., None],
    own_threads: Callable[[], list[str]],
) -> None:
    random = Random(request.config.getoption("--seed"))
    connection = connect(regions=SIZE.regions, cache_ttl=0)
    plane.latency = 0.01
    whole = list(connection.execute(STAGES))
    worst = 0.0
    for _ in range(QUICK_ROUNDS * many):
        moment = random.uniform(0.001, 0.08)
        began = time.monotonic()
        try:
            with ctrl_c_after(moment):
                list(connection.execute(STAGES))
        except KeyboardInterrupt:
            worst = max(worst, time.monotonic() - began - moment)
    assert list(connection.execute(STAGES)) == whole
    connection.close()
    until = time.monotonic() + HANGS
    while own_threads() and time.monotonic() < until:
        # A thread that makes a client or waits for an answer ends when it has it.
        time.sleep(0.05)
    assert own_threads() == []
    rounds = QUICK_ROUNDS * many
    note = f"Interrupted: {rounds} statements of one connection, after {worst:.2f} s at most."
    proof(cases=rounds, note=note)


@pytest.fixture
def terminal(plane: Plane, tmp_path: Path) -> Iterator[TerminalProgram]:
    """A shell in a terminal."""
    environment = os.environ | {"TERM": "xterm-256color", "XDG_STATE_HOME": str(tmp_path)}
    terminal = TerminalProgram([sys.executable, "-m", "apigw_vtab", *WORDS], environment)
    terminal.shows("apigw-vtab>")
    yield terminal
    terminal.close()


def test_the_prompt_of_the_shell_comes_back(
    terminal: TerminalProgram, many: int, took: list[float]
) -> None:
    random = Random(4711)
    for turn in range(ROUNDS * many):
        terminal.keys(f".cache clear\rselect count(*), 'turn {turn}' from stages;\r")
        terminal.shows(f"turn {turn}'")
        moment = time.monotonic() + random.uniform(0.05, 0.4)
        while time.monotonic() < moment:
            terminal.read(0.01)
        terminal.keys("\x03")
        began = time.monotonic()
        terminal.wait(
            lambda: (
                terminal.screen.splitlines()[-1].startswith(" live")
                and "apigw-vtab>"
                in [line for line in terminal.screen.splitlines()[:-1] if line][-1]
            ),
            "the prompt",
        )
        took.append(time.monotonic() - began)
    terminal.keys("select 4711 + 1;\r")
    terminal.shows("4712")


@pytest.mark.parametrize("busy", [False, True], ids=["at the prompt", "in a query"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "SIGHUP"])
def test_a_shell_that_is_told_to_leave_leaves_its_terminal_sane(
    plane: Plane, terminal: TerminalProgram, number: int, busy: bool
) -> None:
    if busy:
        plane.latency = 5.0
        terminal.keys("select count(*) from stages;\r")
        terminal.wait(lambda: len(plane.calls) > 0, "a call")
    os.kill(terminal.pid, number)
    assert terminal.ended() == 128 + number
    flags = terminal.flags()
    assert flags & termios.ECHO
    assert flags & termios.ICANON
    assert "Traceback" not in terminal.screen


def test_what_nohup_runs_outlives_its_terminal(plane: Plane) -> None:
    words = [sys.executable, "-m", "apigw_vtab", "query", "select count(*) from stages", *WORDS]
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),  # noqa: PLW1509
    )
    while not plane.count("GetStages"):
        assert process.poll() is None
    process.send_signal(signal.SIGHUP)
    stdout, _ = process.communicate(timeout=HANGS)
    assert "54" in stdout
    assert process.returncode == 0


def test_ctrl_c_as_a_lane_is_begun_waits_for_what_is_sent(
    plane: Plane, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connect(regions=SIZE.regions, allow_writes=True)
    list(connection.execute(STAGES))
    pools: Any = ThreadPoolExecutor
    start = pools._adjust_thread_count

    def interrupted_as_it_starts(pool: Any) -> None:
        # The pool forgets a thread whose start is interrupted, as Thread.start waits for it.
        start(pool)
        if pool._work_queue.empty():
            pool._threads.clear()
            raise KeyboardInterrupt

    monkeypatch.setattr(ThreadPoolExecutor, "_adjust_thread_count", interrupted_as_it_starts)
    with pytest.raises(WriteFailed, match=r"^(1 made, 53|54) not tried\.") as told:
        connection.execute("update stages set description = 'new'")
    assert plane.count("UpdateStage") == str(told.value).startswith("1 made")


def main_thread_waits() -> bool:
    """Whether the main thread waits for another one."""
    frame = sys._current_frames()[threading.main_thread().ident or 0]
    return frame.f_code is threading.Condition.wait.__code__


def test_ctrl_c_takes_back_what_waits_for_its_turn(
    plane: Plane, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connect(regions=SIZE.regions[0], allow_writes=True)
    change, sent = LocalExecutor.change, 0

    def interrupted_at_the_second(executor: LocalExecutor, call: Call) -> Reply:
        # AWS allows one in 5 seconds: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
        # Ctrl-C comes while the second waits for its turn, and the main thread for its lane. After
        # a fixed time, a busy machine may not have sent the first: then Ctrl-C ends the statement
        # before its commit, and pytest with it.
        nonlocal sent
        sent += 1
        future = change(executor, call)
        if sent == 2:
            wait_until(main_thread_waits)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return future

    monkeypatch.setattr(LocalExecutor, "change", interrupted_at_the_second)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(WriteFailed, match=r"^1 made, 5 not tried\."):
            connection.execute(
                "insert into deployments (region, rest_api_id)"
                " select region, rest_api_id from rest_apis"
            )
    finally:
        signal.signal(signal.SIGINT, before)
    assert plane.count("CreateDeployment") == 1


def test_a_call_after_the_end_is_told(plane: Plane, connect: Connect) -> None:
    connection = connect(regions=SIZE.regions)
    connection.close()
    lane = Lane(Account(boto3.Session()), SIZE.regions[0])
    (read,) = (table.reads[-1] for table in TABLES if table.name == "rest_apis")
    for submit in (connection.executor.submit, connection.executor.change):
        with pytest.raises(CancelledError):
            submit(Call(lane, read)).result(HANGS)


def test_a_call_that_waits_for_another_attempt_is_told_of_the_end(
    plane: Plane, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "FIRST_BACKOFF", HANGS)
    monkeypatch.setattr(retry, "LONGEST_BACKOFF", HANGS)
    plane.faults = [Fault("internal-error", operation="GetRestApis")]
    connection = connect(regions=SIZE.regions)
    lane = Lane(Account(boto3.Session()), SIZE.regions[0])
    (read,) = (table.reads[-1] for table in TABLES if table.name == "rest_apis")
    answer = connection.executor.submit(Call(lane, read))
    while not plane.count("GetRestApis"):
        time.sleep(0.01)
    time.sleep(0.3)
    connection.close()
    with pytest.raises((CancelledError, CallFailed)):
        answer.result(HANGS / 2)
