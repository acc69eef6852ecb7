"""HTTP/1.1 and AWS's wire formats, as far as the control plane speaks them.

API Gateway speaks rest-json: the error's code is in `x-amzn-ErrorType`. ACM, WAF and Organizations
speak JSON 1.1: the code is `__type` in the body, and the status 400 or 500. STS (query) and EC2
(ec2) speak XML, each with its own form of error.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

HEAD_END = b"\r\n\r\n"
JSON = "application/json"
XML = "text/xml;charset=UTF-8"
JSON_1_1 = "application/x-amz-json-1.1"
JSON_SERVICES = frozenset({"acm", "wafv2", "organizations"})
PHRASES = {status.value: status.phrase for status in HTTPStatus}

# "Signing AWS API requests" in the IAM guide: access key, date, region, service.
SCOPE = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/,\s]+)/([^/,\s]+)/aws4_request")

STS_ERROR = (
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
    "<Code>{code}</Code><Message>{message}</Message></Error>"
    "<RequestId>{request_id}</RequestId></ErrorResponse>"
)
EC2_ERROR = (
    '<?xml version="1.0" encoding="UTF-8"?><Response><Errors><Error><Code>{code}</Code>'
    "<Message>{message}</Message></Error></Errors><RequestID>{request_id}</RequestID></Response>"
)
XML_ERRORS = {"sts": STS_ERROR, "ec2": EC2_ERROR}


def parse(buffer: bytes) -> tuple[HttpRequest, int] | None:
    """The first request in a buffer and where it ends, or None if it is not complete yet."""
    head_end = buffer.find(HEAD_END)
    if head_end < 0:
        return None
    first, _, rest = buffer[:head_end].decode("latin-1").partition("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise MalformedError(f"no HTTP/1.1 request line: {first[:80]!r}")
    headers: dict[str, str] = {}
    for line in rest.split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    if "transfer-encoding" in headers:
        raise MalformedError("a request body comes with its Content-Length here")
    length = headers.get("content-length", "0")
    if not length.isdecimal():
        raise MalformedError(f"no Content-Length: {length[:80]!r}")
    start = head_end + len(HEAD_END)
    end = start + int(length)
    if len(buffer) < end:
        return None
    return HttpRequest(words[0], words[1], headers, buffer[start:end]), end


def scope_of(request: HttpRequest) -> CredentialScope | None:
    """Who signed the request, for which region and service; None for an unsigned one."""
    match = SCOPE.search(request.headers.get("authorization", ""))
    return CredentialScope(match[1], match[2], match[3]) if match else None


def json_bytes(body: Any) -> bytes:
    """JSON as AWS writes it: no spaces, UTF-8."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def error_answer(refusal: AwsError, service: str, request_id: str) -> HttpAnswer:
    """A refusal in the service's own wire format."""
    template = XML_ERRORS.get(service)
    if template:
        text = template.format(
            code=refusal.code, message=escape(refusal.message), request_id=request_id
        )
        return HttpAnswer(refusal.status, XML, text.encode())
    if service in JSON_SERVICES:
        body = json_bytes({"__type": refusal.code, "message": refusal.message})
        return HttpAnswer(refusal.status, JSON_1_1, body)
    # IAM answers for the service here, and it writes the name with a capital letter.
    name = "Message" if refusal.code == "AccessDeniedException" else "message"
    return HttpAnswer(refusal.status, JSON, json_bytes({name: refusal.message}), refusal.code)


class MalformedError(Exception):
    """Bytes that are not a request; the connection cannot be used any more."""


class AwsError(Exception):
    """An AWS error as the answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message


class CredentialScope(NamedTuple):
    """The credential scope of a signature."""

    access_key: str
    region: str
    service: str


@dataclass(frozen=True)
class HttpRequest:
    """A request; header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def stays_open(self) -> bool:
        """Whether the client wants to use the connection again."""
        return self.headers.get("connection", "").lower() != "close"


@dataclass(frozen=True)
class HttpAnswer:
    """An answer; `error` is the code of one that is an error in rest-json."""

    status: int
    content_type: str
    body: bytes
    error: str = ""

    def encode(self, request_id: str) -> bytes:
        """The answer as bytes."""
        error = f"x-amzn-ErrorType: {self.error}\r\n" if self.error else ""
        head = (
            f"HTTP/1.1 {self.status} {PHRASES[self.status]}\r\n"
            f"Content-Type: {self.content_type}\r\n"
            f"x-amzn-RequestId: {request_id}\r\n{error}"
            f"Content-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body
