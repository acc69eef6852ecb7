"""Several profiles that lead to one account: it is read once, and nothing of that is silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ACCOUNT, OTHER_ACCOUNT, REGIONS, Connect, rows
from tests.control_plane import Fault, Plane

SQL = "select account_id, count(*) from rest_apis group by 1 order by 1"
ALONE = (
    "Each account is read once, by the first profile: "
    f"again leads to the account of first ({ACCOUNT})."
)


@pytest.fixture
def again(aws_configuration: Path) -> None:
    """A third profile, which leads to the same account as the first."""
    text = aws_configuration.read_text()
    first = text.split("[profile second]")[0]
    aws_configuration.write_text(text + first.replace("first", "again"))


@pytest.mark.usefixtures("again")
def test_a_profile_that_is_not_read_is_named(plane: Plane, connect: Connect) -> None:
    connection = connect(profiles="first,again", regions=REGIONS[0])
    assert rows(connection, "select profile from accounts") == [("first",)]
    rows(connection, SQL)
    assert connection.executor.log.new_warnings() == [ALONE]


@pytest.mark.usefixtures("again")
def test_a_sample_is_of_accounts_and_not_of_profiles(plane: Plane, connect: Connect) -> None:
    connection = connect(profiles="first,again,second", regions=REGIONS[0], sample=2)
    assert rows(connection, SQL) == [(ACCOUNT, 4), (OTHER_ACCOUNT, 4)]
    assert connection.executor.log.new_warnings() == [ALONE]


@pytest.mark.usefixtures("again")
def test_a_sample_says_how_many_accounts_there_are(plane: Plane, connect: Connect) -> None:
    connection = connect(profiles="first,again,second", regions=REGIONS[0], sample=1)
    rows(connection, SQL)
    assert "Reading a sample: 1 of 2 accounts." in connection.executor.log.new_warnings()


@pytest.mark.usefixtures("again")
def test_rows_that_may_come_twice_are_said_to(plane: Plane, connect: Connect) -> None:
    plane.faults = [Fault("denied", operation="GetCallerIdentity", account=ACCOUNT)]
    connection = connect(profiles="first,again", regions=REGIONS[0], on_error="warn")
    assert rows(connection, "select count(*) from rest_apis") == [(8,)]
    (warning,) = connection.executor.log.new_warnings()
    assert "first, again leads: if another profile leads there, too" in warning
    assert "come twice" in warning


def test_a_profile_without_good_keys_has_no_rows_that_come_twice(
    plane: Plane, connect: Connect
) -> None:
    plane.faults = [Fault("disabled", account=ACCOUNT)]
    connection = connect(profiles="first,second", regions=REGIONS[0], on_error="warn")
    assert rows(connection, "select count(*) from rest_apis") == [(4,)]
    assert connection.executor.log.new_warnings() == []
