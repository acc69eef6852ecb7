"""Saved queries are found by name or rule id, in our folder and the user's."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from apigw_vtab.controls.library import (
    LARGEST,
    all_queries,
    find_queries,
    read_query_file,
)
from apigw_vtab.controls.saved_query import SavedQuery
from apigw_vtab.controls.selection import Selection
from apigw_vtab.errors import UsageError

SHIPPED = all_queries()
CERTIFICATE = SavedQuery("stage-certificate", "", {"references": "AG-006, APIGateway.2"})
EXPIRING = SavedQuery("certificate-expiring", "", {"references": "AG-007"})
TRACING = SavedQuery("stage-tracing", "", {"references": "APIGateway.3, AG-007"})
QUERIES = [EXPIRING, CERTIFICATE, TRACING]


@pytest.mark.parametrize(
    "name",
    [
        *("stage-certificate", "STAGE-Certificate", "AG-006", "ag-006"),
        *("APIGateway.2", "apigateway.2", "APIGATEWAY.2"),
    ],
)
def test_a_query_is_found_by_its_name_or_rule_id_whatever_the_case(name: str) -> None:
    assert find_queries([name], QUERIES) == [CERTIFICATE]


def test_queries_come_in_the_order_of_the_names() -> None:
    assert find_queries(["stage-tracing", "AG-006"], QUERIES) == [TRACING, CERTIFICATE]


def test_a_query_that_is_named_twice_comes_once() -> None:
    assert find_queries(["AG-006", "stage-certificate"], QUERIES) == [CERTIFICATE]


def test_a_rule_id_of_two_queries_gives_both() -> None:
    assert find_queries(["ag-007"], QUERIES) == [EXPIRING, TRACING]


@pytest.mark.parametrize("part", ["stage", "AG-00", "certificate", ""])
def test_a_part_of_a_name_is_no_name(part: str) -> None:
    with pytest.raises(UsageError, match="No saved query"):
        find_queries([part], QUERIES)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("stage-certificat", "stage-certificate"), ("APIGATEWAY-2", r"APIGateway\.2")],
)
def test_an_unknown_name_gives_the_nearest(name: str, meant: str) -> None:
    with pytest.raises(UsageError, match=rf"^No saved query '{name}'\. Did you mean {meant}"):
        find_queries([name], QUERIES)


def test_an_unknown_name_says_where_all_names_are() -> None:
    with pytest.raises(
        UsageError, match=r"^No saved query 'xyz'\. To list them: apigw-vtab queries"
    ):
        find_queries(["xyz"], QUERIES)


# Folders


def test_a_query_is_named_after_its_file(tmp_path: Path) -> None:
    (tmp_path / "zz-mine.sql").write_text("-- title: Mine\nselect 1")
    assert all_queries([tmp_path])[-1].name == "zz-mine"


def test_the_users_queries_come_beside_the_shipped_ones_by_name(tmp_path: Path) -> None:
    (tmp_path / "aa-mine.sql").write_text("select 1")
    (tmp_path / "zz-mine.sql").write_text("select 1")
    shipped = [query.name for query in SHIPPED]
    assert [query.name for query in all_queries([tmp_path])] == ["aa-mine", *shipped, "zz-mine"]


def test_a_users_query_takes_the_place_of_a_shipped_one_of_its_name(tmp_path: Path) -> None:
    first = SHIPPED[0]
    (tmp_path / f"{first.name}.sql").write_text("-- title: Mine\nselect 1")
    found = all_queries([tmp_path])
    assert (found[0].name, found[0].title) == (first.name, "Mine")
    assert found[1:] == SHIPPED[1:]


def test_the_last_folder_has_its_way(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "zz.sql").write_text(f"-- title: {folder}\n")
    assert all_queries([tmp_path / "one", tmp_path / "two"])[-1].title == "two"


def test_only_sql_files_are_queries(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("-- title: Notes")
    assert all_queries([tmp_path]) == SHIPPED


def test_a_folder_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"No folder of saved queries at .*/nowhere\."):
        all_queries([tmp_path / "nowhere"])


def test_a_file_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Cannot read .*/no\.sql: No such file or directory\."):
        read_query_file(tmp_path / "no.sql")


def test_a_file_that_is_no_text_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "bad.sql").write_bytes(b"-- title: \xff")
    with pytest.raises(UsageError, match=r"bad\.sql: it is not UTF-8 text"):
        read_query_file(tmp_path / "bad.sql")


def test_a_file_that_is_no_text_takes_nothing_from_the_others(tmp_path: Path) -> None:
    (tmp_path / "zz.sql").write_bytes(b"-- title: \xff")
    *others, faulty = all_queries([tmp_path])
    assert others == SHIPPED
    assert "zz.sql: it is not UTF-8 text" in faulty.fault
    with pytest.raises(UsageError, match=r"zz\.sql: it is not UTF-8 text"):
        find_queries(["zz"], all_queries([tmp_path]))


# Selections and names


@pytest.mark.parametrize(
    ("selection", "names", "dropped"),
    [
        (Selection(severities=["critical"]), ["AG-006"], "--severity critical leaves out AG-006"),
        (Selection(tags=["logging"]), ["AG-006"], "--tag logging leaves out AG-006"),
        (
            Selection(suites=["prowler"], tags=["tls"]),
            ["stage-client-certificate", "stage-xray-tracing"],
            "--suite prowler --tag tls leaves out stage-client-certificate, stage-xray-tracing",
        ),
        (
            Selection(suites=["conformity"]),
            ["AG-006", "rest-api-policy-public"],
            "--suite conformity leaves out rest-api-policy-public",
        ),
    ],
)
def test_a_control_that_is_named_is_not_left_out_in_silence(
    selection: Selection, names: list[str], dropped: str
) -> None:
    with pytest.raises(UsageError, match=f"^{dropped}, which you named"):
        selection.choose_named(names, SHIPPED)


def test_a_control_that_is_named_and_selected_is_chosen() -> None:
    chosen = Selection(suites=["conformity"]).choose_named(["AG-006"], SHIPPED)
    assert [query.name for query in chosen] == ["stage-client-certificate"]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (os.mkfifo, "is not a file"),
        (Path.mkdir, "is not a file"),
        (lambda path: path.symlink_to("nowhere"), "is a link to nothing"),
        (lambda path: path.symlink_to("/dev/zero"), "is not a file"),
        (lambda path: path.symlink_to(path.name), "is a link to nothing"),
        (lambda path: path.write_bytes(b" " * (LARGEST + 1)), "more than 1,000,000 bytes"),
        (lambda path: path.write_bytes(b"select '\xff'"), "is not UTF-8"),
        (lambda path: path.write_text("select '\0'"), "has a NUL character"),
    ],
)
def test_what_is_no_file_of_sql_is_an_error_that_names_it(
    tmp_path: Path, make: Callable[[Path], object], words: str
) -> None:
    make(tmp_path / "odd.sql")
    (odd,) = (query for query in all_queries([tmp_path]) if query.name == "odd")
    assert re.search(f"odd.*{words}", odd.fault)


def test_a_file_that_never_ends_is_not_read_to_its_end() -> None:
    with pytest.raises(UsageError, match="more than 1,000,000 bytes"):
        read_query_file(Path("/dev/zero"))


SELECT = "select arn as resource, 'ok' as status, 'x' as reason, account_id, region from stages"


@pytest.mark.parametrize(
    ("name", "reference", "words"),
    [
        ("c", "AG-006", "c.sql, line 2: AG-006 is the id of a rule of conformity"),
        ("c", "avd-aws-0001", "c.sql, line 2: avd-aws-0001 is the id of a rule of trivy"),
        ("c", "Stage-WAF-web-acl", "c.sql, line 2: Stage-WAF-web-acl is the name of "),
        ("AG-006", "X-1", "AG-006.sql, line 1: AG-006 is the id of a rule of conformity"),
    ],
)
def test_an_id_that_is_taken_is_an_error_with_its_line(
    tmp_path: Path, name: str, reference: str, words: str
) -> None:
    path = tmp_path / f"{name}.sql"
    path.write_text(f"-- severity: low\n-- references: {reference}\n{SELECT}")
    (found,) = [query for query in all_queries([tmp_path]) if query.name == name]
    assert words in found.fault


def test_a_control_in_the_place_of_ours_may_name_the_rules_of_it(tmp_path: Path) -> None:
    path = tmp_path / "stage-client-certificate.sql"
    path.write_text(f"-- severity: low\n-- references: AG-006\n{SELECT}")
    (found,) = find_queries(["AG-006"], all_queries([tmp_path]))
    assert found.path == str(path)
