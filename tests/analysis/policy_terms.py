"""What the rows of resource policies are written with: statements, conditions, and a row.

Each row has a policy, what is right for "anyone" and for "other accounts", and the reason. The
API's own account is OWN. Where a policy says nothing of a statement's Principal, Action or
Resource, these are *, execute-api:Invoke and execute-api:/*.
"""

from __future__ import annotations

from typing import Any, NamedTuple

OWN, PARTNER, THIRD = "111122223333", "444455556666", "777788889999"
OFFICE = "203.0.113.0/24"
VPCE = {"aws:SourceVpce": "vpce-0123456789abcdef0"}
VPC = {"aws:SourceVpc": "vpc-0123456789abcdef0"}
ORG = {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}
API = f"arn:aws:execute-api:us-east-1:{OWN}:abc123"
IAM = f"arn:aws:iam::{PARTNER}"


def allow(*conditions: dict[str, Any], **elements: Any) -> dict[str, Any]:
    """An Allow; conditions are operators with their keys."""
    return statement("Allow", *conditions, **elements)


def deny(*conditions: dict[str, Any], **elements: Any) -> dict[str, Any]:
    return statement("Deny", *conditions, **elements)


def statement(effect: str, *conditions: dict[str, Any], **elements: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"Effect": effect}
    for element, usual in (
        ("Principal", "*"),
        ("Action", "execute-api:Invoke"),
        ("Resource", "execute-api:/*"),
    ):
        if f"Not{element}" not in elements:
            given[element] = usual
    if conditions:
        given["Condition"] = {name: keys for one in conditions for name, keys in one.items()}
    return given | elements


class PolicyRow(NamedTuple):
    """A policy's statements and the right answers."""

    name: str
    statements: list[dict[str, Any]]
    anyone: str
    others: str
    reason: str
    accounts: tuple[str, ...] = ()


EVERY_IPV4 = {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}
NOT_OUR_VPCE = {"StringNotEquals": VPCE}
NOT_OUR_VPC = {"StringNotEquals": VPC}
NOT_OFFICE = {"NotIpAddress": {"aws:SourceIp": OFFICE}}
FROM_OFFICE = {"IpAddress": {"aws:SourceIp": OFFICE}}
PLAIN_HTTP = {"Bool": {"aws:SecureTransport": "false"}}
