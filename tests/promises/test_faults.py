"""Faults, each with its outcome: the complete answer, or what is missing is named everywhere."""

from __future__ import annotations

import csv
import io
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from apigw_vtab.aws.causes import TIMED_OUT
from apigw_vtab.aws.response import MOST_BYTES
from apigw_vtab.cli.main import main
from tests.conftest import REGIONS, SMALL, Connect
from tests.control_plane import Fault, Plane
from tests.promises import hostile_endpoint as hostile

FIRST, SECOND, THIRD = REGIONS
STAGES = "select region, rest_api_id, stage_name from stages"
ALL = "every row"
TIMEOUT = 2.0
# What a call may take beyond its time on a busy machine: a bound anyway.
SLACK = 20.0
LATE = {TIMED_OUT, "ReadTimeoutError", "ConnectTimeoutError"}

pytestmark = pytest.mark.promise(
    "Every fault ends in the complete answer, or in one that says what is missing",
    found=(
        "A server that sends a byte now and then, or never answers, kept a query waiting for "
        "minutes or for ever: every call now has a time limit, `--timeout`. An endless body filled "
        "the memory: now it is limited. Nested JSON caused a traceback: now it is an error of its "
        "account and region."
    ),
)


class Case(NamedTuple):
    """A fault: its name, what is set, which regions lack rows, how long it may take."""

    name: str
    faults: Sequence[Fault] = ()
    missing: Sequence[str] = ()
    latency: float = 0.0
    timeout: float = 60.0
    # Regions that are named though no row of theirs is missing.
    doubtful: Sequence[str] = ()
    words: Sequence[str] = ()


CASES = [
    Case("5 % of all answers are 500", [Fault("internal-error", probability=0.05)]),
    Case("20 % of all answers are 500", [Fault("internal-error", probability=0.2)]),
    Case("20 % of all answers are 503", [Fault("unavailable", probability=0.2)]),
    Case("20 % of all connections are reset", [Fault("reset", probability=0.2)]),
    Case("20 % of all bodies are cut off", [Fault("cut-off", probability=0.2)]),
    Case(
        "half of all calls are refused with 429",
        [Fault("throttle", probability=0.5)],
        # At AWS's own rate it would wait for most of ten seconds.
        words=("--max-rps", "100"),
    ),
    Case(
        "every call of a region is refused with 429",
        [Fault("throttle", region=SECOND)],
        missing=[SECOND],
        timeout=TIMEOUT,
    ),
    Case("every answer takes 2 s", latency=2.0),
    Case(
        "every answer takes longer than it may",
        latency=TIMEOUT * 2,
        timeout=TIMEOUT,
        missing=REGIONS,
    ),
    Case(
        "a region accepts and never answers",
        [Fault("silence", region=SECOND)],
        missing=[SECOND],
        timeout=TIMEOUT,
    ),
    Case(
        "one call of a region is never answered",
        [Fault("silence", region=SECOND, operation="GetStages", times=1)],
        missing=[SECOND],
        timeout=TIMEOUT,
    ),
    Case(
        "a token expires in mid-scan",
        [Fault("expired", region=region, after=2) for region in REGIONS],
        missing=REGIONS,
    ),
    Case("a region is denied", [Fault("denied", region=SECOND)], missing=[SECOND]),
    Case(
        "one operation of a region is denied",
        [Fault("denied", region=SECOND, operation="GetStages")],
        missing=[SECOND],
    ),
    Case(
        "a region says that it does not know the keys",
        [Fault("disabled", region=SECOND)],
        missing=[SECOND],
    ),
    Case(
        "a page token repeats for ever",
        [Fault("repeated-token", region=SECOND, operation="GetRestApis")],
        doubtful=[SECOND],
    ),
    Case("pages are empty but have a token", [Fault("empty-page")]),
    Case("items come twice, on two pages", [Fault("duplicates")]),
    Case("members that no model knows", [Fault("unknown-member")]),
    Case("enum values that no model knows", [Fault("unknown-value")]),
    Case("a member missing that was always there", [Fault("missing-member")]),
    Case(
        "ids missing",
        [Fault("missing-member", region=SECOND, operation="GetRestApis", member="id")],
        missing=[SECOND],
    ),
    Case("text where a number was", [Fault("wrong-type")]),
    Case("text where a date was", [Fault("wrong-type", member="createdDate", value="soon")]),
]


class Seen(NamedTuple):
    """What a user sees of a query: rows, the rows of scan_errors, stderr, the exit code."""

    rows: list[tuple[str, ...]]
    errors: list[tuple[str, ...]]
    stderr: str
    code: int
    seconds: float


