"""Never silent: what cannot be read is an error or is named, and never counts as clean."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from click.testing import CliRunner

from apigw_vtab import CallFailed
from apigw_vtab.cli.main import main
from tests.conftest import REGIONS, Connect, operations, rows
from tests.control_plane import Fault, Plane

FIRST, SECOND, THIRD = REGIONS
BY_REGION = "select region, count(*) from stages group by region"
BY_CERTIFICATE = "select * from stages full join client_certificates using (arn)"
DENIED = Fault("denied", region=SECOND)


def complete_but(*missing: str) -> list[tuple[str, int]]:
    """The rows of BY_REGION without those of some regions."""
    return [(region, 12) for region in sorted(REGIONS) if region not in missing]


def test_a_denied_region_raises_unless_told_otherwise(plane: Plane, connect: Connect) -> None:
    plane.faults = [DENIED]
    with pytest.raises(CallFailed) as caught:
        rows(connect(regions=REGIONS), BY_REGION)
    assert (caught.value.region, caught.value.operation) == (SECOND, "GetRestApis")
    assert "Allow apigateway:GET to this identity" in str(caught.value)


def test_a_denied_region_is_a_row_of_scan_errors(plane: Plane, connect: Connect) -> None:
    plane.faults = [DENIED]
    connection = connect(regions=REGIONS, on_error="warn")
    assert rows(connection, BY_REGION) == complete_but(SECOND)
    sql = "select region, profile, operation, code, message from scan_errors"
    ((region, profile, operation, code, message),) = rows(connection, sql)
    assert (region, profile, operation) == (SECOND, "first", "GetRestApis")
    assert code == "AccessDeniedException"
    assert "is not authorized to perform: apigateway:GET" in message


@pytest.mark.parametrize(
    "words",
    [
        ("query", "select arn from client_certificates union all select arn from stages"),
        ("check", "AG-006", "client-certificate-unused"),
        ("remediate", "AG-006", "--dry-run"),
        ("shell",),
    ],
)
def test_what_is_missing_is_told_in_a_fixed_order(plane: Plane, words: Sequence[str]) -> None:
    profiles = ("--profile", "second", "--profile", "first", "--region", f"{THIRD},{FIRST}")
    told = []
    for late in (FIRST, THIRD):
        plane.faults = [
            Fault("denied", operation="GetStages"),
            Fault("denied", operation="GetClientCertificates"),
            Fault("slow", region=late, seconds=0.2),
        ]
        result = CliRunner().invoke(main, [*words, *profiles], input=f"{BY_CERTIFICATE};\n")
        told.append([line for line in result.stderr.splitlines() if line.startswith("  Get")])
    assert told[0] == told[1]
    assert [line.partition(")")[0] for line in told[0]] == [
        f"  GetClientCertificates, GetStages in {FIRST}, {THIRD} (profile {profile}, 10 calls"
        for profile in ("second", "first")
    ]


def test_a_failure_is_asked_once_in_a_statement_and_again_in_the_next(
    plane: Plane, connect: Connect
) -> None:
    plane.faults = [DENIED]
    connection = connect(regions=SECOND, on_error="warn")
    rows(connection, "select count(*) from rest_apis a, rest_apis b, stages")
    assert operations(plane) == {"GetRestApis": 1}
    plane.faults = []
    assert rows(connection, BY_REGION) == [(SECOND, 12)]
    assert rows(connection, "select * from scan_errors") == []


@pytest.mark.parametrize("kind", ["internal-error", "unavailable", "reset", "cut-off", "throttle"])
def test_a_fault_that_passes_is_not_seen(plane: Plane, connect: Connect, kind: str) -> None:
    plane.faults = [Fault(kind, region=SECOND, operation="GetRestApis", times=2)]
    connection = connect(regions=REGIONS)
    assert rows(connection, BY_REGION) == complete_but()
    attempts = "select max(attempts) from api_calls where region = ?"
    assert rows(connection, attempts, (SECOND,)) == [(3,)]


@pytest.mark.parametrize("kind", ["internal-error", "reset", "cut-off"])
def test_a_fault_that_stays_leaves_out_its_region_alone(
    plane: Plane, connect: Connect, kind: str
) -> None:
    plane.faults = [Fault(kind, region=SECOND, operation="GetRestApis")]
    connection = connect(regions=REGIONS, on_error="warn")
    assert rows(connection, BY_REGION) == complete_but(SECOND)
    assert len(connection.executor.log.failures()) == 1


def test_an_api_that_vanishes_between_two_calls_is_no_error(plane: Plane, connect: Connect) -> None:
    plane.faults = [Fault("vanished", region=SECOND)]
    connection = connect(regions=REGIONS)
    assert rows(connection, BY_REGION) == complete_but(SECOND)
    assert connection.executor.log.failures() == []


def test_a_page_token_that_comes_twice_is_an_error_and_no_endless_loop(
    plane: Plane, connect: Connect
) -> None:
    plane.faults = [Fault("repeated-token", region=SECOND)]
    connection = connect(regions=REGIONS, on_error="warn")
    assert rows(connection, BY_REGION) == complete_but()
    (failure,) = connection.executor.log.failures()
    assert failure.code == "RepeatedPageToken"


def test_an_empty_page_with_a_token_is_not_the_end(plane: Plane, connect: Connect) -> None:
    plane.faults = [Fault("empty-page")]
    assert rows(connect(regions=REGIONS), BY_REGION) == complete_but()


@pytest.mark.parametrize(
    "kind", ["unknown-member", "unknown-value", "missing-member", "wrong-type"]
)
def test_members_that_no_model_expects_do_no_harm(
    plane: Plane, connect: Connect, kind: str
) -> None:
    plane.faults = [Fault(kind)]
    connection = connect(regions=REGIONS)
    assert rows(connection, BY_REGION) == complete_but()
    assert rows(connection, "select * from stages")


def test_an_expired_token_is_told_once_for_the_account(plane: Plane, connect: Connect) -> None:
    plane.faults = [Fault("expired")]
    connection = connect(on_error="warn")
    assert rows(connection, BY_REGION) == []
    (failure,) = connection.executor.log.failures()
    assert "aws sso login --profile first" in str(failure)


@pytest.mark.parametrize("on_error", ["warn", "raise"])
def test_rows_come_without_their_account_where_sts_does_not_answer(
    plane: Plane, connect: Connect, on_error: str
) -> None:
    plane.faults = [Fault("denied", operation="GetCallerIdentity")]
    connection = connect(regions=FIRST, on_error=on_error)
    sql = "select account_id, count(*) from rest_apis group by 1"
    if on_error == "raise":
        with pytest.raises(CallFailed, match="GetCallerIdentity"):
            rows(connection, sql)
        return
    assert rows(connection, sql) == [(None, 4)]
    assert rows(connection, "select operation from scan_errors") == [("GetCallerIdentity",)]


def test_profiles_that_cannot_be_told_apart_are_named(plane: Plane, connect: Connect) -> None:
    plane.faults = [Fault("denied", operation="GetCallerIdentity")]
    connection = connect(profiles=["first", "second"], regions=FIRST, on_error="warn")
    rows(connection, "select count(*) from rest_apis")
    found = rows(connection, "select distinct profile from scan_errors")
    assert found == [("first",), ("second",)]


@pytest.mark.parametrize(
    ("member", "column", "value", "given"),
    [
        ("createdDate", "created_date", "soon", "soon"),
        ("tags", "tags", "x", '"x"'),
        ("minimumCompressionSize", "minimum_compression_size", "10k", "10k"),
    ],
)
def test_a_value_of_a_wrong_type_is_given_as_aws_sent_it(
    plane: Plane, connect: Connect, member: str, column: str, value: str, given: str
) -> None:
    plane.faults = [Fault("wrong-type", region=FIRST, member=member, value=value)]
    connection = connect(regions=FIRST)
    assert (given,) in rows(connection, f"select distinct {column} from rest_apis")


def test_a_resource_without_an_id_is_named(plane: Plane, connect: Connect) -> None:
    plane.faults = [Fault("missing-member", region=SECOND, member="id")]
    connection = connect(regions=REGIONS, on_error="warn")
    found = rows(connection, BY_REGION)
    assert [region for region, _ in found] == [r for r in sorted(REGIONS) if r != SECOND]
    assert {failure.region for failure in connection.executor.log.failures()} == {SECOND}


@pytest.mark.parametrize(
    "body",
    [
        b"<html>proxy login</html>",
        b'{"item":[{"id":"a1","name":"n"}',
        b"upstream error",
        b"",
        b"[]",
        b'{"message":"not for you"}',
        b'{"item":[null]}',
        b'{"item":"x"}',
        b'{"item":[{"id":"\xff"}]}',
        b"{}",
        b'{"item":null}',
        b'{"message":"Forbidden","item":null}',
        b'{"position":null}',
        b'{"items":[]}',
    ],
)
def test_what_is_no_answer_of_api_gateway_never_counts_as_an_empty_region(
    connect: Connect, body: bytes, httpserver: Callable[[bytes], str]
) -> None:
    connection = connect(regions=FIRST, on_error="warn", endpoint_url=httpserver(body))
    assert rows(connection, "select name from rest_apis") == []
    (failure,) = connection.executor.log.failures()
    assert failure.operation == "GetRestApis"


def test_an_empty_list_is_an_empty_region(
    connect: Connect, httpserver: Callable[[bytes], str]
) -> None:
    connection = connect(regions=FIRST, endpoint_url=httpserver(b'{"item":[]}'))
    assert rows(connection, "select name from rest_apis") == []


@pytest.mark.parametrize(
    "words",
    [
        ("query", "select name from rest_apis"),
        ("check", "AG-006"),
        ("remediate", "AG-006", "--dry-run"),
    ],
)
def test_regions_that_no_account_has_enabled_are_wrong_usage(
    plane: Plane, words: Sequence[str]
) -> None:
    where = ("--profile", "first,second", "--region", "af-south-1")
    result = CliRunner().invoke(main, [*words, *where])
    assert result.exit_code == 2
    told = "No region was read: af-south-1 is not enabled for any of 2 accounts."
    assert told in result.stderr


def test_regions_of_which_one_is_enabled_are_no_wrong_usage(plane: Plane) -> None:
    where = ("--profile", "first", "--region", f"af-south-1,{FIRST}")
    result = CliRunner().invoke(main, ["query", "select name from rest_apis", *where])
    assert (result.exit_code, "No region was read" in result.stderr) == (0, False)
