"""--profile: names, and patterns over those of the AWS configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from apigw_vtab import UsageError
from apigw_vtab.aws.reach.profiles import configured_id
from tests.conftest import ACCOUNT, OTHER_ACCOUNT, REGIONS, Connect, operations, rows
from tests.control_plane import Plane, access_key

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


def test_a_profile_with_a_comma_is_known_as_a_whole(
    plane: Plane, connect: Connect, aws_configuration: Path
) -> None:
    text = aws_configuration.read_text()
    aws_configuration.write_text(text + text.split("[profile second]")[0].replace("first", "a,b"))
    (account,) = connect(profiles="a,b").context.estate.profiles
    assert account.profile == "a,b"
    both = connect(profiles="second,first").context.estate.profiles
    assert [one.profile for one in both] == ["second", "first"]


def test_a_pattern_that_matches_no_profile_is_an_error(connect: Connect) -> None:
    with pytest.raises(UsageError, match=r"No profile matches 'prod-\*'\. There are: first, sec"):
        connect(profiles="first,prod-*")


def test_a_sample_of_profiles_is_said(plane: Plane, connect: Connect) -> None:
    connection = connect(profiles="*", regions=REGIONS[0], sample=1)
    assert rows(connection, SQL) == [(ACCOUNT,)]
    assert connection.executor.log.new_warnings() == ["Reading a sample: 1 of 2 accounts."]


KEYS = f"aws_access_key_id = {access_key(OTHER_ACCOUNT)}\naws_secret_access_key = x\n"
SSO = "sso_account_id = {account}\nsso_role_name = audit\nsso_session = corp\n"
ROLE = "role_arn = arn:aws:iam::{account}:role/audit\nsource_profile = first\n"


@pytest.mark.parametrize(
    ("profiles", "settings", "asked"),
    [
        ("role", ROLE, 0),
        ("first,role", ROLE, 2),
        ("role", KEYS, 1),
    ],
)
def test_an_id_that_the_configuration_has_is_not_asked_for(
    plane: Plane,
    connect: Connect,
    aws_configuration: Path,
    profiles: str,
    settings: str,
    asked: int,
) -> None:
    text = settings.format(account=OTHER_ACCOUNT)
    with aws_configuration.open("a") as file:
        file.write(f"[profile role]\nregion = {REGIONS[0]}\n{text}")
    found = rows(connect(profiles=profiles, regions=REGIONS[0]), SQL)
    assert found[-1] == (OTHER_ACCOUNT,)
    assert operations(plane)["GetCallerIdentity"] == asked


@pytest.mark.parametrize(
    ("settings", "account"),
    [
        (ROLE, OTHER_ACCOUNT),
        (SSO, OTHER_ACCOUNT),
        # botocore takes a role first, and that of a token may be the environment's.
        (SSO + ROLE.replace("{account}", ACCOUNT), ACCOUNT),
        (ROLE + "web_identity_token_file = token\n", None),
        ("sso_account_id = {account}\n", None),
        ("", None),
    ],
)
def test_what_the_configuration_says_of_an_id(settings: str, account: str | None) -> None:
    lines = (line.split(" = ") for line in settings.format(account=OTHER_ACCOUNT).splitlines())
    assert configured_id(dict(lines)) == account
