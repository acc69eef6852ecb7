"""What one lane holds: declared by a test, or generated from numbers.

A generated REST API or stage is made anew each time it is read, so the size of an estate costs
no memory. Items are dicts with AWS's member names, as on the wire.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from hashlib import shake_128
from typing import Any, Protocol

Item = dict[str, Any]

LANE_PARTS = frozenset(
    {"rest_apis", "client_certificates", "web_socket_apis", "acm_certificates", "web_acls"}
    | {"domain_names", "v2_domain_names"}
)
SUB_RESOURCES = frozenset({"stages", "deployments", "resources"})

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
REST_API_IDS = 36**6
CERTIFICATE_IDS = 36**3
# Prime to 36, so that index * SPREAD goes through all ids before one comes again.
SPREAD = 610_639_733
UNSPREAD = pow(SPREAD, -1, REST_API_IDS)
DAY = 86_400
YEAR = 365 * DAY

ENVIRONMENTS = ("prod", "dev", "test", "staging", "qa", "demo", "uat", "perf", "lab", "edge")
ENDPOINT_TYPES = ("REGIONAL", "PRIVATE")
LOGGING_LEVELS = ("OFF", "ERROR", "INFO")
LOG_FORMAT = '{"requestId":"$context.requestId","status":"$context.status"}'
# AWS returns a resource policy with its quotes escaped once more.
POLICY = r"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\"}]}"


def base36(number: int, width: int) -> str:
    """A number in the characters that AWS's short ids are made of."""
    letters = []
    for _ in range(width):
        number, digit = divmod(number, 36)
        letters.append(DIGITS[digit])
    return "".join(reversed(letters))


def pem(name: str) -> str:
    """Text that has the form of a PEM certificate and differs by name."""
    body = b64encode(shake_128(name.encode()).digest(768)).decode()
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])


def partition(region: str) -> str:
    """The ARN partition that a region lies in."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def working_copy(paths: Mapping[str, Iterable[str]]) -> list[Item]:
    """Resources with methods that take IAM's signature, as GetResources gives them."""
    return [
        {
            "id": "r" + shake_128(path.encode()).hexdigest(3)[1:],
            "path": path,
            "resourceMethods": {
                verb: {
                    "httpMethod": verb,
                    "authorizationType": "AWS_IAM",
                    "apiKeyRequired": False,
                    "methodIntegration": {"type": "HTTP_PROXY", "httpMethod": verb},
                }
                for verb in verbs
            },
        }
        for path, verbs in paths.items()
    ]


class LaneSource(Protocol):
    """What a lane holds before anybody writes; REST APIs are known by their place in AWS's order.

    There is no list of all of them, because that would cost memory.
    """

    rest_api_count: int
    web_socket_apis: list[Item]
    parts: Mapping[str, list[Item]]

    def rest_api(self, place: int) -> Item: ...
    def place_of(self, rest_api_id: str) -> int | None: ...
    def stages(self, place: int) -> list[Item]: ...
    def deployments(self, place: int) -> list[Item]: ...
    def resources(self, place: int) -> list[Item]: ...
    def certificates(self) -> list[Item]: ...


