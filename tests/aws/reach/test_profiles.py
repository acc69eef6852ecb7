"""--profile: names, and patterns over those of the AWS configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from apigw_vtab import UsageError
from tests.conftest import ACCOUNT, OTHER_ACCOUNT, REGIONS, Connect, rows
from tests.control_plane import Plane

SQL = "select distinct account_id from rest_apis order by 1"


@pytest.mark.parametrize("profiles", ["*", "f*,s*", ["?irst", "second"], "second, first"])
def test_profiles_are_chosen_by_patterns(plane: Plane, connect: Connect, profiles: str) -> None:
    found = rows(connect(profiles=profiles, regions=REGIONS[0]), SQL)
    assert found == [(ACCOUNT,), (OTHER_ACCOUNT,)]


def test_a_bracket_stands_for_itself(
    plane: Plane, connect: Connect, aws_configuration: Path
) -> None:
    aws_configuration.write_text(
        aws_configuration.read_text().replace("profile second]", "profile [prod]]")
    )
    for pattern in ("[prod]", "[prod]*"):
        assert rows(connect(profiles=pattern, regions=REGIONS[0]), SQL) == [(OTHER_ACCOUNT,)]


def test_a_pattern_that_matches_no_profile_is_an_error(connect: Connect) -> None:
    with pytest.raises(UsageError, match=r"No profile matches 'prod-\*'\. There are: first, sec"):
        connect(profiles="first,prod-*")


def test_a_sample_of_profiles_is_said(plane: Plane, connect: Connect) -> None:
    connection = connect(profiles="*", regions=REGIONS[0], sample=1)
    assert rows(connection, SQL) == [(ACCOUNT,)]
    assert connection.executor.log.new_warnings() == ["Reading a sample: 1 of 2 accounts."]
