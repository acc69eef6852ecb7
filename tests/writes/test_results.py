"""What became of the changes of a COMMIT, in words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apigw_vtab import WriteFailed
from tests.conftest import Connect
from tests.control_plane import Fault, Plane, ServedEstate, access_key, serve

SIZE = ServedEstate.numbered(regions=2, rest_apis=10, stages=5)
HOME, OTHER = SIZE.regions


@pytest.fixture
def estate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    """Two regions of fifty stages each."""
    with serve(SIZE) as plane:
        monkeypatch.setenv("AWS_ENDPOINT_URL", plane.url)
        monkeypatch.delenv("AWS_PROFILE")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(SIZE.accounts[0]))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        yield plane


def test_many_refusals_of_one_cause_are_one_line(estate: Plane, connect: Connect) -> None:
    estate.faults = [Fault("denied", region=HOME, operation="UpdateStage")]
    connection = connect(regions=SIZE.regions, allow_writes=True, max_rps=1_000)
    with pytest.raises(WriteFailed) as raised:
        connection.execute("update stages set description = 'x'")
    counts, *lines, _again = str(raised.value).splitlines()
    assert counts == "50 made, 50 failed."
    made, failed = lines
    assert made.startswith(f"  made: 50 UpdateStage in {OTHER} (the environment), of ")
    assert failed.startswith(f"  failed: 50 UpdateStage in {HOME} (the environment), of ")
    assert failed.count("/") == 3
    assert "and 47 more: access denied (AccessDenied" in failed


def test_a_few_changes_are_named_one_by_one(estate: Plane, connect: Connect) -> None:
    estate.faults = [Fault("denied", region=HOME, operation="UpdateStage")]
    connection = connect(regions=[HOME], allow_writes=True, max_rps=1_000)
    sql = "update stages set description = 'x' where rest_api_id in (select rest_api_id from"
    with pytest.raises(WriteFailed) as raised:
        connection.execute(f"{sql} rest_apis limit 2)")
    assert str(raised.value).count("\n  failed: UpdateStage ") == 10
