"""A control plane that may be written to, and a connection that may write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from apigw_vtab.sqlite.connection import Connection
from tests.conftest import Connect, rows
from tests.control_plane import Plane, ServedEstate, access_key, serve

SIZE = ServedEstate.numbered(regions=2, rest_apis=10, stages=2, certificates=2)
ACCOUNT, (HOME, OTHER) = SIZE.accounts[0], SIZE.regions
READS = ("Get", "Describe")


@pytest.fixture
def plane(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    """A control plane that a test may change: 20 stages in each of two regions."""
    with serve(SIZE) as plane:
        monkeypatch.setenv("AWS_ENDPOINT_URL", plane.url)
        monkeypatch.delenv("AWS_PROFILE")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(ACCOUNT))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        yield plane


@pytest.fixture
def connection(plane: Plane, connect: Connect) -> Connection:
    """A connection that may write, and has read the stages of one region."""
    connection = connect(regions=[HOME, OTHER], allow_writes=True)
    rows(connection, "select stage_name from stages where region = ?", (HOME,))
    plane.reset()
    return connection


def written(plane: Plane) -> Counter[str]:
    """How many calls of each operation were not reads."""
    return Counter(call.operation for call in plane.calls if not call.operation.startswith(READS))


def describe(connection: Connection, text: str) -> None:
    """Describe all stages of one region."""
    connection.execute("update stages set description = ? where region = ?", (text, HOME))


def described(connection: Connection, text: str) -> int:
    ((count,),) = rows(connection, "select count(*) from stages where description = ?", (text,))
    assert isinstance(count, int)
    return count
