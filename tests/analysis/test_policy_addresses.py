"""Resource policies, and whether a request from another address than some gets in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apigw_vtab.analysis.policy import other_addresses_get_in

OURS = ["203.0.113.0/24", "2001:db8::/32"]
ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
DENY = ALLOW | {"Effect": "Deny"}


def source_ip(*addresses: str, operator: str = "IpAddress") -> dict[str, Any]:
    return {"Condition": {operator: {"aws:SourceIp": list(addresses)}}}


def judged(*statements: dict[str, Any], ours: list[str] = OURS) -> str:
    return other_addresses_get_in(json.dumps({"Statement": statements}), ours).answer


@pytest.mark.parametrize(
    "statements",
    [
        [ALLOW | source_ip("203.0.113.7")],
        [ALLOW | source_ip("203.0.113.0/25", "203.0.113.128/25", "2001:db8:1::/48")],
        [ALLOW | {"Principal": {"AWS": "111122223333"}} | source_ip("203.0.113.7")],
        [ALLOW, DENY | source_ip("203.0.113.0/24", operator="NotIpAddress")],
        [ALLOW | source_ip("0.0.0.0/0"), DENY | source_ip("203.0.113.7", operator="NotIpAddress")],
        [DENY],
    ],
)
def test_nobody_gets_in_from_another_address(statements: list[dict[str, Any]]) -> None:
    assert judged(*statements) == "no"


@pytest.mark.parametrize(
    "statements",
    [
        [ALLOW],
        [ALLOW | {"Principal": {"AWS": "111122223333"}}],
        [ALLOW | source_ip("203.0.112.0/23")],
        [ALLOW | source_ip("203.0.113.7", "198.51.100.7")],
        [ALLOW | source_ip("2001:db7::/32")],
        [ALLOW | source_ip("203.0.113.7"), ALLOW | source_ip("198.51.100.7")],
        [ALLOW, DENY | source_ip("198.51.100.0/24")],
        [ALLOW, DENY | source_ip("203.0.112.0/23", operator="NotIpAddress")],
        # A request through a VPC endpoint has no address.
        [ALLOW | source_ip("203.0.113.7", operator="IpAddressIfExists")],
        [ALLOW | {"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}}],
    ],
)
def test_somebody_gets_in_from_another_address(statements: list[dict[str, Any]]) -> None:
    assert judged(*statements) == "yes"


def test_two_halves_of_a_range_are_the_range() -> None:
    halves = ["203.0.113.0/25", "203.0.113.128/25"]
    assert judged(ALLOW | source_ip("203.0.113.0/24"), ours=halves) == "no"
    assert judged(ALLOW | source_ip("203.0.113.0/24"), ours=halves[:1]) == "yes"


@pytest.mark.parametrize("ours", [[], ["office"], ["203.0.113.0/33"], ["203.0.113.0/24", "*"]])
def test_addresses_that_are_none_are_not_judged_by(ours: list[str]) -> None:
    assert judged(ALLOW | source_ip("203.0.113.7"), ours=ours) == "unknown"


@pytest.mark.parametrize("policy", ["", "{", "[]", '{"Statement": [{"Effect": "Maybe"}]}'])
def test_what_is_no_policy_is_not_judged(policy: str) -> None:
    assert other_addresses_get_in(policy, OURS).answer == "unknown"


def test_a_condition_that_is_not_known_is_not_judged() -> None:
    assert judged(ALLOW | source_ip("203.0.113.7", operator="IpAdress")) == "unknown"


def test_the_reason_names_an_address_and_a_statement() -> None:
    open_to = ALLOW | {"Sid": "partners"} | source_ip("198.51.100.7")
    why = other_addresses_get_in(json.dumps({"Statement": [open_to]}), OURS).why
    assert why == "A request from 198.51.100.7 gets in by statement partners."


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}},
        {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}},
    ],
)
def test_a_request_through_a_vpc_endpoint_is_told_without_an_address(
    condition: dict[str, Any],
) -> None:
    policy = json.dumps({"Statement": [ALLOW | {"Condition": condition}]})
    why = other_addresses_get_in(policy, OURS).why
    assert why.startswith("A request without an address, as through a VPC endpoint, gets in by")