def ask(*words: str) -> Seen:
    """Query all stages, and what could not be read, in one go."""
    script = f".mode csv\n{STAGES};\n.print --\nselect region, operation, code from scan_errors;\n"
    began = time.monotonic()
    result = CliRunner().invoke(main, ["shell", *words], input=script)
    seconds = time.monotonic() - began
    assert "Traceback" not in result.output
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit)
    first, _, second = result.stdout.partition("--\n")
    read: Callable[[str], list[tuple[str, ...]]] = lambda text: [  # noqa: E731
        tuple(row) for row in csv.reader(io.StringIO(text))
    ]
    return Seen(read(first), read(second), result.stderr, result.exit_code, seconds)


def outcome_of(seen: Seen, expected: Sequence[tuple[str, ...]]) -> str:
    """Return the outcome in words, and check that it keeps the promise, whatever the fault was."""
    assert len(set(seen.rows)) == len(seen.rows)
    assert set(seen.rows) <= set(expected)
    named = {region for region, _, _ in seen.errors}
    missing = {row[0] for row in set(expected) - set(seen.rows)}
    assert missing <= named, "rows are missing, and nobody says so"
    assert seen.code == (3 if named else 0)
    for region in named:
        assert region in seen.stderr
    if not named:
        assert seen.rows == list(expected)
        return "the complete answer"
    calls = sorted({f"{operation} ({code})" for _, operation, code in seen.errors})
    kept = f"{len(seen.rows)} of {len(expected)} rows"
    return f"{kept}; named: {', '.join(sorted(named))}, {', '.join(calls)}; exit 3"


def all_rows(connect: Connect, **options: Any) -> list[tuple[str, ...]]:
    """The rows without any fault."""
    return list(connect(regions=REGIONS, **options).execute(STAGES))


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_fault_of_the_control_plane(
    plane: Plane, connect: Connect, proof: Callable[..., None], case: Case
) -> None:
    expected = all_rows(connect)
    plane.faults = list(case.faults)
    plane.latency = case.latency
    plane.reset()
    try:
        words = ("--region", ",".join(REGIONS), "--timeout", str(case.timeout), *case.words)
        seen = ask(*words)
    finally:
        plane.latency = 0.0
    outcome = outcome_of(seen, expected)
    assert {row[0] for row in set(expected) - set(seen.rows)} <= set(case.missing)
    assert {region for region, _, _ in seen.errors} == {*case.missing, *case.doubtful}
    if case.timeout == TIMEOUT:
        assert seen.seconds < TIMEOUT + SLACK
    proof(fault=case.name, outcome=outcome)


@pytest.mark.promise("A REST API that vanishes while it is read is not an error")
def test_a_rest_api_vanishes_between_two_calls(
    plane: Plane, connect: Connect, proof: Callable[..., None]
) -> None:
    expected = all_rows(connect)
    plane.faults = [Fault("vanished", probability=0.5)]
    seen = ask("--region", ",".join(REGIONS))
    assert set(seen.rows) < set(expected)
    assert (seen.errors, seen.code) == ([], 0)
    proof(fault="REST APIs vanish between two calls", outcome="the rows of the others; exit 0")


def test_a_region_that_is_not_enabled_is_left_out(
    plane: Plane, connect: Connect, proof: Callable[..., None]
) -> None:
    expected = all_rows(connect)
    seen = ask("--region", f"{','.join(REGIONS)},{SMALL.disabled_regions[0]}")
    assert seen.rows == expected
    assert "is not enabled for profile first: left out" in seen.stderr
    outcome = "the complete answer, and a line on stderr that it was left out"
    proof(fault="a region is not enabled", outcome=outcome)


def test_credentials_that_refresh_are_refreshed_in_mid_scan(
    plane: Plane, connect: Connect, aws_configuration: Path, proof: Callable[..., None]
) -> None:
    expected = all_rows(connect)
    # Each run returns other keys, which expire within minutes: botocore asks each time.
    code = (
        "import json, datetime as d, uuid; now = d.datetime.now(d.timezone.utc);"
        f"print(json.dumps(dict(Version=1, AccessKeyId='ASIA{SMALL.accounts[0]}'"
        " + uuid.uuid4().hex[:8].upper(), SecretAccessKey='s', SessionToken='t',"
        " Expiration=(now + d.timedelta(minutes=5)).isoformat())))"
    )
    path = aws_configuration.with_name("process.py")
    path.write_text(code)
    aws_configuration.write_text(
        f"[profile first]\nregion = {FIRST}\ncredential_process = {sys.executable} {path}\n"
    )
    plane.reset()
    seen = ask("--region", ",".join(REGIONS))
    assert len({call.access_key for call in plane.calls}) > 1
    proof(fault="credentials are refreshed in mid-scan", outcome=outcome_of(seen, expected))


