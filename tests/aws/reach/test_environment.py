"""Keys of the environment go before the profile that AWS_PROFILE names, and are not called so."""

from __future__ import annotations

from pathlib import Path

import pytest

from apigw_vtab.aws.failures import ENVIRONMENT
from apigw_vtab.aws.reach.profiles import open_accounts
from tests.conftest import ACCOUNT, OTHER_ACCOUNT, REGIONS, Connect, rows
from tests.control_plane import Fault, Plane, access_key

SQL = "select account_id, profile, reached_by from accounts"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of the other account than that of AWS_PROFILE."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(OTHER_ACCOUNT))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def test_the_profile_that_was_not_used_is_not_named(plane: Plane, connect: Connect) -> None:
    assert rows(connect(), SQL) == [(OTHER_ACCOUNT, ENVIRONMENT, "environment")]


def test_a_profile_that_is_named_goes_before_the_environment(
    plane: Plane, connect: Connect
) -> None:
    assert rows(connect(profiles="first"), SQL) == [(ACCOUNT, "first", "profile")]


def test_advice_has_no_option_that_would_take_other_keys(plane: Plane, connect: Connect) -> None:
    plane.faults = [Fault("disabled")]
    connection = connect(regions=REGIONS[0], on_error="warn")
    rows(connection, "select count(*) from rest_apis")
    (failure,) = connection.executor.log.failures()
    advice = "Check the keys of the environment: aws sts get-caller-identity"
    assert failure.advice == advice
    assert failure.whose == "The environment"


@pytest.mark.parametrize(
    ("settings", "profile"),
    [
        ("role_arn = arn:aws:iam::111122223333:role/a\nsource_profile = first\n", "other"),
        (f"aws_access_key_id = {access_key(ACCOUNT)}\n", ENVIRONMENT),
        ("", ENVIRONMENT),
    ],
)
def test_a_role_of_the_profile_goes_before_a_token_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, aws_configuration: Path, settings: str, profile: str
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/token")
    monkeypatch.setenv("AWS_PROFILE", "other")
    with aws_configuration.open("a") as file:
        file.write(f"[profile other]\n{settings}")
    (account,) = open_accounts([], None)
    assert account.profile == profile