class ServedLane:
    """A lane's source, and on top of it what has been written since."""

    def __init__(self, source: LaneSource) -> None:
        self._source = source
        self._stages: dict[int, list[Item]] = {}
        self._deployments: dict[int, list[Item]] = {}
        self.rest_api_count = source.rest_api_count
        self.web_socket_apis = source.web_socket_apis
        self.acm_certificates = source.parts.get("acm_certificates", [])
        self.web_acls = source.parts.get("web_acls", [])
        self.domain_names = source.parts.get("domain_names", [])
        self.v2_domain_names = source.parts.get("v2_domain_names", [])
        self._rest_apis: dict[int, Item] = {}
        self.place_of: Callable[[str], int | None] = source.place_of
        self._certificates: dict[str, Item] | None = None
        #: What was written of all other resources, by the path that its ARN ends in.
        self.changed: dict[str, Item] = {}
        #: Encoded answers by request target, good until the next write.
        self.answers: dict[str, bytes] = {}

    def rest_api(self, place: int) -> Item:
        """A REST API."""
        written = self._rest_apis.get(place)
        return self._source.rest_api(place) if written is None else written

    def write_rest_api(self, place: int, rest_api: Item) -> None:
        """Replace a REST API."""
        self._rest_apis[place] = rest_api

    def stages(self, place: int) -> list[Item]:
        """The stages of a REST API."""
        written = self._stages.get(place)
        return self._source.stages(place) if written is None else written

    def deployments(self, place: int) -> list[Item]:
        """The deployments of a REST API."""
        return self._source.deployments(place) + self._deployments.get(place, [])

    def resources(self, place: int) -> list[Item]:
        """The working copy of a REST API."""
        return self._source.resources(place)

    def certificates(self) -> dict[str, Item]:
        """The client certificates of the lane by id, in AWS's order."""
        if self._certificates is not None:
            return self._certificates
        return {item["clientCertificateId"]: item for item in self._source.certificates()}

    def write_certificate(self, certificate: Item) -> None:
        """Replace the client certificate of that id, or add it."""
        written = {**self.certificates(), certificate["clientCertificateId"]: certificate}
        self._certificates = written

    def delete_certificate(self, certificate_id: str) -> None:
        """Remove a client certificate."""
        kept = dict(self.certificates())
        del kept[certificate_id]
        self._certificates = kept

    def write_stage(self, place: int, stage: Item) -> None:
        """Replace the stage of that name, or add it."""
        stages = list(self.stages(place))
        names = [item["stageName"] for item in stages]
        if stage["stageName"] in names:
            stages[names.index(stage["stageName"])] = stage
        else:
            stages.append(stage)
        self._stages[place] = stages

    def write_deployment(self, place: int, deployment: Item) -> None:
        """Add a deployment."""
        self._deployments.setdefault(place, []).append(deployment)

    def uses(self, certificate_id: str) -> bool:
        """Whether a stage of the lane has the client certificate."""
        return any(
            stage.get("clientCertificateId") == certificate_id
            for place in range(self.rest_api_count)
            for stage in self.stages(place)
        )


class DeclaredLane:
    """A lane exactly as a test declared it."""

    def __init__(self, parts: Mapping[str, Any]) -> None:
        self.parts = parts
        self._rest_apis: list[Item] = list(parts.get("rest_apis", ()))
        self._certificates: list[Item] = list(parts.get("client_certificates", ()))
        self.web_socket_apis: list[Item] = list(parts.get("web_socket_apis", ()))
        self._places = {item["id"]: place for place, item in enumerate(self._rest_apis)}
        self.rest_api_count = len(self._rest_apis)

    def rest_api(self, place: int) -> Item:
        members = self._rest_apis[place].items()
        item = {name: value for name, value in members if name not in SUB_RESOURCES}
        if isinstance(item.get("policy"), dict):
            # AWS returns a policy with its quotes and slashes escaped once more than JSON needs.
            text = json.dumps(json.dumps(item["policy"]))[1:-1]
            item["policy"] = text.replace("/", "\\/")
        return item

    def place_of(self, rest_api_id: str) -> int | None:
        return self._places.get(rest_api_id)

    def stages(self, place: int) -> list[Item]:
        # AWS has no stage without a deployment.
        stages = self._rest_apis[place].get("stages", ())
        return [{"deploymentId": "first0", **stage} for stage in stages]

    def deployments(self, place: int) -> list[Item]:
        if "deployments" in self._rest_apis[place]:
            return list(self._rest_apis[place]["deployments"])
        stages = self.stages(place)
        ids = dict.fromkeys(stage["deploymentId"] for stage in stages if "deploymentId" in stage)
        return [{"id": deployment_id} for deployment_id in ids]

    def resources(self, place: int) -> list[Item]:
        return list(self._rest_apis[place].get("resources", working_copy({"/": ["GET"]})))

    def certificates(self) -> list[Item]:
        return self._certificates


