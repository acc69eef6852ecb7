"""--organization: which accounts are read, by which calls, and what is said of the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apigw_vtab import CallFailed, UsageError
from apigw_vtab.commands.incomplete import in_groups
from tests.aws.reach.conftest import BY_ACCOUNT, ESTATE, FIRST, IDS, REFUSING, SUSPENDED
from tests.conftest import operations, rows
from tests.control_plane import Fault, Plane
from tests.control_plane import organization as served
from tests.control_plane.estate import DEFAULT_REGIONS
from tests.control_plane.organization import unit_id

READABLE = [one for one in IDS if one not in (SUSPENDED, REFUSING)]


def test_each_active_account_is_read_and_its_role_is_assumed_once(
    organization: Plane, reach: Any
) -> None:
    connection = reach()
    assert rows(connection, BY_ACCOUNT) == [(one, 2) for one in READABLE]
    # The profile's own account is read directly; one of the others refuses.
    assert operations(organization) == {
        "GetCallerIdentity": 1,
        "ListAccounts": 1,
        "AssumeRole": 4,
        "GetRestApis": 4,
    }
    (warning,) = connection.executor.log.new_warnings()
    assert warning == (
        "1 account of the organization is not active and left out: "
        f"shop-0004 ({SUSPENDED}), SUSPENDED."
    )


def test_roles_are_among_the_calls_with_their_outcome_and_nothing_secret(reach: Any) -> None:
    connection = reach()
    rows(connection, BY_ACCOUNT)
    sql = "select account_id, parameters, status, attempts, rows from api_calls"
    found = rows(connection, f"{sql} where operation = 'AssumeRole' order by 1")
    role = '{{"RoleArn":"arn:aws:iam::{}:role/audit"}}'
    assert found == [
        (
            one,
            role.format(one),
            "AccessDenied" if one == REFUSING else "ok",
            1,
            int(one != REFUSING),
        )
        for one in IDS[1:]
        if one != SUSPENDED
    ]
    progress = connection.executor.progress()
    assert progress.done == progress.known


def test_an_account_that_refuses_is_one_line_and_one_row(reach: Any) -> None:
    connection = reach(regions=list(ESTATE.regions))
    rows(connection, BY_ACCOUNT)
    found = rows(connection, "select account_id, operation, code from scan_errors")
    assert found == [(REFUSING, "AssumeRole", "AccessDenied")]
    (line,) = in_groups(connection.executor.log.failures())
    assert line.startswith(f"Account shop-0005 ({REFUSING}): sts:AssumeRole was refused for arn")


def test_many_accounts_that_refuse_are_one_line_with_examples(
    organization: Plane, reach: Any
) -> None:
    organization.estate = replace(ESTATE, refusing=IDS[1:])
    connection = reach()
    rows(connection, BY_ACCOUNT)
    (line,) = in_groups(connection.executor.log.failures())
    assert line.startswith(f"5 accounts (shop-0001 ({IDS[1]}), shop-0002 ({IDS[2]})")
    assert len(rows(connection, "select * from scan_errors")) == 5


def test_many_accounts_with_one_cause_are_one_line(organization: Plane, reach: Any) -> None:
    organization.estate = ESTATE
    organization.faults = [Fault("denied", operation="GetRestApis")]
    connection = reach(regions=list(ESTATE.regions))
    rows(connection, BY_ACCOUNT)
    (line,) = in_groups(connection.executor.log.failures())
    assert line.startswith(
        f"GetRestApis in eu-west-1, us-east-1 of 6 accounts (first, shop-0001 ({IDS[1]})"
    )
    assert "and 1 more), 12 calls. The first of them: access denied" in line
    assert line.endswith("Allow apigateway:GET to this identity.")


def test_many_regions_of_many_accounts_are_counted(organization: Plane, reach: Any) -> None:
    organization.estate = replace(ESTATE, regions=DEFAULT_REGIONS)
    organization.faults = [Fault("denied", operation="GetRestApis")]
    connection = reach(regions=list(DEFAULT_REGIONS))
    rows(connection, BY_ACCOUNT)
    (line,) = in_groups(connection.executor.log.failures())
    assert line.startswith("GetRestApis in 17 regions (ap-northeast-1, ap-northeast-2,")
    assert "and 12 more) of 6 accounts" in line


def test_a_refusal_is_raised_where_errors_are(reach: Any) -> None:
    with pytest.raises(CallFailed, match=f"Account shop-0005 .{REFUSING}."):
        rows(reach(on_error="raise"), BY_ACCOUNT)


def test_a_role_that_is_given_later_ends_the_error(organization: Plane, reach: Any) -> None:
    connection = reach(cache_ttl=0)
    rows(connection, BY_ACCOUNT)
    organization.estate = ESTATE
    rows(connection, BY_ACCOUNT)
    assert rows(connection, "select * from scan_errors") == []


def test_an_account_that_a_where_excludes_costs_nothing(organization: Plane, reach: Any) -> None:
    sql = f"select count(*) from rest_apis where account_id = '{IDS[2]}'"
    assert rows(reach(), sql) == [(2,)]
    asked = operations(organization)
    assert (asked["AssumeRole"], asked["GetRestApis"]) == (1, 1)


@pytest.mark.parametrize("pattern", [IDS[2], "shop-0002", "*-???2"])
def test_accounts_are_chosen_by_id_or_name(reach: Any, pattern: str) -> None:
    assert rows(reach(accounts=pattern), BY_ACCOUNT) == [(IDS[2], 2)]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (f"nobody?,{IDS[2]}", r"No account matches 'nobody\?'\. There are: shop-0000"),
        ("shp-0001", r"No account is called 'shp-0001'\. Did you mean shop-0001"),
        (SUSPENDED, rf"--account {SUSPENDED}: shop-0004 \({SUSPENDED}\) is SUSPENDED\. Only act"),
        ("shop-0001,shop-0004", r"--account shop-0004: shop-0004 \(\d+\) is SUSPENDED\. Only"),
        ("*-0004", r"--account \*-0004: shop-0004 \(\d+\) is SUSPENDED\. Only"),
    ],
)
def test_a_pattern_without_an_account_is_an_error(reach: Any, pattern: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        rows(reach(accounts=pattern), BY_ACCOUNT)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("Acme, Inc", [1]),
        ('"Acme, Inc"', [1]),
        ('shop-0002 , "Acme, Inc" ', [1, 2]),
        (["Acme, Inc", "shop-0002,shop-0003"], [1, 2, 3]),
        ('"Acme, *"', [1]),
        ('"a ""b"""', [3]),
        ('a "b"', [3]),
    ],
)
def test_a_name_with_a_comma_is_known_as_a_whole_or_in_quotes(
    organization: Plane,
    reach: Any,
    monkeypatch: pytest.MonkeyPatch,
    wanted: str | list[str],
    found: list[int],
) -> None:
    _name_accounts(monkeypatch, {1: "Acme, Inc", 3: 'a "b"'})
    if isinstance(wanted, list):
        wanted = [one.replace("shop-0003", IDS[3]) for one in wanted]
    assert [one for one, _ in rows(reach(accounts=wanted), BY_ACCOUNT)] == [IDS[n] for n in found]


