"""Lists of accounts of which a part is missing or odd: the rest is read, and the part is named."""

from __future__ import annotations

from typing import Any

import pytest

from apigw_vtab import CallFailed
from tests.aws.reach.conftest import BY_ACCOUNT, ESTATE, IDS
from tests.conftest import rows
from tests.control_plane import Fault, Plane
from tests.control_plane import organization as served
from tests.control_plane.organization import unit_id

# The accounts that are missing without a unit's list; unit 2 is in unit 1.
WITHIN = {unit_id(1): [IDS[1], IDS[4]], unit_id(2): [IDS[2], IDS[5]], unit_id(3): [IDS[3]]}
BELOW = {unit_id(1): WITHIN[unit_id(2)], unit_id(2): [], unit_id(3): []}


@pytest.mark.parametrize(
    ("operation", "without"),
    [("ListAccountsForParent", WITHIN), ("ListOrganizationalUnitsForParent", BELOW)],
)
def test_a_unit_that_cannot_be_listed_takes_nothing_from_the_others(
    organization: Plane, reach: Any, operation: str, without: dict[str, list[str]]
) -> None:
    organization.estate = ESTATE
    organization.faults = [Fault("denied", operation=operation, times=1)]
    connection = reach(ous=[unit_id(1), unit_id(3)])
    read = [one for one, _ in rows(connection, BY_ACCOUNT)]
    (failure,) = connection.executor.log.failures()
    assert failure.operation == operation
    # Lists are asked for side by side: it may be any of them.
    (unit,) = [one for one in without if f"access denied for {one} (AccessDenied" in str(failure)]
    assert read == [one for one in IDS[1:] if one not in without[unit]]
    # The next statement asks again, for no more than is missing.
    assert [one for one, _ in rows(connection, BY_ACCOUNT)] == IDS[1:]
    assert connection.executor.log.failures() == []
    assert organization.count("AssumeRole") == organization.count("GetRestApis") == 5


def test_what_cannot_be_listed_is_an_error_where_errors_are_raised(
    organization: Plane, reach: Any
) -> None:
    organization.faults = [Fault("denied", operation="ListAccountsForParent", times=1)]
    connection = reach(ous=[unit_id(1), unit_id(3)], on_error="raise")
    with pytest.raises(CallFailed, match="access denied for ou-ab12-0000000"):
        rows(connection, BY_ACCOUNT)


def test_the_rest_is_not_needed_for_an_account_that_is_known(
    organization: Plane, reach: Any
) -> None:
    organization.faults = [Fault("denied", operation="ListAccountsForParent", after=1)]
    connection = reach(ous=[unit_id(3), unit_id(2)])
    ((known, _), *_) = rows(connection, "select account_id, name from rest_apis")
    connection.context.raises = True
    sql = f"select count(*) from rest_apis where account_id = '{known}'"
    assert rows(connection, sql) == [(2,)]


def test_an_account_that_is_not_known_may_be_in_a_unit_that_is_not_listed(
    organization: Plane, reach: Any
) -> None:
    organization.faults = [Fault("denied", operation="ListAccountsForParent")]
    connection = reach(ous=unit_id(3), accounts="shop-0003")
    assert rows(connection, BY_ACCOUNT) == []
    (failure,) = connection.executor.log.failures()
    assert unit_id(3) in str(failure)


def test_paths_of_units_that_are_listed_are_known(organization: Plane, reach: Any) -> None:
    organization.faults = [Fault("denied", operation="ListAccountsForParent", times=1)]
    connection = reach()
    found = dict(rows(connection, "select account_id, ou_path from accounts"))
    assert len([one for one in found.values() if one]) >= 3
    assert None in found.values()
    (failure,) = connection.executor.log.failures()
    assert "access denied for " in str(failure)


ODD = {
    "no Id": ({"Id": None}, "1 of its items have no valid Id."),
    "an Id that is none": ({"Id": "1111"}, "1 of its items have no valid Id."),
    "no state": ({"State": None}, f"does not say whether shop-0002 ({IDS[2]}) is active."),
}


@pytest.mark.parametrize(("members", "said"), ODD.values(), ids=ODD)
def test_an_account_of_which_too_little_is_said_takes_nothing_from_the_others(
    organization: Plane,
    reach: Any,
    monkeypatch: pytest.MonkeyPatch,
    members: dict[str, Any],
    said: str,
) -> None:
    organization.estate = ESTATE
    _twist_third_account(monkeypatch, members)
    connection = reach()
    assert [one for one, _ in rows(connection, BY_ACCOUNT)] == [*IDS[:2], *IDS[3:]]
    (failure,) = connection.executor.log.failures()
    assert said in str(failure)
    assert connection.executor.log.new_warnings() == []


@pytest.mark.parametrize("name", [None, ""])
def test_an_account_without_a_name_goes_by_its_id(
    organization: Plane, reach: Any, monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    organization.estate = ESTATE
    _twist_third_account(monkeypatch, {"Name": name})
    connection = reach(accounts=[IDS[2], "shop-0003"])
    found = rows(connection, "select account_id, account_name from accounts")
    assert found == [(IDS[2], None), (IDS[3], "shop-0003")]
    assert rows(connection, BY_ACCOUNT) == [(IDS[2], 2), (IDS[3], 2)]


def _twist_third_account(monkeypatch: pytest.MonkeyPatch, members: dict[str, Any]) -> None:
    """Give one account other members; None takes a member away."""
    usual = served._account

    def account(ask: Any, number: int) -> dict[str, Any]:
        found = {**usual(ask, number), **(members if number == 2 else {})}
        return {name: one for name, one in found.items() if one is not None}

    monkeypatch.setattr(served, "_account", account)