def test_a_credential_process_that_never_ends(
    plane: Plane, connect: Connect, aws_configuration: Path, proof: Callable[..., None]
) -> None:
    expected = all_rows(connect)
    aws_configuration.write_text("[profile first]\ncredential_process = sleep 300\n")
    seen = ask("--region", ",".join(REGIONS), "--timeout", str(TIMEOUT))
    assert seen.seconds < TIMEOUT + SLACK
    assert {region for region, _, _ in seen.errors} == set(REGIONS)
    outcome = outcome_of(seen, expected)
    proof(fault="a credential_process never ends", outcome=outcome)


@pytest.mark.parametrize(
    ("operation", "words"),
    [("GetCallerIdentity", ("--profile", "first", "--profile", "second")), ("DescribeRegions", ())],
)
def test_who_and_where_are_never_answered(
    plane: Plane,
    connect: Connect,
    proof: Callable[..., None],
    operation: str,
    words: Sequence[str],
) -> None:
    expected = all_rows(connect)
    plane.faults = [Fault("silence", operation=operation)]
    seen = ask(*words, "--timeout", str(TIMEOUT))
    assert operation in {name for _, name, _ in seen.errors}
    # On a busy machine another call may be late too; nothing else goes wrong. The one attempt has
    # as long as the call itself, and either may end first.
    assert {code for _, _, code in seen.errors} <= LATE
    assert seen.code == 3
    assert seen.seconds < TIMEOUT * 2 + SLACK
    assert set(seen.rows) <= set(expected) or words
    proof(fault=f"{operation} is never answered", outcome="the call is named; exit 3")


DEEP = b'{"item":[{"id":"a1","tags":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}]}"
ENDPOINTS: dict[str, hostile.Behaviour] = {
    "accepts and says nothing": hostile.silent,
    "accepts and closes": hostile.closing,
    "speaks no HTTP": hostile.saying(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "drips its headers, a byte now and then": hostile.dripping(b"HTTP/1.1 200 OK\r\nX-A: "),
    "drips its body, a byte now and then": hostile.dripping(hostile.HEAD + b'\r\n{"item": ['),
    "drips a body of a length": hostile.dripping(
        hostile.HEAD + b'Content-Length: 99999\r\n\r\n{"item": ['
    ),
    "sends a body without end": hostile.endless,
    "nests JSON 100,000 deep": hostile.answering(DEEP),
    "sends bytes that are compressed": hostile.answering(
        b"\x1f\x8b" + b"\0" * 64, b"Content-Encoding: gzip"
    ),
    "leads elsewhere": hostile.saying(
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/restapis\r\n"
        b"Content-Length: 0\r\nConnection: close\r\n\r\n"
    ),
    "says 200 to a login page": hostile.answering(b"<html>Please sign in</html>"),
}


@pytest.mark.promise(
    "A hostile endpoint can make a region unreadable, and nothing worse",
    found="An endless body filled the memory; nested JSON caused a traceback.",
)
@pytest.mark.parametrize("name", ENDPOINTS)
def test_an_endpoint_that_is_none(
    aws_configuration: Path, proof: Callable[..., None], name: str
) -> None:
    with hostile.endpoint(ENDPOINTS[name]) as url:
        words = ("--endpoint-url", url, "--timeout", str(TIMEOUT))
        began = time.monotonic()
        result = CliRunner().invoke(
            main, ["query", "select region, tags from rest_apis", "--region", FIRST, *words]
        )
        assert time.monotonic() - began < TIMEOUT * 3 + SLACK
    assert result.exit_code == 3
    assert FIRST in result.stderr
    assert "Traceback" not in result.output
    code = result.stderr.partition("(")[2]
    proof(fault=f"an endpoint that {name}", outcome=f"named: {code.split('. ')[0][:70]}; exit 3")


@pytest.mark.parametrize("depth", [100, 500, 900, 950, 970, 985, 1100])
def test_json_of_any_depth_is_shown_or_is_an_error_in_words(
    aws_configuration: Path, depth: int
) -> None:
    tags = b'{"a":' * depth + b"1" + b"}" * depth
    with hostile.endpoint(hostile.answering(b'{"item":[{"id":"a1","tags":' + tags + b"}]}")) as url:
        words = ("--region", FIRST, "--endpoint-url", url, "--output", "csv")
        result = CliRunner().invoke(main, ["query", "select length(tags) from rest_apis", *words])
    if result.exit_code:
        assert "nested too deeply" in result.stderr or "UnreadableAnswer" in result.stderr
    else:
        assert result.stdout.split() == ["length(tags)", str(len(tags))]


def test_no_answer_is_kept_that_is_larger_than_the_bound() -> None:
    # Twice what the largest page can be: 500 REST APIs with policies of 8 KiB, escaped twice.
    assert MOST_BYTES >= 2 * 500 * 8192 * 4