class NumberedLane:
    """A lane made from the estate's numbers, the same each time.

    One REST API in ten has a name that begins with `prod-`. One stage in five has no client
    certificate, and one in fifty has one that does not exist.
    """

    def __init__(
        self,
        account: str,
        region: str,
        *,
        rest_apis: int,
        stages: int,
        certificates: int,
        now: int,
    ) -> None:
        self._account = account
        self._region = region
        self._now = now
        self._stage_count = stages
        self._certificate_count = certificates
        seed = int.from_bytes(shake_128(f"{account}/{region}".encode()).digest(8), "big")
        self._letters = base36(seed % 36**4, 4)
        self.rest_api_count = rest_apis
        self.web_socket_apis: list[Item] = []
        self.parts: Mapping[str, list[Item]] = {}

    def rest_api_id(self, place: int) -> str:
        return self._letters + base36(place * SPREAD % REST_API_IDS, 6)

    def certificate_id(self, number: int) -> str:
        return self._letters[:3] + base36(number * SPREAD % CERTIFICATE_IDS, 3)

    def deployment_id(self, place: int) -> str:
        return "d" + base36(place, 5)

    def place_of(self, rest_api_id: str) -> int | None:
        if not re.fullmatch("[0-9a-z]{10}", rest_api_id):
            return None
        place = int(rest_api_id[4:], 36) * UNSPREAD % REST_API_IDS
        known = place < self.rest_api_count and self.rest_api_id(place) == rest_api_id
        return place if known else None

    def rest_api(self, place: int) -> Item:
        environment = ENVIRONMENTS[place % len(ENVIRONMENTS)]
        endpoint = "EDGE" if place % 11 == 5 else ENDPOINT_TYPES[place % 2]
        item: Item = {
            "id": self.rest_api_id(place),
            "name": f"{environment}-orders-{place:04d}",
            "description": f"Orders, the {environment} copy number {place}",
            "createdDate": self._now - YEAR - place * 3_607,
            "apiKeySource": "HEADER",
            "endpointConfiguration": {"types": [endpoint], "ipAddressType": "ipv4"},
            "tags": {"environment": environment, "team": f"team-{place % 7}"},
            "disableExecuteApiEndpoint": place % 4 == 0,
            "rootResourceId": "r" + base36(place, 9),
            "securityPolicy": "TLS_1_2" if place % 3 else "TLS_1_0",
            "endpointAccessMode": "BASIC",
            "apiStatus": "AVAILABLE",
        }
        if place % 2:
            item |= {"minimumCompressionSize": 1_024, "binaryMediaTypes": ["image/png"]}
        if endpoint == "PRIVATE":
            item["policy"] = POLICY
        return item

    def stages(self, place: int) -> list[Item]:
        return [self._stage(place, number) for number in range(self._stage_count)]

    def deployments(self, place: int) -> list[Item]:
        return [
            {
                "id": self.deployment_id(place),
                "description": "the first",
                "createdDate": self._now - YEAR,
            }
        ]

    def resources(self, place: int) -> list[Item]:
        return working_copy({"/": [], "/orders": ["GET", "POST"]})

    def certificates(self) -> list[Item]:
        return [self._certificate(number) for number in range(self._certificate_count)]

    def _stage(self, place: int, number: int) -> Item:
        serial = place * self._stage_count + number
        changed = self._now - serial % 700 * DAY
        method_settings = {
            "metricsEnabled": serial % 3 == 0,
            "loggingLevel": LOGGING_LEVELS[serial % 3],
            "dataTraceEnabled": False,
            "throttlingBurstLimit": 5_000,
            "throttlingRateLimit": 10_000.0,
            "cachingEnabled": serial % 6 == 0,
            "cacheTtlInSeconds": 300,
            "cacheDataEncrypted": serial % 12 == 0,
            "requireAuthorizationForCacheControl": True,
            "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
        }
        item: Item = {
            "deploymentId": self.deployment_id(place),
            "stageName": ENVIRONMENTS[number] if number < 10 else f"stage{number}",
            "description": f"stage {number} of {place}",
            "cacheClusterEnabled": serial % 6 == 0,
            "cacheClusterStatus": "AVAILABLE" if serial % 6 == 0 else "NOT_AVAILABLE",
            "methodSettings": {"*/*": method_settings} if serial % 4 else {},
            "variables": {"backend": f"https://orders-{place}.example.com"},
            "tracingEnabled": serial % 2 == 0,
            "tags": {"stage": str(number)},
            "createdDate": changed - 30 * DAY,
            "lastUpdatedDate": changed,
        }
        if serial % 6 == 0:
            item["cacheClusterSize"] = "0.5"
        if serial % 50 == 7:
            item["clientCertificateId"] = "gone00"
        elif serial % 5 and self._certificate_count:
            item["clientCertificateId"] = self.certificate_id(serial % self._certificate_count)
        if serial % 3 == 1:
            logs = f"arn:{partition(self._region)}:logs:{self._region}:{self._account}:log-group"
            item["accessLogSettings"] = {"format": LOG_FORMAT, "destinationArn": f"{logs}:access"}
        return item

    def _certificate(self, number: int) -> Item:
        certificate_id = self.certificate_id(number)
        created = self._now - number * 37 % 400 * DAY
        return {
            "clientCertificateId": certificate_id,
            "description": f"certificate number {number}",
            "pemEncodedCertificate": pem(certificate_id),
            "createdDate": created,
            "expirationDate": created + YEAR,
            "tags": {"number": str(number)},
        }
