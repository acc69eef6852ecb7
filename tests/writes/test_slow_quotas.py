"""Writes that AWS takes seldom: one pace for all regions of an account, and no change lost."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from apigw_vtab.commands.progress import in_words
from apigw_vtab.tables.declaration import Table
from apigw_vtab.tables.v1.account_settings import ACCOUNT_SETTINGS
from apigw_vtab.tables.v1.domain_names import DOMAIN_NAMES
from apigw_vtab.tables.v1.usage_plans import USAGE_PLANS
from apigw_vtab.writes.apply import apply_changes
from apigw_vtab.writes.journal import Journal
from apigw_vtab.writes.results import ChangeResult
from tests.conftest import Connect
from tests.control_plane import Plane
from tests.writes.conftest import HOME, OTHER, written

SQL = "update account_settings set cloudwatch_role_arn = 'arn:aws:iam::111122223333:role/x'"


@pytest.mark.parametrize(
    ("table", "seconds"), [(ACCOUNT_SETTINGS, 20.0), (DOMAIN_NAMES, 30.0), (USAGE_PLANS, 20.0)]
)
def test_the_pace_is_the_documented_one(table: Table, seconds: float) -> None:
    assert table.update
    assert (table.update.seconds_each, table.update.account_wide) == (seconds, True)


def test_the_second_region_waits_is_shown_as_waiting_and_is_told_when_it_is_given_up(
    plane: Plane, connect: Connect, tmp_path: Path
) -> None:
    connection = connect(regions=[HOME, OTHER], allow_writes=True)
    executor = connection.executor
    connection.execute("begin")
    connection.execute(SQL)
    changes = connection.context.transaction.changes.pending
    connection.execute("rollback")
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    before, results = executor.progress(), list[ChangeResult]()

    def send() -> None:
        results.extend(apply_changes(changes, executor, (ACCOUNT_SETTINGS,), journal))

    sending = threading.Thread(target=send)
    sending.start()
    while '"made"' not in path.read_text() or executor.progress().waiting != 1:
        sending.join(0.01)
        assert sending.is_alive()
    now = executor.progress()
    # As Ctrl-C does.
    executor.hurry(0.1)
    sending.join()
    journal.close()
    assert 15 <= now.seconds_left <= 20
    assert in_words(before, now, 1.0).endswith("s left, waiting for AWS to take 1 change")
    assert written(plane) == {"UpdateAccount": 1}
    assert sorted(result.state.value for result in results) == ["made", "not tried"]
    events = [json.loads(line)["event"] for line in path.read_text().splitlines()]
    assert sorted(events) == ["made", "not tried", "sending", "sending"]
