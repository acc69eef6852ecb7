"""Changes sent to AWS: what is reported when one of them fails, and what is recorded."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from apigw_vtab import WriteFailed
from apigw_vtab.sqlite.connection import Connection
from tests.conftest import Connect, rows
from tests.control_plane import Fault, Plane
from tests.writes.conftest import ACCOUNT, HOME, describe, described, written


def test_a_change_that_fails_is_told_with_those_before_and_after(
    plane: Plane, connection: Connection
) -> None:
    plane.faults = [Fault("expired", operation="UpdateStage", after=10)]
    connection.execute("begin")
    describe(connection, "half")
    with pytest.raises(WriteFailed) as raised:
        connection.execute("commit")
    lines = str(raised.value).splitlines()
    assert lines[0] == "10 made, 1 failed, 9 not tried."
    starts = Counter(line.split(":")[0].strip() for line in lines[1:-1])
    assert starts == {"made": 10, "failed": 1, "not tried": 9}
    named = {line.split(": ")[1] for line in lines[1:-1]}
    assert len(named) == 20
    (failed,) = (line for line in lines if "  failed" in line)
    assert "Renew the credentials" in failed
    assert written(plane) == {"UpdateStage": 11}
    assert not connection.in_transaction
    plane.faults = []
    plane.reset()
    describe(connection, "half")
    assert written(plane) == {"UpdateStage": 10}


def test_a_lane_that_fails_leaves_the_others(plane: Plane, connection: Connection) -> None:
    plane.faults = [Fault("denied", region=HOME, operation="UpdateStage")]
    with pytest.raises(WriteFailed, match=r"20 made, 20 failed\."):
        connection.execute("update stages set description = 'x'")


def test_a_refusal_does_not_end_a_region(plane: Plane, connection: Connection) -> None:
    ((api,),) = rows(
        connection, "select rest_api_id from rest_apis where region = ? limit 1", (HOME,)
    )
    plane.faults = [
        Fault("denied", region=HOME, operation="UpdateStage", path=f"/restapis/{api}/*")
    ]
    with pytest.raises(WriteFailed, match=r"38 made, 2 failed\."):
        connection.execute("update stages set description = 'x'")


def test_what_needs_a_change_that_failed_is_not_tried(plane: Plane, connection: Connection) -> None:
    plane.faults = [Fault("denied", operation="GenerateClientCertificate")]
    connection.execute("begin")
    connection.execute("insert into client_certificates (region) values (?)", (HOME,))
    connection.execute(
        "update stages set client_certificate_id = made.client_certificate_id"
        " from client_certificates made"
        " where made.client_certificate_id like '$%' and stages.region = made.region"
    )
    with pytest.raises(WriteFailed, match=r"1 failed, 20 not tried\.") as raised:
        connection.execute("commit")
    assert "what it needs was not made" in str(raised.value)
    assert written(plane) == {"GenerateClientCertificate": 1}


def test_a_stage_that_vanishes_before_the_write_is_told(
    plane: Plane, connection: Connection
) -> None:
    ((api,),) = rows(
        connection, "select rest_api_id from rest_apis where region = ? limit 1", (HOME,)
    )
    connection.execute("begin")
    connection.execute("update stages set description = 'x' where rest_api_id = ?", (api,))
    plane.faults = [Fault("vanished", path=f"/restapis/{api}/*")]
    with pytest.raises(WriteFailed, match="NotFoundException"):
        connection.execute("commit")


def test_a_limit_reached_is_told_and_not_waited_for(plane: Plane, connect: Connect) -> None:
    connection = connect(regions=[HOME], allow_writes=True, max_rps=1e6)
    many = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 60)"
    with pytest.raises(WriteFailed) as raised:
        connection.execute(
            f"{many} insert into client_certificates (region) select ? from n", (HOME,)
        )
    assert str(raised.value).startswith("58 made, 2 failed.")
    assert "a quota of the account is used up (LimitExceededException)" in str(raised.value)
    assert written(plane) == {"GenerateClientCertificate": 60}


def test_a_throttled_write_is_sent_again(plane: Plane, connection: Connection) -> None:
    plane.faults = [Fault("throttle", operation="GenerateClientCertificate", times=2)]
    connection.execute("insert into client_certificates (region) values (?)", (HOME,))
    assert written(plane) == {"GenerateClientCertificate": 3}


@pytest.mark.parametrize("kind", ["reset", "cut-off"])
def test_what_may_have_been_done_is_not_sent_twice(
    plane: Plane, connection: Connection, kind: str
) -> None:
    plane.faults = [Fault(kind, operation="GenerateClientCertificate", times=1)]
    with pytest.raises(WriteFailed, match=r"1 unknown\.") as raised:
        connection.execute("insert into client_certificates (region) values (?)", (HOME,))
    assert "check before you run it again" in str(raised.value)
    assert written(plane) == {"GenerateClientCertificate": 1}


def test_what_does_the_same_twice_is_sent_again(plane: Plane, connection: Connection) -> None:
    plane.faults = [Fault("reset", operation="UpdateStage", times=1)]
    describe(connection, "again")
    assert described(connection, "again") == 20


def test_the_record_has_every_write(plane: Plane, connection: Connection) -> None:
    describe(connection, "x")
    sql = "select count(*), min(status) from api_calls where operation = 'UpdateStage'"
    assert rows(connection, sql) == [(20, "ok")]


def test_the_journal_has_each_change_before_and_after(
    plane: Plane, tmp_path: Path, connect: Connect
) -> None:
    from click.testing import CliRunner

    from apigw_vtab.cli.main import main

    path = tmp_path / "journal.jsonl"
    sql = f"update stages set description = 'x' where region = '{HOME}' and stage_name = 'prod'"
    words = ["query", sql, "--region", HOME, "--allow-writes", "--yes", "--journal", str(path)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.stderr
    assert "Done: 10 UpdateStage." in result.stderr
    entries: list[dict[str, Any]] = [json.loads(line) for line in path.read_text().splitlines()]
    assert Counter(entry["event"] for entry in entries) == {"sending": 10, "made": 10}
    assert [entry["event"] for entry in entries[:2]] == ["sending", "made"]
    assert entries[0]["new"] == {"description": "x"}
    assert entries[0]["old"].keys() == {"description"}
    assert entries[0]["account_id"] == ACCOUNT
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_journal_that_is_no_file_keeps_no_change_from_being_made(
    plane: Plane, tmp_path: Path
) -> None:
    from click.testing import CliRunner

    from apigw_vtab.cli.main import main

    path = tmp_path / "journal.jsonl"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    sql = f"update stages set description = 'x' where region = '{HOME}' and stage_name = 'prod'"
    words = ["query", sql, "--region", HOME, "--allow-writes", "--yes", "--journal", str(path)]
    result = CliRunner().invoke(main, words)
    assert "Done: 10 UpdateStage." in result.stderr
    assert os.read(reader, 1 << 16).count(b"\n") == 20
    os.close(reader)
