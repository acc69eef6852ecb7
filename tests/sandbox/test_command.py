"""`--sandbox` from the command line: the same answers in whatever environment."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

HOSTILE = {
    "AWS_PROFILE": "nowhere",
    "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL",
    "AWS_SECRET_ACCESS_KEY": "real",
    "AWS_SESSION_TOKEN": "real",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_APIGATEWAY": "http://127.0.0.1:9",
    "AWS_DEFAULTS_MODE": "auto",
    "AWS_STS_REGIONAL_ENDPOINTS": "zz",
    "AWS_REQUEST_CHECKSUM_CALCULATION": "zz",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "zz",
    "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES": "zz",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_CA_BUNDLE": "/nowhere",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
    "MOTO_ACCOUNT_ID": "999999999999",
    "INITIAL_NO_AUTH_ACTION_COUNT": "0",
}
SQL = "select account_id, region, count(*) from stages group by 1, 2"


def sandbox(environment: dict[str, str]) -> tuple[int, str, str]:
    """Run SQL in a sandbox of its own process: exit code, stdout, stderr."""
    result = subprocess.run(
        [sys.executable, "-m", "apigw_vtab", "query", SQL, "--sandbox", "--output", "csv"],
        env={"PATH": os.environ["PATH"]} | environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return result.returncode, result.stdout, result.stderr


@pytest.fixture(scope="module")
def quiet() -> tuple[int, str, str]:
    return sandbox({})


def test_it_says_that_it_is_a_sandbox(quiet: tuple[int, str, str]) -> None:
    assert quiet[2] == "Sandbox: a made-up AWS in this process; nothing reaches the real one.\n"


def test_two_accounts_and_three_regions_have_thirty_stages(quiet: tuple[int, str, str]) -> None:
    code, out, _ = quiet
    found = list(csv.reader(io.StringIO(out)))[1:]
    assert code == 0
    assert len({account for account, _, _ in found}) == 2
    assert len({region for _, region, _ in found}) == 3
    assert sum(int(count) for _, _, count in found) == 30


def test_nothing_in_the_environment_changes_a_word(quiet: tuple[int, str, str]) -> None:
    assert sandbox(HOSTILE) == quiet