def test_a_name_whose_parts_are_names_too_is_an_error(
    organization: Plane, reach: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _name_accounts(monkeypatch, {1: "Acme, Inc", 2: "Acme", 3: "Inc"})
    with pytest.raises(
        UsageError, match=r'No account is called .Acmes.\. Did you mean Acme or "Acme, Inc"'
    ):
        rows(reach(accounts="Acmes"), BY_ACCOUNT)
    with pytest.raises(UsageError, match="'Acme, Inc' is a name, and so are its parts: put it in"):
        rows(reach(accounts="Acme, Inc"), BY_ACCOUNT)
    assert rows(reach(accounts='"Acme, Inc"'), BY_ACCOUNT) == [(IDS[1], 2)]


def _name_accounts(monkeypatch: pytest.MonkeyPatch, names: dict[int, str]) -> None:
    usual = served.account_name
    monkeypatch.setattr(served, "account_name", lambda one: names.get(one) or usual(one))


def test_a_unit_is_read_with_those_below_it_and_no_other_is_listed(
    organization: Plane, reach: Any
) -> None:
    found = rows(reach(ous=unit_id(1), accounts="*-0001,*-0002"), BY_ACCOUNT)
    assert found == [(IDS[1], 2), (IDS[2], 2)]
    asked = operations(organization)
    # Unit 2 is in unit 1.
    assert asked["ListAccounts"] == 0
    assert asked["ListOrganizationalUnitsForParent"] == asked["ListAccountsForParent"] == 2


def test_a_unit_that_the_organization_does_not_have_is_an_error(
    organization: Plane, reach: Any
) -> None:
    with pytest.raises(UsageError, match="--ou ou-ab12-99999999: the organization has no such"):
        rows(reach(ous=[unit_id(1), "ou-ab12-99999999"]), BY_ACCOUNT)
    assert operations(organization)["AssumeRole"] == 0


def test_a_unit_without_accounts_is_an_error(organization: Plane, reach: Any) -> None:
    organization.estate = replace(ESTATE, units=8)
    with pytest.raises(UsageError, match=f"No account is read. {unit_id(8)}, with the units below"):
        rows(reach(ous=unit_id(8)), BY_ACCOUNT)


def test_a_unit_in_which_no_account_is_active_is_an_error(organization: Plane, reach: Any) -> None:
    organization.estate = replace(ESTATE, suspended=[IDS[3]])
    with pytest.raises(UsageError, match=rf"no active account.* shop-0003 \({IDS[3]}\), SUSPENDED"):
        rows(reach(ous=unit_id(3)), BY_ACCOUNT)


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_roles_are_those_of_the_partition(
    organization: Plane, reach: Any, aws_configuration: Path, region: str, partition: str
) -> None:
    organization.estate = replace(ESTATE, regions=[region])
    text = aws_configuration.read_text()
    aws_configuration.write_text(text.replace(f"region = {FIRST}", f"region = {region}"))
    assert rows(reach(regions=region), BY_ACCOUNT) == [(one, 2) for one in IDS]
    asked = [one.params["RoleArn"] for one in organization.calls if one.operation == "AssumeRole"]
    assert sorted(asked) == [f"arn:{partition}:iam::{one}:role/audit" for one in IDS[1:]]


def test_the_table_of_accounts_says_what_the_list_says_and_asks_nobody(
    organization: Plane, reach: Any
) -> None:
    sql = "select account_id, account_name, email, state, reached_by from accounts"
    sql += " where account_name like '%1'"
    assert rows(reach(), sql) == [
        (
            IDS[1],
            "shop-0001",
            "shop-0001@example.com",
            "ACTIVE",
            f"arn:aws:iam::{IDS[1]}:role/audit",
        )
    ]
    assert operations(organization) == {"GetCallerIdentity": 1, "ListAccounts": 1}


def test_units_are_asked_for_only_where_their_path_is_read(organization: Plane, reach: Any) -> None:
    sql = "select account_id, ou_path from accounts"
    assert rows(reach(), sql)[:3] == [
        (IDS[0], "Root"),
        (IDS[1], "Root/unit-1"),
        (IDS[2], "Root/unit-1/unit-2"),
    ]
    asked = operations(organization)
    # The root and three units.
    assert asked["ListOrganizationalUnitsForParent"] == asked["ListAccountsForParent"] == 4
    assert asked["AssumeRole"] == 0


def test_who_reads_an_account_is_asked_there(reach: Any) -> None:
    sql = f"select arn from accounts where account_id = '{IDS[2]}'"
    assert rows(reach(), sql) == [(f"arn:aws:sts::{IDS[2]}:assumed-role/auditor/session",)]


def test_a_delegated_administrator_may_list_the_accounts(
    organization: Plane, reach: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    organization.estate = replace(ESTATE, administrators=[IDS[1]])
    found = rows(reach(profiles="second"), BY_ACCOUNT)
    assert found == [(one, 2) for one in IDS]
    assert operations(organization)["AssumeRole"] == len(IDS) - 1


def test_without_the_list_nobody_is_read_and_the_list_is_named(
    organization: Plane, reach: Any
) -> None:
    organization.faults = [Fault("denied", operation="ListAccounts")]
    connection = reach()
    assert rows(connection, BY_ACCOUNT) == []
    (failure,) = connection.executor.log.failures()
    assert failure.operation == "ListAccounts"
    assert "allow organizations:ListAccounts to this identity" in str(failure)


def test_the_external_id_and_the_name_of_the_session_are_sent(
    organization: Plane, reach: Any
) -> None:
    organization.estate = replace(ESTATE, external_id="corp-17")
    connection = reach(external_id="corp-17", role_session_name="audit-2026", accounts=IDS[1])
    assert rows(connection, BY_ACCOUNT) == [(IDS[1], 2)]
    (asked,) = [one.params for one in organization.calls if one.operation == "AssumeRole"]
    assert asked["RoleSessionName"] == "audit-2026"


def test_a_sample_is_spread_over_the_accounts_and_said(reach: Any) -> None:
    connection = reach(sample=2)
    found = rows(connection, "select account_id from accounts")
    assert found == [(IDS[0],), (IDS[2],)]
    assert "Reading a sample: 2 of 5 accounts." in connection.executor.log.new_warnings()


def test_throttled_roles_are_asked_for_again(organization: Plane, reach: Any) -> None:
    organization.estate = ESTATE
    organization.faults = [Fault("throttle", operation="AssumeRole", times=2)]
    assert rows(reach(), BY_ACCOUNT) == [(one, 2) for one in IDS]
    assert organization.count("AssumeRole") == len(IDS) - 1 + 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"assume_role": None}, "--organization needs the name of a role"),
        ({"assume_role": "arn:aws:iam::1:role/x"}, "give the name alone, not its ARN"),
        ({"sso_roles": "*"}, "Choose one of --organization, --accounts-from and --sso-role"),
        ({"ous": "unit-1"}, "'unit-1' is not the id of an organizational unit"),
        ({"external_id": "a b"}, "'a b' is not a valid external id"),
        ({"role_session_name": "a b"}, "'a b' is not a valid session name"),
        ({"organization": False}, "--assume-role is for the roles of"),
        ({"organization": False, "assume_role": None, "accounts": "x"}, "--account chooses among"),
        ({"organization": False, "assume_role": None, "ous": unit_id(1)}, "--ou needs --organiz"),
        ({"profiles": "first,second"}, "Other accounts are reached from one profile"),
        ({"accounts": ""}, "Empty account: give an id, a name or a pattern"),
        ({"accounts": [IDS[1], ""]}, "Empty account"),
        ({"accounts": f"{IDS[1]},"}, "Empty account"),
        ({"accounts": []}, "accounts is empty: name some, or leave it out"),
        ({"ous": " "}, "Empty organizational unit: give an id such as"),
        ({"ous": ()}, "ous is empty"),
        ({"sso_roles": ""}, "Empty role: give a name or a pattern to --sso-role"),
        ({"sso_roles": []}, "sso_roles is empty"),
        ({"profiles": ""}, "Empty profile: give a name or a pattern"),
        ({"profiles": []}, "profiles is empty"),
        ({"regions": []}, "regions is empty"),
        ({"external_id": ""}, "Empty --external-id: give it a value, or leave it out"),
        ({"role_session_name": ""}, "Empty --role-session-name"),
        ({"organization": False, "assume_role": ""}, "Empty --assume-role"),
        ({"profiles": "third-*"}, r"No profile matches 'third-\*'\. There are: first, second"),
    ],
)
def test_options_that_make_no_sense_are_an_error(
    reach: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        reach(**options)


def test_a_region_that_no_account_has_enabled_is_one_line(reach: Any) -> None:
    connection = reach(regions=f"{ESTATE.regions[0]},{ESTATE.disabled_regions[0]}", on_error="warn")
    rows(connection, "select count(*) from rest_apis")
    told = [one for one in connection.executor.log.new_warnings() if "not enabled" in one]
    assert len(told) == 1
    assert told[0].startswith("4 accounts (")


def test_who_may_not_list_the_accounts_is_told_who_may(organization: Plane, reach: Any) -> None:
    organization.faults = [Fault("denied", operation="ListAccounts")]
    connection = reach()
    rows(connection, BY_ACCOUNT)
    (failure,) = connection.executor.log.failures()
    assert "a profile of the management account, or of a delegated admin" in failure.advice
    assert "organizations:ListAccounts" in failure.advice
