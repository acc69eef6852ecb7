"""The control plane's organization, and the accounts of a sign-in, as boto3 sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.control_plane import Plane, ServedEstate, access_key, serve
from tests.control_plane.clients import client, refused
from tests.control_plane.organization import ROOT, unit_id
from tests.control_plane.sign_in import TOKEN

ESTATE = ServedEstate.numbered(accounts=45, rest_apis=1, units=4)
ACCOUNTS = list(ESTATE.accounts)


@pytest.fixture(name="plane")
def plane_fixture() -> Iterator[Plane]:
    with serve(replace(ESTATE, suspended=[ACCOUNTS[7]], refusing=[ACCOUNTS[9]])) as plane:
        yield plane


def listed(plane: Plane, operation: str, member: str, **asked: Any) -> list[dict[str, Any]]:
    pages = client(plane, "organizations").get_paginator(operation).paginate(**asked)
    return [item for page in pages for item in page[member]]


def test_all_accounts_are_listed_twenty_to_a_page(plane: Plane) -> None:
    found = listed(plane, "list_accounts", "Accounts")
    assert [one["Id"] for one in found] == ACCOUNTS
    assert [one["Id"] for one in found if one["State"] != "ACTIVE"] == [ACCOUNTS[7]]
    assert plane.count("ListAccounts") == 3


def test_each_account_is_in_one_place(plane: Plane) -> None:
    places = [ROOT, *map(unit_id, range(1, 5))]
    parents = {
        one["Id"]: place
        for place in places
        for one in listed(plane, "list_accounts_for_parent", "Accounts", ParentId=place)
    }
    assert sorted(parents) == ACCOUNTS
    assert {place for place in parents.values()} == set(places)


def test_an_account_that_does_not_manage_the_organization_is_denied(plane: Plane) -> None:
    with refused("AccessDeniedException", 400):
        client(plane, "organizations", key=access_key(ACCOUNTS[1])).list_accounts()


def test_a_role_is_refused_in_an_account_that_refuses_and_in_no_other(plane: Plane) -> None:
    def assume(account: str) -> Any:
        arn = f"arn:aws:iam::{account}:role/audit"
        return client(plane, "sts").assume_role(RoleArn=arn, RoleSessionName="session")

    assert assume(ACCOUNTS[8])["Credentials"]["AccessKeyId"].startswith(f"ASIA{ACCOUNTS[8]}")
    with refused("AccessDenied", 403):
        assume(ACCOUNTS[9])


def test_a_sign_in_lists_its_accounts_and_the_roles_in_each(plane: Plane) -> None:
    sso = client(plane, "sso")
    pages = sso.get_paginator("list_accounts").paginate(accessToken=TOKEN)
    found = [one["accountId"] for page in pages for one in page["accountList"]]
    assert found == ACCOUNTS
    roles = sso.list_account_roles(accessToken=TOKEN, accountId=ACCOUNTS[3])["roleList"]
    assert [one["roleName"] for one in roles] == ["audit"]


def test_any_number_of_accounts_is_a_rule(plane: Plane) -> None:
    many = ServedEstate.numbered(accounts=100_000)
    assert many.to_json()["accounts"] == 100_000
    assert ServedEstate.from_json(many.to_json()).account_of(access_key("111122323332"))
