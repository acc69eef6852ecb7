"""--sso-role: the accounts and roles of the user who is signed in at IAM Identity Center."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.tokens import SSOTokenProvider
from click.testing import CliRunner

from apigw_vtab import CallFailed, UsageError
from apigw_vtab.cli.main import main
from apigw_vtab.sqlite.connection import Connection
from tests.aws.reach.conftest import ESTATE, IDS
from tests.conftest import Connect, operations, rows
from tests.control_plane import Fault, Plane
from tests.control_plane import sign_in as served
from tests.control_plane.sign_in import TOKEN

START = "https://corp.awsapps.com/start"
PROFILES = f"""
[profile corp]
region = eu-west-1
sso_session = corp
[sso-session corp]
sso_start_url = {START}
sso_region = eu-west-1
[profile legacy]
region = eu-west-1
sso_start_url = {START}
sso_region = eu-west-1
"""
SQL = "select account_id, count(*) from rest_apis group by 1"


@pytest.fixture(name="sign_in")
def sign_in_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Sign in, by session and by address."""
    folder = tmp_path / "tokens"
    folder.mkdir()
    monkeypatch.setattr(SSOTokenProvider, "_SSO_TOKEN_CACHE_DIR", str(folder))

    def sign_in() -> None:
        token = {"accessToken": TOKEN, "expiresAt": "2099-01-01T00:00:00Z", "startUrl": START}
        for name in ("corp", START):
            digest = hashlib.sha1(name.encode()).hexdigest()
            (folder / f"{digest}.json").write_text(json.dumps(token))

    return sign_in


@pytest.fixture(name="reach")
def reach_fixture(organization: Plane, connect: Connect, aws_configuration: Path) -> Any:
    aws_configuration.write_text(aws_configuration.read_text() + PROFILES)
    organization.estate = replace(ESTATE, assigned=["audit", "read-only"])

    def reach(**options: Any) -> Connection:
        return connect(**{"profiles": "corp", "regions": ESTATE.regions[0], **options})

    return reach


@pytest.mark.parametrize("profile", ["corp", "legacy"])
def test_each_account_with_a_role_that_matches_is_read(
    organization: Plane, reach: Any, sign_in: Callable[[], None], profile: str
) -> None:
    sign_in()
    connection = reach(profiles=profile, sso_roles="read-*", accounts="*-0001,*-0002")
    assert rows(connection, SQL) == [(IDS[1], 2), (IDS[2], 2)]
    assert operations(organization) == {
        "ListAccountsOfUser": 1,
        # Of no other account.
        "ListAccountRoles": 2,
        "GetRoleCredentials": 2,
        "GetRestApis": 2,
    }
    sql = f"select account_name, reached_by from accounts where account_id = '{IDS[1]}'"
    assert rows(connection, sql) == [("shop-0001", "IAM Identity Center: read-only")]
    # The token is in none of the calls.
    sql = "select operation, parameters, status, rows from api_calls where service = 'sso' "
    (first, *_, last) = rows(connection, sql + "order by operation desc, account_id")
    assert first == ("ListAccounts", "{}", "ok", len(IDS))
    of_last = f'{{"accountId":"{IDS[2]}","roleName":"read-only"}}'
    assert last == ("GetRoleCredentials", of_last, "ok", 1)


def test_an_account_with_several_roles_is_read_once_and_that_is_said(
    reach: Any, sign_in: Callable[[], None]
) -> None:
    sign_in()
    connection = reach(sso_roles="*")
    assert rows(connection, SQL) == [(one, 2) for one in IDS]
    (warning,) = connection.executor.log.new_warnings()
    assert "each account is read once, by the first: shop-0000" in warning
    assert f"({IDS[0]}): audit, not read-only" in warning


def test_without_a_sign_in_it_is_said_how_to_sign_in(
    reach: Any, sign_in: Callable[[], None]
) -> None:
    connection = reach(sso_roles="*", on_error="warn")
    assert rows(connection, SQL) == []
    (failure,) = connection.executor.log.failures()
    assert failure.advice == "Sign in again: aws sso login --profile corp"
    sign_in()
    assert len(rows(connection, SQL)) == len(IDS)
    assert connection.executor.log.failures() == []


