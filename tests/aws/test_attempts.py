"""How often a call is tried whose failure may pass: five times, or as the configuration says."""

from __future__ import annotations

from pathlib import Path

import pytest

from apigw_vtab import CallFailed, UsageError
from apigw_vtab.aws import retry
from apigw_vtab.aws.call import Call
from apigw_vtab.tables.declaration import Read
from tests.aws.wire.recording_endpoint import RecordingEndpoint
from tests.conftest import Connect
from tests.control_plane import Plane

READ = Read("apigateway", "GetStages", items="item")
BROKEN = b"HTTP/1.1 500 Odd\r\nx-amzn-RequestId: 1\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again without waiting."""
    monkeypatch.setattr(retry, "FIRST_BACKOFF", 0.0)


def tries(connect: Connect) -> int:
    """Return how often a call is sent that always fails."""
    recorded = RecordingEndpoint(BROKEN)
    with recorded.running() as url:
        connection = connect(regions="eu-west-1", endpoint_url=url)
        (account,) = connection.context.estate.profiles
        call = Call(account.lane("eu-west-1"), READ, (("restApiId", "a1"),))
        with pytest.raises(CallFailed) as caught:
            connection.executor.submit(call).result(60)
        assert caught.value.code == "500"
    return len(recorded.requests)


def test_a_call_is_tried_five_times(connect: Connect) -> None:
    assert tries(connect) == 5


@pytest.mark.parametrize("most", [1, 2, 7])
def test_the_environment_says_how_often(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", str(most))
    assert tries(connect) == most


def test_the_profile_says_how_often(connect: Connect, aws_configuration: Path) -> None:
    text = aws_configuration.read_text()
    aws_configuration.write_text(text.replace("first]\n", "first]\nmax_attempts = 3\n"))
    assert tries(connect) == 3


@pytest.mark.parametrize("most", ["0", "-1", "many"])
def test_what_is_no_number_of_attempts_is_told(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, most: str
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", most)
    with pytest.raises(UsageError, match=f"AWS_MAX_ATTEMPTS is '{most}': .* from 1 on"):
        connect(regions="eu-west-1").execute("select * from rest_apis").fetchall()


@pytest.mark.parametrize("most", ["0", "many"])
def test_such_a_setting_is_its_profiles_alone(
    plane: Plane, connect: Connect, aws_configuration: Path, most: str
) -> None:
    text = aws_configuration.read_text()
    aws_configuration.write_text(text.replace("first]\n", f"first]\nmax_attempts = {most}\n"))
    connection = connect(
        regions=plane.estate.regions[0], profiles=["first", "second"], on_error="warn"
    )
    assert len(connection.execute("select * from rest_apis").fetchall()) == 4
    ((code,),) = connection.execute("select distinct code from scan_errors").fetchall()
    assert code == "InvalidMaxRetryAttemptsError"
