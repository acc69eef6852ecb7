"""Resources that every control finds ok, and the odd things that AWS could answer in their place.

A path such as ("methodSettings", "*/*", "loggingLevel") leads to one member of a resource.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

Item = dict[str, Any]
Path = tuple[str, ...]

ACCOUNT = "111122223333"
API, STAGE, CERTIFICATE = "abcde12345", "prod", "good00"
LATER = 4_000_000_000
MISSING = object()
#: What no member of these resources can be; a text that is no date, type, level or ARN.
ODD: tuple[object, ...] = (
    *(MISSING, None, "", " ", "nonsense", "now", "12:30", "OFF", "TLS_9_9", "PRIVATE"),
    *(-1, 7, 1.5, 1e300, [], [None], ["nonsense"], ["PRIVATE", "EDGE"], {}, {"nonsense": 1}),
)

REST_API: Item = {
    "id": API,
    "name": "orders",
    "description": "Orders",
    "createdDate": 1_700_000_000,
    "minimumCompressionSize": 1024,
    "disableExecuteApiEndpoint": True,
    "securityPolicy": "TLS_1_2",
    "endpointConfiguration": {"types": ["PRIVATE"], "ipAddressType": "dualstack"},
    "policy": json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                    "Action": "execute-api:Invoke",
                    "Resource": "execute-api:/*",
                }
            ],
        }
    ),
    "tags": {"team": "orders"},
}
STAGE_ITEM: Item = {
    "stageName": STAGE,
    "deploymentId": "d00001",
    "description": "Production",
    "clientCertificateId": CERTIFICATE,
    "webAclArn": "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/shop/0123",
    "tracingEnabled": True,
    "cacheClusterEnabled": True,
    "cacheClusterSize": "0.5",
    "cacheClusterStatus": "AVAILABLE",
    "accessLogSettings": {
        "destinationArn": "arn:aws:logs:us-east-1:111122223333:log-group:shop",
        "format": "$context.requestId",
    },
    "methodSettings": {
        "*/*": {
            "loggingLevel": "ERROR",
            "metricsEnabled": True,
            "cachingEnabled": True,
            "cacheDataEncrypted": True,
        }
    },
    "variables": {"backend": "orders.example.com"},
    "canarySettings": {"percentTraffic": 5.0, "stageVariableOverrides": {"backend": "b"}},
    "createdDate": 1_700_000_000,
    "lastUpdatedDate": LATER,
    "tags": {"team": "orders"},
}
CERTIFICATE_ITEM: Item = {
    "clientCertificateId": CERTIFICATE,
    "description": "For the backends",
    "pemEncodedCertificate": "-----BEGIN CERTIFICATE-----",
    "createdDate": 1_700_000_000,
    "expirationDate": LATER,
    "tags": {"team": "orders"},
}


def paths(item: Item) -> Iterator[Path]:
    """The path of each member of a resource, outer ones first, but not of its id."""
    for name, value in item.items():
        if name not in ("id", "stageName"):
            yield (name,)
        if isinstance(value, dict):
            yield from ((name, *path) for path in paths(value))


def replaced(item: Item, path: Path, value: object) -> Item:
    """A copy of a resource with another value at a path, or with none."""
    made = deepcopy(item)
    holder = made
    for name in path[:-1]:
        holder = holder[name]
    if value is MISSING:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return made


def variants(item: Item) -> Iterator[tuple[Path, object, Item]]:
    """Each member of a resource with each odd value in its place."""
    for path in paths(item):
        for value in ODD:
            yield path, value, replaced(item, path, value)
