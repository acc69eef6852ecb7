"""ACM and AWS WAF in the sandbox: what stages and domain names name, read as JSON 1.1.

moto has both, with state of its own for the whole process; here it goes with its server.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import BaseResponse
from moto.core.utils import get_service_model

# What ListCertificates returns where it is not asked for other kinds of keys.
USUAL_KEYS = ("RSA_1024", "RSA_2048")


@dataclass
class NeighbourResources:
    """The certificates and web ACLs of one account and region, by ARN, with AWS's member names."""

    certificates: dict[str, dict[str, Any]] = field(default_factory=dict)
    web_acls: dict[str, dict[str, Any]] = field(default_factory=dict)


class NoSuchResource(Exception):  # noqa: N818
    """AWS's refusal of an ARN that names nothing there: its code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def describe_certificate(lane: NeighbourResources, asked: Mapping[str, Any]) -> dict[str, Any]:
    """DescribeCertificate."""
    arn = asked["CertificateArn"]
    if arn not in lane.certificates:
        raise NoSuchResource("ResourceNotFoundException", f"Could not find certificate {arn}.")
    return {"Certificate": lane.certificates[arn]}


def list_certificates(lane: NeighbourResources, asked: Mapping[str, Any]) -> dict[str, Any]:
    """ListCertificates, all on one page."""
    kinds = asked.get("Includes", {}).get("keyTypes", USUAL_KEYS)
    found = [one for one in lane.certificates.values() if one["KeyAlgorithm"] in kinds]
    return {"CertificateSummaryList": parts_of(found, "acm", "CertificateSummary")}


def get_web_acl(lane: NeighbourResources, asked: Mapping[str, Any]) -> dict[str, Any]:
    """GetWebACL, by ARN."""
    if asked["ARN"] not in lane.web_acls:
        message = "AWS WAF couldn't perform the operation because your resource doesn't exist."
        raise NoSuchResource("WAFNonexistentItemException", message)
    return {"WebACL": lane.web_acls[asked["ARN"]], "LockToken": "sandbox"}


def list_web_acls(lane: NeighbourResources, asked: Mapping[str, Any]) -> dict[str, Any]:
    """ListWebACLs, all on one page."""
    return {"WebACLs": parts_of([*lane.web_acls.values()], "wafv2", "WebACLSummary")}


Operation = Callable[[NeighbourResources, Mapping[str, Any]], dict[str, Any]]
OPERATIONS: Mapping[str, Mapping[str, Operation]] = {
    "acm": {
        "DescribeCertificate": describe_certificate,
        "ListCertificates": list_certificates,
    },
    "wafv2": {"GetWebACL": get_web_acl, "ListWebACLs": list_web_acls},
}


class NeighbourResponse(BaseResponse):
    """One request; moto knows the account and the region by its signature."""

    def __init__(self, service: str, resources: Callable[[str, str], NeighbourResources]) -> None:
        super().__init__(service)
        self._service = service
        self._resources = resources

    def call_action(self) -> TYPE_RESPONSE:
        """Run the operation that X-Amz-Target names."""
        headers = {"Content-Type": "application/x-amz-json-1.1"}
        operation = OPERATIONS[self._service].get(self._get_action())
        try:
            if operation is None:
                raise NoSuchResource("UnknownOperationException", "The sandbox does not have it.")
            lane = self._resources(self.current_account, self.region)
            return 200, headers, json.dumps(operation(lane, json.loads(self.body or "{}")))
        except NoSuchResource as refused:
            body = {"__type": refused.code, "message": str(refused)}
            return 400, {**headers, "status": 400}, json.dumps(body)


def parts_of(items: Sequence[Mapping[str, Any]], service: str, shape: str) -> list[dict[str, Any]]:
    """Return the members of each item that a shape has."""
    members = get_service_model(service).shape_for(shape).members
    return [{name: item[name] for name in members if name in item} for item in items]
