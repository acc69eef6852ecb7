"""What a transaction costs: twice as many stages are twice as much work, not four times.

Calls of Python functions are counted, so that a busy machine changes nothing.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import apigw_vtab
from apigw_vtab.sqlite.connection import Connection
from tests.conftest import rows
from tests.control_plane import ServedEstate, access_key, serve

STAGES = 200
MOST_TIMES = 2.1
Statements = Callable[[Connection, list[tuple[Any, ...]]], None]


def one_update(connection: Connection, _: list[tuple[Any, ...]]) -> None:
    connection.execute("update stages set description = 'x'")


def updates_of_the_same_rows(connection: Connection, _: list[tuple[Any, ...]]) -> None:
    for column in ("description = 'x'", "tracing_enabled = 1", "description = 'y'"):
        connection.execute(f"update stages set {column}")


def update_from_a_join(connection: Connection, _: list[tuple[Any, ...]]) -> None:
    connection.execute(
        "update stages set description = rest_apis.name from rest_apis"
        " where rest_apis.rest_api_id = stages.rest_api_id"
    )


def a_statement_for_each_stage(connection: Connection, keys: list[tuple[Any, ...]]) -> None:
    for key in keys:
        connection.execute(
            "update stages set description = 'x'"
            " where region = ? and rest_api_id = ? and stage_name = ?",
            key,
        )


def a_savepoint_for_each_stage(connection: Connection, keys: list[tuple[Any, ...]]) -> None:
    for key in keys[::10]:
        connection.execute("savepoint one")
        a_statement_for_each_stage(connection, [key])
        connection.execute("release one")


@contextmanager
def functions_called() -> Iterator[list[int]]:
    """Count the calls of functions in this thread and in those that it starts."""
    count = [0]

    def profile(_frame: object, event: str, _argument: object) -> None:
        count[0] += event in ("call", "c_call")

    before = sys.getprofile()
    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        yield count
    finally:
        sys.setprofile(before)
        threading.setprofile(None)


def work(monkeypatch: pytest.MonkeyPatch, stages: int, statements: Statements) -> int:
    """How many functions a transaction calls from BEGIN to the end of a COMMIT that only prints."""
    estate = ServedEstate.numbered(rest_apis=stages // 10, stages=10, certificates=2)
    with serve(estate) as plane:
        monkeypatch.setenv("AWS_ENDPOINT_URL", plane.url)
        monkeypatch.delenv("AWS_PROFILE", raising=False)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(estate.accounts[0]))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        connection = apigw_vtab.connect(regions=estate.regions[0], max_rps=100_000)
        connection.context.transaction.plan_with(lambda _: None)
        keys = rows(connection, "select region, rest_api_id, stage_name from stages")
        assert len(keys) == stages
        with functions_called() as count:
            connection.execute("begin")
            statements(connection, keys)
            connection.execute("commit")
        connection.close()
        return count[0]


@pytest.mark.parametrize(
    "statements",
    [
        one_update,
        updates_of_the_same_rows,
        update_from_a_join,
        a_statement_for_each_stage,
        a_savepoint_for_each_stage,
    ],
)
def test_twice_the_stages_are_twice_the_work(
    monkeypatch: pytest.MonkeyPatch, statements: Statements
) -> None:
    once, twice = (work(monkeypatch, stages, statements) for stages in (STAGES, 2 * STAGES))
    assert once > STAGES
    assert twice <= MOST_TIMES * once, f"{twice / once:.2f} times the work"
