"""ACM and WAF in the sandbox: what its stages name is there, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

import apigw_vtab
from apigw_vtab.sandbox import process
from tests.conftest import rows
from tests.sandbox.clients import reach

PRODUCTION = "us-east-1"


@pytest.fixture(scope="module")
def client() -> Callable[[str], Any]:
    running = process.start()
    return lambda service: reach(running.endpoint_url, service, running.profiles[0], PRODUCTION)


def test_a_certificate_that_a_stage_presents_is_one_of_acm_that_is_valid(client: Any) -> None:
    gateway, acm = client("apigateway"), client("acm")
    presented = [
        stage["clientCertificateId"]
        for api in gateway.get_rest_apis()["items"]
        for stage in gateway.get_stages(restApiId=api["id"])["item"]
        if stage.get("clientCertificateId", "").startswith("arn:")
    ]
    (arn,) = presented
    certificate = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    assert certificate["Status"] == "ISSUED"
    assert certificate["NotBefore"] < datetime.now(timezone.utc) < certificate["NotAfter"]
    listed = acm.list_certificates()["CertificateSummaryList"]
    assert arn in [one["CertificateArn"] for one in listed]


def test_every_web_acl_that_a_stage_names_is_there() -> None:
    connection = apigw_vtab.connect(sandbox=True)
    sql = (
        "select count(*), count(w.name) from stages left join web_acls w using (web_acl_arn)"
        " where web_acl_arn is not null"
    )
    ((named, found),) = rows(connection, sql)
    connection.close()
    assert named == found > 0


@pytest.mark.parametrize(
    ("service", "operation", "asked", "code"),
    [
        (
            "acm",
            "describe_certificate",
            {"CertificateArn": f"arn:aws:acm:{PRODUCTION}:111122223333:certificate/none"},
            "ResourceNotFoundException",
        ),
        (
            "wafv2",
            "get_web_acl",
            {"ARN": f"arn:aws:wafv2:{PRODUCTION}:111122223333:regional/webacl/none/none"},
            "WAFNonexistentItemException",
        ),
        ("acm", "get_account_configuration", {}, "UnknownOperationException"),
    ],
)
def test_what_is_not_there_is_refused_as_aws_refuses_it(
    client: Any, service: str, operation: str, asked: dict[str, str], code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client(service), operation)(**asked)
    response: Any = refused.value.response
    assert response["Error"]["Code"] == code
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
