"""A service is declared once: its prefix in IAM and its quotas; boto3 has two where AWS has one."""

from __future__ import annotations

import pytest

from apigw_vtab.aws.rate_limit import BURST, RATE
from apigw_vtab.tables.registry import TABLES
from apigw_vtab.tables.services import (
    ACM,
    API_GATEWAY,
    CAREFUL,
    DECLARED,
    RateQuota,
    iam_action,
    service_of,
    signing_name,
)


def test_both_versions_of_api_gateway_are_one_service() -> None:
    assert service_of("apigatewayv2") is service_of("apigateway") is API_GATEWAY


def test_api_gateways_quota_is_the_one_that_a_bucket_has_by_itself() -> None:
    assert API_GATEWAY.shared == RateQuota(RATE, BURST)


@pytest.mark.parametrize("name", ["sts", "ec2"])
def test_what_an_account_is_asked_once_waits_for_no_quota(name: str) -> None:
    service = service_of(name)
    assert (service.shared, service.quota_of("DescribeRegions")) == (None, None)


def test_an_operation_has_the_quota_of_each_unless_it_has_another_one() -> None:
    assert ACM.quota_of("DescribeCertificate") == RateQuota(10)
    assert ACM.quota_of("ListCertificates") == RateQuota(1)


@pytest.mark.parametrize(
    ("name", "operation", "action"),
    [
        ("apigateway", "GenerateClientCertificate", "apigateway:POST"),
        ("apigateway", "FlushStageCache", "apigateway:*"),
        ("apigateway", "TagResource", "apigateway:PUT"),
        ("apigatewayv2", "TagResource", "apigateway:POST"),
        ("apigatewayv2", "UntagResource", "apigateway:DELETE"),
        ("apigatewayv2", "GetApis", "apigateway:GET"),
        ("apigatewayv2", "ListRoutingRules", "apigateway:ListRoutingRules"),
        ("acm", "DescribeCertificate", "acm:DescribeCertificate"),
        ("wafv2", "GetWebACL", "wafv2:GetWebACL"),
    ],
)
def test_an_action_is_what_a_policy_calls_it(name: str, operation: str, action: str) -> None:
    assert iam_action(name, operation) == action


def test_a_service_that_nobody_declared_has_its_prefix_from_the_model_and_a_careful_pace() -> None:
    assert iam_action("elbv2", "DescribeTags") == "elasticloadbalancing:DescribeTags"
    assert service_of("elbv2").quota_of("DescribeTags") == CAREFUL


def test_what_is_declared_has_the_name_that_calls_are_signed_for() -> None:
    declared = {read.service for table in TABLES for read in table.reads} & DECLARED.keys()
    assert declared
    assert {name: signing_name(name) for name in declared} == {name: name for name in declared}
