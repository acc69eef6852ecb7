"""Custom domain names and where their paths lead: one resource that both versions show.

Version 1 shows all domain names, version 2 the public ones, each with its own members; what version
1 calls a base path mapping is version 2's API mapping:
https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.apigateway.exceptions import BadRequestException

from apigw_vtab.sandbox.documents.store import Item
from apigw_vtab.sandbox.errors import AccessDenied
from apigw_vtab.sandbox.wire import SHORT_ID_LENGTH, iso_date, new_id, present

ROOT = "(none)"
# Routing modes: version 1 speaks of base path mappings where version 2 speaks of API mappings.
V1_WORD, V2_WORD = "BASE_PATH_MAPPING", "API_MAPPING"
# Members of a regional configuration in version 2, by version 1's names; an edge one has others.
REGIONAL = {
    "regionalDomainName": "apiGatewayDomainName",
    "regionalHostedZoneId": "hostedZoneId",
    "regionalCertificateArn": "certificateArn",
    "regionalCertificateName": "certificateName",
}
EDGE = {
    "distributionDomainName": "apiGatewayDomainName",
    "distributionHostedZoneId": "hostedZoneId",
    "certificateArn": "certificateArn",
    "certificateName": "certificateName",
}
COMMON = ("domainNameStatus", "domainNameStatusMessage", "securityPolicy")
SAME = ("domainName", "domainNameArn", "mutualTlsAuthentication", "tags")


@dataclass(frozen=True)
class View:
    """A collection that shows another one in its own words.

    `outward` makes a shown item, `inward` a stored one from it and from what was stored before;
    `shows` says which of the stored items are shown at all.
    """

    stored_in: str
    outward: Callable[[Item], Item]
    inward: Callable[[Item, Mapping[str, Any]], Item]
    shows: Callable[[Item], bool] = lambda item: True


def endpoint_type(domain: Mapping[str, Any]) -> str:
    """Return EDGE, REGIONAL or PRIVATE, for a domain name as version 1 has it."""
    (kind,) = domain["endpointConfiguration"]["types"]
    return str(kind)


def check_reach(template: str, domain: Item, principal: str) -> None:
    """Raise what AWS answers where what belongs to a domain name cannot be reached.

    `domain` is as the collection at `template` shows it.
    """
    if domain.get("_owner"):
        action = "apigateway:GET"
        arn = domain.get("domainNameArn", "*")
        raise AccessDenied(principal, action, arn)
    configurations = domain.get("domainNameConfigurations", ())
    if template.startswith("/v2/") and any(c["endpointType"] == "EDGE" for c in configurations):
        raise BadRequestException(
            "Only REGIONAL domain names can be managed through the API Gateway V2 API. "
            "For EDGE domain names, please use the API Gateway V1 API."
        )


def to_v2(domain: Item) -> Item:
    """Return a domain name as version 2 shows it."""
    names = EDGE if endpoint_type(domain) == "EDGE" else REGIONAL
    configuration = {
        **{new: domain.get(old) for old, new in names.items()},
        **{name: domain.get(name) for name in COMMON},
        "certificateUploadDate": domain.get("certificateUploadDate")
        and iso_date(domain["certificateUploadDate"]),
        "endpointType": endpoint_type(domain),
        "ipAddressType": domain["endpointConfiguration"].get("ipAddressType"),
    }
    shown = {name: domain.get(name) for name in SAME}
    shown["domainNameConfigurations"] = [present(configuration)]
    shown["apiMappingSelectionExpression"] = "$request.basepath"
    shown["routingMode"] = domain.get("routingMode", "").replace(V1_WORD, V2_WORD)
    shown["_owner"] = domain.get("_owner")
    return present(shown)


def to_v1(domain: Item, before: Mapping[str, Any]) -> Item:
    """Return what is stored of a domain name that version 2 created or changed."""
    (configuration,) = domain["domainNameConfigurations"]
    kind = configuration.get("endpointType", "REGIONAL")
    endpoint = {"types": [kind], "ipAddressType": configuration.get("ipAddressType", "ipv4")}
    names = EDGE if kind == "EDGE" else REGIONAL
    stored = {
        **before,
        **{name: domain.get(name) for name in SAME},
        **{old: configuration[new] for old, new in names.items() if new in configuration},
        **{name: configuration[name] for name in COMMON if name in configuration},
        "endpointConfiguration": endpoint,
        "routingMode": domain.get("routingMode", "").replace(V2_WORD, V1_WORD),
    }
    return present(stored)


def to_base_path(mapping: Item) -> Item:
    """Return an API mapping as version 1 shows it."""
    shown = {
        "basePath": mapping.get("apiMappingKey") or ROOT,
        "restApiId": mapping["apiId"],
        "stage": mapping.get("stage"),
    }
    return present(shown)


def to_mapping(shown: Item, before: Mapping[str, Any]) -> Item:
    """Return what is stored of a base path mapping."""
    path = shown.get("basePath")
    return present(
        {
            "apiMappingId": before.get("apiMappingId") or new_id(SHORT_ID_LENGTH),
            "apiMappingKey": None if path == ROOT else path,
            "apiId": shown["restApiId"],
            "stage": shown.get("stage"),
        }
    )


VIEWS: Mapping[str, View] = {
    "/v2/domainnames": View(
        "/domainnames", to_v2, to_v1, lambda domain: endpoint_type(domain) != "PRIVATE"
    ),
    "/domainnames/{}/basepathmappings": View(
        "/v2/domainnames/{}/apimappings",
        to_base_path,
        to_mapping,
        # Version 1 has no path of several words.
        lambda mapping: "/" not in mapping.get("apiMappingKey", ""),
    ),
}
