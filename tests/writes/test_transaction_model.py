"""SQLite's own transaction rules hold: a plain table beside AWS's is the model."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import apsw
import pytest

from apigw_vtab import UsageError
from apigw_vtab.sqlite.connection import Connection
from tests.conftest import Connect, rows
from tests.control_plane import Plane
from tests.writes.conftest import HOME

SEEDS = range(10)
STATEMENTS = 25
ROWS = "select rest_api_id, stage_name, description, json(tags) from stages order by 1, 2"


def fail(*_: Any) -> None:
    raise UsageError("as AWS's table does")


class AwsAndPlain:
    """The same statements on AWS's table and on a plain one."""

    def __init__(self, aws: Connection) -> None:
        self.aws = aws
        self.plain = apsw.Connection(":memory:")
        self.plain.create_scalar_function("fail", fail)
        columns = "rest_api_id, stage_name, description, tags, variables"
        self.plain.execute(f"create table stages ({columns})")
        found = rows(aws, f"select {columns} from stages")
        self.plain.executemany("insert into stages values (?, ?, ?, ?, ?)", found)

    def run(self, sql: str, plain: str) -> None:
        """Run a statement on both; both fail, or neither does."""
        failed = []
        for connection, text in ((self.aws, sql), (self.plain, plain)):
            try:
                connection.execute(text)
            except (UsageError, apsw.Error):
                failed.append(connection)
        assert len(failed) in (0, 2), sql
        assert self.read(self.aws) == self.read(self.plain), sql

    @staticmethod
    def read(connection: apsw.Connection) -> list[Any]:
        """Return the rows as a connection has them."""
        return list(connection.execute(ROWS))


def a_statement(chance: random.Random, number: int) -> tuple[str, str]:
    """One statement for AWS's table, and the same for the plain one."""
    some = f"substr(rest_api_id, -1) > '{chance.choice('0369cfilorux')}'"
    stage = f"stage_name = '{chance.choice(('prod', 'dev'))}'"
    where = chance.choice((some, stage, f"{some} and {stage}"))
    kind = chance.randrange(10)
    if kind < 4:
        # Of each row, AWS takes this in one operation, or in two or three.
        texts, tags = f"description = 'v{number}'", f"json_set(tags, '$.team', 'v{number}')"
        sets = chance.choice(
            (texts, f"{texts}, tags = {tags}", "tags = json_remove(tags, '$.team')")
        )
        sql = f"update stages set {sets} where {where}"
        return sql, sql
    if kind < 6:
        # AWS's table refuses this value, for some of the rows.
        failing = f"update stages set description = 'f{number}', variables = iif({stage}, %s, null)"
        return f"{failing % quoted('[1]')} where {some}", f"{failing % 'fail()'} where {some}"
    words = ("begin", "savepoint {}", "rollback to {}", "release {}")
    sql = chance.choice(words).format(chance.choice("abc"))
    return sql, sql


def quoted(text: str) -> str:
    return f"'{text}'"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_transaction_is_as_a_plain_table_has_it(
    plane: Plane, connect: Connect, seed: int
) -> None:
    both = AwsAndPlain(connect(regions=[HOME], allow_writes=True, max_rps=1e6))
    chance = random.Random(seed)
    for number in range(STATEMENTS):
        both.run(*a_statement(chance, number))
    if both.plain.in_transaction:
        end = chance.choice(("commit", "commit", "rollback"))
        both.run(end, end)
    with contextlib.closing(connect(regions=[HOME], max_rps=1e6)) as afterwards:
        assert both.read(afterwards) == both.read(both.plain)
