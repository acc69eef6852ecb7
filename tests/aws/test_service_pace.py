"""Each service has its own pace in an account and region: none waits for another one's quota."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest

from apigw_vtab.aws.accounts import Account
from apigw_vtab.aws.call import Call
from apigw_vtab.aws.dispatcher import PacedQueue
from apigw_vtab.aws.rate_limit import Window, window_at
from apigw_vtab.aws.retry import Sender
from apigw_vtab.tables.declaration import Read


@pytest.fixture
def sender() -> Iterator[Sender]:
    sender = Sender(None, 60, lambda *_: None)
    yield sender
    sender.close()


@pytest.fixture
def account() -> Account:
    return Account(boto3.Session())


def queue(sender: Sender, account: Account, service: str, name: str) -> PacedQueue:
    return sender.queue(Call(account.lane("eu-west-1"), Read(service, name)))


def test_both_versions_of_api_gateway_wait_in_one_queue(sender: Sender, account: Account) -> None:
    first = queue(sender, account, "apigateway", "GetRestApis")
    assert queue(sender, account, "apigatewayv2", "GetApis") is first


@pytest.mark.parametrize(
    ("service", "name", "rate"),
    [
        ("acm", "DescribeCertificate", 10),
        ("acm", "ListCertificates", 1),
        ("wafv2", "GetWebACL", 5),
        ("elbv2", "DescribeLoadBalancers", 5),
    ],
)
def test_an_operation_of_another_service_waits_for_its_own_quota(
    sender: Sender, account: Account, service: str, name: str, rate: float
) -> None:
    own, gateways = (
        queue(sender, account, service, name),
        queue(sender, account, "apigateway", "GetRestApis"),
    )
    assert own is not gateways
    assert isinstance(own.bucket, Window)
    assert own.bucket.rate == rate
    assert queue(sender, account, service, "DescribeTags") is not own


def test_who_an_account_is_waits_for_nothing(sender: Sender, account: Account) -> None:
    first = queue(sender, account, "sts", "GetCallerIdentity")
    assert queue(sender, account, "ec2", "DescribeRegions") is first
    assert first.bucket.ready_at(7) == 7


@pytest.mark.parametrize(
    ("max_rps", "rate"), [(None, 5), (10, 5), (2, 2), (0.5, 0.5), (100, 50), (1e6, 5e5)]
)
def test_a_users_limit_slows_a_stated_quota_down_and_raises_it_as_much_as_api_gateways(
    max_rps: float | None, rate: float
) -> None:
    assert window_at(5, max_rps).rate == rate
