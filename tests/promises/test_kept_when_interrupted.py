"""Ctrl-C in the middle of reading: what was read is kept, and what is missing is said."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.control_plane import Fault, Plane, ServedEstate, access_key, serve
from tests.promises.test_interruption import HANGS, STAGES, wait_until
from tests.shell.terminal import heed_signals

SIZE = ServedEstate.numbered(regions=3, rest_apis=6, stages=3)
WORDS = ("--region", ",".join(SIZE.regions))
# Seconds in which answers come that are on their way.
SOON = 1.0


@pytest.fixture
def plane(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    """A control plane whose third region does not answer GetStages while the test runs."""
    slow = SIZE.regions[2]
    with serve(SIZE) as plane:
        plane.faults = [Fault("slow", operation="GetStages", region=slow, seconds=HANGS)]
        monkeypatch.setenv("AWS_ENDPOINT_URL", plane.url)
        monkeypatch.delenv("AWS_PROFILE")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(SIZE.accounts[0]))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        yield plane


def read_in_part(plane: Plane, *words: str) -> tuple[int, str, str]:
    """Run a command and press Ctrl-C once two of three regions are read; return all it says."""
    process = subprocess.Popen(
        [sys.executable, "-m", "apigw_vtab", *words, *WORDS],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_signals,  # noqa: PLW1509
    )
    try:
        wait_until(lambda: plane.count("GetStages") == 18)
        time.sleep(SOON)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=HANGS)
    finally:
        process.kill()
    assert "Traceback" not in stderr
    return process.returncode, stdout, stderr


@pytest.mark.parametrize("form", ["csv", "table"])
def test_rows_that_were_read_are_kept(plane: Plane, form: str) -> None:
    code, stdout, stderr = read_in_part(plane, "query", STAGES, "-o", form)
    assert code == 130
    first, second, _ = sorted(SIZE.regions)
    assert (stdout.count(first), stdout.count(second)) == (18, 18)
    assert "apigw-vtab: interrupted: 36 rows were written, and the answer is inc" in stderr


def test_a_check_judges_what_was_read_and_names_the_rest(plane: Plane, tmp_path: Path) -> None:
    target = tmp_path / "findings.csv"
    words = ("check", "AG-006", "-o", "json", "--export", str(target))
    code, stdout, stderr = read_in_part(plane, *words)
    assert code == 130
    found = json.loads(stdout)
    assert {one["region"] for one in found if one["status"] == "error"} == {SIZE.regions[2]}
    assert sum(one["status"] != "error" for one in found) == 36
    assert "it was interrupted before this was read" in stderr
    assert f"{target}: not written, since it would not be whole" in stderr
    assert os.listdir(tmp_path) == []
