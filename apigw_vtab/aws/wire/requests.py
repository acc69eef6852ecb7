"""A request: botocore's serializer makes it of an operation and its parameters."""

from __future__ import annotations

import functools
import time
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from apigw_vtab.aws.wire.endpoints import Endpoint
from apigw_vtab.aws.wire.signatures import SigningKeys, signed

if TYPE_CHECKING:
    from botocore.model import OperationModel


class WireRequest(NamedTuple):
    """A request as it is sent; `target` is the path with the query."""

    method: str
    url: str
    target: str
    headers: dict[str, str]
    body: bytes

    def as_bytes(self, host: str) -> bytes:
        """Return what goes over a connection. Raises ValueError for a break within a line."""
        lines = [
            f"{self.method} {self.target} HTTP/1.1",
            f"Host: {host}",
            "Accept-Encoding: identity",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        head = "\n".join(lines)
        if head.count("\n") >= len(lines) or "\r" in head:
            raise ValueError("There is a line break in a header, such as that of a session token.")
        return head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + self.body


def request_of(
    operation: OperationModel,
    parameters: Mapping[str, Any],
    endpoint: Endpoint,
    keys: SigningKeys,
    user_agent: str,
) -> WireRequest:
    """Return the request that boto3's client would send for an operation, signed.

    Raises botocore's ParamValidationError.
    """
    from botocore.handlers import add_accept_header, add_recursion_detection_header

    protocol = operation.service_model.resolved_protocol
    made = _serializer(protocol).serialize_to_request(dict(parameters), operation)
    headers: dict[str, str] = made["headers"]
    if operation.service_model.service_name == "apigateway":
        add_accept_header(operation, made)
    body = made["body"]
    if isinstance(body, dict):
        body = urlencode(body, doseq=True)
    body = body.encode() if isinstance(body, str) else body or b""
    path, query = _path_and_query(made, endpoint)
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    method = made["method"]
    headers |= signed(method, path, query, headers, body, endpoint, keys, moment)
    add_recursion_detection_header(made)
    # What is not signed: who asks, and which attempt it is, as botocore tells it.
    headers["User-Agent"] = user_agent
    headers["amz-sdk-invocation-id"] = str(uuid.uuid4())
    headers["amz-sdk-request"] = "attempt=1; max=1"
    if method not in ("GET", "HEAD", "OPTIONS"):
        headers["Content-Length"] = str(len(body))
    target = f"{path}?{query}" if query else path
    return WireRequest(method, f"{endpoint.origin}{target}", _encoded(target), headers, body)


def _path_and_query(made: Mapping[str, Any], endpoint: Endpoint) -> tuple[str, str]:
    """Return where a serialized request goes, below the path of its endpoint."""
    from botocore.utils import percent_encode_sequence

    below, _, fixed = made["url_path"].partition("?")
    base = endpoint.path
    if below in ("", "/"):
        path = base or "/"
    else:
        path = base[:-1] + below if base.endswith("/") and below.startswith("/") else base + below
    encoded = percent_encode_sequence(made["query_string"]) if made["query_string"] else ""
    return path, "&".join(filter(None, (endpoint.query, fixed, encoded)))


def _encoded(target: str) -> str:
    """Return a target that HTTP allows, also where a given endpoint's path is none."""
    if target.isascii() and target.isprintable() and " " not in target:
        return target
    from urllib3.util import parse_url

    return str(parse_url(target).request_uri)


@functools.cache
def _serializer(protocol: str) -> Any:
    from botocore.serialize import create_serializer

    return create_serializer(protocol)