def test_a_role_that_nobody_assigned_is_an_error(reach: Any, sign_in: Callable[[], None]) -> None:
    sign_in()
    with pytest.raises(UsageError, match=r"No assigned role matches 'x\*'\. There are: audit"):
        rows(reach(sso_roles="x*"), SQL)


def test_roles_of_many_accounts_are_each_named_once(
    reach: Any, sign_in: Callable[[], None]
) -> None:
    sign_in()
    with pytest.raises(UsageError, match=r"There are: audit, read-only\.$"):
        rows(reach(sso_roles="zzz"), SQL)


def test_a_named_account_without_such_a_role_is_an_error(
    reach: Any, sign_in: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def granted(_estate: object, account: str, role: str) -> bool:
        return account != IDS[2] or role != "audit"

    monkeypatch.setattr("tests.control_plane.ServedEstate.grants", granted)
    sign_in()
    said = "In account shop-0002 none of your roles matches audit. There are: read-only."
    with pytest.raises(UsageError, match=said):
        rows(reach(sso_roles="audit", accounts="shop-0001,shop-0002"), SQL)


def test_of_accounts_that_are_left_out_nothing_is_said(
    reach: Any, sign_in: Callable[[], None]
) -> None:
    sign_in()
    connection = reach(sso_roles="*", accounts=IDS[1])
    assert rows(connection, SQL) == [(IDS[1], 2)]
    (warning,) = connection.executor.log.new_warnings()
    assert f"by the first: shop-0001 ({IDS[1]}): audit, not read-only. Choose" in warning


def test_a_profile_without_a_sign_in_is_an_error(reach: Any) -> None:
    with pytest.raises(UsageError, match="Profile first has no sso_session with sso_start_url"):
        rows(reach(profiles="first", sso_roles="*"), SQL)


def test_a_role_that_was_taken_away_is_named_with_its_account(
    organization: Plane, reach: Any, sign_in: Callable[[], None]
) -> None:
    sign_in()
    connection = reach(sso_roles="audit", accounts=IDS[1])
    rows(connection, "select account_id from accounts")
    organization.estate = replace(ESTATE, refusing=[IDS[1]])
    with pytest.raises(CallFailed, match=f"refused for the role audit in account {IDS[1]}"):
        rows(connection, SQL)


def test_a_list_that_never_ends_is_given_up(
    reach: Any, sign_in: Callable[[], None], httpserver: Callable[[bytes], str]
) -> None:
    sign_in()
    page = {"accountList": [{"accountId": IDS[1], "accountName": "one"}], "nextToken": "again"}
    url = httpserver(json.dumps(page).encode())
    connection = reach(sso_roles="audit", endpoint_url=url)
    with pytest.raises(CallFailed, match=r"the list of pages never ends \(RepeatedPageToken\)"):
        rows(connection, SQL)
    assert connection.executor.log.calls_made == 2


def test_a_list_of_roles_that_never_ends_is_given_up(
    organization: Plane,
    reach: Any,
    sign_in: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def page(_ask: object, member: str, found: list[Any]) -> dict[str, Any]:
        return {member: found} | ({"nextToken": "0"} if member == "roleList" else {})

    monkeypatch.setattr("tests.control_plane.sign_in._page", page)
    sign_in()
    connection = reach(sso_roles="audit", accounts=IDS[1], on_error="warn")
    assert rows(connection, SQL) == []
    assert "RepeatedPageToken" in {one.code for one in connection.executor.log.failures()}


def test_an_account_whose_roles_are_refused_takes_nothing_from_the_others(
    organization: Plane, reach: Any, sign_in: Callable[[], None]
) -> None:
    sign_in()
    organization.faults = [Fault("denied", operation="ListAccountRoles", times=1)]
    connection = reach(sso_roles="audit", on_error="warn")
    assert len(rows(connection, SQL)) == len(IDS) - 1
    (failure,) = connection.executor.log.failures()
    assert failure.label.startswith("shop-000")
    assert str(failure).startswith(f"Account {failure.label}: awsssoportal:ListAccountRoles was")
    assert "sign in again with aws sso login --profile corp, or choose" in str(failure)
    # The next statement asks for that one alone.
    asked = organization.count("ListAccountRoles")
    assert rows(connection, SQL) == [(one, 2) for one in IDS]
    assert organization.count("ListAccountRoles") == asked + 1
    assert connection.executor.log.failures() == []
    assert organization.count("GetRoleCredentials") == len(IDS)


def test_a_check_names_the_account_whose_roles_are_refused(
    organization: Plane, reach: Any, sign_in: Callable[[], None]
) -> None:
    reach()
    sign_in()
    organization.faults = [Fault("denied", operation="ListAccountRoles", times=1)]
    words = ["check", "AG-006", "--profile", "corp", "--sso-role", "audit"]
    result = CliRunner().invoke(main, [*words, "--region", ESTATE.regions[0]])
    assert result.exit_code == 3
    assert "Not read: shop-000" in result.output
    assert "Account shop-000" in result.output


# What a page of accounts or of roles is, and how many accounts are read.
ODD: dict[str, tuple[str, Any, int, str]] = {
    "no accounts": ("accountList", lambda _: None, 0, "It holds no list"),
    "an account without an id": (
        "accountList",
        lambda found: [{"accountName": "x"}, *found[1:]],
        5,
        "1 of its items have no valid accountId",
    ),
    "accounts that are none": ("accountList", lambda _: {"a": 1}, 0, "UnreadableAnswer"),
    "no roles": ("roleList", lambda _: None, 0, "It holds no list"),
    "a role without a name": (
        "roleList",
        lambda found: [{"accountId": IDS[0]}, *found],
        0,
        "One of its items has no roleName",
    ),
}


@pytest.mark.parametrize(("member", "twist", "read", "said"), ODD.values(), ids=ODD)
def test_an_odd_list_is_named(
    reach: Any,
    sign_in: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    member: str,
    twist: Callable[[Any], Any],
    read: int,
    said: str,
) -> None:
    usual = served._page

    def page(ask: Any, name: str, found: list[Any]) -> dict[str, Any]:
        answer = usual(ask, name, found)
        return {name: twist(answer[name])} if name == member else answer

    monkeypatch.setattr(served, "_page", page)
    sign_in()
    connection = reach(sso_roles="audit", on_error="warn")
    assert len(rows(connection, SQL)) == read
    failures = connection.executor.log.failures()
    assert all(said in str(one) for one in failures)
    assert len(failures) == (6 if member == "roleList" else 1)


def test_accounts_that_are_listed_twice_are_one_and_names_may_be_missing(
    reach: Any, sign_in: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = served._page

    def page(ask: Any, name: str, found: list[Any]) -> dict[str, Any]:
        if name == "accountList":
            found = [{"accountId": one["accountId"]} for one in found[:2] * 2]
        return usual(ask, name, found)

    monkeypatch.setattr(served, "_page", page)
    sign_in()
    connection = reach(sso_roles="audit")
    assert rows(connection, SQL) == [(one, 2) for one in IDS[:2]]
    assert connection.executor.log.new_warnings() == []


@pytest.mark.parametrize("profile", ["corp", "legacy"])
@pytest.mark.parametrize("odd", [{"expiresAt": "soon"}, {"expiresAt": 5}, {"accessToken": None}])
def test_a_file_of_a_sign_in_that_is_none_asks_to_sign_in(
    reach: Any, sign_in: Callable[[], None], tmp_path: Path, profile: str, odd: dict[str, Any]
) -> None:
    sign_in()
    for path in (tmp_path / "tokens").iterdir():
        path.write_text(json.dumps({**json.loads(path.read_text()), **odd}))
    connection = reach(profiles=profile, sso_roles="audit", on_error="warn")
    rows(connection, SQL)
    if profile == "corp" or "accessToken" in odd:
        (failure,) = connection.executor.log.failures()
        assert failure.advice == f"Sign in again: aws sso login --profile {profile}"
