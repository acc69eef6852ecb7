"""A region that an SCP denies in part is not left out, whichever of its answers comes first."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from click.testing import CliRunner

from apigw_vtab import CallFailed
from apigw_vtab.cli.main import main
from tests.conftest import REGIONS, Connect, rows
from tests.control_plane import Fault, Plane

TABLES = {"GetRestApis": "rest_apis", "GetClientCertificates": "client_certificates"}
FIRST, SECOND, _ = REGIONS


def ask(plane: Plane, late: str, *words: str, denied: str) -> tuple[str, str, int]:
    """What is printed, with one operation of a region denied, and one that answers late."""
    plane.faults = [
        Fault("denied-by-scp", region=SECOND, operation=denied),
        Fault("slow", operation=late, seconds=0.3),
    ]
    where = ("--skip-denied-by-scp", "--region", f"{FIRST},{SECOND}", "--profile", "first")
    result = CliRunner().invoke(main, [*words, *where, "--output", "csv"])
    return result.stdout, result.stderr, result.exit_code


@pytest.mark.parametrize("denied", TABLES)
@pytest.mark.parametrize(
    "words",
    [
        ("query", "select r.arn, c.arn from rest_apis r full join client_certificates c"
         " using (region)"),
        ("query", "select arn from rest_apis union all select arn from client_certificates"),
        ("query", "select arn from client_certificates; select arn from rest_apis"),
        ("check", "AG-006", "client-certificate-unused", "rest-api-tls-security-policy"),
        ("check", "rest-api-tls-security-policy", "client-certificate-unused", "AG-006"),
    ],
)  # fmt: skip
def test_what_is_denied_in_part_does_not_depend_on_which_answer_comes_first(
    plane: Plane, denied: str, words: Sequence[str]
) -> None:
    one, other = (ask(plane, late, *words, denied=denied) for late in TABLES)
    assert one == other
    assert one[2] == 3
    assert f"{denied} in {SECOND} (profile first): denied by a service control policy" in one[1]
    assert "left out" not in one[1]


@pytest.mark.parametrize("denied", TABLES)
def test_a_table_that_could_be_read_stays(plane: Plane, denied: str) -> None:
    (read,) = (table for operation, table in TABLES.items() if operation != denied)
    sql = f"select region from {TABLES[denied]} union all select region from {read}"
    printed, _, _ = ask(plane, denied, "query", sql, denied=denied)
    expected = {"rest_apis": 4, "client_certificates": 3}
    assert printed.count(SECOND) == expected[read]
    assert printed.count(FIRST) == 7


def test_a_library_raises_what_was_denied_in_part(plane: Plane, connect: Connect) -> None:
    plane.faults = [Fault("denied-by-scp", region=SECOND, operation="GetClientCertificates")]
    connection = connect(regions=[SECOND], skip_denied_by_scp=True)
    assert rows(connection, "select arn from client_certificates") == []
    sql = "select arn from client_certificates union all select arn from rest_apis"
    with pytest.raises(CallFailed, match="GetClientCertificates"):
        rows(connection, sql)


def test_the_shell_tells_once_it_knows_that_a_region_is_not_left_out(plane: Plane) -> None:
    plane.faults = [Fault("denied-by-scp", region=SECOND, operation="GetClientCertificates")]
    typed = "select arn from client_certificates;\nselect count(*) from rest_apis;\n"
    words = ("shell", "--skip-denied-by-scp", "--region", SECOND, "--profile", "first")
    result = CliRunner().invoke(main, words, input=typed)
    before, _, after = result.stderr.partition("incomplete")
    assert "1 region was left out" in before
    assert f"GetClientCertificates in {SECOND}" in after
    assert result.exit_code == 3
