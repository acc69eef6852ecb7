"""ACM and AWS WAF, as far as the tables read them: JSON 1.1, the operation in X-Amz-Target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import botocore.session

from .generated import generated, text
from .lanes import Item, partition
from .settings import Ask
from .wire import AwsError

SESSION = botocore.session.get_session()
# What ListCertificates returns without a filter ("API_ListCertificates").
USUAL_KEYS = ("RSA_1024", "RSA_2048")


def describe_certificate(ask: Ask) -> dict[str, Any]:
    """ACM DescribeCertificate."""
    arn = str(ask.params["CertificateArn"])
    for certificate in certificates(ask):
        if certificate["CertificateArn"] == arn:
            return {"Certificate": certificate}
    raise AwsError(400, "ResourceNotFoundException", f"Could not find certificate {arn}.")


def list_certificates(ask: Ask) -> dict[str, Any]:
    """ACM ListCertificates: a summary of each certificate."""
    kinds = ask.params.get("Includes", {}).get("keyTypes") or USUAL_KEYS
    found = [one for one in certificates(ask) if one.get("KeyAlgorithm") in (None, *kinds)]
    page, token = _page(found, ask.params.get("NextToken"), ask.params.get("MaxItems", 100))
    shape = SESSION.get_service_model("acm").shape_for("CertificateSummary")
    answer: dict[str, Any] = {"CertificateSummaryList": [_part(one, shape) for one in page]}
    return {**answer, "NextToken": token} if token else answer


def get_web_acl(ask: Ask) -> dict[str, Any]:
    """WAF GetWebACL, by ARN."""
    for acl in web_acls(ask):
        if acl["ARN"] == ask.params["ARN"]:
            return {"WebACL": acl, "LockToken": "0"}
    message = "AWS WAF couldn't perform the operation because your resource doesn't exist."
    raise AwsError(400, "WAFNonexistentItemException", message)


def list_web_acls(ask: Ask) -> dict[str, Any]:
    """WAF ListWebACLs, which gives a marker with every page that is not empty."""
    page, _ = _page(web_acls(ask), ask.params.get("NextMarker"), ask.params.get("Limit", 100))
    shape = SESSION.get_service_model("wafv2").shape_for("WebACLSummary")
    answer: dict[str, Any] = {"WebACLs": [_part(one, shape) for one in page]}
    start = int(ask.params.get("NextMarker") or 0)
    return {**answer, "NextMarker": str(start + len(page))} if page else answer


def certificates(ask: Ask) -> list[Item]:
    """The certificates of a lane: as declared, or generated."""
    return ask.lane.acm_certificates or _generated(
        ask, "acm", "CertificateDetail", "CertificateArn", lambda key: f"certificate/{key}"
    )


def web_acls(ask: Ask) -> list[Item]:
    """The web ACLs of a lane: as declared, or generated."""
    return ask.lane.web_acls or _generated(
        ask, "wafv2", "WebACL", "ARN", lambda key: f"regional/webacl/acl/{key}"
    )


def _generated(
    ask: Ask, service: str, shape: str, key: str, resource: Callable[[str], str]
) -> list[Item]:
    where = f"{service}:{ask.call.region}:{ask.call.account}"
    found = []
    for number in range(ask.settings.estate.modelled):
        seed = (ask.call.account, ask.call.region, shape, number)
        item = generated(SESSION.get_service_model(service).shape_for(shape), seed)
        arn = f"arn:{partition(ask.call.region)}:{where}:{resource(text('', seed))}"
        found.append({**item, key: arn})
    return found


def _page(items: list[Item], token: Any, size: Any) -> tuple[list[Item], str | None]:
    start = int(token or 0)
    stop = start + int(size)
    return items[start:stop], str(stop) if stop < len(items) else None


def _part(item: Mapping[str, Any], shape: Any) -> Item:
    return {name: item[name] for name in shape.members if name in item}
