"""--accounts-from: a CSV file in place of an organization."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from apigw_vtab import UsageError
from tests.aws.reach.conftest import ESTATE, IDS
from tests.conftest import Connect, operations, rows
from tests.control_plane import Fault, Plane

FIRST = ESTATE.regions[0]


@pytest.fixture(name="listed")
def listed_fixture(tmp_path: Path) -> Callable[[str], Path]:
    def listed(text: str) -> Path:
        path = tmp_path / "accounts.csv"
        path.write_text(text, "utf-8-sig")
        return path

    return listed


def test_each_listed_account_is_read_by_its_role_and_the_base_alone_is_asked_for_its_id(
    organization: Plane, connect: Connect, listed: Callable[[str], Path]
) -> None:
    text = (
        "id,name,role\n"
        f'{IDS[2]},"payments, prod",\n\n'
        f"{IDS[1]},,path/auditor\n"
        f"{IDS[3]},orders,arn:aws:iam::{IDS[3]}:role/own\n"
    )
    connection = connect(regions=FIRST, accounts_from=listed(text), assume_role="audit")
    sql = "select a.account_id, account_name, reached_by, count(rest_api_id) from accounts a"
    found = rows(connection, f"{sql} join rest_apis using (account_id) group by 1")
    assert found == [
        (IDS[1], None, f"arn:aws:iam::{IDS[1]}:role/path/auditor", 2),
        (IDS[2], "payments, prod", f"arn:aws:iam::{IDS[2]}:role/audit", 2),
        (IDS[3], "orders", f"arn:aws:iam::{IDS[3]}:role/own", 2),
    ]
    assert operations(organization) == {"GetCallerIdentity": 1, "AssumeRole": 3, "GetRestApis": 3}


def test_the_account_of_the_profile_is_read_directly(
    organization: Plane, connect: Connect, listed: Callable[[str], Path]
) -> None:
    path = listed(f"id,name\n{IDS[0]},own\n{IDS[1]},other\n")
    connection = connect(regions=FIRST, accounts_from=path, assume_role="audit")
    sql = "select account_id, account_name, reached_by from accounts where account_name = 'own'"
    assert rows(connection, sql) == [(IDS[0], "own", "profile")]
    assert rows(connection, "select count(*) from rest_apis") == [(4,)]
    asked = [one.params["RoleArn"] for one in organization.calls if one.operation == "AssumeRole"]
    assert asked == [f"arn:aws:iam::{IDS[1]}:role/audit"]


def test_where_it_is_not_known_which_that_is_all_are_read_by_their_roles(
    organization: Plane, connect: Connect, listed: Callable[[str], Path]
) -> None:
    organization.faults = [Fault("denied", operation="GetCallerIdentity")]
    path = listed(f"id\n{IDS[0]}\n{IDS[1]}\n")
    connection = connect(regions=FIRST, accounts_from=path, assume_role="audit")
    assert rows(connection, "select count(*) from rest_apis") == [(4,)]
    assert organization.count("AssumeRole") == 2


def test_the_arn_of_a_role_says_whose_it_is(
    organization: Plane, connect: Connect, listed: Callable[[str], Path]
) -> None:
    path = listed(f"role,name\narn:aws:iam::{IDS[2]}:role/audit,two\n")
    connection = connect(regions=FIRST, accounts_from=path)
    assert rows(connection, "select account_id, account_name from accounts") == [(IDS[2], "two")]
    assert operations(organization) == {"GetCallerIdentity": 1}


def test_accounts_of_a_file_are_chosen_by_id_or_name(
    organization: Plane, connect: Connect, listed: Callable[[str], Path]
) -> None:
    path = listed(f"id,name\n{IDS[1]},one\n{IDS[2]},two\n")
    connection = connect(regions=FIRST, accounts_from=path, assume_role="audit", accounts="t*")
    assert rows(connection, "select account_id from rest_apis limit 1") == [(IDS[2],)]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (', "Acme, Inc", ', "Acme, Inc"),
        (",a\fb,", "a\fb"),
        (',"a\x0bb",', "a\x0bb"),
        (",a\u2028b,", "a\u2028b"),
    ],
)
def test_a_name_is_what_is_written(
    organization: Plane, connect: Connect, listed: Callable[[str], Path], written: str, name: str
) -> None:
    path = listed(f"id, name, role\n{IDS[1]}{written}audit\n")
    connection = connect(regions=FIRST, accounts_from=path)
    found = rows(connection, "select account_id, account_name from accounts")
    assert found == [(IDS[1], name)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the first line has to name the columns: id,name,role"),
        ("id;name\n1;a\n", "the columns: id,name,role. Part them with commas."),
        ("id,name,id\n", "line 1: the column 'id' is named twice"),
        ("id,email\n", "line 1: there is no column 'email'. There are: id, name, role."),
        ("id\n1.11122E+11\n", "'1.11122E+11' is not an account's id, which has 12 digits. A spr"),
        (f'id,name\n{IDS[1]},"a\n{IDS[2]},b\n', "line 3: it is not valid CSV: unexpected end"),
        (f'id,name\n{IDS[1]},"a\n{IDS[2]},b"\n', "line 3: a line ends within double quotes"),
        ("id,nme\n", "line 1: there is no column 'nme'. Did you mean name?"),
        ("id,name,role\n", "lists no accounts"),
        ("id\n12345678901\n", "line 2: '12345678901' is not an account's id, which has 12 digits"),
        (f"id\n{IDS[1]}\n\n{IDS[1]}\n", f"line 4: account {IDS[1]} is on line 2 already"),
        (f"id,name\n{IDS[1]},a,b\n", "line 2: it has 3 values, and the first line names 2 columns"),
        (
            f"id,role\n{IDS[1]},arn:aws:iam::{IDS[2]}:role/x\n",
            f"line 2: the role is of account {IDS[2]}, and not of {IDS[1]}",
        ),
        (f"id,role\n{IDS[1]},no role\n", "line 2: 'no role' is neither a role's name nor its ARN"),
    ],
)
def test_what_is_wrong_in_the_file_is_said_with_its_line(
    organization: Plane,
    connect: Connect,
    listed: Callable[[str], Path],
    text: str,
    message: str,
) -> None:
    connection = connect(regions=FIRST, accounts_from=listed(text), assume_role="audit")
    with pytest.raises(UsageError) as caught:
        rows(connection, "select * from rest_apis")
    assert message in str(caught.value)


def test_an_account_without_any_role_is_an_error(
    organization: Plane, connect: Connect, listed: Callable[[str], Path]
) -> None:
    connection = connect(regions=FIRST, accounts_from=listed(f"id\n{IDS[1]}\n"))
    with pytest.raises(UsageError, match="line 2: it names no role"):
        rows(connection, "select * from rest_apis")


def test_a_file_that_is_not_there_is_an_error(
    organization: Plane, connect: Connect, tmp_path: Path
) -> None:
    connection = connect(accounts_from=tmp_path / "none.csv", assume_role="audit")
    with pytest.raises(UsageError, match=r"Cannot read .*none\.csv: No such file"):
        rows(connection, "select * from rest_apis")
