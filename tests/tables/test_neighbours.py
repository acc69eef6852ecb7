"""ACM's certificates and WAF's web ACLs: one call for each ARN, in its region, ahead of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apigw_vtab.aws.failures import CallFailed
from apigw_vtab.sqlite.connection import Connection
from apigw_vtab.sqlite.estimate import explain
from tests.conftest import Connect, operations, rows
from tests.control_plane import Fault, Plane, ServedEstate, serve

ACCOUNT, OTHER_ACCOUNT = "111122223333", "111122223334"
EU, US = "eu-west-1", "us-east-1"
WHO = {"GetCallerIdentity": 1}


def acm(number: int, region: str = EU, account: str = ACCOUNT) -> str:
    return f"arn:aws:acm:{region}:{account}:certificate/cert-{number}"


def acl(number: int, service: str = "wafv2", account: str = ACCOUNT) -> str:
    kind = "regional/webacl/shop" if service == "wafv2" else "webacl"
    return f"arn:aws:{service}:{EU}:{account}:{kind}/{number}"


def api(number: int, *stages: dict[str, Any]) -> dict[str, Any]:
    named = [{"stageName": f"s{place}", **stage} for place, stage in enumerate(stages)]
    return {"id": f"api000000{number}", "name": f"api {number}", "stages": named}


def certificate(arn: str, **members: Any) -> dict[str, Any]:
    return {"CertificateArn": arn, "Status": "ISSUED", "NotAfter": 4_000_000_000.5, **members}


def presents(number: int) -> dict[str, Any]:
    return {"clientCertificateId": acm(number)}


# Three distinct certificates on seven stages, beside one that API Gateway made and none at all.
APIS = [
    api(1, presents(1), presents(2), {}),
    api(2, presents(1), {"clientCertificateId": "abc123"}),
    api(3, presents(3), presents(3)),
    api(4, presents(1), presents(2)),
]
DOMAINS = [
    {"domainName": "edge.example.com", "certificateArn": acm(7, US)},
    {
        "domainName": "api.example.com",
        "regionalCertificateArn": acm(1),
        "ownershipVerificationCertificateArn": acm(2),
    },
    {"domainName": "www.example.com", "regionalCertificateArn": acm(1)},
]
V2_DOMAINS = [
    {
        "domainName": "api.example.com",
        "domainNameConfigurations": [
            {"endpointType": "REGIONAL", "certificateArn": acm(1)},
            {"endpointType": "EDGE", "certificateArn": acm(7, US)},
        ],
    },
]
LANES = {
    (ACCOUNT, EU): {
        "rest_apis": APIS,
        "domain_names": DOMAINS,
        "v2_domain_names": V2_DOMAINS,
        "acm_certificates": [certificate(acm(number)) for number in (1, 2, 3)],
        "web_acls": [{"ARN": acl(1), "Name": "shop", "Id": "1", "Capacity": 7}],
    },
    (ACCOUNT, US): {"acm_certificates": [certificate(acm(7, US), KeyAlgorithm="EC_secp384r1")]},
    (OTHER_ACCOUNT, EU): {"acm_certificates": [certificate(acm(9, account=OTHER_ACCOUNT))]},
}
ESTATE = ServedEstate.declared(LANES)


@pytest.fixture(scope="module")
def running() -> Iterator[Plane]:
    with serve(ESTATE) as plane:
        yield plane


@pytest.fixture
def neighbours(running: Plane, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    running.faults = []
    running.reset()
    monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
    yield running
    running.latency = 0


@pytest.fixture
def connection(neighbours: Plane, connect: Connect) -> Connection:
    return connect(regions=EU, on_error="warn")


def called(plane: Plane, name: str) -> Counter[tuple[str, Any]]:
    """The calls of an operation, by region and ARN."""
    return Counter(
        (one.region, one.params.get("CertificateArn") or one.params.get("ARN"))
        for one in plane.calls
        if one.operation == name
    )


# One resource


def test_a_certificate_takes_one_call_in_the_region_of_its_arn(
    neighbours: Plane, connection: Connection
) -> None:
    sql = "select region, status, not_after from acm_certificates where certificate_arn = ?"
    assert rows(connection, sql, (acm(7, US),)) == [(US, "ISSUED", "2096-10-02 07:06:40")]
    assert operations(neighbours) == {"DescribeCertificate": 1}
    assert called(neighbours, "DescribeCertificate") == {(US, acm(7, US)): 1}


def test_a_web_acl_takes_one_call(neighbours: Plane, connection: Connection) -> None:
    sql = "select name, web_acl_id, capacity from web_acls where web_acl_arn = ?"
    assert rows(connection, sql, (acl(1),)) == [("shop", "1", 7)]
    assert operations(neighbours) == {"GetWebACL": 1}


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("acm_certificates", "certificate_arn", acm(8)),
        ("web_acls", "web_acl_arn", acl(8)),
    ],
)
def test_what_is_gone_is_no_row_and_no_error(
    neighbours: Plane, connection: Connection, table: str, key: str, value: str
) -> None:
    assert rows(connection, f"select * from {table} where {key} = ?", (value,)) == []
    assert rows(connection, "select * from scan_errors") == []


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("acm_certificates", "certificate_arn", "abc123"),
        ("acm_certificates", "certificate_arn", acm(1) + "/x"),
        ("acm_certificates", "certificate_arn", acl(1)),
        ("acm_certificates", "certificate_arn", acm(1).replace(EU, "x.example.com/")),
        ("acm_certificates", "certificate_arn", acm(1).replace(EU, "cn-north-1")),
        ("web_acls", "web_acl_arn", acl(1, "waf-regional")),
        ("web_acls", "web_acl_arn", acl(1).replace("regional/", "global/")),
    ],
)
def test_an_arn_of_something_else_takes_no_call(
    neighbours: Plane, connection: Connection, table: str, key: str, value: str
) -> None:
    assert rows(connection, f"select * from {table} where {key} = ?", (value,)) == []
    connection.close()
    assert operations(neighbours) == {}


def test_a_certificate_of_an_account_that_is_not_read_is_no_row_and_no_error(
    neighbours: Plane, connection: Connection
) -> None:
    neighbours.faults = [Fault("denied", operation="DescribeCertificate")]
    sql = "select status from acm_certificates where certificate_arn = ?"
    foreign = acm(9, account=OTHER_ACCOUNT)
    assert rows(connection, sql, (foreign,)) == []
    # Who this account is was asked only to understand the refusal, and is known from then on.
    assert operations(neighbours) == {"DescribeCertificate": 1} | WHO
    assert rows(connection, sql, (acm(9, US, OTHER_ACCOUNT),)) == []
    assert operations(neighbours) == {"DescribeCertificate": 1} | WHO
    assert rows(connection, "select * from scan_errors") == []


def test_of_several_accounts_the_one_that_the_arn_names_is_asked(
    neighbours: Plane, connect: Connect
) -> None:
    connection = connect(profiles=["first", "second"], regions=EU)
    sql = "select account_id from acm_certificates where certificate_arn = ?"
    assert rows(connection, sql, (acm(9, account=OTHER_ACCOUNT),)) == [(OTHER_ACCOUNT,)]
    assert operations(neighbours) == {"DescribeCertificate": 1, "GetCallerIdentity": 2}


def test_another_region_or_account_in_the_condition_takes_no_call(
    neighbours: Plane, connection: Connection
) -> None:
    sql = "select * from acm_certificates where certificate_arn = ? and "
    assert rows(connection, f"{sql} region = 'us-east-1'", (acm(1),)) == []
    assert operations(neighbours) == {}
    assert rows(connection, f"{sql} account_id = '000000000000'", (acm(1),)) == []
    assert operations(neighbours) == WHO


@pytest.mark.parametrize(
    ("fault", "code", "advice"),
    [
        ("denied", "AccessDeniedException", "Allow acm:DescribeCertificate to this identity."),
        ("denied-by-scp", "AccessDeniedException", "acm:DescribeCertificate"),
        ("expired", "ExpiredTokenException", "Renew the credentials"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_iam_action(
    neighbours: Plane, connection: Connection, fault: str, code: str, advice: str
) -> None:
    neighbours.faults = [Fault(fault, operation="DescribeCertificate")]
    sql = "select * from acm_certificates where certificate_arn = ?"
    assert rows(connection, sql, (acm(7, US),)) == []
    found = rows(connection, "select service, region, code, advice from scan_errors")
    assert [row[:3] for row in found] == [("acm", US, code)]
    assert advice in found[0][3]


def test_who_wants_no_warning_gets_an_error(neighbours: Plane, connect: Connect) -> None:
    neighbours.faults = [Fault("denied", operation="GetWebACL")]
    with pytest.raises(CallFailed, match="wafv2:GetWebACL"):
        rows(connect(regions=EU), "select * from web_acls where web_acl_arn = ?", (acl(1),))


def test_a_throttled_call_is_sent_again(neighbours: Plane, connection: Connection) -> None:
    neighbours.faults = [Fault("throttle", operation="DescribeCertificate", times=2)]
    sql = "select status from acm_certificates where certificate_arn = ?"
    assert rows(connection, sql, (acm(1),)) == [("ISSUED",)]
    assert called(neighbours, "DescribeCertificate") == {(EU, acm(1)): 3}
    assert rows(connection, "select attempts from api_calls") == [(3,)]


def test_a_region_that_the_user_does_without_does_not_hide_its_certificates(
    neighbours: Plane, connect: Connect
) -> None:
    neighbours.faults = [Fault("denied-by-scp", region=US, operation="GetRestApis")]
    connection = connect(regions=[EU, US], on_error="warn", skip_denied_by_scp=True)
    sql = (
        "select count(c.status) from rest_apis left join acm_certificates c on certificate_arn = ?"
    )
    assert rows(connection, sql, (acm(7, US),)) == [(len(APIS),)]


# A list


def test_without_a_key_the_regions_that_are_read_are_listed(
    neighbours: Plane, connect: Connect
) -> None:
    connection = connect(regions=[EU, US])
    sql = "select region, count(*) from acm_certificates group by region"
    assert rows(connection, sql) == [(EU, 3), (US, 1)]
    assert operations(neighbours) == {"ListCertificates": 2}


def test_what_a_list_does_not_tell_is_asked_of_each(
    neighbours: Plane, connection: Connection
) -> None:
    assert len(rows(connection, "select serial, status from acm_certificates")) == 3
    assert operations(neighbours) == {"ListCertificates": 1, "DescribeCertificate": 3}


def test_what_both_tell_is_the_same(neighbours: Plane, connection: Connection) -> None:
    sql = "select certificate_arn, status, not_after from acm_certificates"
    listed = rows(connection, sql)
    single = [rows(connection, f"{sql} where certificate_arn = ?", (arn,))[0] for arn, *_ in listed]
    assert single == listed
    assert called(neighbours, "DescribeCertificate").total() == 3


def test_many_keys_are_never_a_reason_to_list(neighbours: Plane, connection: Connection) -> None:
    keys = ", ".join(f"'{acm(number)}'" for number in range(6))
    sql = f"select status from acm_certificates where certificate_arn in ({keys})"
    assert len(rows(connection, sql)) == 3
    assert operations(neighbours) == {"DescribeCertificate": 6}


def test_web_acls_are_listed_to_the_last_marker(neighbours: Plane, connection: Connection) -> None:
    assert rows(connection, "select name, capacity from web_acls") == [("shop", 7)]
    assert operations(neighbours) == {"ListWebACLs": 2, "GetWebACL": 1}


# Joins


JOINS = [
    (
        "select count(*) from stages s join acm_certificates c"
        " on c.certificate_arn = s.client_certificate_id",
        7,
        {"GetRestApis": 1, "GetStages": 4, "DescribeCertificate": 3},
    ),
    (
        "select count(c.status) from stages s left join acm_certificates c"
        " on c.certificate_arn = s.client_certificate_id and c.region = s.region",
        7,
        {"GetRestApis": 1, "GetStages": 4, "DescribeCertificate": 3},
    ),
    (
        "select count(c.status) from stages s left join acm_certificates c"
        " on c.certificate_arn = s.client_certificate_id and c.account_id = s.account_id",
        7,
        {"GetRestApis": 1, "GetStages": 4, "DescribeCertificate": 3} | WHO,
    ),
    (
        "select count(c.status) from domain_names left join acm_certificates c"
        " using (certificate_arn)",
        1,
        {"GetDomainNames": 2, "DescribeCertificate": 1},
    ),
    (
        "select count(c.status) from domain_names d left join acm_certificates c"
        " on c.certificate_arn = coalesce(d.certificate_arn, d.regional_certificate_arn)",
        3,
        {"GetDomainNames": 2, "DescribeCertificate": 2},
    ),
    (
        "select count(c.status) from domain_names d left join acm_certificates c"
        " on c.certificate_arn in (d.certificate_arn, d.regional_certificate_arn,"
        " d.ownership_verification_certificate_arn)",
        4,
        {"GetDomainNames": 2, "DescribeCertificate": 3},
    ),
    (
        "select count(c.status) from v2_domain_names d, json_each(domain_name_configurations) j"
        " left join acm_certificates c on c.certificate_arn = j.value ->> 'CertificateArn'",
        2,
        {"GetDomainNamesV2": 1, "DescribeCertificate": 2},
    ),
]


@pytest.mark.parametrize(("sql", "count", "calls"), JOINS)
def test_a_join_takes_one_call_for_each_arn(
    neighbours: Plane, connection: Connection, sql: str, count: int, calls: dict[str, int]
) -> None:
    assert rows(connection, sql) == [(count,)]
    assert operations(neighbours) == calls


def test_a_stage_behind_a_web_acl_of_waf_classic_is_a_row_with_nulls(
    neighbours: Plane, connect: Connect
) -> None:
    stages = [{"webAclArn": one} for one in (acl(1), acl(1), acl(2, "waf-regional"), acl(3))]
    lane = {**LANES[ACCOUNT, EU], "rest_apis": [api(1, *stages)]}
    with serve(ServedEstate.declared({(ACCOUNT, EU): lane})) as plane:
        connection = connect(regions=EU, endpoint_url=plane.url)
        sql = "select stage_name, name from stages left join web_acls using (web_acl_arn)"
        found = [("s0", "shop"), ("s1", "shop"), ("s2", None), ("s3", None)]
        assert rows(connection, sql) == found
        assert operations(plane) == {"GetRestApis": 1, "GetStages": 1, "GetWebACL": 2}


@pytest.fixture
def many(connect: Connect) -> Iterator[Callable[[int], tuple[Plane, Connection]]]:
    """A control plane with so many stages, each with a certificate of its own."""
    running: list[Any] = []

    def start(count: int) -> tuple[Plane, Connection]:
        apis = [api(1, *(presents(number) for number in range(count)))]
        lane = {
            "rest_apis": apis,
            "acm_certificates": [certificate(acm(number)) for number in range(count)],
        }
        running.append(serve(ServedEstate.declared({(ACCOUNT, EU): lane})))
        plane = running[-1].__enter__()
        return plane, connect(regions=EU, endpoint_url=plane.url, max_rps=1e6)

    yield start
    for one in running:
        one.__exit__(None, None, None)


JOINED = (
    "select s.stage_name, c.status from stages s"
    " left join acm_certificates c on c.certificate_arn = s.client_certificate_id"
)


def test_the_calls_of_a_join_are_under_way_together(many: Any) -> None:
    plane, connection = many(24)
    plane.latency = 0.2
    assert len(rows(connection, JOINED)) == 24
    assert called(plane, "DescribeCertificate").total() == 24
    # One after another, no two would ever wait for an answer at once.
    assert plane.counts.peak >= 8


def test_a_join_that_ends_early_makes_no_more_calls_than_rows(many: Any) -> None:
    plane, connection = many(24)
    assert len(rows(connection, f"{JOINED} where s.stage_name = 's3'")) == 1
    assert called(plane, "DescribeCertificate") == {(EU, acm(3)): 1}


def test_the_cost_is_told_before(neighbours: Plane, connection: Connection) -> None:
    keys = f"'{acm(1)}', '{acm(7, US)}'"
    sql = f"select status from acm_certificates where certificate_arn in ({keys})"
    told = explain(connection, sql, {})
    assert told.calls == {
        ("DescribeCertificate", "first", EU): 1,
        ("DescribeCertificate", "first", US): 1,
    }
    assert operations(neighbours) == {}
