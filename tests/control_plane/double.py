"""A double of AWS as the recorded facts see it, and how they speak to it.

A fact is a sentence with a function that tries it; `recorded.py` has the list. `test_recorded.py`
plays it against the control plane here, and against the sandbox in `tests/sandbox/`, over HTTP with
boto3 and with bare requests. Where nobody knows what AWS does, both answers are tried.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

Answer = tuple[int, dict[str, str], Any]


class Double(Protocol):
    """An AWS of ours, with what the facts are tried on."""

    url: str
    access_key: str
    region: str
    gateway: Any
    #: A stage of a REST API with one method, which has an integration and the policy above.
    api: str
    stage: str
    #: REST APIs that cannot be deployed.
    api_without_methods: str
    api_without_integration: str
    #: The ARN of a role that may be assumed, and of one that may not.
    role: str
    refused_role: str

    def refuse(self, kind: str, times: int) -> None:
        """Refuse the next calls: "denied-by-scp" or "conflict"."""

    def client(self, service: str, *keys: str) -> Any:
        """A boto3 client of another service, that does not retry; the keys are the double's own.

        Others are an access key, a secret key and a session token.
        """

    def choose(self, *, deletes_attached: bool, unknown_is_not_found: bool) -> None:
        """Choose what AWS does where nobody knows."""


@dataclass(frozen=True)
class RecordedFact:
    """Something that AWS does, and how it is tried."""

    words: str
    holds: Callable[[Double], None]


RECORDED: list[RecordedFact] = []


def fact(words: str) -> Callable[[Callable[[Double], None]], Callable[[Double], None]]:
    """Put a function on the list."""

    def listed(holds: Callable[[Double], None]) -> Callable[[Double], None]:
        RECORDED.append(RecordedFact(words, holds))
        return holds

    return listed


def bare(aws: Double, method: str, path: str, body: Any = None) -> Answer:
    """Send a request without boto3; return status, headers in lower case, and JSON."""
    scope = f"{aws.access_key}/20261126/{aws.region}/apigateway/aws4_request"
    head = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "Host": f"apigateway.{aws.region}.amazonaws.com",
        "Content-Type": "application/json",
    }
    connection = http.client.HTTPConnection(urlsplit(aws.url).netloc, timeout=20)
    try:
        connection.request(method, path, None if body is None else json.dumps(body), head)
        response = connection.getresponse()
        text = response.read()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return response.status, headers, json.loads(text or "null")
    finally:
        connection.close()


def at(aws: Double) -> dict[str, str]:
    """The stage, as boto3 names it."""
    return {"restApiId": aws.api, "stageName": aws.stage}


def stage_of(aws: Double) -> Any:
    return bare(aws, "GET", f"/restapis/{aws.api}/stages/{aws.stage}")[2]


def patch(aws: Double, *operations: tuple[str, ...]) -> Any:
    """UpdateStage with operations (op, path, value)."""
    names = ("op", "path", "value")
    listed = [dict(zip(names, operation, strict=False)) for operation in operations]
    return aws.gateway.update_stage(**at(aws), patchOperations=listed)


def is_refused(call: Callable[[], object], status: int, code: str, words: str = "") -> None:
    with pytest.raises(ClientError) as caught:
        call()
    response: Any = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert response["Error"]["Code"] == code
    assert words in (response["Error"].get("Message") or response.get("message", ""))
